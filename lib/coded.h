/* coded: the pictures of a stream of IVF, or of JPEGs one after another
 * (chat-wire(5), MEDIA).
 * SPDX-License-Identifier: ISC */
#ifndef CODED_H
#define CODED_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "ivf.h"
#include "jpeg.h"

enum coded_kind { CODED_NONE, CODED_IVF, CODED_JPEG };

/* Begin with zeros. */
struct coded {
	enum coded_kind kind; /* told by the first bytes */
	struct ivf ivf; /* CODED_IVF: its header */
	struct jpeg jpeg;
	uint8_t *buf;
	size_t at, end, room;
};

struct coded_pic {
	const uint8_t *p; /* good until coded_room is called */
	size_t n; /* IVF: may be 0; at most IVF_PIC_MAX */
	uint64_t time; /* captured; 0 where the stream tells none */
	uint64_t pts; /* IVF: as it stands there */
	int key; /* can be decoded by itself */
};

/* Where to put more of the stream, and how many bytes at most (never 0).  NULL
 * and errno: no memory. */
uint8_t *
coded_room(struct coded *c, size_t *n);

/* n bytes were put there. */
void
coded_add(struct coded *c, size_t n);

/* The next picture.  1; 0: there must be more of it; -1 and a fault (98): it
 * is neither, breaks a rule, or has a picture of more than IVF_PIC_MAX. */
int
coded_next(struct coded *c, struct coded_pic *pic, struct fault *f);

/* Is this, the stream's end, behind a whole picture or an IVF header?  0, or
 * -1 and a fault (98). */
int
coded_end(const struct coded *c, struct fault *f);

void
coded_free(struct coded *c);

#endif
