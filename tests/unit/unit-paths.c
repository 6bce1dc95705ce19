/* unit-paths: which addresses are tried, in which order, and when one is taken.
 * SPDX-License-Identifier: ISC */
#include "meet/paths.h"
#include "tap.h"

#define V4(a, b, c, d)                                                         \
	{                                                                      \
		.ip = {[10] = 0xff, 0xff, a, b, c, d}, .port = 4000            \
	}

static const struct meet_addr lan = V4(192, 168, 1, 5);
static const struct meet_addr near = V4(192, 168, 1, 9);
static const struct meet_addr other = V4(10, 0, 0, 9);
static const struct meet_addr out = V4(192, 0, 2, 7);
static const struct meet_addr six = {.ip = {0x20, 1, 13, 0xb8}, .port = 4000};

static enum path
of(struct meet_addr a, int seen)
{
	return paths_of(&a, &lan, 1, seen);
}

static void
addresses(void)
{
	static const struct meet_addr never[] = {V4(127, 0, 0, 1),
	    V4(0, 0, 0, 0), V4(224, 0, 0, 1), V4(239, 255, 24, 28),
	    V4(255, 255, 255, 255), V4(169, 254, 1, 1),
	    {.ip = {[15] = 1}, .port = 4000}, {.port = 4000},
	    {.ip = {0xfe, 0x80, [15] = 1}, .port = 4000},
	    {.ip = {0xff, 2, [15] = 1}, .port = 4000}};
	struct meet_addr low = out, own6 = six;
	const struct meet_addr both[2] = {lan, own6};
	size_t i;
	int good = 1;

	for (i = 0; i < sizeof(never) / sizeof(*never); i++)
		good &= of(never[i], 0) == PATH_NONE &&
		        of(never[i], 1) == PATH_NONE;
	ok(good, "loopback, multicast, link-local: never");
	low.port = 1023;
	ok(of(low, 1) == PATH_NONE, "ports below 1024: never");
	ok(of(lan, 0) == PATH_NONE, "an address of our own: never");
	ok(of(near, 0) == PATH_LAN && of(other, 0) == PATH_NONE &&
	        of(other, 1) == PATH_NONE,
	    "private ones where we have one of that block");
	ok(of(out, 1) == PATH_FOUR && of(out, 0) == PATH_NONE,
	    "public IPv4 as the relay saw it, not as the other side says");
	own6.ip[15] = 1;
	ok(of(six, 0) == PATH_NONE && paths_of(&own6, both, 2, 0) == PATH_SIX,
	    "IPv6 where we have it");
}

/* A stream or datagrams: after the introduction nothing has answered. */
static struct paths_state
waits(enum path best, int64_t now)
{
	return (struct paths_state){.now = now,
	    .ready = 50000,
	    .pipe = 100000,
	    .best = best,
	    .rtt = 40000,
	    .first = 60000,
	    .tried = 1,
	    .udp = 1};
}

static void
order(void)
{
	struct paths_state s = waits(PATH_LAN, 60000);

	ok(paths_take(&s), "a LAN path: at once");
	s.best = PATH_FOUR;
	ok(paths_take(&s), "IPv4 where there is no IPv6: at once");
	s.six = 1;
	s.now = 84999;
	ok(!paths_take(&s), "IPv4 waits for IPv6");
	s.now = 85000;
	ok(paths_take(&s), "15 ms and a quarter of its time");
	s.best = PATH_NONE;
	s.now = 9000000;
	ok(!paths_take(&s), "none is not taken");
}

static void
relayed(void)
{
	struct paths_state s = waits(PATH_PIPE, 299999);

	ok(!paths_take(&s), "the relay's waits for a direct one");
	s.now = 300000;
	ok(paths_take(&s), "250 ms from the other side's H");
	s.pipe = 200000;
	ok(!paths_take(&s), "or twice the time of the relay's");
	s.likely = 1;
	s.now = 1049999;
	ok(!paths_take(&s), "where both routers keep ports");
	s.now = 1050000;
	ok(paths_take(&s), "1 s");
	s = waits(PATH_PIPE, 150000);
	s.datagrams = 1;
	s.udp = 0;
	ok(paths_take(&s), "100 ms where a side has no UDP");
	s.hub = 1;
	ok(!paths_take(&s), "more while the relay may forward datagrams");
	s = waits(PATH_PIPE, 0);
	s.ready = 0;
	s.tried = 0;
	ok(paths_take(&s), "at once where no path is tried");
	s.pipe = -1;
	ok(!paths_take(&s), "not before it has answered");
}

int
main(void)
{
	addresses();
	order();
	relayed();
	return done();
}
