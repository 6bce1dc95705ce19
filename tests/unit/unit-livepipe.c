/* Pictures into pipes: whole, never waiting, the next when the last is read.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/livepipe.h"
#include "tap.h"

static uint8_t pic[3 << 20], got[sizeof(pic) + 8];

/* Step until it says that there is no room; 1 when the picture is out. */
static int
push(struct live *l)
{
	struct pollfd p;

	while (livepipe_busy(l)) {
		livepipe_poll(l, 1, &p, 0);
		if (poll(&p, 1, 0) != 1)
			return 0;
		if (livepipe_step(l) == -1)
			return -1;
	}
	return 1;
}

static void
test(const char *name, void (*begin)(struct live *, int), size_t n)
{
	struct live l;
	struct pollfd p;
	size_t at = 0, chunk = 1;
	int fd[2], ms, r;
	ssize_t k;

	if (pipe(fd) == -1)
		exit(1);
	begin(&l, fd[1]);
	ms = livepipe_poll(&l, 0, &p, 99);
	ok(ms == 99 && poll(&p, 1, 0) == 0, "%s: nothing to write, no wish to",
	    name);
	ms = livepipe_poll(&l, 1, &p, 99);
	ok(ms == 99 && p.fd == fd[1] && poll(&p, 1, 0) == 1,
	    "%s: an empty pipe may be written", name);
	livepipe_start(&l, "head", 4, pic, n);
	ok(livepipe_busy(&l), "%s: under way", name);
	/* A write that waits would never return: nobody reads. */
	push(&l);
	while (at < n + 4) {
		chunk = chunk * 3 % 70001 + 1;
		k = read(fd[0], got + at, chunk);
		if (k <= 0)
			break;
		at += (size_t)k;
		r = push(&l);
		/* The next may not begin while a byte of this one is left. */
		livepipe_poll(&l, 1, &p, 99);
		if (r == 1 && at < n + 4 && poll(&p, 1, 0) == 1)
			break;
	}
	ok(at == n + 4 && memcmp(got, "head", 4) == 0 &&
	        memcmp(got + 4, pic, n) == 0,
	    "%s: it comes out as it went in, alone", name);
	ms = livepipe_poll(&l, 1, &p, 99);
	ok(!livepipe_busy(&l) && ms == 99 && poll(&p, 1, 0) == 1,
	    "%s: then the next may begin", name);
	livepipe_start(&l, "head", 4, pic, 1);
	push(&l);
	close(fd[0]);
	livepipe_poll(&l, 1, &p, 99);
	ok(poll(&p, 1, 0) == 1 && p.revents & POLLERR,
	    "%s: a reader that left is seen before all is read", name);
	begin(&l, fd[1]);
	livepipe_poll(&l, 0, &p, 99);
	ok(poll(&p, 1, 0) == 1 && p.revents & POLLERR,
	    "%s: and when there is nothing to write", name);
	signal(SIGPIPE, SIG_IGN);
	errno = 0;
	ok(livepipe_gone(fd[1]) == -1 && errno == EPIPE, "%s: so it is told",
	    name);
	close(fd[1]);
	ok(livepipe_gone(fd[1]) == -1 && errno == EBADF,
	    "%s: and so that there is none at all", name);
}

int
main(void)
{
	size_t i;

	alarm(20);
	for (i = 0; i < sizeof(pic); i++)
		pic[i] = (uint8_t)(i * 2654435761u >> 13);
	test("short, small", livepipe_open, 100);
	test("short, large", livepipe_open, sizeof(pic));
	test("wide, small", livepipe_open_wide, 100);
	test("wide, 640x480", livepipe_open_wide, 460800);
	test("wide, large", livepipe_open_wide, sizeof(pic));
	return done();
}
