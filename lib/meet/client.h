/* client: a relay's end of one connection: what the client says before it is
 * introduced, and what it is told.
 * SPDX-License-Identifier: ISC */
#ifndef CLIENT_H
#define CLIENT_H

#include <sys/socket.h>

#include "meet/meet.h"

struct client {
	int fd, epoll;
	struct meet_addr at; /* whose it is */
	struct meet_join join;
	uint8_t *card; /* join.card bytes */
	int64_t ready; /* ms: when G has come; 0: not yet */
	unsigned events; /* that epoll watches for */
	size_t got;
	uint8_t in[32]; /* the head of a JOIN, or of PROXY */
};

/* Of zeros: a connection from there, of which epoll is to tell with c. */
int
client_begin(
    struct client *c, int fd, const struct sockaddr_storage *from, int epoll);

/* Close it. */
void
client_end(struct client *c);

/* Have epoll watch for these events. */
void
client_watch(struct client *c, unsigned events);

/* One message to it.  It fits into a buffer that holds nothing else. */
void
client_tell(const struct client *c, char type, const uint8_t *body, size_t n);

enum client_said {
	CLIENT_GONE = -1, /* it has hung up, or speaks another protocol */
	CLIENT_MORE, /* not all is here */
	CLIENT_DONE,
	CLIENT_VERSION /* another version's */
};

/* Read a PROXY header: c->at becomes whom it names. */
enum client_said
client_proxy(struct client *c);

/* Read JOIN: c->join and c->card. */
enum client_said
client_join(struct client *c);

/* Read G, which is said once after M; P may be on its way to it. */
enum client_said
client_go(struct client *c, int64_t now);

#endif
