/* receive: files and folders, as the messages of them come.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/be.h"
#include "base/fd.h"
#include "base/set.h"
#include "file/name.h"
#include "file/receive.h"

enum {
	SUMS = 8, /* files of one name and size compared at most */
	KEPT = 32768, /* questions remembered; at most twice as many */
	/* Allowed besides an eighth more than offered. */
	MORE_BYTES = 1 << 20,
	MORE_ENTRIES = 64,
	TOLD = 10 /* most files under other names reported singly */
};

/* Entries that may come, or have come. */
struct use {
	uint64_t sizes; /* bytes of the files in all */
	uint64_t asked; /* bytes of the files asked about */
	uint64_t entries, questions, ends;
};

struct receive {
	struct channel *channel;
	struct disk *disk;
	struct progress *prog;
	uint64_t kept, lost; /* entries */
	uint64_t files, bytes; /* transferred, without parts from before */
	uint64_t there; /* files that were here, whole */
	uint64_t renamed; /* files kept under other names */
	uint64_t coming; /* bytes transferred of the current file */
	int open; /* between FILEMSG_NEW and FILEMSG_CLOSE */
	uint64_t left; /* its bytes still to come */
	/* the offer */
	uint32_t items;
	uint64_t size, entries; /* entries: announced N, M, W and L */
	int folders, atleast; /* has folders; not all in them was counted */
	struct use most, used;
	/* Questions, and older ones; the value is 1 + the size of a file that
	 * is here, until its FILEMSG_WHOLE has come. */
	struct set asked, before;
	char path[NAME_MOST + 1 + FILEMSG_PATH + 1]; /* of the last entry */
	char kind[FILEMSG_ITEMS]; /* of each FILEMSG_ITEM */
	char name[FILEMSG_ITEMS][NAME_MOST + 1]; /* made safe */
};

struct receive *
receive_new(struct channel *c, struct disk *d, struct progress *prog)
{
	struct receive *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->channel = c;
	r->disk = d;
	r->prog = prog;
	return r;
}

void
receive_free(struct receive *r)
{
	if (!r)
		return;
	set_free(&r->asked);
	set_free(&r->before);
	free(r);
}

void
receive_receipt(struct receive *r, const char *dir, struct filemsg *m)
{
	char size[24], more[64] = "";

	*m = (struct filemsg){
	    .type = FILEMSG_KEPT, .size = r->kept, .count = r->lost};
	progress_bytes(size, r->bytes);
	if (r->renamed > TOLD)
		progress_tell(r->prog, "%llu more are kept under other names",
		    (unsigned long long)(r->renamed - TOLD));
	if (r->there > 0)
		snprintf(more, sizeof(more), "; %llu %s there already",
		    (unsigned long long)r->there,
		    r->there == 1 ? "was" : "were");
	if (r->files > 0)
		progress_tell(r->prog, "received %llu file%s, %s, into %s%s",
		    (unsigned long long)r->files, r->files == 1 ? "" : "s",
		    size, dir, more);
	else if (r->lost == 0)
		progress_tell(
		    r->prog, "nothing new: all of it is in %s already", dir);
}

/* Set what may come, from the offer so far. */
static void
limit(struct receive *r)
{
	uint64_t size = r->size + r->size / 8 + MORE_BYTES;
	uint64_t n = r->entries;

	if (r->folders)
		n += n / 8 + MORE_ENTRIES;
	if (r->atleast)
		size = n = UINT64_MAX;
	r->most = (struct use){size, size, n, n, n};
}

