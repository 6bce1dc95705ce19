/* pictures: the pictures of an IVF stream, or of JPEGs one after another
 * (chat-wire(5), MEDIA).
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "wire/pictures.h"

enum { READ = 65536 }; /* bytes to read at once */

uint8_t *
pictures_room(struct pictures *c, size_t *n)
{
	if (c->at > 0) {
		memmove(c->buf, c->buf + c->at, c->end - c->at);
		c->end -= c->at;
		c->at = 0;
	}
	/* pictures_next leaves at most a picture and its header in the
	 * buffer. */
	if (c->room - c->end < READ &&
	    buf_grow(&c->buf, &c->room, c->end + c->end / 2 + READ) == -1)
		return NULL;
	*n = READ;
	return c->buf + c->end;
}

void
pictures_add(struct pictures *c, size_t n)
{
	c->end += n;
}

static int
next_jpeg(struct pictures *c, struct pictures_pic *pic, struct fault *f)
{
	size_t n = c->end - c->at;
	int r = jpeg_scan(&c->jpeg, c->buf + c->at, n);

	if (r == -1)
		return fault(f, X_PEER, "stdin: malformed JPEG");
	if (c->jpeg.at > IVF_PIC_MAX || (r == 0 && n > IVF_PIC_MAX))
		return fault(f, X_PEER, "stdin: its picture is too large");
	if (r == 0)
		return 0;
	memset(pic, 0, sizeof(*pic));
	pic->p = c->buf + c->at;
	pic->n = c->jpeg.at;
	pic->key = 1;
	c->at += pic->n;
	memset(&c->jpeg, 0, sizeof(c->jpeg));
	return 1;
}

static int
next_ivf(struct pictures *c, struct pictures_pic *pic, struct fault *f)
{
	const uint8_t *p = c->buf + c->at;
	size_t n = c->end - c->at;
	unsigned w, h;

	if (n < IVF_PIC_HEAD)
		return 0;
	if (ivf_pic_get(&pic->n, &pic->pts, p) == -1)
		return fault(f, X_PEER, "stdin: its picture is too large");
	if (n < IVF_PIC_HEAD + pic->n)
		return 0;
	pic->p = p + IVF_PIC_HEAD;
	pic->time = ivf_time(&c->ivf, pic->pts);
	pic->key = ivf_key(pic->p, pic->n, &w, &h) == 1;
	c->at += IVF_PIC_HEAD + pic->n;
	return 1;
}

int
pictures_next(struct pictures *c, struct pictures_pic *pic, struct fault *f)
{
	const uint8_t *p = c->buf + c->at;
	size_t n = c->end - c->at;
	const char *why = "it is neither IVF nor JPEG";

	if (n == 0)
		return 0;
	if (c->kind == PICTURES_NONE && p[0] == 0xff)
		c->kind = PICTURES_JPEG;
	if (c->kind == PICTURES_NONE) {
		if (memcmp(p, "DKIF", n < 4 ? n : 4) != 0)
			return fault(f, X_PEER, "stdin: %s", why);
		if (n < IVF_HEAD)
			return 0;
		if (ivf_head_get(&c->ivf, p, &why) == -1)
			return fault(f, X_PEER, "stdin: %s", why);
		c->kind = PICTURES_IVF;
		c->at += IVF_HEAD;
	}
	return c->kind == PICTURES_IVF ? next_ivf(c, pic, f)
	                               : next_jpeg(c, pic, f);
}

int
pictures_end(const struct pictures *c, struct fault *f)
{
	if (c->at != c->end)
		return fault(f, X_PEER, "stdin: it was cut within a picture");
	if (c->kind == PICTURES_NONE)
		return fault(f, X_PEER, "stdin: it is empty");
	return 0;
}

void
pictures_free(struct pictures *c)
{
	free(c->buf);
}
