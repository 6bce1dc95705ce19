/* lan: ask all machines on the local network, by multicast.
 * SPDX-License-Identifier: ISC */
#ifndef LAN_H
#define LAN_H

#include <stddef.h>

/* A nonblocking socket of a family, for answering questions (listener) or
 * asking. -1 and errno. */
int
lan_open(int family, int listener);

/* Send n bytes to the group, on each interface. */
void
lan_ask(int fd, int family, const void *p, size_t n);

#endif
