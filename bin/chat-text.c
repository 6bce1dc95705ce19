/* chat-text: lines both ways, between chat-open and chat-seal.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cut.h"
#include "die.h"
#include "fds.h"
#include "io.h"
#include "gather.h"
#include "num.h"
#include "show.h"
#include "tick.h"
#include "whole.h"

static const char text[] =
    "chat-text [-qr] [-t format] [-n name] [-i fd] [-o fd]";

static struct show_how how = {.format = "%H:%M:%S"};
static int qflag, person; /* person: -i is a terminal */
static int ifd = 3, ofd = 5;

/* From the user to the frames. */
static struct {
	struct gather gather;
	struct cut cut;
	uint8_t buf[FRAME_MAX]; /* frames, in one write that cannot block */
	size_t at, n;
	uint32_t number;
	uint64_t time; /* when the newest byte was read */
	int done; /* 1: all was read, 2: so was said, 3: the frames are shut */
	int hangup, broken;
} out;

/* From the frames to the user. */
static struct {
	struct whole whole;
	struct show show;
	uint8_t raw[16384];
	const uint8_t *p;
	size_t left;
	char buf[4096]; /* fits into a pipe that polls writable */
	size_t at, n;
	int end, eof;
} in = {.whole.wanted = "t"};

/* Frames into out.buf, as many as there are and fit. */
static void
fill(void)
{
	struct message m = {.kind = FRAME_TEXT};
	size_t n;
	int r;

	while (out.done < 2) {
		n = cut_next(&out.cut, out.buf + out.n, FRAME_MAX - out.n);
		out.n += n;
		if (n > 0)
			continue;
		if (cut_left(&out.cut) > 0)
			return;
		r = gather_line(&out.gather, &m.data, &m.n);
		if (r == -1 && out.n > 0)
			return;
		if (r == -1)
			die(X_USE, "a line is longer than %u bytes",
			    FRAME_MESSAGE);
		if (r == 0 && out.done == 0)
			return;
		if (r == 0 && (m.n = gather_rest(&out.gather, &m.data)) == 0)
			break;
		m.number = out.number++;
		m.time = out.time;
		cut_begin(&out.cut, &m, FRAME_DATA);
	}
	if (out.done == 1 && FRAME_MAX - out.n >= FRAME_HEAD) {
		m = (struct message){.kind = FRAME_END,
		    .flags = out.hangup ? FRAME_HANGUP : 0,
		    .time = (uint64_t)tick_wall_us()};
		cut_begin(&out.cut, &m, FRAME_DATA);
		out.n += cut_next(&out.cut, out.buf + out.n, FRAME_HEAD);
		out.done = 2;
	}
}

/* What the user typed. */
static void
take(int fd)
{
	size_t room;
	uint8_t *p = gather_room(&out.gather, &room);
	ssize_t n;

	if (!p)
		die_sys(X_SYS, "no memory for a long line");
	n = read(fd, p, room);
	if (n == -1 && errno != EINTR && errno != EAGAIN)
		die_sys(X_SYS, "cannot read the input");
	if (n == -1)
		return;
	out.time = (uint64_t)tick_wall_us();
	gather_add(&out.gather, (size_t)n);
	if (n == 0) {
		out.done = 1;
		out.hangup = person;
	}
}

/* The one who takes the frames is gone and has said why. */
static void
broken(void)
{
	if (!qflag)
		say("the frames are no longer taken: not all was sent");
	out.broken = 1;
	out.done = 3;
	out.n = out.at = 0;
	close(1);
}

static void
give(void)
{
	ssize_t n = write(1, out.buf + out.at, out.n - out.at);

	if (n == -1 && errno == EPIPE)
		broken();
	else if (n == -1 && errno != EINTR && errno != EAGAIN)
		die_sys(X_SYS, "cannot write frames");
	if (n <= 0)
		return;
	out.at += (size_t)n;
	if (out.at == out.n)
		out.at = out.n = 0;
}

/* The other side's end. */
static void
ended(const struct message *m)
{
	int hangup = m->flags & FRAME_HANGUP;

	in.end = 1;
	if (how.clear)
		(void)io_write(ofd, "\r\033[K", 4);
	if (hangup || (person && out.done == 0))
		tell("%s %s", how.name, hangup ? "hung up" : "has finished");
	if (hangup && person && out.done == 0)
		out.done = 1;
}

