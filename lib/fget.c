/* fget: the side of chat-file that receives.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "be.h"
#include "fbulk.h"
#include "fget.h"
#include "foffer.h"
#include "fstore.h"

struct get {
	struct fpipe p;
	struct foffer offer;
	struct fstore s;
	struct fprog *prog;
	uint8_t fresh[FWIRE_ITEMS / 8]; /* a bit an item: nothing is there */
	uint64_t kept, lost; /* entries */
	uint64_t bytes, limit;
	int open; /* between FILE and CLOSE */
	uint64_t left; /* of that file's bytes */
	char path[FNAME_MAX + 1 + FWIRE_PATH]; /* of the entry, in the root */
};

static int
send_text(
    struct get *t, uint8_t type, int kind, const char *text, struct fault *f)
{
	size_t n = strlen(text);
	struct fwire m = {.type = type,
	    .kind = (uint64_t)kind,
	    .rest = text,
	    .rest_len = n < FWIRE_TEXT ? n : FWIRE_TEXT};

	return fpipe_put(&t->p, &m, f);
}

/* An entry is not kept: say it here and there. */
static __attribute__((format(printf, 3, 4))) int
lost(struct get *t, struct fault *f, const char *fmt, ...)
{
	char text[FWIRE_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	t->lost++;
	fprog_say(t->prog, "%s", text);
	/* A word that finds no room is not worth the session. */
	if (t->p.held > FPIPE_ROOM / 4)
		return 0;
	return send_text(t, FWIRE_LOST, 1, text, f);
}

/* It could not be written or kept, because of errno. */
static int
failed(struct get *t, const char *what, const char *path, size_t len,
    struct fault *f)
{
	int err = errno, n = len < 300 ? (int)len : 300;

	fstore_drop(&t->s, 0);
	/* What will meet every file that follows. */
	if (err == ENOSPC || err == EDQUOT || err == EIO || err == EROFS ||
	    err == EMFILE || err == ENFILE || err == ENOMEM)
		return fault_sys(f, X_SYS, "cannot write %.*s", n, path);
	return lost(t, f, "cannot %s %.*s: %s", what, n, path,
	    err == ESTALE  ? "the part that was there has changed"
	    : err == EBUSY ? "another program is receiving it"
	                   : strerror(err));
}

static int
offered(struct get *t, const struct fwire *m, struct fault *f)
{
	uint32_t i = t->offer.items;

	if (foffer_add(&t->offer, m, t->p.peer, f) == -1)
		return -1;
	if (fstore_new(&t->s, foffer_name(&t->offer, i), m->size))
		t->fresh[i / 8] |= (uint8_t)(1 << i % 8);
	return 0;
}

/* The offer is complete: ask, and answer. */
static int
answer(struct get *t, int (*ask)(const char *offer, struct fault *f),
    struct fault *f)
{
	struct foffer *o = &t->offer;
	struct fwire m = {.type = FWIRE_TAKE,
	    .rest = (char *)t->fresh,
	    .rest_len = (o->items + 7) / 8};
	int yes;

	if (o->items == 0)
		return fpipe_malformed(&t->p, f);
	yes = ask(foffer_list(o), f);
	if (yes != 1)
		return yes == -1 ? -1 : fault(f, X_PEER, "declined");
	fprog_begin(t->prog, o->atleast ? 0 : o->size);
	t->limit = o->atleast ? UINT64_MAX : o->size + o->size / 8 + (1 << 20);
	t->p.keeps = 1;
	return fpipe_put(&t->p, &m, f);
}

static int
asked(struct get *t, const struct fwire *m, struct fault *f)
{
	uint64_t kept[FWIRE_KEPT];
	uint8_t lengths[8 * FWIRE_KEPT], sum[HASH_BYTES];
	struct fwire have = {.type = FWIRE_HAVE, .rest = (char *)lengths};
	struct fwire one = {
	    .type = FWIRE_SUM, .rest = (char *)sum, .rest_len = HASH_BYTES};
	struct hash h;
	int fd[FWIRE_KEPT], n, i, code;

	n = fstore_kept(&t->s, m, fd, kept, &have.kind);
	for (i = 0; i < n; i++)
		be64_put(lengths + 8 * i, kept[i]);
	have.rest_len = 8 * (size_t)n;
	code = fpipe_put(&t->p, &have, f);
	for (i = 0; i < n; i++) {
		/* The other side can do its part of the work meanwhile. */
		fpipe_some(&t->p);
		hash_begin(&h);
		/* Where there is less by now, that is another sum. */
		if (code == 0 && fbulk_hash(&t->p, &h, fd[i], kept[i], f) == -1)
			code = -1;
		hash_end(&h, sum);
		if (code == 0)
			code = fpipe_put(&t->p, &one, f);
		close(fd[i]);
	}
	return code;
}

static int
begin(struct get *t, const struct fwire *m)
{
	const char *slash = memchr(m->path, '/', m->path_len);
	const char *shown = slash ? slash + 1 : m->path;

	t->open = 1;
	t->left = m->size - m->count;
	t->prog->done += m->count;
	fprog_name(t->prog, shown, m->path_len - (size_t)(shown - m->path));
	return fstore_begin(&t->s, m);
}

/* Bytes or a hole of the file under way. */
static int
content(struct get *t, const struct fwire *m, struct fault *f)
{
	ssize_t got = 0;

	if (m->size > t->left)
		return fault(
		    f, X_PEER, "%s sends more than was announced", t->p.peer);
	t->left -= m->size;
	if (m->type == FWIRE_HOLE) {
		if (t->s.fd != -1 && fstore_hole(&t->s, m->size) == -1)
			return failed(
			    t, "write", t->s.name, strlen(t->s.name), f);
		t->prog->done += m->size;
		return 0;
	}
	t->bytes += m->size;
	if (t->bytes > t->limit)
		return fault(
		    f, X_PEER, "%s sends more than was offered", t->p.peer);
	while (t->p.raw > 0) {
		got = fbulk_take(&t->p, t->s.fd, f);
		if (got == -1)
			return -1;
		if (got == -2 &&
		    failed(t, "write", t->s.name, strlen(t->s.name), f) == -1)
			return -1;
		if (got > 0) {
			fstore_added(&t->s, (size_t)got);
			fprog_moved(t->prog, (size_t)got);
		}
	}
	return 0;
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
		return fpipe_malformed(&t->p, f);
	if (t->s.fd == -1)
		return 0;
	if (fstore_finish(&t->s) == -1)
		return failed(t, "keep", t->s.name, strlen(t->s.name), f);
	t->kept++;
	return 0;
}

/* May an entry of that type be at that place? */
static int
allowed(const struct get *t, const struct fwire *m)
{
	const char *slash;
	size_t n = m->path_len;

	if (m->item >= t->offer.items)
		return 0;
	if (foffer_kind(&t->offer, m->item) == FWIRE_PLAIN)
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

/* Make the path of m, which is within its item, one within the root. */
static void
place(struct get *t, struct fwire *m)
{
	const char *name = foffer_name(&t->offer, m->item);
	size_t n = strlen(name);

	memcpy(t->path, name, n);
	if (m->path_len > 0) {
		t->path[n++] = '/';
		memcpy(t->path + n, m->path, m->path_len);
	}
	m->path = t->path;
	m->path_len += n;
}

/* One message after the offer was taken.  1 at the end. */
static int
entry(struct get *t, struct fwire *m, struct fault *f)
{
	int inside, code = 0;

	if (t->open != (m->type == FWIRE_BYTES || m->type == FWIRE_HOLE ||
	                   m->type == FWIRE_CLOSE))
		return fpipe_malformed(&t->p, f);
	if (m->path && !allowed(t, m))
		return fault(f, X_PEER, "%s sent a path that is none: %.*s",
		    t->p.peer, (int)(m->path_len < 200 ? m->path_len : 200),
		    m->path);
	inside = m->type == FWIRE_LINK &&
	         fname_link(m->path, m->path_len, m->rest, m->rest_len);
	if (m->path)
		place(t, m);
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
		return asked(t, m, f);
	case FWIRE_SAME:
		t->kept++;
		t->prog->done += m->size;
		return 0;
	case FWIRE_FILE:
		code = begin(t, m);
		break;
	case FWIRE_ENTER:
		code = fdir_enter(&t->s.dir, m->path, m->path_len);
		break;
	case FWIRE_LEAVE:
		code = fstore_leave(&t->s, m);
		break;
	case FWIRE_LINK:
		if (!inside)
			return lost(t, f,
			    "%.*s: refused, a link that leads out of the "
			    "folder",
			    (int)(m->path_len < 300 ? m->path_len : 300),
			    m->path);
		code = fstore_link(&t->s, m);
		t->kept += code == 0;
		break;
	default:
		return fpipe_malformed(&t->p, f);
	}
	return code == -1 ? failed(t, "write", m->path, m->path_len, f) : 0;
}

static int
receive(struct get *t, int (*ask)(const char *offer, struct fault *f),
    struct fault *f)
{
	struct fwire m;
	int code;

	if (fpipe_hello(&t->p, 'g', f) == -1 ||
	    fpipe_met(&t->p, 'p', f) == -1 || fpipe_get(&t->p, &m, f) == -1)
		return -1;
	while (m.type == FWIRE_ITEM)
		if (offered(t, &m, f) == -1 || fpipe_get(&t->p, &m, f) == -1)
			return -1;
	if (m.type != FWIRE_LAST)
		return fpipe_malformed(&t->p, f);
	if (answer(t, ask, f) == -1)
		return -1;
	do {
		if (fpipe_get(&t->p, &m, f) == -1)
			return -1;
		code = entry(t, &m, f);
	} while (code == 0);
	if (code == 1 && fdir_sync(&t->s.dir) == -1)
		return fault_sys(f, X_SYS, "cannot write to disk");
	return code == -1 ? -1 : 0;
}

int
fget_run(int root, const char *peer, struct fprog *prog,
    int (*ask)(const char *offer, struct fault *f), struct fault *f)
{
	static struct get t;
	struct fwire m = {.type = FWIRE_KEEP};
	struct fault ignored;

	t.prog = prog;
	fpipe_start(&t.p, 0, 1, 1, peer);
	if (fstore_start(&t.s, root) == -1)
		return fault_sys(f, X_SYS, "cannot use the folder");
	if (receive(&t, ask, f) == -1) {
		fprog_clear(prog);
		fstore_drop(&t.s, 0);
		/* Tell the sender why, and give it time to hear it. */
		if (send_text(&t, FWIRE_BROKEN, f->code, f->text, &ignored) ==
		    0)
			fpipe_part(&t.p, FPIPE_LONG, 0);
		return -1;
	}
	fprog_clear(prog);
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
