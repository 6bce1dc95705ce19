/* quiet: how long the peer of a session may be silent.
 * SPDX-License-Identifier: ISC */
#include <poll.h>
#include <signal.h>

#include "base/clock.h"
#include "base/io.h"
#include "session/delivery.h"
#include "session/quiet.h"
#include "session/stream.h"

enum {
	LOOK_MS = 5000, /* between checks of a silent connection */
	ANSWER_MS = 3000 /* for the peer's end, after ours was delivered */
};

/* The peer has shown that it is alive. */
static void
anew(struct quiet *q, int in)
{
	q->since = clock_ms();
	q->taken = q->silence ? delivery_taken(in) : 0;
}

/* When silence becomes too long.  A long record needs time on a slow line, so
 * each of the `part` bytes already here of the next one adds a millisecond. */
static int64_t
due(const struct quiet *q, size_t part)
{
	int64_t ms = q->answer ? ANSWER_MS : q->silence;

	return ms ? q->since + ms + (int64_t)part : INT64_MAX;
}

/* A read gave no bytes.  0 to go on, or -1 or STREAM_UNENDED and a fault. */
static int
judge(struct quiet *q, int in, size_t part, struct fault *f)
{
	if (delivery_lost(in))
		return fault(f, X_TIME, "lost touch with %s", q->name);
	if (clock_ms() < due(q, part))
		return 0;
	if (q->answer) {
		fault(f, X_PEER, "%s did not end", q->name);
		return STREAM_UNENDED;
	}
	if (delivery_taken(in) != q->taken) {
		anew(q, in);
		return 0;
	}
	return fault(f, X_TIME, "nothing came from %s for %lld s", q->name,
	    (long long)q->silence / 1000);
}

int
quiet_wait(
    struct quiet *q, int in, int out, size_t part, int opened, struct fault *f)
{
	struct pollfd p[3] = {
	    {.fd = in, .events = POLLIN}, {.fd = out}, {.events = POLLIN}};
	int64_t look, end;
	int bad;

	if (opened || q->since == 0)
		anew(q, in);
	for (;;) {
		look = clock_ms() + LOOK_MS;
		end = due(q, part);
		p[2].fd = q->sealer;
		if (io_poll(p, 3, end < look ? end : look) == -1)
			return fault_sys(f, X_SYS, "cannot wait");
		if (p[0].revents)
			return 0;
		if (p[1].revents & POLLERR) {
			raise(SIGPIPE);
			return 0; /* if SIGPIPE is ignored, a write will fail */
		}
		if (p[2].revents) {
			q->sealer = -1;
			q->answer = 1;
			anew(q, in);
		}
		bad = judge(q, in, part, f);
		if (bad)
			return bad;
	}
}
