/* ends: the relay's UDP socket: registered addresses, and forwarding between
 * two sides.
 * SPDX-License-Identifier: ISC */
#ifndef ENDS_H
#define ENDS_H

#include <stdint.h>

#include "meet/meet.h"

/* The socket, with all ends; and one side, with an address for each family. */
struct ends;
struct end;

struct ends_count {
	uint64_t forwarded, bytes, dropped, false_tokens;
};

/* A nonblocking socket.  registered is called with arg and an end's owner when
 * the end has registered an address.  budget: bytes that may be forwarded now;
 * others are dropped.  NULL and errno. */
struct ends *
ends_new(int fd, const uint64_t key[static 2], uint64_t *budget,
    void (*registered)(void *arg, void *owner), void *arg);

/* Let datagrams register with that token.  NULL: it is in use, or no memory. */
struct end *
ends_open(
    struct ends *all, const uint8_t token[static MEET_TOKEN], void *owner);
void
ends_close(struct ends *all, struct end *e);

/* From now on forward the datagrams of each to the other, and accept no more
 * addresses. */
void
ends_tie(struct end *a, struct end *b);

/* Do not call the owner any more. */
void
ends_disown(struct end *e);

/* The registered addresses, at most 2.  How many. */
int
ends_seen(const struct end *e, struct meet_seen *out);

/* ms of the last datagram to be forwarded; 0: none. */
int64_t
ends_last(const struct end *e);

/* Read the waiting datagrams, and answer or forward them. */
void
ends_read(struct ends *all, int64_t now);

const struct ends_count *
ends_count(const struct ends *all);

#endif
