/* put: the side of chat-file that sends.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/chat.h"
#include "base/clock.h"
#include "file/name.h"
#include "file/put.h"
#include "file/send.h"
#include "file/tree.h"

enum {
	COUNT = 1000, /* ms for counting the folders of an offer */
	PATIENCE = 1000 /* ms for an answer, then say that we wait */
};

/* A file or folder from the command line. */
struct item {
	struct send_item as; /* how it is sent */
	char name[NAME_MOST + 1]; /* the name it is offered as */
	uint8_t kind; /* FILEMSG_PLAIN, FILEMSG_FOLDER or FILEMSG_ATLEAST */
	uint64_t size, count; /* bytes in all, files */
	uint64_t entries; /* folders below, and links */
};

struct put {
	struct channel *channel;
	struct send *send;
	struct progress *prog;
	struct item *item;
	uint32_t items;
	struct send_total total;
	uint64_t lost; /* entries not on the peer's disk */
};

/* The last name of a path without trailing slashes; of `.` and the like, that
 * of the folder they stand for. */
static int
last_name(char out[static NAME_MOST + 1], const char *path, struct fault *f)
{
	char real[PATH_MAX];
	const char *name;
	size_t n;
	int again;

	for (again = 0;; again = 1) {
		n = strlen(path);
		while (n > 0 && path[n - 1] == '/')
			n--;
		name = memrchr(path, '/', n);
		name = name ? name + 1 : path;
		n -= (size_t)(name - path);
		if (name_good(name, n, 1))
			break;
		if (again || !realpath(path, real))
			return fault(
			    f, X_USE, "%s: has no name to send it under", path);
		path = real;
	}
	if (name_is_part(name, n))
		return fault(f, X_USE,
		    "%s: the part of a file that has not arrived whole", path);
	memcpy(out, name, n);
	out[n] = '\0';
	return 0;
}

