/* flowout: a stream of bytes on its way to the other side, sent again until it is
 * there.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_FLOWOUT_H
#define LINK_FLOWOUT_H

#include "link/ring.h"
#include "link/spans.h"

/* Begin with zeros and the other side's limit. */
struct flowout {
	struct ring ring;
	uint64_t low; /* all before it is there */
	uint64_t next; /* all before it has been sent once */
	uint64_t end; /* of what was put in */
	uint64_t limit; /* which the other side takes bytes up to */
	struct spans there, lost;
	/* What goes again though it is not known to be lost. */
	int repeats; /* times */
	int64_t repeat_at;
	uint64_t repeat_from;
	size_t repeat_n;
};

/* Put n bytes behind the rest.  0, or -1 if there is no memory. */
int
flowout_put(struct flowout *f, const uint8_t *p, size_t n);

/* Is there anything to send? */
int
flowout_waits(const struct flowout *f);

/* Take at most room bytes to be sent, what is lost before what is new: how many,
 * their offset in *at.  -1 if there is no memory. */
long
flowout_give(struct flowout *f, uint8_t *out, size_t room, uint64_t *at);

/* The n bytes at that offset have arrived, or are lost.  Bytes that arrived
 * once need not go again: 1 if some of the lost must, else 0; -1 if there is no memory. */
int
flowout_arrived(struct flowout *f, uint64_t at, size_t n);
int
flowout_lost(struct flowout *f, uint64_t at, size_t n);

/* Short bytes that just went, n of them from there on, go again so many times; a
 * few that followed each other soon go together. */
void
flowout_repeat(
    struct flowout *f, uint64_t from, size_t n, int times, int64_t now);

/* When that is due, INT64_MAX: never.  Do it: 1; 0: it is not due; -1: no
 * memory. */
int64_t
flowout_repeat_at(const struct flowout *f);
int
flowout_again(struct flowout *f, int64_t now);

void
flowout_free(struct flowout *f);

#endif
