/* fput: the side of chat-file that sends.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "fput.h"
#include "fwalk.h"
#include "tick.h"

enum { COUNT = 1000 }; /* milliseconds to count the folders of an offer */

static int
offer(struct fwalk *w, uint32_t n, struct fault *f)
{
	int64_t until = tick_ms() + COUNT;
	struct fpipe *p = &w->send.p;
	uint64_t total = 0;
	struct fwire m;
	struct fitem *i;
	int exact = 1;

	if (fpipe_hello(p, 'p', f) == -1)
		return -1;
	for (i = w->item; i < w->item + n; i++) {
		if (i->kind == FWIRE_FOLDER)
			fitem_count(i, &w->tree, until);
		exact &= i->kind != FWIRE_ATLEAST;
		total += i->size;
		m = (struct fwire){.type = FWIRE_ITEM,
		    .kind = i->kind,
		    .size = i->size,
		    .count = i->count,
		    .rest = i->name,
		    .rest_len = strlen(i->name)};
		if (fpipe_put(p, &m, f) == -1)
			return -1;
	}
	m.type = FWIRE_LAST;
	if (fpipe_put(p, &m, f) == -1 || fpipe_flush(p, f) == -1)
		return -1;
	if (!fpipe_ready(p, 1000) && w->send.prog->on)
		fprog_say(w->send.prog, "waiting for %s to accept", p->peer);
	if (fpipe_met(p, 'g', f) == -1 || fsend_next(&w->send, &m, f) == -1)
		return -1;
	if (m.type != FWIRE_TAKE || m.rest_len != (n + 7) / 8)
		return fpipe_malformed(p, f);
	memcpy(w->fresh, m.rest, m.rest_len);
	fprog_begin(w->send.prog, exact ? total : 0);
	return 0;
}

static int
receipt(struct fwalk *w, struct fault *f)
{
	struct fwire m = {.type = FWIRE_DONE, .size = w->lost};
	struct fpipe *p = &w->send.p;
	struct fault ignored;

	if (fpipe_put(p, &m, f) == -1 || fsend_next(&w->send, &m, f) == -1)
		return -1;
	if (m.type != FWIRE_KEEP)
		return fpipe_malformed(p, f);
	w->lost = m.count > w->lost ? m.count : w->lost;
	/* That the receipt was heard; whatever becomes of it. */
	m = (struct fwire){.type = FWIRE_DONE};
	if (fpipe_put(p, &m, &ignored) == 0 && fpipe_flush(p, &ignored) == 0)
		fpipe_part(p, FPIPE_LONG, 0);
	return 0;
}

int
fput_run(char *const *path, size_t n, const char *peer, struct fprog *prog,
    struct fault *f)
{
	static struct fwalk w;
	struct fpipe *p = &w.send.p;
	struct fault why = {0};
	struct fwire m;
	size_t i;

	if (n > FWIRE_ITEMS)
		return fault(f, X_USE, "more than %d files and folders at once",
		    FWIRE_ITEMS);
	if (!(w.item = calloc(n, sizeof(*w.item))))
		return fault_sys(f, X_SYS, "no memory");
	for (i = 0; i < n; i++)
		if (fitem_look(&w.item[i], path[i], f) == -1)
			return -1;
	w.send.prog = prog;
	fpipe_start(p, 0, 1, 0, peer);
	if (offer(&w, (uint32_t)n, f) == 0 &&
	    fwalk_send(&w, (uint32_t)n, f) == 0 && receipt(&w, f) == 0)
		return w.lost > 0;
	/* Where writing failed, the reason may be on its way. */
	while (p->dead && !p->heard && fpipe_ready(p, 2000) &&
	       fpipe_get(p, &m, &why) == 0)
		;
	if (p->dead && p->heard)
		*f = why;
	if (p->heard)
		fpipe_part(p, FPIPE_SHORT, 0);
	return -1;
}
