/* newest: raw pictures out, of which the newest goes next.
 * SPDX-License-Identifier: ISC */
#ifndef NEWEST_H
#define NEWEST_H

#include "live.h"
#include "planes.h"

struct newest_slot {
	struct y4m y4m;
	uint64_t time;
	uint8_t *body;
	size_t room;
	int there;
};

struct newest {
	struct live to;
	struct newest_slot wait, going; /* not begun yet; on its way out */
	unsigned long shown, late; /* begun; overtaken before that */
};

/* Begin with fd. */
void
newest_open(struct newest *n, int fd);
void
newest_free(struct newest *n);

/* A picture, which is copied, and its capture time or 0.  It takes the place
 * of one that was not begun yet.  0, or -1 and errno. */
int
newest_keep(struct newest *n, const struct planes *p, uint64_t time);

/* Fill in p for poll(2) and return the timeout to give it: ms, or less. */
int
newest_poll(const struct newest *n, struct pollfd *p, int ms);

/* When there are revents then: go on with the picture under way, or begin with the
 * one that waits; a YUV4MPEG2 line goes before the first and before each of
 * another size.  If there is neither, the reader has gone.  0, or -1 and errno. */
int
newest_step(struct newest *n);

/* Write all that is left, however long it takes.  0, or -1 and errno. */
int
newest_flush(struct newest *n);

#endif
