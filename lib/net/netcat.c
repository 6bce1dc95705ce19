/* netcat: copy between stdin, stdout and a socket, both ways.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "net/netcat.h"
#include "net/udp.h"

enum { CHUNK = 256 << 10 };

/* Two blocking threads rather than one that polls: a terminal or a full pipe on
 * 1 cannot be made nonblocking, and must not hold up the other direction. */
struct way {
	int from, to, sock; /* one of the two is the socket */
	struct fault fault; /* code 0: none */
	atomic_int final; /* the fault is set, and ends both directions */
	char *buf;
	sem_t *done;
};

/* Set the fault for a failed read or write of fd.  -1. */
static int
failed(struct way *w, int fd, const char *what)
{
	if (fd == w->sock)
		return fault_sys(&w->fault, errno == ETIMEDOUT ? X_TIME : X_SYS,
		    "the connection is lost");
	fault_sys(&w->fault, X_SYS, "cannot %s", what);
	w->final = 1;
	return -1;
}

/* Wait for input on 0.  -1 and errno if the socket failed: input typed after
 * that would be lost. */
static int
wait_input(int sock)
{
	struct pollfd p[2] = {{.fd = 0, .events = POLLIN}, {.fd = sock}};
	socklen_t len = sizeof(errno);

	if (poll(p, 2, -1) == -1 || !(p[1].revents & (POLLERR | POLLHUP)))
		return 0;
	getsockopt(sock, SOL_SOCKET, SO_ERROR, &errno, &len);
	if (errno == 0)
		errno = EPIPE;
	return -1;
}

/* Splice between a pipe and the socket.  1: go on; 0: the end; -1 and errno,
 * EINVAL if these two cannot be spliced.  A splice that waited for the socket
 * would lock the pipe and so block its reader: the socket is nonblocking, and
 * splice is called only when there is input. */
static int
move(int from, int to)
{
	ssize_t n;

	(void)io_wait(from, POLLIN, INT64_MAX);
	n = splice(from, NULL, to, NULL, 1 << 20, SPLICE_F_NONBLOCK);
	if (n == -1 && errno == EINTR)
		return 1;
	if (n == -1 && errno == EAGAIN) {
		(void)io_wait(to, POLLOUT, INT64_MAX);
		return 1;
	}
	return n > 0 ? 1 : (int)n;
}

/* Copy until the end.  0, or -1 and the fault. */
static int
copy(struct way *w)
{
	int pipe = fd_is_pipe(w->from == w->sock ? w->to : w->from), got;
	ssize_t n;

	for (;;) {
		if (w->to == w->sock && wait_input(w->sock) == -1)
			return failed(w, w->sock, "write");
		if (pipe) {
			got = move(w->from, w->to);
			if (got == 1)
				continue;
			if (got == 0)
				return 0;
			if (errno != EINVAL)
				return failed(w,
				    errno == EPIPE ? w->to : w->sock, "write");
			pipe = 0;
		}
		n = io_read(w->from, w->buf, CHUNK);
		if (n == 0)
			return 0;
		if (n == -1)
			return failed(w, w->from, "read");
		if (io_write(w->to, w->buf, (size_t)n) == -1)
			return failed(w, w->to, "write");
	}
}

static void *
sender(void *arg)
{
	struct way *w = arg;
	sigset_t set;

	/* Block SIGPIPE: a failed write to the network is reported instead. */
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)copy(w);
	shutdown(w->sock, SHUT_WR);
	sem_post(w->done);
	return NULL;
}

static void *
receiver(void *arg)
{
	struct way *w = arg;

	/* A network that fails here cannot be written to either. */
	if (copy(w) == -1)
		w->final = 1;
	/* close(2) is the last chance to report a full disk. */
	else if (close(w->to) == -1 && errno != EBADF)
		(void)failed(w, w->to, "write");
	sem_post(w->done);
	return NULL;
}

int
netcat_stream(int sock, struct fault *f)
{
	static struct way out, in;
	static sem_t done;
	pthread_t thread;
	int i;

	/* The socket is ours alone, so its mode may change. */
	(void)fcntl(sock, F_SETFL, O_NONBLOCK);
	sem_init(&done, 0, 0);
	out = (struct way){.from = 0, .to = sock, .sock = sock, .done = &done};
	in = (struct way){.from = sock, .to = 1, .sock = sock, .done = &done};
	out.buf = malloc(CHUNK);
	in.buf = malloc(CHUNK);
	if (!out.buf || !in.buf ||
	    pthread_create(&thread, NULL, sender, &out) != 0 ||
	    pthread_create(&thread, NULL, receiver, &in) != 0)
		return fault_memory(f);
	for (i = 0; i < 2; i++) {
		while (sem_wait(&done) == -1)
			;
		if (in.final || out.final) {
			*f = in.final ? in.fault : out.fault;
			return -1;
		}
	}
	if (out.fault.code) {
		*f = out.fault;
		return -1;
	}
	return 0;
}

/* Is this an error that ICMP reports for a closed port? */
static int
is_refusal(int err)
{
	return err == ECONNREFUSED || err == EHOSTUNREACH ||
	       err == ENETUNREACH || err == EHOSTDOWN;
}

int
netcat_datagrams(int sock, int idle, unsigned long *refused, struct fault *f)
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
			got = io_read(0, buf, UDP_MAX);
			if (got == -1)
				return fault_sys(f, X_SYS, "cannot read");
			if (got == 0) {
				p[0].fd = -1;
				continue;
			}
			n = send(sock, buf, (size_t)got, 0) != -1;
			if (!n && is_refusal(errno) && heard) {
				/* The error was about an earlier datagram. */
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
