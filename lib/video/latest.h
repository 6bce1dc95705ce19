/* latest: raw pictures out, of which the newest goes next.
 * SPDX-License-Identifier: ISC */
#ifndef LATEST_H
#define LATEST_H

#include "base/livepipe.h"
#include "video/camera.h"
#include "wire/y4m.h"

struct latest_slot {
	struct y4m y4m;
	uint64_t time;
	uint8_t *body;
	size_t room;
	int there;
};

struct latest {
	struct live to;
	struct latest_slot wait, going; /* not begun yet; on its way out */
	unsigned long shown, late; /* begun; overtaken before that */
};

/* Begin with fd. */
void
latest_open(struct latest *n, int fd);
void
latest_free(struct latest *n);

/* A picture, which is copied, and its capture time or 0.  It takes the place
 * of one that was not begun yet.  0, or -1 and errno. */
int
latest_keep(struct latest *n, const struct y4m_planes *p, uint64_t time);

/* Fill in p for poll(2) and return the timeout to give it: ms, or less. */
int
latest_poll(const struct latest *n, struct pollfd *p, int ms);

/* When there are revents then: go on with the picture under way, or begin with the
 * one that waits; a YUV4MPEG2 line goes before the first and before each of
 * another size.  If there is neither, the reader has gone.  0, or -1 and errno. */
int
latest_step(struct latest *n);

/* Write all that is left, however long it takes.  0, or -1 and errno. */
int
latest_flush(struct latest *n);

/* Pass on count pictures: Y4M, or jpeg one after the other.  0; or -1 and a
 * fault, when the camera fails or gives nothing for 10 seconds, the picture
 * under way being written whole first, or when out cannot be written.  damaged
 * is told how many pictures were, at 1, 10, 100 and so on, and at the end. */
int
latest_feed(struct camera *c, int out, int jpeg, long count,
    void (*damaged)(unsigned long), struct fault *f);

#endif
