/* feed: a camera's pictures into a descriptor, the newest first.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>

#include "feed.h"
#include "live.h"
#include "tick.h"
#include "y4m.h"

enum { STALLED = 10000 }; /* milliseconds without a picture are too many */

/* Begin with a picture; the first has the stream's line before it. */
static void
start(struct live *to, const struct cam *c, const struct cam_pic *pic, int jpeg,
    int first)
{
	struct y4m y = {c->w, c->h, c->num, c->den, 1, 1};
	char head[2 * Y4M_LINE];
	size_t n = 0;

	if (!jpeg && first)
		n = y4m_head_put(head, &y);
	if (!jpeg)
		n += y4m_frame_put(head + n, pic->time);
	live_start(to, head, n, pic->data, pic->n);
}

int
feed(struct cam *c, int out, int jpeg, long count,
    void (*damaged)(unsigned long), struct fault *f)
{
	struct pollfd p[2] = {{.events = POLLIN}};
	struct cam_pic pic;
	struct live to;
	unsigned long tell = 1;
	int64_t seen = tick_ms();
	long done = 0;
	int ms, have = 0; /* what take said */

	live_open_wide(&to, out);
	while (done < count && (have != -1 || live_busy(&to))) {
		p[0].fd = have == -1 ? -1 : c->fd;
		ms = live_poll(&to, have == 1, &p[1], STALLED);
		if (poll(p, 2, ms) == -1) {
			if (errno == EINTR)
				continue;
			return fault_sys(f, X_SYS, "poll");
		}
		if (p[1].revents && p[1].events == 0) {
			live_gone(out);
			return fault_sys(f, X_SYS, "stdout");
		}
		if (p[0].revents)
			have = c->take(c, f);
		if (p[1].revents && have == 1 && !live_busy(&to)) {
			have = 0;
			if (c->get(c, &pic))
				start(&to, c, &pic, jpeg, done == 0);
		}
		if (p[1].revents && live_busy(&to)) {
			if (live_step(&to) == -1)
				return fault_sys(f, X_SYS, "stdout");
			done += !live_busy(&to);
			seen = tick_ms();
		}
		if (c->damaged >= tell) {
			damaged(c->damaged);
			tell = c->damaged * 10;
		}
		if (have == 0 && !live_busy(&to) && tick_ms() - seen >= STALLED)
			have = fault(f, X_TIME,
			    "no picture from the camera for %d seconds",
			    STALLED / 1000);
	}
	if (c->damaged * 10 > tell)
		damaged(c->damaged);
	return have == -1 ? -1 : 0;
}
