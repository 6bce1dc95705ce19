/* paths: which addresses may be tried, in which order, and which is taken.
 * SPDX-License-Identifier: ISC */
#ifndef PATHS_H
#define PATHS_H

#include <stdint.h>

#include "meet/meet.h"

/* The kinds of path, the better first. */
enum path {
	PATH_NONE = -1, /* never tried */
	PATH_LAN,
	PATH_SIX, /* IPv6 */
	PATH_FOUR, /* IPv4, through routers */
	PATH_HUB, /* datagrams that the relay forwards */
	PATH_PIPE /* the relay's connection */
};

/* The kind of path that an address of the other side is, if it may be tried;
 * own are this machine's n.  A relay or a peer could name anything: never
 * loopback, multicast, link-local, ports below 1024, an address of our own, or
 * a private one where we have none of that block.  seen: the relay saw it; of
 * those that the other side has told, public IPv4 ones are not tried. */
enum path
paths_of(
    const struct meet_addr *a, const struct meet_addr *own, int n, int seen);

/* Is that an address of a private block, or of one LAN only? */
int
paths_private(const struct meet_addr *a);

/* May this machine's address be told to others at all? */
int
paths_tellable(const struct meet_addr *a);

/* How things stand for the side that decides; times in us since the
 * introduction, -1: not yet. */
struct paths_state {
	int64_t now;
	int64_t ready; /* when the other side's H came */
	int64_t pipe; /* how long the relay's connection takes there and back */
	enum path best; /* that has answered, PATH_NONE: no one */
	int64_t rtt; /* its time there and back */
	int64_t first; /* when the first direct one had answered */
	int tried; /* direct paths are */
	int six; /* IPv6 ones among them */
	int datagrams; /* kind u */
	int udp; /* the relay saw datagrams of both */
	int hub; /* the relay may forward datagrams, but has not yet */
	int likely; /* a stream, and both routers keep ports */
};

enum {
	PATHS_FULL_MS = 250, /* without H: from then on whole probes */
	PATHS_DIRECT_MS = 250, /* at the least for a direct path */
	PATHS_LIKELY_MS =
	    1000, /* where a call that is lost will be made again */
	PATHS_BLOCKED_MS = 100, /* where one side has no UDP */
	PATHS_HUB_MS = 100 /* more, for forwarded datagrams */
};

/* Is the best path taken now?  1 or 0. */
int
paths_take(const struct paths_state *s);

#endif