/* The next of what is to be shown into in.buf. */
static void
show(void)
{
	struct message m;
	struct fault f;
	int r;

	while ((in.n = show_next(&in.show, in.buf, sizeof(in.buf))) == 0) {
		r = whole_feed(&in.whole, &in.p, &in.left, &m, &f);
		if (r == -1)
			die_fault(&f);
		if (r == 0)
			return;
		if (m.kind == FRAME_END)
			ended(&m);
		else
			show_begin(&in.show, &how, &m);
	}
}

static void
receive(void)
{
	ssize_t n = read(0, in.raw, sizeof(in.raw));

	if (n == -1 && errno != EINTR && errno != EAGAIN)
		die_sys(X_SYS, "cannot read frames");
	if (n == -1)
		return;
	in.p = in.raw;
	in.left = (size_t)n;
	in.eof = n == 0;
	if (in.eof && !in.end && qflag)
		exit(X_PEER);
	if (in.eof && !in.end)
		die(X_PEER, "%s broke off the conversation", how.name);
}

/* SIGPIPE is ignored for the frames' sake, but not for the user's output. */
static void
put(int fd, void (*onpipe)(int))
{
	ssize_t n = write(fd, in.buf + in.at, in.n - in.at);

	if (n == -1 && errno == EPIPE && onpipe != SIG_IGN) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	if (n == -1 && errno != EINTR && errno != EAGAIN)
		die_sys(X_SYS, "cannot write the output");
	if (n <= 0)
		return;
	in.at += (size_t)n;
	if (in.at == in.n)
		in.at = in.n = 0;
}

int
main(int argc, char *argv[])
{
	enum { FRAMES_IN, FRAMES_OUT, USER_IN, USER_OUT };
	struct pollfd p[4];
	const char *name = NULL, *term = getenv("TERM");
	void (*onpipe)(int);
	long fd;
	int c;

	prog_start(argv[0]);
	while ((c = getopt(argc, argv, "qrt:n:i:o:")) != -1)
		switch (c) {
		case 'q':
			qflag = 1;
			break;
		case 'r':
			how.raw = 1;
			break;
		case 't':
			how.format = optarg;
			break;
		case 'n':
			name = optarg;
			break;
		case 'i':
		case 'o':
			if (num_parse(optarg, 2, 65535, &fd) == -1)
				die(X_USE, "-%c: not a descriptor: %s", c,
				    optarg);
			*(c == 'i' ? &ifd : &ofd) = (int)fd;
			break;
		default:
			usage(text);
		}
	if (optind < argc)
		usage(text);
	if (strlen(how.format) > SHOW_FORMAT)
		die(X_USE, "-t: the format is too long");
	if (!fds_open(ifd) || !fds_open(ofd))
		die(X_USE, "descriptor %d is not open",
		    fds_open(ifd) ? ofd : ifd);
	show_name(&how, name);
	person = isatty(ifd);
	how.clear = person && isatty(ofd) && !how.raw && term && *term &&
	            strcmp(term, "dumb") != 0;
	tzset();
	onpipe = signal(SIGPIPE, SIG_IGN);

	while (out.done < 3 || !in.eof) {
		fill();
		if (out.done == 2 && out.n == 0) {
			close(1); /* what the frames' taker waits for */
			out.done = 3;
			continue;
		}
		if (in.n == 0)
			show();
		p[FRAMES_IN] = (struct pollfd){.fd = 0, .events = POLLIN};
		p[FRAMES_OUT] =
		    (struct pollfd){.fd = 1, .events = out.n > 0 ? POLLOUT : 0};
		p[USER_IN] = (struct pollfd){.fd = ifd, .events = POLLIN};
		p[USER_OUT] = (struct pollfd){.fd = ofd, .events = POLLOUT};
		if (in.n > 0 || in.eof)
			p[FRAMES_IN].fd = -1;
		if (out.done == 3)
			p[FRAMES_OUT].fd = -1;
		if (out.n > 0 || out.done > 0)
			p[USER_IN].fd = -1;
		if (in.n == 0)
			p[USER_OUT].fd = -1;
		if (poll(p, 4, -1) == -1 && errno != EINTR)
			die_sys(X_SYS, "cannot wait");
		if (p[FRAMES_OUT].revents & POLLOUT)
			give();
		else if (p[FRAMES_OUT].revents)
			broken();
		if (p[USER_OUT].revents)
			put(ofd, onpipe);
		if (p[FRAMES_IN].revents)
			receive();
		if (p[USER_IN].revents)
			take(ifd);
	}
	return out.broken ? X_SYS : 0;
}
