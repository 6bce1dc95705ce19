/* dgrelay: datagrams between the standard descriptors and a socket.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dgram.h"
#include "io.h"
#include "relay.h"
#include "tick.h"

/* Is that what the network answers when nobody is there? */
static int
is_refusal(int err)
{
	return err == ECONNREFUSED || err == EHOSTUNREACH ||
	       err == ENETUNREACH || err == EHOSTDOWN;
}

int
relay_datagrams(int sock, int idle, unsigned long *refused, struct fault *f)
{
	static char buf[65536];
	struct pollfd p[2] = {
	    {.fd = 0, .events = POLLIN}, {.fd = sock, .events = POLLIN}};
	int n, heard = 0;
	ssize_t got;

	*refused = 0;
	while ((n = poll(p, 2, idle)) != 0) {
		if (n == -1) {
			if (errno == EINTR)
				continue;
			return fault_sys(f, X_SYS, "cannot wait");
		}
		if (p[1].revents) {
			got = recv(sock, buf, sizeof(buf), MSG_DONTWAIT);
			if (got > 0 && io_write(1, buf, (size_t)got) == -1)
				return fault_sys(f, X_SYS, "cannot write");
			heard |= got != -1;
			if (got == -1 && is_refusal(errno) && heard)
				++*refused;
			else if (got == -1 && errno != EAGAIN && errno != EINTR)
				return fault_sys(f, X_SYS, "no answer");
		}
		if (p[0].revents) {
			got = io_read(0, buf, DGRAM_MAX);
			if (got == -1)
				return fault_sys(f, X_SYS, "cannot read");
			if (got == 0) {
				p[0].fd = -1;
				continue;
			}
			n = send(sock, buf, (size_t)got, 0) != -1;
			if (!n && is_refusal(errno) && heard) {
				/* It was about an earlier one. */
				++*refused;
				n = send(sock, buf, (size_t)got, 0) != -1 ||
				    is_refusal(errno);
			}
			if (!n)
				return fault_sys(f, X_SYS, "cannot send");
		}
	}
	return 0;
}
