/* portin: where a program's frames, or plain bytes, come from.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "link/portin.h"

int
portin_wants(const struct portin *p)
{
	/* A whole frame always fits behind what is there. */
	return p->fd != -1 && p->n - p->at <= sizeof(p->buf) - FRAME_MAX;
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
	return p->n - p->at >= (size_t)FRAME_HEAD + out->len;
}

void
portin_next(struct portin *p, const struct frame *used)
{
	p->at += used->len + (p->plain ? 0u : FRAME_HEAD);
	p->number += p->plain != 0;
}
