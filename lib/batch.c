/* batch: datagram records that go to the network in one call.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "batch.h"
#include "frame.h"
#include "tick.h"

enum {
	SEGMENTS = 64, /* datagrams that the kernel takes in one call */
	LARGE = FRAME_DGRAM + FRAME_HEAD + PACKET_OVERHEAD /* go one by one */
};

/* Send n bytes; size: as datagrams of that many each, 0: as one.  What the
 * network says of a datagram before this one is no reason to stop. */
static int
transmit(struct batch *b, uint8_t *p, size_t n, size_t size)
{
	union {
		char buf[CMSG_SPACE(sizeof(uint16_t))];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {p, n};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	uint16_t segment = (uint16_t)size;
	struct cmsghdr *c;
	int tries;

	if (size > 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(sizeof(segment));
		memcpy(CMSG_DATA(c), &segment, sizeof(segment));
	}
	for (tries = 0; tries < 3; tries++) {
		if (sendmsg(b->out, &msg, MSG_NOSIGNAL) != -1)
			return 0;
		b->refused += errno == ECONNREFUSED;
		if (errno != EINTR && errno != ECONNREFUSED &&
		    errno != EHOSTUNREACH)
			break;
	}
	return -1;
}

int
batch_flush(struct batch *b)
{
	size_t at = 0, n;
	int bad = 0;

	if (b->n > 1 && !b->single) {
		bad = transmit(b, b->buf, b->at, b->size) == -1;
		/* Not every way can have a batch cut by the kernel. */
		b->single = bad && (errno == EIO || errno == EINVAL ||
		                       errno == EMSGSIZE);
		at = b->single ? 0 : b->at;
	}
	for (; at < b->at; at += n) {
		n = b->at - at < b->size ? b->at - at : b->size;
		bad = transmit(b, b->buf + at, n, 0) == -1;
	}
	if (b->n > 0)
		b->sent = tick_ms();
	b->at = b->n = 0;
	return bad && (errno == EBADF || errno == ENOTSOCK ||
	                  errno == EDESTADDRREQ || errno == EPIPE)
	           ? -1
	           : 0;
}

int
batch_put(struct batch *b, struct packet_out *p, const uint8_t *plain, size_t n)
{
	size_t size = n + PACKET_OVERHEAD;

	/* The kernel cuts a batch where all but the last are of one size. */
	if (b->n > 0 &&
	    (size > b->size || b->n == SEGMENTS ||
	        b->at + size > BATCH_ROOM - 100 || b->size > LARGE) &&
	    batch_flush(b) == -1)
		return -1;
	if (b->n == 0)
		b->size = size;
	b->at += packet_seal(p, b->buf + b->at, plain, n);
	b->n++;
	return size < b->size ? batch_flush(b) : 0;
}
