/* chat-text: lines both ways, between chat-open and chat-seal.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "fds.h"
#include "io.h"
#include "num.h"
#include "sandbox.h"
#include "shown.h"
#include "typed.h"

static const char text[] =
    "chat-text [-qr] [-i fd] [-n name] [-o fd] [-t format]";

static struct typed out; /* from the user to the frames */
static struct shown in = {.how.format = "%H:%M:%S"}; /* and back */
static int qflag, broken, ifd = 3, ofd = 5;
static int person; /* the input is a terminal */
static int listens; /* the input is /dev/null: its end is not a hang-up */

/* A terminal may take less than it seems to, and stop for as long as it likes:
 * an opening of our own can be told not to wait, without a word to those that
 * share the user's. */
static int
own(int fd)
{
	char path[32];
	int mine;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	mine = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return mine == -1 ? fd : mine;
}

/* Who takes the frames is gone, and has said why. */
static void
stop(void)
{
	if (!qflag)
		say("the frames are no longer taken: not all was sent");
	broken = 1;
	out.state = TYPED_DONE;
	out.n = 0;
	close(1);
}

/* The other side has said its end. */
static void
ended(void)
{
	int hangup = in.end == SHOWN_HUNG_UP;

	/* Where our own end was first, theirs is not news; a pipe goes on to
	 * its end in either case. */
	if (!person || out.state != TYPED_OPEN)
		return;
	if (in.how.clear && isatty(2))
		(void)io_write(2, "\r\033[K", 4);
	tell("%s %s", in.how.name,
	    hangup ? "hung up" : "has finished (^D hangs up)");
	if (hangup)
		out.state = TYPED_ENDED;
}

/* Text for the other side, typed and not yet read, is not for the shell. */
static void
discard(void)
{
	(void)tcflush(ifd, TCIFLUSH);
}

/* SIGPIPE is ignored for the frames' sake only. */
static void
die_of_pipe(void (*before)(int))
{
	if (before == SIG_IGN)
		die_sys(X_SYS, "cannot write the output");
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
}

/* Both ways until both ends were said, or the frames broke off.  Each way
 * reads only when nothing of it waits to be written. */
static void
converse(void (*onpipe)(int))
{
	enum { FRAMES_IN, FRAMES_OUT, USER_IN, USER_OUT };
	enum shown_end end;
	struct pollfd p[4];
	struct fault f;

	while (out.state != TYPED_DONE || !in.eof) {
		end = in.end;
		must(shown_fill(&in, &f), &f);
		if (in.end != end)
			ended();
		must(typed_fill(&out, &f), &f);
		if (out.state == TYPED_LAST && out.n == 0) {
			close(1); /* what the frames' taker waits for */
			out.state = TYPED_DONE;
			continue;
		}
		memset(p, 0, sizeof(p));
		p[FRAMES_IN].fd = in.n > 0 || in.eof ? -1 : 0;
		p[FRAMES_OUT].fd = out.state == TYPED_DONE ? -1 : 1;
		p[USER_IN].fd = out.n > 0 || out.state != TYPED_OPEN ? -1 : ifd;
		p[USER_OUT].fd = in.n > 0 ? ofd : -1;
		p[FRAMES_IN].events = p[USER_IN].events = POLLIN;
		p[FRAMES_OUT].events = out.n > 0 ? POLLOUT : 0;
		p[USER_OUT].events = POLLOUT;
		if (poll(p, 4, -1) == -1) {
			if (errno != EINTR)
				die_sys(X_SYS, "cannot wait");
			continue;
		}
		if (p[USER_IN].revents)
			must(typed_read(&out, ifd, &f), &f);
		if (p[USER_IN].revents && out.state == TYPED_ENDED)
			out.hangup = !listens;
		if (p[FRAMES_IN].revents)
			must(shown_read(&in, 0, &f), &f);
		if (in.eof && in.end == SHOWN_NO_END)
			return;
		if (p[FRAMES_OUT].revents & POLLOUT
		        ? must(typed_write(&out, 1, &f), &f)
		        : p[FRAMES_OUT].revents)
			stop();
		if (p[USER_OUT].revents && must(shown_write(&in, ofd, &f), &f))
			die_of_pipe(onpipe);
	}
}

int
main(int argc, char *argv[])
{
	const char *name = getenv("CHAT_PEER"), *term = getenv("TERM");
	void (*onpipe)(int);
	struct stat st;
	long fd;
	int c;

	prog_start(argv[0]);
	while ((c = getopt(argc, argv, "qri:n:o:t:")) != -1)
		switch (c) {
		case 'q':
			qflag = 1;
			break;
		case 'r':
			in.how.raw = 1;
			break;
		case 't':
			in.how.format = optarg;
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
	if (strlen(in.how.format) > SHOW_FORMAT)
		die(X_USE, "-t: the format is too long");
	if (!fds_open(ifd) || !fds_open(ofd))
		die(X_USE, "descriptor %d is not open",
		    fds_open(ifd) ? ofd : ifd);
	show_name(&in.how, name);
	person = isatty(ifd);
	if (person && atexit(discard) != 0)
		die(X_SYS, "no memory");
	listens = !person && fstat(ifd, &st) == 0 && S_ISCHR(st.st_mode);
	in.how.clear = person && isatty(ofd) && !in.how.raw && term && *term &&
	               strcmp(term, "dumb") != 0;
	if (isatty(ofd))
		ofd = own(ofd);
	tzset(); /* reads files */
	sandbox();
	onpipe = signal(SIGPIPE, SIG_IGN);
	converse(onpipe);
	if (in.end == SHOWN_NO_END && qflag)
		return X_PEER;
	if (in.end == SHOWN_NO_END)
		die(X_PEER, "%s broke off the conversation", in.how.name);
	return broken ? X_SYS : 0;
}
