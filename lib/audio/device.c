/* device: a microphone and a loudspeaker, in a process of their own.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "audio/device.h"
#include "audio/pulse.h"
#include "audio/soundprog.h"
#include "base/fd.h"

enum { SOCKET = 3 };

/* Close what the main process holds open: pipe ends would hide its end. */
static _Noreturn void
be_device(int fd, const struct device_how *how)
{
	int null = open("/dev/null", O_RDWR);

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* ^C and ^\ are for the main process, which ends this one. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (null == -1 || dup2(null, 0) == -1 || dup2(null, 1) == -1 ||
	    (fd != SOCKET && dup2(fd, SOCKET) == -1))
		_exit(X_SYS);
	(void)fd_cloexec(SOCKET, 1);
	close_range(SOCKET + 1, ~0u, 0);
	if (how->program)
		soundprog_run(SOCKET, how);
	pulse_run(SOCKET, how);
}

int
device_open(const struct device_how *how, struct fault *f)
{
	int pair[2], ours;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return fault_sys(f, X_SYS, "socketpair");
	pid = fork();
	if (pid == -1)
		return fault_sys(f, X_SYS, "fork");
	if (pid == 0)
		be_device(pair[1], how);
	close(pair[1]);
	ours = fd_high(pair[0]);
	return ours == -1 ? fault_sys(f, X_SYS, "dup") : ours;
}

/* How many bytes of the message are sent. */
static size_t
length(const struct device_message *m)
{
	size_t head = offsetof(struct device_message, pcm);

	if (m->kind == DEVICE_NEWS)
		return head + strlen(m->text) + 1;
	return head +
	       (m->kind == DEVICE_WANTS ? 0 : (size_t)m->n * sizeof(*m->pcm));
}

int
device_send(int fd, const struct device_message *m)
{
	return send(fd, m, length(m), MSG_DONTWAIT | MSG_NOSIGNAL) == -1 ? -1
	                                                                 : 0;
}

void
device_tell(int fd, int here, int code, const char *fmt, ...)
{
	struct device_message m = {
	    .kind = DEVICE_NEWS, .here = here, .code = code, .anew = 1};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m.text, sizeof(m.text), fmt, ap);
	va_end(ap);
	(void)device_send(fd, &m);
}

/* Receive a whole message: 1, 0, or -1. */
static int
receive(int fd, struct device_message *m)
{
	size_t head = offsetof(struct device_message, pcm);
	ssize_t n = recv(fd, m, sizeof(*m), MSG_DONTWAIT);

	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if ((size_t)n < head || m->n < 0 || m->n > DEVICE_PIECE ||
	    (size_t)n != length(m))
		return -1;
	return 1;
}

int
device_read(int fd, struct device_message *m, struct fault *f)
{
	int r;

	/* length() needs a NUL. */
	m->text[DEVICE_TEXT - 1] = '\0';
	r = receive(fd, m);
	if (r == -1)
		return fault(f, X_SYS, "the sound devices' process has ended");
	if (r == 1 && m->kind == DEVICE_NEWS && m->code)
		return fault(f, m->code, "%s", m->text);
	return r;
}

void
device_give(int fd, struct device_message *m)
{
	m->kind = DEVICE_GIVEN;
	(void)device_send(fd, m);
}

int
device_answer(int fd, struct device_message *m)
{
	int r = receive(fd, m);

	return r == 1 && m->kind != DEVICE_GIVEN ? -1 : r;
}
