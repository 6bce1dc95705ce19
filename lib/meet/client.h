/* client: a relay's end of one connection: what the client says before it is
 * introduced, and what it is told.
 * SPDX-License-Identifier: ISC */
#ifndef CLIENT_H
#define CLIENT_H

#include <sys/socket.h>

#include "meet/meet.h"

struct client {
	int fd, epoll;
	struct meet_addr at; /* the address it comes from */
	struct meet_join join;
	uint8_t *card; /* join.card bytes */
	int64_t ready; /* ms: when its G came; 0: not yet */
	unsigned events; /* that epoll watches for */
	size_t got;
	uint8_t in[32]; /* the head of a JOIN, or of PROXY */
};

/* Begin c (zeros) with a connection from there, which epoll names by c. */
int
client_begin(
    struct client *c, int fd, const struct sockaddr_storage *from, int epoll);

/* Close it. */
void
client_end(struct client *c);

/* Have epoll watch for these events. */
void
client_watch(struct client *c, unsigned events);

/* Send it one message.  It always fits: the socket's buffer is empty then. */
void
client_tell(const struct client *c, char type, const uint8_t *body, size_t n);

enum client_said {
	CLIENT_GONE = -1, /* it has hung up, or speaks another protocol */
	CLIENT_MORE, /* not all is here */
	CLIENT_DONE,
	CLIENT_VERSION /* it speaks another version */
};

/* Read a PROXY header, and set c->at to the address in it. */
enum client_said
client_proxy(struct client *c);

/* Read JOIN: c->join and c->card. */
enum client_said
client_join(struct client *c);

/* Read G, which the client sends once, after M; the relay's P may cross it. */
enum client_said
client_go(struct client *c, int64_t now);

#endif
