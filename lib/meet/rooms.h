/* rooms: where and when to meet: a number, or lines of chat-keygen -r.
 * SPDX-License-Identifier: ISC */
#ifndef ROOMS_H
#define ROOMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "meet/meet.h"

enum { ROOMS_NAME = 32, ROOMS_MOST = 1024 };

struct room {
	char what; /* as in JOIN */
	int udp; /* for datagrams */
	uint8_t id[MEET_ROOM];
	uint8_t lan[MEET_ROOM]; /* its tag on the LAN */
	int64_t from, until; /* seconds since 1970 */
	char name[ROOMS_NAME + 1]; /* the peer's; "": none */
};

/* Read `WHAT ROOM LAN FROM UNTIL NAME` lines, n bytes, which are changed.  WHAT
 * is a role's letter, a capital one for datagrams; NAME - means no peer.  How
 * many, at most most, or -1 and a fault that begins with what, `WHAT:LINE:
 * `. */
int
rooms_parse(struct room *out, int most, char *text, size_t n, const char *roles,
    const char *what, struct fault *f);

/* The room for a number or 32 hexadecimal digits, valid for ever.  0, or -1. */
int
rooms_one(struct room *out, char role, const char *text, size_t n);

#endif
