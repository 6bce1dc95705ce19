/* soundprog: a program of the user's in place of the sound server.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/soundprog.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/livepipe.h"

enum {
	LATENCY = 10000, /* us; a program cannot report it */
	TICK = 5, /* ms between checks whether it takes more */
	LEAD = 1920, /* samples that it may be ahead */
	RATE = 48 /* samples a millisecond */
};

static struct {
	int fd; /* the main process */
	int in, out; /* to the program, from it; -1: that way is over */
	pid_t pid;
	int asked; /* a want is unanswered */
	uint32_t want;
	int64_t began, last, given; /* ms; ms, of the last want; samples */
	size_t n; /* bytes of the unfinished piece */
	struct device_message heard;
} s;

static _Noreturn void
finish(void)
{
	kill(s.pid, SIGTERM);
	_exit(0);
}

static void
start_program(const char *program)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) == -1 || pipe2(from, O_CLOEXEC) == -1 ||
	    (s.pid = fork()) == -1) {
		device_tell(s.fd, 0, X_SYS, "CHAT_SOUND cannot be run");
		_exit(X_SYS);
	}
	if (s.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		signal(SIGPIPE, SIG_DFL);
		if (dup2(to[0], 0) == -1 || dup2(from[1], 1) == -1)
			_exit(X_SYS);
		execl("/bin/sh", "sh", "-c", program, (char *)NULL);
		_exit(X_NONE);
	}
	close(to[0]);
	close(from[1]);
	s.in = to[1];
	s.out = from[0];
	livepipe_pipe(s.in);
}

static int
here(void)
{
	return (s.out != -1 ? DEVICE_MICROPHONE : 0) |
	       (s.in != -1 ? DEVICE_LOUDSPEAKER : 0);
}

/* One direction has ended; after both, so has the program. */
static void
over(int *fd, const char *what)
{
	close(*fd);
	*fd = -1;
	if (here() == 0) {
		device_tell(s.fd, 0, X_SYS, "CHAT_SOUND has ended");
		finish();
	}
	device_tell(s.fd, here(), 0, "the %s is gone", what);
}

static void
hear(void)
{
	size_t whole = DEVICE_PIECE * sizeof(*s.heard.pcm);
	ssize_t n = io_read(s.out, (uint8_t *)s.heard.pcm + s.n, whole - s.n);

	if (n <= 0) {
		over(&s.out, "microphone");
		return;
	}
	s.n += (size_t)n;
	if (s.n < whole)
		return;
	s.n = 0;
	s.heard.kind = DEVICE_HEARD;
	s.heard.n = DEVICE_PIECE;
	s.heard.latency = LATENCY;
	s.heard.time = clock_us() - LATENCY;
	(void)device_send(s.fd, &s.heard);
}

/* The program takes more, and it is time for that. */
static void
ask(void)
{
	struct device_message m = {.kind = DEVICE_WANTS,
	    .n = DEVICE_MOST,
	    .latency = LATENCY,
	    .want = ++s.want};
	int64_t now = clock_ms();

	/* The time of what is missing is past, and the receiver skips it. */
	if (now - s.last > DEVICE_STOPPED)
		s.given = (now - s.began) * RATE;
	s.last = now;
	if (device_send(s.fd, &m) == 0)
		s.asked = 1;
}

static void
answered(void)
{
	struct device_message m;
	int r;

	while ((r = device_answer(s.fd, &m)) == 1) {
		if (m.want != s.want || s.in == -1)
			continue;
		s.asked = 0;
		s.given += m.n;
		if (io_write(s.in, m.pcm, (size_t)m.n * sizeof(*m.pcm)) == -1)
			over(&s.in, "loudspeaker");
	}
	if (r == -1)
		finish();
}

_Noreturn void
soundprog_run(int fd, const struct device_how *how)
{
	enum { MAIN, MICROPHONE, LOUDSPEAKER };
	struct pollfd p[3];
	int due;

	s.fd = fd;
	start_program(how->program);
	if (!(how->wanted & DEVICE_MICROPHONE)) {
		close(s.out);
		s.out = -1;
	}
	if (!(how->wanted & DEVICE_LOUDSPEAKER)) {
		close(s.in);
		s.in = -1;
	}
	device_tell(fd, here(), 0, "%s", "");
	s.began = clock_ms();
	for (;;) {
		due = s.given < (clock_ms() - s.began) * RATE + LEAD;
		p[MAIN] = (struct pollfd){.fd = fd, .events = POLLIN};
		p[MICROPHONE] = (struct pollfd){.fd = s.out, .events = POLLIN};
		p[LOUDSPEAKER] = (struct pollfd){
		    .fd = due && !s.asked ? s.in : -1, .events = POLLOUT};
		(void)io_poll(p, 3,
		    s.in == -1 || s.asked ? INT64_MAX : clock_ms() + TICK);
		if (p[MICROPHONE].revents)
			hear();
		if (p[LOUDSPEAKER].revents & POLLOUT)
			ask();
		else if (p[LOUDSPEAKER].revents)
			over(&s.in, "loudspeaker");
		if (p[MAIN].revents)
			answered();
	}
}