/* Count a folder's contents, until clock_ms() == until. */
static void
count(struct item *i, int64_t until)
{
	struct tree *tree = tree_start(i->as.path);
	struct tree_entry e;
	struct stat st;
	unsigned n;

	if (!tree)
		return;
	for (n = 0; tree_next(tree, &e) != TREE_END; n++) {
		if (n % 256 == 255 && clock_ms() > until) {
			i->kind = FILEMSG_ATLEAST;
			break;
		}
		i->entries += e.kind == TREE_IN || e.kind == TREE_LINK;
		if (e.kind != TREE_FILE ||
		    fstatat(e.dir, e.name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		i->count++;
		i->size += (uint64_t)st.st_size;
	}
	tree_stop(tree);
}

/* Make item p->items of the offer from the path, following links, or input for
 * `-`. 0, or -1 and a fault (X_USE). */
static int
look(struct put *p, const char *path, const char *input, int64_t until,
    struct fault *f)
{
	struct item *i = &p->item[p->items];
	int is_input = strcmp(path, "-") == 0;
	struct stat st;

	i->as = (struct send_item){.number = p->items++,
	    .path = is_input ? CHAT_USER_FILE : path,
	    .name = i->name};
	if (stat(i->as.path, &st) == -1)
		return fault_sys(f, X_USE, "%s", path);
	if (!S_ISREG(st.st_mode) && (is_input || !S_ISDIR(st.st_mode)))
		return fault(f, X_USE, "%s: neither a file nor a folder", path);
	if (last_name(i->name, is_input ? input : path, f) == -1)
		return -1;
	if (S_ISREG(st.st_mode)) {
		i->kind = FILEMSG_PLAIN;
		i->size = (uint64_t)st.st_size;
	} else {
		i->kind = FILEMSG_FOLDER;
		count(i, until);
	}
	return 0;
}

/* Send the offer. */
static int
offer(struct put *p, const char *peer, struct fault *f)
{
	struct filemsg m;
	struct item *i;

	if (!(p->channel = channel_new(0, 1, 0, peer, p->prog)))
		return fault_memory(f);
	if (channel_hello(p->channel, 'p', f) == -1)
		return -1;
	for (i = p->item; i < p->item + p->items; i++) {
		m = (struct filemsg){.type = FILEMSG_ITEM,
		    .kind = i->kind,
		    .size = i->size,
		    .count = i->count,
		    .entries = i->entries,
		    .rest = i->name,
		    .rest_len = strlen(i->name)};
		if (channel_put(p->channel, &m, f) == -1)
			return -1;
	}
	m = (struct filemsg){.type = FILEMSG_OFFERED};
	if (channel_put(p->channel, &m, f) == -1)
		return -1;
	return channel_flush(p->channel, f);
}

/* Wait until the offer is accepted. */
static int
accepted(struct put *p, struct fault *f)
{
	uint64_t total = 0;
	struct filemsg m;
	uint32_t i;
	int exact = 1;

	if (channel_met(p->channel, 'g', f) == -1)
		return -1;
	if (!channel_ready(p->channel, PATIENCE))
		progress_tell(p->prog, "waiting for %s to accept",
		    channel_peer(p->channel));
	if (channel_hear(p->channel, &m, f) == -1)
		return -1;
	if (m.type != FILEMSG_ACCEPT || m.rest_len != (p->items + 7) / 8)
		return channel_malformed(p->channel, f);
	for (i = 0; i < p->items; i++) {
		p->item[i].as.fresh = m.rest[i / 8] >> i % 8 & 1;
		total += p->item[i].size;
		exact &= p->item[i].kind != FILEMSG_ATLEAST;
	}
	progress_begin(p->prog, exact ? total : 0);
	channel_keeps(p->channel);
	return 0;
}

static int
send_all(struct put *p, struct fault *f)
{
	struct item *i;
	int code = 0;

	p->send = send_new(p->channel, p->prog);
	if (!p->send)
		return fault_memory(f);
	for (i = p->item; i < p->item + p->items && code == 0; i++)
		code = i->kind == FILEMSG_PLAIN
		           ? send_file(p->send, &i->as, f)
		           : send_folder(p->send, &i->as, f);
	return code == -1 ? -1 : send_end(p->send, &p->total, f);
}

static int
receipt(struct put *p, struct fault *f)
{
	struct fault ignored;
	struct filemsg m;

	if (channel_hear(p->channel, &m, f) == -1)
		return -1;
	if (m.type != FILEMSG_KEPT)
		return channel_malformed(p->channel, f);
	p->lost = m.count > p->total.lost ? m.count : p->total.lost;
	/* Confirm the receipt; if this is lost, no harm is done. */
	m = (struct filemsg){.type = FILEMSG_EXIT};
	if (channel_put(p->channel, &m, &ignored) == 0 &&
	    channel_flush(p->channel, &ignored) == 0)
		(void)channel_part(p->channel, CHANNEL_LONG, 0);
	return 0;
}

/* Print the result. */
static void
told(struct put *p)
{
	const struct send_total *t = &p->total;
	char size[24], took[24], more[64] = "";
	const char *peer = channel_peer(p->channel);

	progress_bytes(size, t->bytes);
	progress_took(p->prog, took);
	if (t->there > 0)
		snprintf(more, sizeof(more), ", and %llu %s there already",
		    (unsigned long long)t->there,
		    t->there == 1 ? "was" : "were");
	if (t->files == 0)
		progress_tell(p->prog,
		    "nothing to send: %s has all of it on "
		    "disk already",
		    peer);
	else
		progress_tell(p->prog,
		    "sent %llu file%s, %s in %s; %s has %s "
		    "on disk%s",
		    (unsigned long long)t->files, t->files == 1 ? "" : "s",
		    size, took, peer, t->files == 1 ? "it" : "them", more);
}

static int
session(struct put *p, const char *peer, struct fault *f)
{
	if (offer(p, peer, f) == 0 && accepted(p, f) == 0 &&
	    send_all(p, f) == 0 && receipt(p, f) == 0) {
		if (p->lost == 0)
			told(p);
		return p->lost > 0;
	}
	if (p->channel)
		channel_fail(p->channel, f);
	return -1;
}

int
put_run(char *const *path, size_t n, const char *input, const char *peer,
    struct progress *prog, struct fault *f)
{
	struct put p = {.prog = prog};
	int64_t until = clock_ms() + COUNT;
	int code = 0;
	size_t i;

	if (n > FILEMSG_ITEMS)
		return fault(f, X_USE, "more than %d files and folders at once",
		    FILEMSG_ITEMS);
	if (!(p.item = calloc(n, sizeof(*p.item))))
		return fault_memory(f);
	for (i = 0; i < n && code == 0; i++)
		code = look(&p, path[i], input, until, f);
	if (code == 0)
		code = session(&p, peer, f);
	send_free(p.send);
	channel_free(p.channel);
	free(p.item);
	return code;
}
