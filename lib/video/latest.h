/* latest: write raw pictures, always the newest next.
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
	struct latest_slot wait, going; /* waiting; being written */
	unsigned long shown, late; /* written; replaced while waiting */
};

/* Begin with fd. */
void
latest_open(struct latest *n, int fd);
void
latest_free(struct latest *n);

/* Copy a picture, with its capture time or 0, to be written next instead of one
 * that waits.  0, or -1 and errno. */
int
latest_keep(struct latest *n, const struct y4m_planes *p, uint64_t time);

/* Fill in p for poll(2) and return the timeout to use: ms, or less. */
int
latest_poll(const struct latest *n, struct pollfd *p, int ms);

/* When there are revents: continue writing, or begin the waiting picture; a
 * YUV4MPEG2 line goes before the first and before each of a new size.  With
 * neither, the reader has gone.  0, or -1 and errno. */
int
latest_step(struct latest *n);

/* Write all that is left, waiting as needed.  0, or -1 and errno. */
int
latest_flush(struct latest *n);

/* Copy count pictures from a camera: Y4M, or with jpeg one JPEG after another.
 * 0; or -1 and a fault if out cannot be written, or the camera fails or gives
 * nothing for 10 seconds; the current picture is then still written whole.
 * damaged is called with the count of damaged pictures at 1, 10, 100 and so on,
 * and at the end. */
int
latest_feed(struct camera *c, int out, int jpeg, long count,
    void (*damaged)(unsigned long), struct fault *f);

#endif
