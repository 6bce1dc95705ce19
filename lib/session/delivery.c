/* delivery: what the kernel knows about the other end of a connection.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "session/delivery.h"

enum {
	LOST_MS = 30000,
	DOUBT_MS = 1000,
	/* Linux's struct tcp_info is longer than that of netinet/tcp.h, which
	 * would define this. */
	TCP_CLOSE = 7
};

static int
info(int fd, struct tcp_info *ti)
{
	socklen_t n = sizeof(*ti);

	memset(ti, 0, sizeof(*ti)); /* older kernels fill in less */
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, ti, &n);
}

int
delivery_lost(int fd)
{
	struct tcp_info ti;

	return info(fd, &ti) == 0 && (ti.tcpi_unacked || ti.tcpi_probes) &&
	       ti.tcpi_last_ack_recv >= LOST_MS;
}

uint64_t
delivery_taken(int fd)
{
	struct tcp_info ti;

	return info(fd, &ti) == 0 ? ti.tcpi_bytes_acked : 0;
}

void
delivery_finish(int fd)
{
	(void)shutdown(fd, SHUT_WR);
}

int
delivery_delivered(int fd, int64_t until)
{
	int64_t doubt = clock_ms() + DOUBT_MS;
	struct tcp_info ti;
	int left, ms = 1;

	/* No event reports this, so poll: often at first, then every 16 ms. */
	while (info(fd, &ti) == 0 && ioctl(fd, SIOCOUTQ, &left) == 0) {
		if (left == 0)
			return 0;
		if (ti.tcpi_state == TCP_CLOSE) {
			errno = ECONNRESET;
			return -1;
		}
		/* Give new data DOUBT_MS to be acknowledged. */
		if (clock_ms() >= until ||
		    (clock_ms() >= doubt && delivery_lost(fd))) {
			errno = ETIMEDOUT;
			return -1;
		}
		(void)poll(NULL, 0, ms);
		ms = ms < 16 ? 2 * ms : 16;
	}
	return 0;
}

void
delivery_drain(int fd, int64_t until)
{
	char forget[4096];

	while (io_read_until(fd, forget, sizeof(forget), until) ==
	           (ssize_t)sizeof(forget) &&
	       clock_ms() < until)
		;
	(void)shutdown(fd, SHUT_RDWR);
}