const char *
receive_item(struct receive *r, const struct filemsg *m, struct fault *f)
{
	const char *peer = channel_peer(r->channel);
	char *name;

	if (!name_good(m->rest, m->rest_len, 1) ||
	    name_is_part(m->rest, m->rest_len)) {
		fault(f, X_PEER, "%s offers an invalid name", peer);
		return NULL;
	}
	if (r->items == FILEMSG_ITEMS) {
		fault(f, X_PEER, "%s offers too many names at once", peer);
		return NULL;
	}
	if (m->size > INT64_MAX - r->size ||
	    m->count > INT64_MAX / FILEMSG_ITEMS ||
	    m->entries > INT64_MAX / FILEMSG_ITEMS / 2) {
		channel_malformed(r->channel, f);
		return NULL;
	}
	r->kind[r->items] = (char)m->kind;
	name = r->name[r->items++];
	name_safe(name, m->rest, m->rest_len);
	r->size += m->size;
	r->entries++; /* a folder is an entry itself */
	if (m->kind != FILEMSG_PLAIN) {
		r->entries += m->count + m->entries;
		r->folders = 1;
		r->atleast |= m->kind == FILEMSG_ATLEAST;
	}
	limit(r);
	return name;
}

/* An entry is not kept: report it here and to the peer. */
static __attribute__((format(printf, 3, 4))) int
lost(struct receive *r, struct fault *f, const char *fmt, ...)
{
	char text[FILEMSG_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->lost++;
	progress_say(r->prog, "%s", text);
	return channel_text(r->channel, FILEMSG_PROBLEM, 1, text, f);
}

/* The current entry could not be written or kept, because of errno. */
static int
failed(struct receive *r, const char *what, struct fault *f)
{
	int err = errno;

	disk_drop(r->disk, 0);
	/* These errors would hit every later file, too. */
	if (err == ENOSPC || err == EDQUOT || err == EIO || err == EROFS ||
	    err == EMFILE || err == ENFILE || err == ENOMEM)
		return fault_sys(f, X_SYS, "cannot write %.300s", r->path);
	return lost(r, f, "cannot %s %.300s: %s", what, r->path,
	    err == ESTALE  ? "the part that was there has changed"
	    : err == EBUSY ? "another program is receiving it"
	                   : strerror(err));
}

/* The key of m's file in the set. */
static struct set_key
key(const struct receive *r, const struct filemsg *m)
{
	uint8_t hash[HASH_BYTES];
	struct hash h;

	hash_begin(&h);
	hash_add(&h, &m->item, sizeof(m->item));
	hash_add(&h, r->path, m->path_len);
	hash_end(&h, hash);
	return (struct set_key){be64_get(hash), be64_get(hash + 8)};
}

/* 1 if m's file is here, whole; 0; -1 and a fault. */
static int
is_there(struct receive *r, const struct filemsg *m, struct fault *f)
{
	uint8_t asked[HASH_BYTES], own[HASH_BYTES];
	unsigned n = 0, i;
	int fd, code;

	/* channel_sum reuses the memory that m points into. */
	memcpy(asked, m->rest, HASH_BYTES);
	for (i = 0; i < SUMS; i++) {
		fd = disk_same(r->disk, m, &n);
		if (fd == -1)
			break;
		code = channel_sum(r->channel, fd, m->size, own, f);
		close(fd);
		if (code == -1)
			return -1;
		if (memcmp(own, asked, HASH_BYTES) == 0)
			return 1;
	}
	return 0;
}

/* Answer a question.  The sender learns only whether its file is here, and
 * length and hash of what it sent before. */
static int
question(struct receive *r, const struct filemsg *m, struct fault *f)
{
	struct filemsg have = {.type = FILEMSG_HAVE};
	uint8_t out[HASH_BYTES];
	struct filemsg s = {
	    .type = FILEMSG_SUM, .rest = (char *)out, .rest_len = HASH_BYTES};
	const struct set_key k = key(r, m);
	int added, there, fd = -1;

	if (r->used.questions % KEPT == 0) {
		set_free(&r->before);
		r->before = r->asked;
		r->asked = (struct set){0};
	}
	if ((added = set_add(&r->asked, k)) == -1)
		return fault_memory(f);
	/* Each path once, since an answer costs work. */
	if (added == 0 || set_find(&r->before, k))
		return channel_malformed(r->channel, f);
	if ((there = is_there(r, m, f)) == -1)
		return -1;
	if (there) {
		have.kind = FILEMSG_THERE;
		*set_find(&r->asked, k) = m->size + 1;
	} else if ((fd = disk_part(r->disk, m, &have.size)) != -1) {
		have.kind = FILEMSG_PART;
	} else {
		have.size = 0;
	}
	if (channel_put(r->channel, &have, f) == -1)
		return fd_drop(fd);
	if (fd == -1)
		return 0;
	/* Send it, so that the peer can hash meanwhile.  If the part has fewer
	 * bytes by now, the hashes differ. */
	channel_some(r->channel);
	there = channel_sum(r->channel, fd, have.size, out, f);
	close(fd);
	return there == -1 ? -1 : channel_put(r->channel, &s, f);
}

/* A file that is here: valid only after such an answer, and once. */
static int
whole(struct receive *r, const struct filemsg *m, struct fault *f)
{
	const struct set_key k = key(r, m);
	uint64_t *there = set_find(&r->asked, k);

	there = there ? there : set_find(&r->before, k);
	if (!there || *there == 0 || *there - 1 != m->size)
		return channel_malformed(r->channel, f);
	*there = 0;
	r->kept++;
	r->there++;
	r->prog->done += m->size;
	return 0;
}

static int
new_file(struct receive *r, const struct filemsg *m)
{
	const char *slash = strchr(r->path, '/');
	const char *shown = slash ? slash + 1 : r->path;

	r->open = 1;
	r->left = r->coming = m->size - m->count;
	r->prog->done += m->count;
	progress_name(r->prog, shown, strlen(shown));
	/* Here, if all its bytes and FILEMSG_CLOSE are. */
	return disk_begin(r->disk, m,
	    m->count == 0 &&
	        channel_holds(r->channel, m->size + 2 * FILEMSG_HEAD + 1));
}

/* Bytes or a hole of the current file. */
static int
content(struct receive *r, const struct filemsg *m, struct fault *f)
{
	ssize_t got;

	if (m->size > r->left)
		return fault(f, X_PEER, "%s sends more than was announced",
		    channel_peer(r->channel));
	r->left -= m->size;
	if (m->type == FILEMSG_ZEROS) {
		if (disk_fd(r->disk) != -1 && disk_hole(r->disk, m->size) == -1)
			return failed(r, "write", f);
		r->prog->done += m->size;
		return 0;
	}
	while ((got = channel_take(r->channel, disk_fd(r->disk), f)) != 0) {
		if (got == -1)
			return -1;
		if (got == -2 && failed(r, "write", f) == -1)
			return -1;
		if (got > 0) {
			disk_added(r->disk, (size_t)got);
			progress_moved(r->prog, (size_t)got);
		}
	}
	return 0;
}

/* The current file got another name. */
static void
renamed(struct receive *r, const char *name)
{
	if (++r->renamed <= TOLD)
		progress_tell(r->prog,
		    "%.300s is kept as `%s\': another was there", r->path,
		    name);
}

static int
closed(struct receive *r, const struct filemsg *m, struct fault *f)
{
	char name[NAME_MOST + 1];
	int code;

	r->open = 0;
	if (m->kind == 1) {
		disk_drop(r->disk, 1);
		return 0; /* the sender counts it */
	}
	if (r->left > 0)
		return channel_malformed(r->channel, f);
	if (disk_fd(r->disk) == -1)
		return 0;
	code = disk_finish(r->disk, name);
	if (code == -1)
		return failed(r, "keep", f);
	if (code == 1)
		renamed(r, name);
	r->kept++;
	r->files++;
	r->bytes += r->coming;
	return 0;
}

/* May an entry of that type have that path? */
static int
allowed(const struct receive *r, const struct filemsg *m)
{
	const char *slash;
	size_t n = m->path_len;

	if (m->item >= r->items)
		return 0;
	if (r->kind[m->item] == FILEMSG_PLAIN)
		return n == 0 && m->type != FILEMSG_MAKE &&
		       m->type != FILEMSG_END && m->type != FILEMSG_LINK;
	if (n == 0)
		return m->type == FILEMSG_MAKE || m->type == FILEMSG_END;
	slash = memrchr(m->path, '/', n);
	if (slash)
		n -= (size_t)(slash + 1 - m->path);
	return name_good(m->path, m->path_len, 0) &&
	       !name_is_part(slash ? slash + 1 : m->path, n);
}

/* Make m's path, relative to its item, relative to the root. */
static void
place(struct receive *r, struct filemsg *m)
{
	m->path_len = (size_t)snprintf(r->path, sizeof(r->path), "%s%s%.*s",
	    r->name[m->item], m->path_len ? "/" : "", (int)m->path_len,
	    m->path);
	m->path = r->path;
}

/* Add n to used, unless that exceeds most.  1, or 0 if it does. */
static int
use(uint64_t *used, uint64_t n, uint64_t most)
{
	if (n > most - *used)
		return 0;
	*used += n;
	return 1;
}

/* Was that much offered?  0, or -1 and a fault. */
static int
offered(struct receive *r, const struct filemsg *m, struct fault *f)
{
	struct use *used = &r->used;
	const struct use *most = &r->most;
	int code = 1;

	switch (m->type) {
	case FILEMSG_NEW:
	case FILEMSG_WHOLE:
		code = use(&used->sizes, m->size, most->sizes) &&
		       use(&used->entries, 1, most->entries);
		break;
	case FILEMSG_MAKE:
	case FILEMSG_LINK:
		code = use(&used->entries, 1, most->entries);
		break;
	case FILEMSG_END:
		code = use(&used->ends, 1, most->ends);
		break;
	case FILEMSG_QUESTION:
		code = use(&used->asked, m->size, most->asked) &&
		       use(&used->questions, 1, most->questions);
		break;
	}
	return code ? 0
	            : fault(f, X_PEER, "%s sends more than was offered",
	                  channel_peer(r->channel));
}

int
receive_entry(struct receive *r, struct filemsg *m, struct fault *f)
{
	int inside, code = 0;

	if (r->open != (m->type == FILEMSG_DATA || m->type == FILEMSG_ZEROS ||
	                   m->type == FILEMSG_CLOSE))
		return channel_malformed(r->channel, f);
	if (m->path && !allowed(r, m))
		return fault(f, X_PEER, "%s sent an invalid path: %.*s",
		    channel_peer(r->channel),
		    (int)(m->path_len < 200 ? m->path_len : 200), m->path);
	inside = m->type == FILEMSG_LINK &&
	         name_link(m->path, m->path_len, m->rest, m->rest_len);
	if (m->path)
		place(r, m);
	if (offered(r, m, f) == -1)
		return -1;
	switch (m->type) {
	case FILEMSG_DATA:
	case FILEMSG_ZEROS:
		return content(r, m, f);
	case FILEMSG_CLOSE:
		return closed(r, m, f);
	case FILEMSG_EXIT:
		r->lost += m->size;
		return 1;
	case FILEMSG_QUESTION:
		return question(r, m, f);
	case FILEMSG_WHOLE:
		return whole(r, m, f);
	case FILEMSG_NEW:
		code = new_file(r, m);
		break;
	case FILEMSG_MAKE:
		code = disk_enter(r->disk, m);
		break;
	case FILEMSG_END:
		code = disk_leave(r->disk, m);
		break;
	case FILEMSG_LINK:
		if (!inside)
			return lost(r, f,
			    "%.300s: refused, a link that leads out of the "
			    "folder",
			    r->path);
		code = disk_link(r->disk, m);
		r->kept += code == 0;
		break;
	default:
		return channel_malformed(r->channel, f);
	}
	return code == -1 ? failed(r, "write", f) : 0;
}
