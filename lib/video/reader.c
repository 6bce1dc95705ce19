/* reader: read pictures from a YUV4MPEG2 stream, newest first.
 * SPDX-License-Identifier: ISC */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "video/reader.h"

/* The part of the stream that comes next. */
enum { HEAD, LINE, BODY };

/* ms without a byte of an unfinished picture, after which the one before it is
 * used. */
enum { PATIENCE = 20 };

void
reader_open(struct reader *p, int fd)
{
	memset(p, 0, sizeof(*p));
	p->fd = fd;
}

void
reader_free(struct reader *p)
{
	free(p->body[0]);
	free(p->body[1]);
}

/* Wait up to ms until step can work without blocking.  1 or 0. */
static int
ready(const struct reader *p, int ms)
{
	struct pollfd pfd = {.fd = p->fd, .events = POLLIN};

	/* An unfinished line cannot be used yet. */
	if (p->in < p->end &&
	    (p->state == BODY || memchr(p->buf + p->in, '\n', p->end - p->in)))
		return 1;
	return poll(&pfd, 1, ms) > 0;
}

/* Parse the line of n bytes in buf, newline included. */
static int
line(struct reader *p, const char *at, size_t n, struct fault *f)
{
	const char *why = "its picture's line is malformed";
	size_t want;

	if (p->state == LINE && n >= 5 && memcmp(at, "FRAME", 5) == 0) {
		if (y4m_frame_get(&p->coming_time, at, n) == -1)
			return fault(f, X_PEER, "stdin: %s", why);
		want = y4m_bytes(&p->coming);
		if (buf_grow(
		        &p->body[p->filling], &p->room[p->filling], want) == -1)
			return fault_memory(f);
		p->state = BODY;
		p->at = 0;
		return 0;
	}
	if (y4m_head_get(&p->coming, at, n, &why) == -1)
		return fault(f, X_PEER, "stdin: %s", why);
	p->state = LINE;
	return 0;
}

/* Use the bytes in buf.  1: a picture is whole; 0: buf is used up, or has part
 * of a line; -1. */
static int
use(struct reader *p, struct fault *f)
{
	const char *at, *nl;
	size_t n, want;

	while (p->in < p->end || p->state == BODY) {
		at = p->buf + p->in;
		n = p->end - p->in;
		if (p->state == BODY) {
			want = y4m_bytes(&p->coming) - p->at;
			if (n > want)
				n = want;
			memcpy(p->body[p->filling] + p->at, at, n);
			p->at += n;
			p->in += n;
			if (n < want)
				return 0;
			p->state = LINE;
			p->y4m = p->coming;
			p->time = p->coming_time;
			p->seen = p->coming_seen;
			p->pic = p->body[p->filling];
			p->filling = !p->filling;
			return 1;
		}
		nl = memchr(at, '\n', n);
		if (!nl) {
			if (n >= Y4M_LINE)
				return fault(f, X_PEER,
				    p->state == HEAD
				        ? "stdin: not a YUV4MPEG2 stream"
				        : "stdin: its picture's line is "
				          "malformed");
			return 0;
		}
		n = (size_t)(nl - at) + 1;
		p->coming_seen = (uint64_t)clock_wall_us();
		if (line(p, at, n, f) == -1)
			return -1;
		p->in += n;
	}
	return 0;
}

/* Read once.  Returns as reader_newest. */
static int
step(struct reader *p, struct fault *f)
{
	size_t in = p->in;
	int r = use(p, f);
	ssize_t n;

	if (r != 0)
		return r == 1 ? READER_PIC : -1;
	/* A line was all there was so far: reading more might block. */
	if (p->in != in)
		return READER_MORE;
	if (p->state == BODY) {
		/* The buffer is empty: read right into the picture. */
		n = io_read(p->fd, p->body[p->filling] + p->at,
		    y4m_bytes(&p->coming) - p->at);
		if (n > 0)
			p->at += (size_t)n;
	} else {
		memmove(p->buf, p->buf + p->in, p->end - p->in);
		p->end -= p->in;
		p->in = 0;
		n = io_read(p->fd, p->buf + p->end, sizeof(p->buf) - p->end);
		if (n > 0)
			p->end += (size_t)n;
	}
	if (n == -1)
		return fault_sys(f, X_SYS, "stdin");
	if (n == 0) {
		if (p->in == p->end &&
		    (p->state == LINE ? p->pic != NULL
		                      : p->state == HEAD && p->may_be_empty))
			return READER_END;
		if (p->state == HEAD)
			return fault(f, X_PEER, "stdin: %s",
			    p->end ? "not a YUV4MPEG2 stream" : "it is empty");
		if (p->state == BODY || p->in < p->end)
			return fault(
			    f, X_PEER, "stdin: it was cut within a picture");
		return fault(
		    f, X_PEER, "stdin: it ended before the first picture");
	}
	r = use(p, f);
	return r == 1 ? READER_PIC : r == 0 ? READER_MORE : -1;
}

int
reader_newest(struct reader *p, int newest, int ms, struct fault *f)
{
	struct fault later; /* the next call finds the fault again */
	int r;

	r = ready(p, ms) ? step(p, f) : READER_MORE;
	if (r != READER_PIC || !newest || !ready(p, 0))
		return r;
	for (;;) {
		r = step(p, &later);
		if (r == READER_PIC)
			p->dropped++;
		if (r != READER_MORE || !ready(p, PATIENCE))
			return READER_PIC;
	}
}
