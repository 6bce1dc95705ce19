/* get: the side of chat-file that receives.
 * SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/vis.h"
#include "file/get.h"
#include "file/name.h"
#include "file/receive.h"

enum { SHOWN = 20 }; /* most items listed */

struct get {
	struct channel *channel;
	struct disk *disk;
	struct receive *receive;
	struct progress *prog;
	/* the offer */
	uint32_t items;
	uint64_t size; /* in all */
	uint64_t missing; /* bytes of it missing here, at least */
	int atleast; /* a folder was not counted to its end */
	uint8_t fresh[FILEMSG_ITEMS / 8]; /* the answer, a bit for each item */
	char text[SHOWN * (4 * NAME_MOST + 160) + 200]; /* the list */
	size_t len;
};

static __attribute__((format(printf, 2, 3))) void
list(struct get *g, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	g->len += (size_t)vsnprintf(
	    g->text + g->len, sizeof(g->text) - g->len, fmt, ap);
	va_end(ap);
}

/* Add an item to the list, with its own name. */
static void
list_item(struct get *g, const struct filemsg *m, const char *name)
{
	char text[4 * NAME_MOST + 1], size[24];

	vis_text(text, sizeof(text), name, strlen(name));
	progress_bytes(size, m->size);
	if (m->kind == FILEMSG_PLAIN) {
		list(g, "  %s  %s\n", text, size);
		return;
	}
	list(g, "  %s/%s  %s%llu file%s, ", text,
	    disk_folder(g->disk, name) ? " (is here already)" : "",
	    m->kind == FILEMSG_ATLEAST ? "at least " : "",
	    (unsigned long long)m->count, m->count == 1 ? "" : "s");
	if (m->entries > 0)
		list(g, "%llu folder%s or link%s, ",
		    (unsigned long long)m->entries, m->entries == 1 ? "" : "s",
		    m->entries == 1 ? "" : "s");
	list(g, "%s\n", size);
}

static int
offered(struct get *g, const struct filemsg *m, struct fault *f)
{
	const char *name = receive_item(g->receive, m, f);

	if (!name)
		return -1;
	/* How much of a folder is here is not known yet. */
	if (m->kind == FILEMSG_PLAIN)
		g->missing += disk_missing(g->disk, name, m->size);
	else if (!disk_folder(g->disk, name))
		g->missing += m->size;
	if (disk_fresh(g->disk, name, m->size))
		g->fresh[g->items / 8] |= (uint8_t)(1 << g->items % 8);
	if (g->items++ < SHOWN)
		list_item(g, m, name);
	g->size += m->size;
	g->atleast |= m->kind == FILEMSG_ATLEAST;
	return 0;
}

/* Read the whole offer. */
static int
offer(struct get *g, struct fault *f)
{
	char size[24];
	struct filemsg m;

	if (channel_hello(g->channel, 'g', f) == -1 ||
	    channel_met(g->channel, 'p', f) == -1 ||
	    channel_get(g->channel, &m, f) == -1)
		return -1;
	while (m.type == FILEMSG_ITEM)
		if (offered(g, &m, f) == -1 ||
		    channel_get(g->channel, &m, f) == -1)
			return -1;
	if (m.type != FILEMSG_OFFERED || g->items == 0)
		return channel_malformed(g->channel, f);
	progress_bytes(size, g->size);
	if (g->items > SHOWN)
		list(g, "  and %u more\n", (unsigned)(g->items - SHOWN));
	if (g->items > 1)
		list(g, "  in all %s%s\n", g->atleast ? "at least " : "", size);
	return 0;
}

/* Is there room?  1; 0 and a fault that says how much. */
static int
fits(struct get *g, struct fault *f)
{
	uint64_t room = disk_room(g->disk);
	char missing[24], free[24];

	if (g->missing <= room)
		return 1;
	progress_bytes(missing, g->missing);
	progress_bytes(free, room);
	fault(f, X_SYS, "not enough room: %s are missing, %s are free", missing,
	    free);
	return 0;
}

/* Ask the person, and send the answer. */
static int
answer(struct get *g, int (*ask)(const char *offer, int doubt, struct fault *f),
    struct fault *f)
{
	struct filemsg m = {.type = FILEMSG_ACCEPT,
	    .rest = (char *)g->fresh,
	    .rest_len = (g->items + 7) / 8};
	struct fault why;
	int room = fits(g, &why), yes;

	if (!room)
		list(g, "  %s\n", why.text);
	yes = ask(g->text, !room, f);
	if (yes == 0 && !room) {
		*f = why;
		return -1;
	}
	if (yes != 1)
		return yes == -1 ? -1 : fault(f, X_PEER, "declined");
	progress_begin(g->prog, g->atleast ? 0 : g->size);
	channel_keeps(g->channel);
	return channel_put(g->channel, &m, f);
}

static int
receive_all(struct get *g, struct fault *f)
{
	struct filemsg m;
	int code = 0;

	while (code == 0) {
		if (channel_get(g->channel, &m, f) == -1)
			return -1;
		code = receive_entry(g->receive, &m, f);
	}
	if (code == 1 && disk_sync(g->disk) == -1)
		return fault_sys(f, X_SYS, "cannot write to disk");
	return code == -1 ? -1 : 0;
}

static int
session(struct get *g, const char *dir,
    int (*ask)(const char *offer, int doubt, struct fault *f), struct fault *f)
{
	struct filemsg m;
	struct fault ignored;

	if (offer(g, f) == -1 || answer(g, ask, f) == -1 ||
	    receive_all(g, f) == -1) {
		progress_clear(g->prog);
		disk_drop(g->disk, 0);
		/* Tell the sender why, and give it time to read that. */
		if (channel_text(g->channel, FILEMSG_BROKEN, f->code, f->text,
		        &ignored) == 0)
			(void)channel_part(g->channel, CHANNEL_LONG, 0);
		return -1;
	}
	progress_clear(g->prog);
	receive_receipt(g->receive, dir, &m);
	if (channel_put(g->channel, &m, f) == -1)
		return -1;
	if (!channel_part(g->channel, CHANNEL_LONG, 1))
		return fault(f, X_PEER,
		    "the session was broken off: everything has arrived");
	return m.count > 0;
}

int
get_run(int root, mode_t mask, const char *dir, const char *peer,
    const char *key, struct progress *prog,
    int (*ask)(const char *offer, int doubt, struct fault *f), struct fault *f)
{
	static struct get g;
	int code;

	g = (struct get){.prog = prog};
	if (!(g.disk = disk_new(root, mask, key)))
		return fault_sys(f, X_SYS, "cannot use the folder");
	g.channel = channel_new(0, 1, 1, peer, prog);
	g.receive = receive_new(g.channel, g.disk, prog);
	code =
	    g.channel && g.receive ? session(&g, dir, ask, f) : fault_memory(f);
	receive_free(g.receive);
	channel_free(g.channel);
	disk_free(g.disk);
	return code;
}
