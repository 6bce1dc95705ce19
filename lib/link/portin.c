/* portin: frames, or plain bytes, from a program.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/be.h"
#include "base/clock.h"
#include "base/io.h"
#include "link/portin.h"

/* Is a whole frame at the head? */
static int
whole(const struct portin *p)
{
	const uint8_t *at = p->buf + p->at;
	size_t n = p->n - p->at;

	return n >= FRAME_HEAD && n >= (size_t)FRAME_HEAD + be16_get(at + 2);
}

int
portin_wants(const struct portin *p)
{
	if (p->plain)
		return p->n - p->at <= sizeof(p->buf) - FRAME_DATA;
	/* Behind one that waits for room others are not taken from their
	 * writer: he is to drop pictures, not we to queue them. */
	return !whole(p);
}

int
portin_read(struct portin *p, struct fault *f)
{
	ssize_t n;

	memmove(p->buf, p->buf + p->at, p->n - p->at);
	p->n -= p->at;
	p->at = 0;
	n = io_read(p->fd, p->buf + p->n, sizeof(p->buf) - p->n);
	if (n == -1)
		return fault_sys(f, X_SYS, "cannot read frames");
	p->n += (size_t)n;
	if (p->plain)
		p->time = (uint64_t)clock_wall_us();
	return n > 0;
}

/* A b frame of what is there. */
static int
cut(const struct portin *p, struct frame *out)
{
	size_t n = p->n - p->at;

	if (n > FRAME_DATA)
		n = FRAME_DATA;
	*out = (struct frame){.kind = FRAME_BYTES,
	    .len = (uint16_t)n,
	    .number = p->number,
	    .pieces = 1,
	    .time = p->time};
	return n > 0;
}

int
portin_frame(struct portin *p, struct frame *out, const uint8_t **payload,
    struct fault *f)
{
	const uint8_t *at = p->buf + p->at;

	*payload = p->plain ? at : at + FRAME_HEAD;
	if (p->plain)
		return cut(p, out);
	if (p->n - p->at < FRAME_HEAD)
		return 0;
	if (frame_get(out, at) == -1)
		return fault(f, X_PEER, "a program wrote a malformed frame");
	return whole(p);
}

void
portin_next(struct portin *p, const struct frame *used)
{
	p->at += used->len + (p->plain ? 0u : FRAME_HEAD);
	p->number += p->plain != 0;
}
