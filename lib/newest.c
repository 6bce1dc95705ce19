/* newest: raw pictures out, of which the newest goes next.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "newest.h"

void
newest_open(struct newest *n, int fd)
{
	memset(n, 0, sizeof(*n));
	live_open_wide(&n->to, fd);
}

void
newest_free(struct newest *n)
{
	free(n->wait.body);
	free(n->going.body);
}

int
newest_keep(struct newest *n, const struct planes *p, uint64_t time)
{
	struct newest_slot *s = &n->wait;
	uint8_t *body;
	size_t want;

	n->late += (unsigned)s->there;
	s->there = 0;
	s->y4m = (struct y4m){.w = p->w, .h = p->h};
	s->time = time;
	want = y4m_bytes(&s->y4m);
	if (s->room < want) {
		body = realloc(s->body, want);
		if (!body)
			return -1;
		s->body = body;
		s->room = want;
	}
	planes_pack(s->body, p);
	s->there = 1;
	return 0;
}

int
newest_poll(const struct newest *n, struct pollfd *p, int ms)
{
	return live_poll(&n->to, n->wait.there, p, ms);
}

int
newest_step(struct newest *n)
{
	struct newest_slot was = n->going;
	char head[2 * Y4M_LINE];
	size_t len = 0;

	if (!live_busy(&n->to) && n->wait.there) {
		n->going = n->wait;
		n->wait = was;
		n->wait.there = 0;
		if (n->going.y4m.w != was.y4m.w || n->going.y4m.h != was.y4m.h)
			len = y4m_head_put(head, &n->going.y4m);
		len += y4m_frame_put(head + len, n->going.time);
		live_start(
		    &n->to, head, len, n->going.body, y4m_bytes(&n->going.y4m));
		n->shown++;
	}
	if (!live_busy(&n->to))
		return live_gone(n->to.fd);
	return live_step(&n->to) == -1 ? -1 : 0;
}

int
newest_flush(struct newest *n)
{
	struct pollfd p;
	int ms;

	while (n->wait.there || live_busy(&n->to)) {
		ms = newest_poll(n, &p, -1);
		if (poll(&p, 1, ms) == -1 && errno != EINTR)
			return -1;
		if (p.revents && newest_step(n) == -1)
			return -1;
	}
	return 0;
}
