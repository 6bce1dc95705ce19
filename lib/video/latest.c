/* latest: write raw pictures, always the newest next.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/livepipe.h"
#include "video/latest.h"
#include "wire/y4m.h"

void
latest_open(struct latest *n, int fd)
{
	memset(n, 0, sizeof(*n));
	livepipe_open_wide(&n->to, fd);
}

void
latest_free(struct latest *n)
{
	free(n->wait.body);
	free(n->going.body);
}

int
latest_keep(struct latest *n, const struct y4m_planes *p, uint64_t time)
{
	struct latest_slot *s = &n->wait;
	size_t want;

	n->late += (unsigned)s->there;
	s->there = 0;
	s->y4m = (struct y4m){.w = p->w, .h = p->h};
	s->time = time;
	want = y4m_bytes(&s->y4m);
	if (buf_grow(&s->body, &s->room, want) == -1)
		return -1;
	y4m_planes_pack(s->body, p);
	s->there = 1;
	return 0;
}

int
latest_poll(const struct latest *n, struct pollfd *p, int ms)
{
	return livepipe_poll(&n->to, n->wait.there, p, ms);
}

int
latest_step(struct latest *n)
{
	struct latest_slot was = n->going;
	char head[2 * Y4M_LINE];
	size_t len = 0;

	if (!livepipe_busy(&n->to) && n->wait.there) {
		n->going = n->wait;
		n->wait = was;
		n->wait.there = 0;
		if (n->going.y4m.w != was.y4m.w || n->going.y4m.h != was.y4m.h)
			len = y4m_head_put(head, &n->going.y4m);
		len += y4m_frame_put(head + len, n->going.time);
		livepipe_start(
		    &n->to, head, len, n->going.body, y4m_bytes(&n->going.y4m));
		n->shown++;
	}
	if (!livepipe_busy(&n->to))
		return livepipe_gone(n->to.fd);
	return livepipe_step(&n->to) == -1 ? -1 : 0;
}

int
latest_flush(struct latest *n)
{
	struct pollfd p;
	int ms;

	while (n->wait.there || livepipe_busy(&n->to)) {
		ms = latest_poll(n, &p, -1);
		if (poll(&p, 1, ms) == -1 && errno != EINTR)
			return -1;
		if (p.revents && latest_step(n) == -1)
			return -1;
	}
	return 0;
}

enum { STALLED = 10000 }; /* ms without a picture, then the camera has failed */

/* Begin a picture; the stream's line comes before the first. */
static void
start(struct live *to, const struct camera *c, const struct camera_pic *pic,
    int jpeg, int first)
{
	struct y4m y = {c->w, c->h, c->num, c->den, 1, 1};
	char head[2 * Y4M_LINE];
	size_t n = 0;

	if (!jpeg && first)
		n = y4m_head_put(head, &y);
	if (!jpeg)
		n += y4m_frame_put(head + n, pic->time);
	livepipe_start(to, head, n, pic->data, pic->n);
}

int
latest_feed(struct camera *c, int out, int jpeg, long count,
    void (*damaged)(unsigned long), struct fault *f)
{
	struct pollfd p[2] = {{.events = POLLIN}};
	struct camera_pic pic;
	struct live to;
	unsigned long tell = 1;
	int64_t seen = clock_ms();
	long done = 0;
	int ms, have = 0; /* returned by take */

	livepipe_open_wide(&to, out);
	while (done < count && (have != -1 || livepipe_busy(&to))) {
		p[0].fd = have == -1 ? -1 : c->fd;
		ms = livepipe_poll(&to, have == 1, &p[1], STALLED);
		if (poll(p, 2, ms) == -1) {
			if (errno == EINTR)
				continue;
			return fault_sys(f, X_SYS, "poll");
		}
		if (p[1].revents && p[1].events == 0) {
			livepipe_gone(out);
			return fault_sys(f, X_SYS, "stdout");
		}
		if (p[0].revents)
			have = c->take(c, f);
		if (p[1].revents && have == 1 && !livepipe_busy(&to)) {
			have = 0;
			if (c->get(c, &pic))
				start(&to, c, &pic, jpeg, done == 0);
		}
		if (p[1].revents && livepipe_busy(&to)) {
			if (livepipe_step(&to) == -1)
				return fault_sys(f, X_SYS, "stdout");
			done += !livepipe_busy(&to);
			seen = clock_ms();
		}
		if (c->damaged >= tell) {
			damaged(c->damaged);
			tell = c->damaged * 10;
		}
		if (have == 0 && !livepipe_busy(&to) &&
		    clock_ms() - seen >= STALLED)
			have = fault(f, X_TIME,
			    "no picture from the camera for %d seconds",
			    STALLED / 1000);
	}
	if (c->damaged * 10 > tell)
		damaged(c->damaged);
	return have == -1 ? -1 : 0;
}
