/* usbcam clip width height fps [n]: a USB camera made of software, plugged into
 * vhci_hcd, for the real uvcvideo; unplugged when killed.
 * SPDX-License-Identifier: ISC */

/* It speaks USB/IP (the kernel's Documentation/usb/usbip_protocol.rst) and USB
 * Video Class 1.1 over a bulk endpoint, and gives the JPEGs of the clip over
 * and over, every n-th cut in the middle. */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/be.h"

#define LE16(n) (uint8_t)(n), (uint8_t)((n) >> 8)
#define LE32(n) LE16(n), LE16((n) >> 16)

enum {
	CLIP = 16 << 20,
	PICTURE = 400000, /* most bytes in one */
	HEAD = 48, /* of a USB/IP message */
	PENDING = 64,
	SUBMIT = 1,
	UNLINK = 2,
	RET_SUBMIT = 3,
	RET_UNLINK = 4,
	HIGH_SPEED = 3
};

static int sock;
static unsigned width, height, interval; /* 100 ns */

/* Transfers on the streaming endpoint that wait for data. */
static struct {
	uint32_t seq, room;
} pending[PENDING];
static int npending;

static void
full(int in, void *p, size_t n)
{
	uint8_t *at = p;
	ssize_t k;

	for (; n > 0; at += k, n -= (size_t)k)
		if ((k = in ? read(sock, at, n) : write(sock, at, n)) <= 0)
			exit(0);
}

static void
reply(uint32_t what, uint32_t seq, int status, const void *data, uint32_t n,
    uint32_t moved)
{
	uint8_t head[HEAD] = {0};

	be32_put(head, what);
	be32_put(head + 4, seq);
	be32_put(head + 20, (uint32_t)status);
	be32_put(head + 24, moved);
	full(0, head, sizeof(head));
	if (n > 0)
		full(0, (void *)data, n);
}

/* A descriptor: its length, or -1 if there is none of that kind. */
static int
descriptor(unsigned kind, unsigned index, uint8_t *out)
{
	static const char *const strings[] = {
	    "", "Kit", "Simulated \033[31mcamera", "1"};
	const uint8_t device[] = {18, 1, LE16(0x200), 0xef, 2, 1, 64,
	    LE16(0x1209), LE16(1), LE16(0x100), 1, 2, 3, 1};
	uint8_t config[] = {
	    /* configuration of two interfaces, and that they belong together */
	    9, 2, 0, 0, 2, 1, 0, 0x80, 50, 8, 11, 0, 2, 14, 3, 0, 2,
	    /* control interface: header, camera, output */
	    9, 4, 0, 0, 0, 14, 1, 0, 2, 13, 36, 1, LE16(0x100), LE16(40),
	    LE32(6000000), 1, 1, 18, 36, 2, 1, LE16(0x201), 0, 0, LE16(0),
	    LE16(0), LE16(0), 3, 0, 0, 0, 9, 36, 3, 3, LE16(0x101), 0, 1, 0,
	    /* streaming interface: header, MJPEG, one size, colours, bulk */
	    9, 4, 1, 0, 1, 14, 2, 0, 0, 14, 36, 1, 1, LE16(61), 0x81, 0, 3, 0,
	    0, 0, 1, 0, 11, 36, 6, 1, 1, 1, 1, 0, 0, 0, 0, 30, 36, 7, 1, 0,
	    LE16(width), LE16(height), LE32(1000000), LE32(50000000),
	    LE32(PICTURE), LE32(interval), 1, LE32(interval), 6, 36, 13, 1, 1,
	    4, 7, 5, 0x81, 2, LE16(512), 0};
	const uint8_t languages[] = {4, 3, LE16(0x409)};
	int n = 2;

	config[2] = (uint8_t)sizeof(config);
	config[3] = (uint8_t)(sizeof(config) >> 8);
	if (kind == 1) {
		memcpy(out, device, sizeof(device));
		return sizeof(device);
	}
	if (kind == 2) {
		memcpy(out, config, sizeof(config));
		return sizeof(config);
	}
	if (kind != 3 || index > 3)
		return -1;
	if (index == 0) {
		memcpy(out, languages, sizeof(languages));
		return sizeof(languages);
	}
	for (const char *p = strings[index]; *p; p++) {
		out[n++] = (uint8_t)*p;
		out[n++] = 0;
	}
	out[0] = (uint8_t)n;
	out[1] = 3;
	return n;
}

