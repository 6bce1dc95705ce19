/* hub: a relay's loop: calls, datagrams, signals, and a line each hour.
 * SPDX-License-Identifier: ISC */
#ifndef HUB_H
#define HUB_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "meet/meet.h"

struct hub_how {
	int tcp, udp; /* bound, not blocking; tcp listens */
	int signals; /* signalfd, of which read gives the signals */
	int proxied; /* each connection begins with a PROXY header */
	int per_address; /* connections */
	int rooms; /* most that wait */
	int connections; /* most in all */
	uint64_t stopped; /* most bytes in pairs whose reader stands still */
	uint64_t rate; /* most bytes a second, of all pairs; 0: no limit */
	struct meet_udp told; /* what clients are told in M */
	/* Called with a line for the log: when two are introduced (with their
	 * addresses); and each hour or at SIGUSR1 (numbers alone). */
	void (*met)(const char *line);
	void (*hourly)(const char *line);
};

struct hub;

/* One for the life of the process.  NULL and a fault. */
struct hub *
hub_new(const struct hub_how *how, struct fault *f);

/* Serve until a signal comes that ends it: its number, or -1 and a fault.
 * Opens no file, calls nobody. */
int
hub_serve(struct hub *h, struct fault *f);

#endif
