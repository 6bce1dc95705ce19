/* lan: questions to all on the local network, by multicast.
 * SPDX-License-Identifier: ISC */
#ifndef LAN_H
#define LAN_H

#include <stddef.h>

/* A socket that hears questions (listener), or one to ask from, of a family.
 * It does not block.  -1 and errno. */
int
lan_open(int family, int listener);

/* Send n bytes to all, on each interface. */
void
lan_ask(int fd, int family, const void *p, size_t n);

#endif
