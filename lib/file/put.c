/* put: the side of chat-file that sends.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "file/put.h"
#include "file/walk.h"

enum { COUNT = 1000 }; /* milliseconds to count the folders of an offer */

static int
offer(struct walk *w, uint32_t n, struct fault *f)
{
	int64_t until = clock_ms() + COUNT;
	struct channel *p = &w->send.p;
	uint64_t total = 0;
	struct filemsg m;
	struct item *i;
	int exact = 1;

	if (channel_hello(p, 'p', f) == -1)
		return -1;
	for (i = w->item; i < w->item + n; i++) {
		if (i->kind == FILEMSG_FOLDER)
			item_count(i, &w->tree, until);
		exact &= i->kind != FILEMSG_ATLEAST;
		total += i->size;
		m = (struct filemsg){.type = FILEMSG_ITEM,
		    .kind = i->kind,
		    .size = i->size,
		    .count = i->count,
		    .entries = i->entries,
		    .rest = i->name,
		    .rest_len = strlen(i->name)};
		if (channel_put(p, &m, f) == -1)
			return -1;
	}
	m.type = FILEMSG_LAST;
	if (channel_put(p, &m, f) == -1 || channel_flush(p, f) == -1)
		return -1;
	if (!channel_ready(p, 1000) && w->send.prog->on)
		progress_say(w->send.prog, "waiting for %s to accept", p->peer);
	if (channel_met(p, 'g', f) == -1 || send_next(&w->send, &m, f) == -1)
		return -1;
	if (m.type != FILEMSG_TAKE || m.rest_len != (n + 7) / 8)
		return channel_malformed(p, f);
	memcpy(w->fresh, m.rest, m.rest_len);
	progress_begin(w->send.prog, exact ? total : 0);
	return 0;
}

static int
receipt(struct walk *w, struct fault *f)
{
	struct filemsg m = {.type = FILEMSG_DONE, .size = w->lost};
	struct channel *p = &w->send.p;
	struct fault ignored;

	if (channel_put(p, &m, f) == -1 || send_next(&w->send, &m, f) == -1)
		return -1;
	if (m.type != FILEMSG_KEEP)
		return channel_malformed(p, f);
	w->lost = m.count > w->lost ? m.count : w->lost;
	/* That the receipt was heard; whatever becomes of it. */
	m = (struct filemsg){.type = FILEMSG_DONE};
	if (channel_put(p, &m, &ignored) == 0 &&
	    channel_flush(p, &ignored) == 0)
		channel_part(p, CHANNEL_LONG, 0);
	return 0;
}

int
put_run(char *const *path, size_t n, const char *peer, struct progress *prog,
    struct fault *f)
{
	static struct walk w;
	struct channel *p = &w.send.p;
	struct fault why = {0};
	struct filemsg m;
	size_t i;

	if (n > FILEMSG_ITEMS)
		return fault(f, X_USE, "more than %d files and folders at once",
		    FILEMSG_ITEMS);
	if (!(w.item = calloc(n, sizeof(*w.item))))
		return fault_memory(f);
	for (i = 0; i < n; i++)
		if (item_look(&w.item[i], path[i], f) == -1)
			return -1;
	w.send.prog = prog;
	channel_start(p, 0, 1, 0, peer);
	if (offer(&w, (uint32_t)n, f) == 0 &&
	    walk_send(&w, (uint32_t)n, f) == 0 && receipt(&w, f) == 0)
		return w.lost > 0;
	/* Where writing failed, the reason may be on its way. */
	while (p->dead && !p->heard && channel_ready(p, 2000) &&
	       channel_get(p, &m, &why) == 0)
		;
	if (p->dead && p->heard)
		*f = why;
	if (p->heard)
		channel_part(p, CHANNEL_SHORT, 0);
	return -1;
}
