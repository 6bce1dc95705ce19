/* ends: the relay's UDP: addresses that have proved themselves, and what is
 * forwarded between two of them.
 * SPDX-License-Identifier: ISC */
#ifndef ENDS_H
#define ENDS_H

#include <stdint.h>

#include "meet/meet.h"

/* All of them, at one socket; and one side, with an address a family. */
struct ends;
struct end;

struct ends_count {
	uint64_t forwarded, bytes, dropped, false_tokens;
};

/* A socket that does not block.  registered is called with arg and the owner of
 * an end when it has registered.  budget: bytes that may still be
 * forwarded; what is over it is dropped.  NULL and errno. */
struct ends *
ends_new(int fd, const uint64_t key[static 2], uint64_t *budget,
    void (*registered)(void *arg, void *owner), void *arg);

/* Let datagrams register with that token.  NULL: it is taken, or no memory. */
struct end *
ends_open(
    struct ends *all, const uint8_t token[static MEET_TOKEN], void *owner);
void
ends_close(struct ends *all, struct end *e);

/* From now on what comes from one goes to the other; no more addresses are
 * taken. */
void
ends_tie(struct end *a, struct end *b);

/* The owner is no longer called. */
void
ends_disown(struct end *e);

/* The addresses that have registered, at most 2.  How many. */
int
ends_seen(const struct end *e, struct meet_seen *out);

/* ms of the last datagram from it that was not a registration; 0: none. */
int64_t
ends_last(const struct end *e);

/* Read what has come, and answer or forward it. */
void
ends_read(struct ends *all, int64_t now);

const struct ends_count *
ends_count(const struct ends *all);

#endif
