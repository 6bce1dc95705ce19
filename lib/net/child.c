/* child: in a program that a listener has started, the line to it.
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/opt.h"
#include "net/child.h"

enum { CLAIM_MS = 3000 }; /* to wait for the listener's answer */

static int
ready_fd(void)
{
	const char *text = getenv(CHAT_READY_FD);
	long fd;

	return text && opt_parse(text, 3, 1 << 20, &fd) == 0 ? (int)fd : -1;
}

void
child_reached(char what)
{
	int fd = ready_fd();

	if (fd != -1)
		(void)io_write(fd, &what, 1);
}

/* The listener's answer, 0 if none; the byte stays for the next look. */
static char
answered(int fd)
{
	char byte = 0;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ? byte : 0;
}

int
child_claim(void)
{
	int fd = ready_fd();

	if (fd == -1 || !fd_is_socket(fd) || io_write(fd, "c", 1) == -1)
		return 1;
	(void)io_wait(fd, POLLIN, clock_ms() + CLAIM_MS);
	return answered(fd) != 'b';
}

int
child_busy(void)
{
	int fd = ready_fd();

	return fd != -1 && answered(fd) == 'b';
}

void
child_news(const char *line)
{
	char text[256];
	int fd = ready_fd(), n;

	/* Not dprintf(3): it calls lseek(2), which some cages refuse. */
	n = snprintf(text, sizeof(text), "n%.*s\n", 250, line);
	if (fd != -1)
		(void)io_write(fd, text, (size_t)n);
}

void
child_ready(void)
{
	int fd = ready_fd();

	if (fd != -1) {
		(void)io_write(fd, "", 1);
		close(fd);
	}
	unsetenv(CHAT_READY_FD);
}
