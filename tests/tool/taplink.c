/* taplink: a cable between two tap devices that delays and loses packets; the
 * tests put its ends where they want them.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"

enum { FRAME = 2048, MOST = 65536 }; /* bytes; packets under way, each way */

/* One direction: what is delayed by the same time keeps its order. */
static struct way {
	struct packet {
		int64_t due; /* us */
		size_t n;
		uint8_t data[FRAME];
	} * ring;
	unsigned first, last;
} ways[2];

static int tap[2];
static long delay, loss, seed = 1;

static int
open_tap(const char *name)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	if (fd == -1 || ioctl(fd, TUNSETIFF, &r) == -1)
		die_sys(X_SYS, "%s", name);
	return fd;
}

/* Is the next packet lost?  The same seed loses the same ones. */
static int
lost(void)
{
	static uint64_t state;

	if (!state)
		state = (uint64_t)seed * 0x9e3779b97f4a7c15;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (long)(state >> 32) % 1000 < loss * 10;
}

static void
take(int from)
{
	struct way *w = &ways[from];
	struct packet *p;
	ssize_t n;

	while (w->last - w->first < MOST) {
		p = &w->ring[w->last % MOST];
		n = read(tap[from], p->data, FRAME);
		if (n <= 0)
			return;
		if (lost())
			continue;
		p->n = (size_t)n;
		p->due = clock_us() + delay * 1000;
		w->last++;
	}
}

/* Hand over what is due: when the next one is. */
static int64_t
give(int from)
{
	struct way *w = &ways[from];
	struct packet *p;

	for (; w->first != w->last; w->first++) {
		p = &w->ring[w->first % MOST];
		if (p->due > clock_us())
			return p->due;
		if (write(tap[!from], p->data, p->n) == -1 && errno == EAGAIN)
			return clock_us() + 1000;
	}
	return INT64_MAX;
}

int
main(int argc, char **argv)
{
	struct pollfd p[2];
	struct timespec t;
	int64_t next, other;
	int i;

	prog_start(argv[0]);
	if (argc != 6 || opt_parse(argv[3], 0, 10000, &delay) == -1 ||
	    opt_parse(argv[4], 0, 100, &loss) == -1 ||
	    opt_parse(argv[5], 1, 1 << 30, &seed) == -1)
		usage("taplink name name delay-ms loss-percent seed");
	for (i = 0; i < 2; i++) {
		tap[i] = open_tap(argv[1 + i]);
		ways[i].ring = calloc(MOST, sizeof(*ways[i].ring));
		if (!ways[i].ring)
			die_sys(X_SYS, "memory");
		p[i] = (struct pollfd){.fd = tap[i], .events = POLLIN};
	}
	/* The devices are there now: tell the one who waits for them. */
	(void)io_write(1, "\n", 1);
	for (;;) {
		next = give(0);
		other = give(1);
		next = (next < other ? next : other) - clock_us();
		if (next > 1000000)
			next = 1000000;
		if (next < 0)
			next = 0;
		t.tv_sec = next / 1000000;
		t.tv_nsec = next % 1000000 * 1000;
		if (ppoll(p, 2, &t, NULL) == -1 && errno != EINTR)
			die_sys(X_SYS, "ppoll");
		take(0);
		take(1);
	}
}