/* The answer to a control transfer: how many bytes, or -EPIPE: a stall. */
static int
control(const uint8_t *setup, uint8_t *out)
{
	const uint8_t probe[26] = {1, 0, 1, 1, LE32(interval), 0, 0, 0, 0, 0, 0,
	    0, 0, 0, 0, LE32(PICTURE), LE32(PICTURE + 12)};
	int n = -EPIPE;

	if (setup[0] == 0x80 && setup[1] == 6) {
		n = descriptor(setup[3], setup[2], out);
		return n == -1 ? -EPIPE : n;
	}
	if ((setup[0] & 0x60) == 0) {
		memset(out, 0, 2);
		return setup[0] & 0x80 ? 2 : 0;
	}
	/* Probe and commit of the streaming interface. */
	if (setup[4] != 1 || (setup[3] != 1 && setup[3] != 2))
		return n;
	switch (setup[1]) {
	case 0x01: /* SET_CUR: there is only one thing to choose */
		return 0;
	case 0x81: /* GET_CUR, MIN, MAX, DEF */
	case 0x82:
	case 0x83:
	case 0x87:
		memcpy(out, probe, sizeof(probe));
		return sizeof(probe);
	case 0x85: /* GET_LEN */
		out[0] = sizeof(probe);
		out[1] = 0;
		return 2;
	case 0x86: /* GET_INFO */
		out[0] = 3;
		return 1;
	default:
		return n;
	}
}

/* One message of the kernel's. */
static void
answer(void)
{
	static uint8_t buf[1 << 20];
	uint8_t head[HEAD];
	uint32_t seq, room;
	int i, n, in, status = 0;

	full(1, head, sizeof(head));
	seq = be32_get(head + 4);
	in = be32_get(head + 12) == 1;
	if (be32_get(head) == UNLINK) {
		for (i = 0; i < npending; i++)
			if (pending[i].seq == be32_get(head + 20)) {
				memmove(pending + i, pending + i + 1,
				    sizeof(*pending) *
				        (size_t)(--npending - i));
				status = -ECONNRESET;
				break;
			}
		reply(RET_UNLINK, seq, status, NULL, 0, 0);
		return;
	}
	room = be32_get(head + 24);
	if (!in && room > sizeof(buf))
		exit(1);
	if (!in && room > 0)
		full(1, buf, room);
	if (be32_get(head + 16) == 0) {
		n = control(head + 40, buf);
		if (n > (int)room)
			n = (int)room;
		reply(RET_SUBMIT, seq, n < 0 ? n : 0, buf,
		    in && n > 0 ? (uint32_t)n : 0,
		    n < 0 ? 0
		    : in  ? (uint32_t)n
		          : room);
	} else if (npending < PENDING) {
		pending[npending].seq = seq;
		pending[npending++].room = room;
	}
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The next picture, behind a payload header: its length. */
static size_t
picture(const uint8_t *clip, size_t size, int every, uint8_t *out)
{
	static size_t pos;
	static int count;
	const uint8_t *end =
	    memmem(clip + pos + 2, size - pos - 2, "\xff\xd9\xff\xd8", 4);
	size_t n = end ? (size_t)(end + 2 - clip) - pos : size - pos;

	if (n > PICTURE)
		exit(1);
	out[0] = 2;
	out[1] = (uint8_t)(0x82 | (count & 1)); /* end of picture, its parity */
	memcpy(out + 2, clip + pos, n);
	pos = end ? pos + n : 0;
	if (every && count % every == 1)
		n /= 2;
	count++;
	return n + 2;
}

int
main(int argc, char **argv)
{
	static uint8_t clip[CLIP], out[PICTURE + 2];
	struct pollfd p = {.events = POLLIN};
	int port, fd, sv[2], every = argc > 5 ? atoi(argv[5]) : 0;
	size_t n = 0, at = 0;
	ssize_t size;
	int64_t due = 0, wait;

	if (argc < 5)
		return 100;
	width = (unsigned)atoi(argv[2]);
	height = (unsigned)atoi(argv[3]);
	interval = 10000000 / (unsigned)atoi(argv[4]);
	fd = open(argv[1], O_RDONLY);
	size = read(fd, clip, sizeof(clip));
	port = open("/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY);
	if (size < 4 || socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1 ||
	    dprintf(port, "0 %d 65537 %d", sv[0], HIGH_SPEED) < 0) {
		perror("usbcam");
		return 111;
	}
	close(port);
	close(sv[0]);
	p.fd = sock = sv[1];
	for (;;) {
		if (npending > 0 && now() >= due) {
			if (at == n) {
				n = picture(clip, (size_t)size, every, out);
				at = 0;
			}
			size_t k =
			    n - at < pending[0].room ? n - at : pending[0].room;
			/* A short transfer ends the picture. */
			int last = k < pending[0].room;

			reply(RET_SUBMIT, pending[0].seq, 0, out + at,
			    (uint32_t)k, (uint32_t)k);
			memmove(pending, pending + 1,
			    sizeof(*pending) * (size_t)--npending);
			at += k;
			if (last)
				due = (now() - due > 1000000 ? now() : due) +
				      interval / 10;
			if (last)
				at = n = 0;
			continue;
		}
		wait = npending > 0 ? (due - now()) / 1000 + 1 : -1;
		if (poll(&p, 1, (int)wait) == 1)
			answer();
	}
}
