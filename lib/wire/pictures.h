/* pictures: the pictures of an IVF stream, or of JPEGs one after another
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
	enum pictures_kind kind; /* by the first bytes */
	struct ivf ivf; /* PICTURES_IVF: the header */
	struct jpeg jpeg;
	uint8_t *buf;
	size_t at, end, room;
};

struct pictures_pic {
	const uint8_t *p; /* in place until pictures_room is called */
	size_t n; /* IVF: may be 0; at most IVF_PIC_MAX */
	uint64_t time; /* capture time; 0 if the stream has none */
	uint64_t pts; /* IVF: as in the stream */
	int key; /* can be decoded by itself */
};

/* Where to put more of the stream, *n bytes at most (never 0).  NULL and errno:
 * no memory. */
uint8_t *
pictures_room(struct pictures *c, size_t *n);

/* n bytes were put there. */
void
pictures_add(struct pictures *c, size_t n);

/* The next picture.  1; 0: not whole yet; -1 and a fault (98): not IVF or JPEG,
 * malformed, or larger than IVF_PIC_MAX. */
int
pictures_next(struct pictures *c, struct pictures_pic *pic, struct fault *f);

/* The stream has ended: was that after a whole picture or IVF header?  0, or -1
 * and a fault (98). */
int
pictures_end(const struct pictures *c, struct fault *f);

void
pictures_free(struct pictures *c);

#endif
