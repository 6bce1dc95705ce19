/* fget: the side of chat-file that receives.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "be.h"
#include "fget.h"
#include "fpipe.h"
#include "fstore.h"
#include "vis.h"

enum {
	SHOWN = 20 /* most items in the list that is shown */
};

struct get {
	const struct fget *g;
	struct fprog *prog;
	struct fpipe p;
	struct fstore s;
	uint64_t kept, lost; /* entries */
	uint64_t offered, bytes, limit;
	uint8_t fresh[FWIRE_ITEMS / 8]; /* a bit an item: nothing is there */
	int exact; /* the offer was counted to its end */
	int open; /* between FILE and CLOSE */
	uint64_t left; /* of that file's bytes */
	char offer[SHOWN * (4 * FNAME_MAX + 80) + 400];
	size_t len;
};

static int
send_text(
    struct get *t, uint8_t type, int kind, const char *text, struct fault *f)
{
	size_t n = strlen(text);
	struct fwire m = {.type = type,
	    .kind = (uint8_t)kind,
	    .rest = text,
	    .rest_len = n < FWIRE_TEXT ? n : FWIRE_TEXT};

	return fpipe_put(&t->p, &m, f);
}

/* Say it here and there; hard: an entry is lost by it. */
static __attribute__((format(printf, 4, 5))) int
note(struct get *t, int hard, struct fault *f, const char *fmt, ...)
{
	char text[FWIRE_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	t->lost += (uint64_t)hard;
	fprog_say(t->prog, "%s", text);
	/* A word that finds no room is not worth the session. */
	if (t->p.held > FPIPE_ROOM / 4)
		return 0;
	return send_text(t, FWIRE_LOST, hard, text, f);
}

/* The end: tell the sender why, and give it time to hear it. */
static int
broken(struct get *t, const struct fault *f)
{
	struct fault g;

	fstore_drop(&t->s, 0);
	if (send_text(t, FWIRE_BROKEN, f->code, f->text, &g) == 0)
		fpipe_part(&t->p, FPIPE_LONG, 0);
	return -1;
}

/* Errors that will meet every file that follows. */
static int
fatal(int err)
{
	return err == ENOSPC || err == EDQUOT || err == EIO || err == EROFS ||
	       err == EMFILE || err == ENFILE || err == ENOMEM;
}

/* An entry is lost, because of errno. */
static int
lose(struct get *t, const struct fwire *m, struct fault *f)
{
	char path[FWIRE_NAME + 2 + 1000];
	int err = errno;

	snprintf(path, sizeof(path), "%s%s%.*s", fstore_name(&t->s, m->item),
	    m->path_len ? "/" : "",
	    (int)(m->path_len < 900 ? m->path_len : 900), m->path);
	if (fatal(err))
		return fault_sys(f, X_SYS, "cannot write %.300s", path);
	fstore_drop(&t->s, 0);
	if (err == EPERM && m->type == FWIRE_LINK)
		return note(t, 1, f,
		    "%.300s: refused, a link that leads out "
		    "of the folder",
		    path);
	return note(t, 1, f, "cannot write %.300s: %s", path,
	    err == ESTALE  ? "the part that was there has changed"
	    : err == EBUSY ? "another program is receiving it"
	                   : strerror(err));
}

static int
malformed(struct get *t, struct fault *f)
{
	return fault(
	    f, X_PEER, "%s sent a message that breaks the rules", t->g->peer);
}

static __attribute__((format(printf, 2, 3))) void
show(struct get *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->offer + t->len, sizeof(t->offer) - t->len, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
	if (t->len >= sizeof(t->offer))
		t->len = sizeof(t->offer) - 1;
}

static int
offered(struct get *t, const struct fwire *m, struct fault *f)
{
	char name[FNAME_MAX + 1], text[4 * FNAME_MAX + 1], size[24];
	uint32_t i;

	if (!fname_good(m->rest, m->rest_len, 1) ||
	    fname_is_part(m->rest, m->rest_len))
		return fault(
		    f, X_PEER, "%s offers a name that is none", t->g->peer);
	fname_safe(name, m->rest, m->rest_len);
	if (fstore_item(&t->s, m->kind, name) == -1) {
		if (errno != E2BIG)
			return fault_sys(f, X_SYS, "no memory");
		return fault(
		    f, X_PEER, "%s offers too many names at once", t->g->peer);
	}
	if (m->size > INT64_MAX - t->offered)
		return malformed(t, f);
	t->offered += m->size;
	t->exact &= m->kind != FWIRE_ATLEAST;
	i = t->s.items - 1;
	if (fstore_new(&t->s, i, m->size))
		t->fresh[i / 8] |= (uint8_t)(1 << i % 8);
	if (t->s.items > SHOWN)
		return 0;
	vis_text(text, sizeof(text), name, strlen(name));
	fprog_bytes(size, m->size);
	if (m->kind == FWIRE_PLAIN)
		show(t, "  %s  %s\n", text, size);
	else
		show(t, "  %s/  %s%llu file%s, %s\n", text,
		    m->kind == FWIRE_ATLEAST ? "at least " : "",
		    (unsigned long long)m->count, m->count == 1 ? "" : "s",
		    size);
	return 0;
}

/* The offer is complete: ask, and answer. */
static int
answer(struct get *t, struct fault *f)
{
	struct fwire m = {.type = FWIRE_TAKE, .rest = (char *)t->fresh};
	char size[24];
	int yes;

	if (t->s.items == 0)
		return malformed(t, f);
	fprog_bytes(size, t->offered);
	if (t->s.items > SHOWN)
		show(t, "  and %u more\n", (unsigned)(t->s.items - SHOWN));
	if (t->s.items > 1)
		show(t, "  in all %s%s\n", t->exact ? "" : "at least ", size);
	yes = t->g->ask(t->offer, f);
	if (yes != 1)
		return yes == -1 ? -1 : fault(f, X_PEER, "declined");
	m.rest_len = (t->s.items + 7) / 8;
	fprog_begin(t->prog, t->exact ? t->offered : 0);
	t->limit =
	    t->exact ? t->offered + t->offered / 8 + (1 << 20) : UINT64_MAX;
	return fpipe_put(&t->p, &m, f);
}

/* BLAKE2b of the first n bytes of fd; less of it hashes to something else. */
static int
sum(struct get *t, int fd, uint64_t n, uint8_t out[static HASH_BYTES],
    struct fault *f)
{
	static uint8_t buf[FPIPE_FILL];
	struct hash h;
	ssize_t got = 1;
	unsigned i;

	hash_begin(&h);
	for (i = 1; n > 0 && got > 0; i++) {
		got = read(fd, buf, n < sizeof(buf) ? n : sizeof(buf));
		if (got > 0) {
			hash_add(&h, buf, (size_t)got);
			n -= (uint64_t)got;
		}
		/* No hour of work for one that has left. */
		if (i % 64 == 0 && fpipe_gone(&t->p))
			return fault(f, X_PEER, "the session was broken off");
	}
	hash_end(&h, out);
	return 0;
}

static int
asked(struct get *t, const struct fwire *m, struct fault *f)
{
	uint64_t kept[FWIRE_KEPT];
	uint8_t lengths[8 * FWIRE_KEPT], hash[HASH_BYTES];
	struct fwire have = {.type = FWIRE_HAVE, .rest = (char *)lengths};
	struct fwire one = {
	    .type = FWIRE_SUM, .rest = (char *)hash, .rest_len = HASH_BYTES};
	int fd[FWIRE_KEPT], n, i, code;

	n = fstore_kept(&t->s, m->item, m->path, m->path_len, m->size, fd, kept,
	    &have.kind);
	for (i = 0; i < n; i++)
		be64_put(lengths + 8 * i, kept[i]);
	have.rest_len = 8 * (size_t)n;
	code = fpipe_put(&t->p, &have, f);
	for (i = 0; i < n; i++) {
		/* The other side can do its part of the work meanwhile. */
		fpipe_some(&t->p);
		if (code == 0)
			code = sum(t, fd[i], kept[i], hash, f);
		if (code == 0)
			code = fpipe_put(&t->p, &one, f);
		close(fd[i]);
	}
	return code;
}

static int
closed(struct get *t, const struct fwire *m, struct fault *f)
{
	t->open = 0;
	if (m->kind == 1) {
		fstore_drop(&t->s, 1);
		return 0; /* the sender counts it */
	}
	if (t->left > 0)
		return malformed(t, f);
	if (t->s.fd == -1)
		return 0;
	if (fstore_finish(&t->s) == -1) {
		if (fatal(errno))
			return fault_sys(
			    f, X_SYS, "cannot write %.255s", t->s.name);
		return note(t, 1, f, "cannot keep %.255s: %s", t->s.name,
		    strerror(errno));
	}
	t->kept++;
	return 0;
}

/* Bytes or a hole of the file under way. */
static int
content(struct get *t, const struct fwire *m, struct fault *f)
{
	ssize_t got;

	if (m->size > t->left)
		return fault(
		    f, X_PEER, "%s sends more than was announced", t->g->peer);
	t->left -= m->size;
	if (m->type == FWIRE_HOLE) {
		if (t->s.fd != -1 && fstore_hole(&t->s, m->size) == -1)
			goto failed;
		t->prog->done += m->size;
		return 0;
	}
	t->bytes += m->size;
	if (t->bytes > t->limit)
		return fault(
		    f, X_PEER, "%s sends more than was offered", t->g->peer);
	while (t->p.raw > 0) {
		got = fpipe_take(&t->p, t->s.fd, f);
		if (got == -1)
			return -1;
		if (got == -2)
			goto failed;
		fstore_added(&t->s, (size_t)got);
		fprog_moved(t->prog, (size_t)got);
	}
	return 0;
failed:
	if (fatal(errno))
		return fault_sys(f, X_SYS, "cannot write %.255s", t->s.name);
	if (note(t, 1, f, "cannot write %.255s: %s", t->s.name,
	        strerror(errno)) == -1)
		return -1;
	fstore_drop(&t->s, 0);
	while (t->p.raw > 0)
		if (fpipe_take(&t->p, -1, f) == -1)
			return -1;
	return 0;
}

/* May an entry of that type be at that place? */
static int
allowed(struct get *t, const struct fwire *m)
{
	const char *slash;
	size_t n = m->path_len;

	if (m->item >= t->s.items)
		return 0;
	if (fstore_kind(&t->s, m->item) == FWIRE_PLAIN)
		return n == 0 && m->type != FWIRE_ENTER &&
		       m->type != FWIRE_LEAVE && m->type != FWIRE_LINK;
	if (n == 0)
		return m->type == FWIRE_ENTER || m->type == FWIRE_LEAVE;
	slash = memrchr(m->path, '/', n);
	if (slash)
		n -= (size_t)(slash + 1 - m->path);
	return fname_good(m->path, m->path_len, 0) &&
	       !fname_is_part(slash ? slash + 1 : m->path, n);
}

static int
begin(struct get *t, const struct fwire *m, struct fault *f)
{
	t->open = 1;
	t->left = m->size - m->count;
	t->prog->done += m->count;
	fprog_name(t->prog, m->path_len ? m->path : fstore_name(&t->s, m->item),
	    m->path_len ? m->path_len : strlen(fstore_name(&t->s, m->item)));
	return fstore_begin(&t->s, m) == -1 ? lose(t, m, f) : 0;
}

/* One message after the offer was taken.  1 at the end. */
static int
entry(struct get *t, const struct fwire *m, struct fault *f)
{
	if (t->open != (m->type == FWIRE_BYTES || m->type == FWIRE_HOLE ||
	                   m->type == FWIRE_CLOSE))
		return malformed(t, f);
	switch (m->type) {
	case FWIRE_BYTES:
	case FWIRE_HOLE:
		return content(t, m, f);
	case FWIRE_CLOSE:
		return closed(t, m, f);
	case FWIRE_DONE:
		t->lost += m->size;
		return 1;
	case FWIRE_ASK:
	case FWIRE_SAME:
	case FWIRE_FILE:
	case FWIRE_ENTER:
	case FWIRE_LEAVE:
	case FWIRE_LINK:
		break;
	default:
		return malformed(t, f);
	}
	if (!allowed(t, m))
		return fault(f, X_PEER, "%s sent a path that is none: %.*s",
		    t->g->peer, (int)(m->path_len < 200 ? m->path_len : 200),
		    m->path_len ? m->path : "");
	switch (m->type) {
	case FWIRE_ASK:
		return asked(t, m, f);
	case FWIRE_SAME:
		t->kept++;
		t->prog->done += m->size;
		return 0;
	case FWIRE_FILE:
		return begin(t, m, f);
	case FWIRE_ENTER:
		if (fstore_enter(&t->s, m->item, m->path, m->path_len) == 0)
			return 0;
		break;
	case FWIRE_LEAVE:
		if (fstore_leave(&t->s, m) == 0)
			return 0;
		break;
	default:
		if (fstore_link(&t->s, m) == 0) {
			t->kept++;
			return 0;
		}
	}
	return lose(t, m, f);
}

static int
receive(struct get *t, struct fault *f)
{
	struct fwire m = {.type = FWIRE_OPEN,
	    .kind = 'g',
	    .rest = FWIRE_HELLO,
	    .rest_len = sizeof(FWIRE_HELLO) - 1};
	int got, hello = 0, taken = 0, code = 0;

	if (fpipe_put(&t->p, &m, f) == -1)
		return -1;
	while (code == 0) {
		got = fpipe_get(&t->p, &m, f);
		if (got == -1)
			return -1;
		if (got == 0)
			return fault(f, X_PEER, "the session was broken off%s",
			    taken ? ": what has arrived is kept" : "");
		if (!hello) {
			if (m.type != FWIRE_OPEN || m.kind != 'p' ||
			    m.rest_len != sizeof(FWIRE_HELLO) - 1 ||
			    memcmp(m.rest, FWIRE_HELLO, m.rest_len) != 0)
				return fault(f, X_PEER,
				    "%s is not sending "
				    "files (chat-file put)",
				    t->g->peer);
			hello = 1;
		} else if (taken) {
			code = entry(t, &m, f);
		} else if (m.type == FWIRE_ITEM) {
			code = offered(t, &m, f);
		} else if (m.type == FWIRE_LAST) {
			code = answer(t, f);
			taken = 1;
		} else {
			code = malformed(t, f);
		}
	}
	return code == -1 ? -1 : 0;
}

int
fget_run(const struct fget *g, struct fault *f)
{
	static struct get t;
	struct fwire m = {.type = FWIRE_KEEP};

	t = (struct get){.g = g, .prog = g->prog, .exact = 1};
	if (fpipe_start(&t.p, g->in, g->out, 1, f) == -1)
		return -1;
	t.p.peer = g->peer;
	if (fstore_start(&t.s, g->root) == -1)
		return fault_sys(f, X_SYS, "cannot use the folder");
	if (receive(&t, f) == -1) {
		fprog_clear(g->prog);
		return broken(&t, f);
	}
	if (fstore_sync(&t.s) == -1) {
		fault_sys(f, X_SYS, "cannot write to disk");
		return broken(&t, f);
	}
	fprog_clear(g->prog);
	m.size = t.kept;
	m.count = t.lost;
	if (fpipe_put(&t.p, &m, f) == -1)
		return -1;
	fpipe_part(&t.p, FPIPE_LONG, 1);
	if (t.p.held > 0 || t.p.dead)
		return fault(f, X_PEER,
		    "the session was broken off: everything has arrived");
	return t.lost > 0;
}
