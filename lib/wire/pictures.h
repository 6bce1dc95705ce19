/* pictures: the pictures of a stream of IVF, or of JPEGs one after another
 * (chat-wire(5), MEDIA).
 * SPDX-License-Identifier: ISC */
#ifndef PICTURES_H
#define PICTURES_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "wire/ivf.h"
#include "wire/jpeg.h"

enum pictures_kind { PICTURES_NONE, PICTURES_IVF, PICTURES_JPEG };

/* Begin with zeros. */
struct pictures {
	enum pictures_kind kind; /* told by the first bytes */
	struct ivf ivf; /* PICTURES_IVF: its header */
	struct jpeg jpeg;
	uint8_t *buf;
	size_t at, end, room;
};

struct pictures_pic {
	const uint8_t *p; /* good until pictures_room is called */
	size_t n; /* IVF: may be 0; at most IVF_PIC_MAX */
	uint64_t time; /* captured; 0 where the stream tells none */
	uint64_t pts; /* IVF: as it stands there */
	int key; /* can be decoded by itself */
};

/* Where to put more of the stream, and how many bytes at most (never 0).  NULL
 * and errno: no memory. */
uint8_t *
pictures_room(struct pictures *c, size_t *n);

/* n bytes were put there. */
void
pictures_add(struct pictures *c, size_t n);

/* The next picture.  1; 0: there must be more of it; -1 and a fault (98): it
 * is neither, breaks a rule, or has a picture of more than IVF_PIC_MAX. */
int
pictures_next(struct pictures *c, struct pictures_pic *pic, struct fault *f);

/* Is this, the stream's end, behind a whole picture or an IVF header?  0, or
 * -1 and a fault (98). */
int
pictures_end(const struct pictures *c, struct fault *f);

void
pictures_free(struct pictures *c);

#endif
