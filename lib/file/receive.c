/* receive: files and folders, as the messages of them come.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/be.h"
#include "file/bulk.h"
#include "file/receive.h"

enum {
	SUMS = 8, /* files of one name and size that are compared */
	/* Over an eighth more than was offered. */
	MORE_BYTES = 1 << 20,
	MORE_ENTRIES = 64
};

int
receive_text(struct receive *k, uint8_t type, int kind, const char *text,
    struct fault *f)
{
	size_t n = strlen(text);
	struct filemsg m = {.type = type,
	    .kind = (uint64_t)kind,
	    .rest = text,
	    .rest_len = n < FILEMSG_TEXT ? n : FILEMSG_TEXT};

	return channel_put(&k->p, &m, f);
}

/* An entry is not kept: say it here and there. */
static __attribute__((format(printf, 3, 4))) int
lost(struct receive *k, struct fault *f, const char *fmt, ...)
{
	char text[FILEMSG_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	k->lost++;
	progress_say(k->prog, "%s", text);
	/* A word that finds no room is not worth the session. */
	if (k->p.held > CHANNEL_ROOM / 4)
		return 0;
	return receive_text(k, FILEMSG_LOST, 1, text, f);
}

/* The entry at hand could not be written or kept, because of errno. */
static int
failed(struct receive *k, const char *what, struct fault *f)
{
	int err = errno;

	disk_drop(&k->s, 0);
	/* What will meet every file that follows. */
	if (err == ENOSPC || err == EDQUOT || err == EIO || err == EROFS ||
	    err == EMFILE || err == ENFILE || err == ENOMEM)
		return fault_sys(f, X_SYS, "cannot write %.300s", k->path);
	return lost(k, f, "cannot %s %.300s: %s", what, k->path,
	    err == ESTALE  ? "the part that was there has changed"
	    : err == EBUSY ? "another program is receiving it"
	                   : strerror(err));
}

/* The sum of the first n bytes of fd, which is closed; where it has less by now,
 * another.  0, or -1 and a fault. */
static int
sum(struct receive *k, int fd, uint64_t n, uint8_t out[static HASH_BYTES],
    struct fault *f)
{
	struct hash h;
	int code;

	hash_begin(&h);
	code = bulk_hash(&k->p, &h, fd, n, f);
	hash_end(&h, out);
	close(fd);
	return code == -1 ? -1 : 0;
}

/* Is the file of m there, whole?  1 or 0; -1 and a fault. */
static int
whole(struct receive *k, const struct filemsg *m, struct fault *f)
{
	uint8_t asked[HASH_BYTES], own[HASH_BYTES];
	unsigned n = 0, i;
	int fd;

	/* m points into what bulk_hash reads over. */
	memcpy(asked, m->rest, HASH_BYTES);
	for (i = 0; i < SUMS; i++) {
		fd = disk_same(&k->s, m, &n);
		if (fd == -1)
			break;
		if (sum(k, fd, m->size, own, f) == -1)
			return -1;
		if (memcmp(own, asked, HASH_BYTES) == 0)
			return 1;
	}
	return 0;
}

/* The sender learns whether the file it has is there, and the length and the
 * sum of what it sent before, nothing else. */
static int
asked(struct receive *k, const struct filemsg *m, struct fault *f)
{
	struct filemsg have = {.type = FILEMSG_HAVE};
	uint8_t out[HASH_BYTES];
	struct filemsg s = {
	    .type = FILEMSG_SUM, .rest = (char *)out, .rest_len = HASH_BYTES};
	int same = whole(k, m, f), fd = -1;

	if (same == -1)
		return -1;
	if (same)
		have.kind = FILEMSG_SAMEFILE;
	else if ((fd = disk_part(&k->s, m, &have.size)) != -1)
		have.kind = FILEMSG_PART;
	else
		have.size = 0;
	if (channel_put(&k->p, &have, f) == -1) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	if (fd == -1)
		return 0;
	/* The other side can do its part of the work meanwhile. */
	channel_some(&k->p);
	if (sum(k, fd, have.size, out, f) == -1)
		return -1;
	return channel_put(&k->p, &s, f);
}

static int
begin(struct receive *k, const struct filemsg *m)
{
	const char *slash = strchr(k->path, '/');
	const char *shown = slash ? slash + 1 : k->path;

	k->open = 1;
	k->left = m->size - m->count;
	k->prog->done += m->count;
	progress_name(k->prog, shown, strlen(shown));
	return disk_begin(&k->s, m);
}

/* Bytes or a hole of the file under way. */
static int
content(struct receive *k, const struct filemsg *m, struct fault *f)
{
	ssize_t got = 0;

	if (m->size > k->left)
		return fault(
		    f, X_PEER, "%s sends more than was announced", k->p.peer);
	k->left -= m->size;
	if (m->type == FILEMSG_HOLE) {
		if (k->s.fd != -1 && disk_hole(&k->s, m->size) == -1)
			return failed(k, "write", f);
		k->prog->done += m->size;
		return 0;
	}
	while (k->p.raw > 0) {
		got = bulk_take(&k->p, k->s.fd, f);
		if (got == -1)
			return -1;
		if (got == -2 && failed(k, "write", f) == -1)
			return -1;
		if (got > 0) {
			disk_added(&k->s, (size_t)got);
			progress_moved(k->prog, (size_t)got);
		}
	}
	return 0;
}

static int
closed(struct receive *k, const struct filemsg *m, struct fault *f)
{
	k->open = 0;
	if (m->kind == 1) {
		disk_drop(&k->s, 1);
		return 0; /* the sender counts it */
	}
	if (k->left > 0)
		return channel_malformed(&k->p, f);
	if (k->s.fd == -1)
		return 0;
	if (disk_finish(&k->s) == -1)
		return failed(k, "keep", f);
	k->kept++;
	return 0;
}

/* May an entry of that type be at that place? */
static int
allowed(const struct receive *k, const struct filemsg *m)
{
	const char *slash;
	size_t n = m->path_len;

	if (m->item >= k->offer.items)
		return 0;
	if (k->offer.kind[m->item] == FILEMSG_PLAIN)
		return n == 0 && m->type != FILEMSG_ENTER &&
		       m->type != FILEMSG_LEAVE && m->type != FILEMSG_LINK;
	if (n == 0)
		return m->type == FILEMSG_ENTER || m->type == FILEMSG_LEAVE;
	slash = memrchr(m->path, '/', n);
	if (slash)
		n -= (size_t)(slash + 1 - m->path);
	return name_good(m->path, m->path_len, 0) &&
	       !name_is_part(slash ? slash + 1 : m->path, n);
}

/* Make the path of m, which is within its item, one within the root. */
static void
place(struct receive *k, struct filemsg *m)
{
	m->path_len = (size_t)snprintf(k->path, sizeof(k->path), "%s%s%.*s",
	    k->offer.name[m->item], m->path_len ? "/" : "", (int)m->path_len,
	    m->path);
	m->path = k->path;
}

void
receive_limit(struct receive *k)
{
	const struct offer *o = &k->offer;
	uint64_t size = o->size + o->size / 8 + MORE_BYTES;
	uint64_t n = o->entries;
	uint32_t i;

	for (i = 0; i < o->items; i++)
		if (o->kind[i] != FILEMSG_PLAIN) {
			n += n / 8 + MORE_ENTRIES;
			break;
		}
	if (o->atleast)
		size = n = UINT64_MAX;
	k->most = (struct receive_use){size, size, n, n, n};
}

/* Add n to what was used, where it is not more than most.  1, or 0 if it is. */
static int
use(uint64_t *used, uint64_t n, uint64_t most)
{
	if (n > most - *used)
		return 0;
	*used += n;
	return 1;
}

/* A path is asked about once: an answer is work. */
static int
first_question(struct receive *k)
{
	uint8_t hash[HASH_BYTES];
	struct hash h;

	hash_begin(&h);
	hash_add(&h, k->path, strlen(k->path));
	hash_end(&h, hash);
	return seen_add(
	    &k->paths, (struct seen_key){be64_get(hash), be64_get(hash + 8)});
}

/* Was so much offered?  0, or -1 and a fault. */
static int
offered(struct receive *k, const struct filemsg *m, struct fault *f)
{
	struct receive_use *used = &k->used;
	const struct receive_use *most = &k->most;
	int code = 1;

	switch (m->type) {
	case FILEMSG_FILE:
	case FILEMSG_SAME:
		code = use(&used->sizes, m->size, most->sizes) &&
		       use(&used->entries, 1, most->entries);
		break;
	case FILEMSG_ENTER:
	case FILEMSG_LINK:
		code = use(&used->entries, 1, most->entries);
		break;
	case FILEMSG_LEAVE:
		code = use(&used->leaves, 1, most->leaves);
		break;
	case FILEMSG_ASK:
		code = use(&used->asked, m->size, most->asked) &&
		       use(&used->questions, 1, most->questions);
		if (!code)
			break;
		code = first_question(k);
		if (code == 0)
			return channel_malformed(&k->p, f);
		break;
	}
	if (code == -1)
		return fault_memory(f);
	return code ? 0
	            : fault(f, X_PEER, "%s sends more than was offered",
	                  k->p.peer);
}

int
receive_entry(struct receive *k, struct filemsg *m, struct fault *f)
{
	int inside, code = 0;

	if (k->open != (m->type == FILEMSG_BYTES || m->type == FILEMSG_HOLE ||
	                   m->type == FILEMSG_CLOSE))
		return channel_malformed(&k->p, f);
	if (m->path && !allowed(k, m))
		return fault(f, X_PEER, "%s sent a path that is none: %.*s",
		    k->p.peer, (int)(m->path_len < 200 ? m->path_len : 200),
		    m->path);
	inside = m->type == FILEMSG_LINK &&
	         name_link(m->path, m->path_len, m->rest, m->rest_len);
	if (m->path)
		place(k, m);
	if (offered(k, m, f) == -1)
		return -1;
	switch (m->type) {
	case FILEMSG_BYTES:
	case FILEMSG_HOLE:
		return content(k, m, f);
	case FILEMSG_CLOSE:
		return closed(k, m, f);
	case FILEMSG_DONE:
		k->lost += m->size;
		return 1;
	case FILEMSG_ASK:
		return asked(k, m, f);
	case FILEMSG_SAME:
		k->kept++;
		k->prog->done += m->size;
		return 0;
	case FILEMSG_FILE:
		code = begin(k, m);
		break;
	case FILEMSG_ENTER:
		code = dir_enter(&k->s.dir, m->path, m->path_len);
		break;
	case FILEMSG_LEAVE:
		code = disk_leave(&k->s, m);
		break;
	case FILEMSG_LINK:
		if (!inside)
			return lost(k, f,
			    "%.300s: refused, a link that leads out of the "
			    "folder",
			    k->path);
		code = disk_link(&k->s, m);
		k->kept += code == 0;
		break;
	default:
		return channel_malformed(&k->p, f);
	}
	return code == -1 ? failed(k, "write", f) : 0;
}
