/* bulk: bytes of files, into a stream of messages and out of it.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "file/bulk.h"

/* Some of n bytes of fd, from at on, become part of the stream.  How many: 0 at
 * the end of fd, -1 and errno; -2 and a fault when the session is over. */
static ssize_t
some(struct channel *p, int fd, off_t at, size_t n, struct fault *f)
{
	ssize_t got;

	if (p->splice && n >= CHANNEL_FILL / 4) {
		if (channel_flush(p, f) == -1)
			return -2;
		do
			got = splice(fd, &at, p->out, NULL, n, SPLICE_F_MORE);
		while (got == -1 && errno == EINTR);
		if (got == -1 && errno == EPIPE) {
			p->dead = errno;
			channel_lost(p, p->dead, f);
			return -2;
		}
		if (got != -1 || errno != EINVAL)
			return got;
		p->splice = 0;
	}
	n = n < CHANNEL_FILL ? n : CHANNEL_FILL;
	if (!channel_room(p, n, f))
		return -2;
	got = pread(fd, p->obuf + p->held, n, at);
	if (got > 0)
		p->held += (size_t)got;
	return got;
}

ssize_t
bulk_send(struct channel *p, int fd, off_t at, size_t n, struct fault *f)
{
	size_t sent = 0, left, most;
	ssize_t got = 1;
	uint8_t *place;
	int err;

	while (sent < n && got > 0) {
		got = some(p, fd, at + (off_t)sent, n - sent, f);
		if (got == -2)
			return -1;
		if (got > 0)
			sent += (size_t)got;
	}
	err = got == -1 ? errno : 0;
	for (left = n - sent; left > 0; left -= most) {
		most = left < CHANNEL_FILL ? left : CHANNEL_FILL;
		if (!(place = channel_room(p, most, f)))
			return -1;
		memset(place, 0, most);
		p->held += most;
	}
	errno = err;
	return (ssize_t)sent;
}

ssize_t
bulk_take(struct channel *p, int fd, struct fault *f)
{
	size_t n;
	ssize_t got;

	if (p->at == p->end && p->splice && fd != -1) {
		channel_turn(p);
		do
			got = splice(p->in, NULL, fd, NULL, p->raw, 0);
		while (got == -1 && errno == EINTR);
		if (got > 0) {
			p->raw -= (size_t)got;
			p->bulk = 1;
			return got;
		}
		if (got == 0)
			return channel_lost(p, 0, f);
		if (errno != EINVAL)
			return -2;
		p->splice = 0;
	}
	if (p->at == p->end && channel_fill(p, CHANNEL_ROOM, f) == -1)
		return -1;
	n = p->end - p->at;
	n = n < p->raw ? n : p->raw;
	p->at += n;
	p->raw -= n;
	if (fd != -1 && io_write(fd, p->ibuf + p->at - n, n) == -1)
		return -2;
	return (ssize_t)n;
}

int
bulk_hash(
    struct channel *p, struct hash *h, int fd, uint64_t n, struct fault *f)
{
	static uint8_t buf[CHANNEL_FILL];
	ssize_t got;
	unsigned i;

	for (i = 1; n > 0; i++) {
		got = read(fd, buf, n < sizeof(buf) ? n : sizeof(buf));
		if (got <= 0)
			return 0;
		hash_add(h, buf, (size_t)got);
		n -= (uint64_t)got;
		/* No hour of work for one that has left. */
		if (i % 64 == 0 && channel_heed(p, f) == -1)
			return -1;
	}
	return 1;
}
