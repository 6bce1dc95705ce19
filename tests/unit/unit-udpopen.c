/* Datagrams that are authentic and no frames: dropped, counted, harmless.
 * SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session/udpopen.h"
#include "tap.h"
#include "wire/frame.h"

static struct datagram_out out;
static struct datagram_in in;
static struct udpopen_count count;
static unsigned long sent; /* that are no frames */

/* Two sockets connected to each other. */
static void
sockets(int s[2])
{
	struct sockaddr_in at[2] = {{.sin_family = AF_INET}};
	socklen_t n = sizeof(at[0]);
	int i;

	at[0].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at[1] = at[0];
	for (i = 0; i < 2; i++) {
		s[i] = socket(AF_INET, SOCK_DGRAM, 0);
		if (bind(s[i], (struct sockaddr *)&at[i], n) == -1 ||
		    getsockname(s[i], (struct sockaddr *)&at[i], &n) == -1)
			exit(1);
	}
	for (i = 0; i < 2; i++)
		if (connect(s[i], (struct sockaddr *)&at[!i], n) == -1)
			exit(1);
}

static void
put(int fd, const uint8_t *p, size_t n)
{
	static uint8_t buf[65507];

	n = datagram_seal(&out, buf, p, n);
	if (send(fd, buf, n, 0) != (ssize_t)n)
		exit(1);
}

static void
bad(int fd, const uint8_t *p, size_t n)
{
	put(fd, p, n);
	sent++;
}

/* A frame of n bytes in all, changed at a byte of its header. */
static void
changed(int fd, size_t n, size_t at, uint8_t to)
{
	uint8_t f[200] = {0};
	struct frame fr = {.kind = FRAME_IVF, .pieces = 1};

	fr.len = (uint16_t)(n - FRAME_HEAD);
	frame_put(f, &fr);
	f[at] = to;
	bad(fd, f, n);
}

int
main(void)
{
	static const uint8_t key[AEAD_KEY] = {1}, zero[60000] = {0};
	static uint8_t got[65536];
	uint8_t good[FRAME_HEAD + 5], e[FRAME_HEAD], two[2 * sizeof(good)];
	struct frame f = {.kind = FRAME_TEXT, .len = 5, .pieces = 1};
	int s[2], p[2], r;
	struct fault fault;
	ssize_t n;
	size_t i;

	aead_init(&out.key, AEAD_CHACHAPOLY, key);
	aead_init(&in.key, AEAD_CHACHAPOLY, key);
	sockets(s);
	if (pipe(p) == -1)
		return 1;
	frame_put(good, &f);
	memcpy(good + FRAME_HEAD, "hello", 5);
	memcpy(two, good, sizeof(good));
	memcpy(two + sizeof(good), good, sizeof(good));
	f = (struct frame){.kind = FRAME_END, .pieces = 1};
	frame_put(e, &f);

	for (i = 1; i < FRAME_HEAD; i++)
		bad(s[0], good, i);
	bad(s[0], good, sizeof(good) - 1);
	bad(s[0], two, sizeof(good) + 1);
	bad(s[0], two, sizeof(two));
	bad(s[0], zero, FRAME_HEAD);
	bad(s[0], zero, FRAME_MAX);
	bad(s[0], zero, FRAME_MAX + 1);
	bad(s[0], zero, sizeof(zero));
	changed(s[0], 30, 0, 'z'); /* its kind */
	changed(s[0], 30, 1, 2); /* a flag */
	changed(s[0], 30, 2, 0xff); /* its length */
	changed(s[0], 30, 3, 5);
	changed(s[0], 30, 3, 7);
	changed(s[0], 30, 8, 1); /* the index of its piece */
	changed(s[0], 30, 11, 0); /* no pieces */
	changed(s[0], 30, 15, 1); /* what is reserved */
	changed(s[0], 30, 0, FRAME_KEYPLEASE); /* with a payload */
	changed(s[0], 30, 0, FRAME_END);
	put(s[0], good, sizeof(good));
	put(s[0], e, sizeof(e));
	put(s[0], good, sizeof(good));
	put(s[0], e, sizeof(e));

	r = udpopen_frames(&in, s[1], p[1], "x", 0, &count, &fault);
	close(p[1]);
	n = read(p[0], got, sizeof(got));
	ok(r == 0, "it came to its end");
	ok(n == 2 * sizeof(good) + sizeof(e) &&
	        memcmp(got, good, sizeof(good)) == 0 &&
	        memcmp(got + sizeof(good), e, sizeof(e)) == 0 &&
	        memcmp(got + sizeof(good) + sizeof(e), good, sizeof(good)) == 0,
	    "only the frames came through: %d bytes", (int)n);
	ok(count.false_ == sent && count.frames == 3,
	    "%lu of %lu are counted as none", count.false_, sent);
	return done();
}
