/* chat-text: exchange lines, between chat-open and chat-seal.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"
#include "base/vis.h"
#include "mux/input.h"
#include "mux/journal.h"
#include "mux/output.h"
#include "sandbox/seccomp.h"
#include "term/editor.h"
#include "term/mode.h"

static const char text[] =
    "chat-text [-aBcqrsy] [-i fd] [-L file] [-n name] [-o fd] [-t format]";

enum {
	ANSWER_MS = 3000, /* in a call, from our end to the peer's */
	FAREWELL_MS = 2500, /* for the peer's end, after a signal */
	RECEIPT_MS = 200, /* least, between two receipts */
	LINE_MS = 1000, /* least, between two bells for lines */
	BELL_MS = 2000,
	RING_MS = 60000, /* for a person to answer */
	LATE_MS = 15000, /* later, so that the caller learns that first */
	PATIENT_MS = 1000, /* then the caller is told that the call rings */
	FLUSH_MS = 500 /* for the terminal to take the last bytes */
};

static struct input out; /* from the user into frames */
static struct output in = {.how.format = "%H:%M:%S"}; /* and back */
static struct render_how own_line = {.own = 1};
static int qflag, broken, ifd, ofd;
static int call; /* of media: the input's end does not end it */
static int64_t end_by = INT64_MAX; /* the peer's end must have come by then */
static int person; /* the input is a terminal */
static int listens; /* the input is /dev/null, whose end is not a hang-up */

/* With -a a call must be answered first. */
static enum { TALKS, RINGS, WAITS, OVER } stage; /* OVER: it was not */
static int64_t ring_by, next; /* deadline for the answer, next bell or text */
static time_t called; /* when the call came */
static int silent; /* no bell */
static int start_fd = -1; /* chat-join -w waits here for how it was answered */
static int unanswered; /* the exit code if the call was not answered */
static struct fault f;
static struct journal journal; /* -L */

/* At a terminal. */
static int bell; /* -B */
static int64_t bell_next; /* not before this time */
static char today[48]; /* `-- Friday, 27 November 2026 --`; empty: not yet */
static struct editor editor;
static uint32_t told; /* the peer's lines whose receipts were sent */
static int64_t tell_next; /* not before this time */
static int tell_waits; /* wait until that time only */
static int editing, gone; /* gone: the terminal was closed */
static char notice[1200]; /* to be shown above the line */
static size_t notice_n;
static int finishing; /* hang up once all input here was read */
static int dying; /* a signal ends the program when the peer has ended, */
static int64_t farewell; /* or at this time */

/* A terminal may accept less than poll(2) says, and block for long.  Open it
 * anew: O_NONBLOCK would affect all programs that share the user's
 * descriptor. */
static int
own(int fd)
{
	char path[32];
	int mine;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	mine = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return mine == -1 ? fd : mine;
}

/* Write what waits for the screen, once. */
static void
screen_write(void)
{
	const char *p;
	ssize_t put;
	size_t n;

	p = editor_out(&editor, &n);
	put = p && !gone ? write(ofd, p, n) : (ssize_t)n;
	gone |= put == -1 && errno != EAGAIN && errno != EINTR;
	if (put > 0)
		editor_wrote(&editor, (size_t)put);
}

/* Clear the row, and restore the terminal's mode. */
static void
screen_leave(void)
{
	int64_t until = clock_ms() + FLUSH_MS;
	size_t n;

	if (!editing)
		return;
	editor_leave(&editor);
	while (editor_out(&editor, &n) && !gone &&
	       io_wait(ofd, POLLOUT, until) > 0)
		screen_write();
	mode_restore();
}

/* Return r, unless it is -1: then end with the fault. */
static int
check(int r)
{
	if (r == -1) {
		screen_leave();
		die_fault(&f);
	}
	return r;
}

/* As tell, but above the row, if one is drawn. */
__attribute__((format(printf, 1, 2))) static void
announce(const char *fmt, ...)
{
	char raw[RENDER_NAME + 100];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	if (!editing || !isatty(2)) {
		tell("%s", raw);
		return;
	}
	notice_n += vis_text(
	    notice + notice_n, sizeof(notice) - 1 - notice_n, raw, strlen(raw));
	notice[notice_n++] = '\n';
}

/* Write both sides' lines to the journal (-L). */
static void
keep(int own, const struct message *m)
{
	if (journal_line(&journal, own, m) == -1)
		announce(
		    "the log is not written any further: %s", strerror(errno));
}

static void
keep_theirs(const struct message *m)
{
	keep(0, m);
}

static void
keep_ours(const struct message *m)
{
	keep(1, m);
}

/* Set today.  1 if the day has changed since the last call, else 0. */
static int
new_day(void)
{
	char was[sizeof(today)];
	/* The clock of a message's time: that of time() is some ms behind. */
	time_t now = (time_t)(clock_wall_us() / 1000000);
	struct tm tm;

	memcpy(was, today, sizeof(was));
	if (!localtime_r(&now, &tm) ||
	    strftime(today, sizeof(today), "-- %A, %d %B %Y --\n", &tm) == 0)
		return 0;
	return strcmp(was, today) != 0;
}

/* Before a line is shown at a terminal: announce a new day, and ring if the
 * peer wrote the line. */
static void
begin_line(int own_one)
{
	int rings = bell && !own_one && clock_ms() >= bell_next;
	int day = *today && new_day();

	if (day && editing)
		editor_above(&editor, today, strlen(today));
	else if (day)
		(void)!write(ofd, today, strlen(today));
	if (rings)
		bell_next = clock_ms() + LINE_MS;
	if (!own_one && editing)
		editor_call(&editor, in.how.name, rings);
	else if (rings)
		(void)!write(ofd, "\a", 1);
}

/* The reader of our frames has gone, and has said why. */
static void
stop(void)
{
	if (!qflag)
		announce("chat-text: the reader of the frames has gone: "
		         "not all was sent");
	if (editing)
		editor_leave(&editor);
	broken = 1;
	out.state = INPUT_DONE;
	out.n = 0;
	close(1);
}

/* End our side, as after ^D. */
static void
hang_up(void)
{
	if (out.state != INPUT_OPEN)
		return;
	if (stage != TALKS)
		stage = OVER;
	out.state = INPUT_ENDED;
	out.hangup = 1;
	if (editing)
		editor_leave(&editor);
}

/* Tell chat-join -w how the call was answered. */
static void
rung(char how)
{
	if (start_fd != -1) {
		(void)io_write(start_fd, &how, 1);
		close(start_fd);
		start_fd = -1;
	}
}

static void
answer(void)
{
	if (stage == RINGS)
		(void)input_receipt(&out, UINT32_MAX);
	if (stage == WAITS && next == INT64_MAX)
		announce("%s answers", in.how.name);
	stage = TALKS;
	rung(CHAT_ANSWERED);
}

/* From now on only wait for both ends. */
static void
give_up(int code)
{
	unanswered = code;
	rung(CHAT_UNANSWERED);
	hang_up();
}

/* The call was not answered. */
static void
tell_missed(void)
{
	const char *purpose = getenv(CHAT_PURPOSE);
	char at[8];

	strftime(at, sizeof(at), "%H:%M", localtime(&called));
	if (purpose && *purpose)
		announce("%s called at %s (%s)", in.how.name, at, purpose);
	else
		announce("%s called at %s", in.how.name, at);
}

/* Ring, and print messages, until the call is answered. */
static void
ring(void)
{
	int64_t now = clock_ms();

	if (stage == WAITS && now >= ring_by) {
		announce("%s does not answer", in.how.name);
		give_up(X_PEER);
	} else if (stage == RINGS && now >= ring_by) {
		tell_missed();
		give_up(X_TIME);
	} else if (stage == WAITS && now >= next) {
		announce("waiting for %s to answer", in.how.name);
		next = INT64_MAX;
	} else if (stage == RINGS && now >= next) {
		if (isatty(ofd) && !silent)
			(void)!write(ofd, "\a", 1);
		next = now + BELL_MS;
	}
}

/* The peer has sent its end. */
static void
ended(void)
{
	int hangup = in.end == OUTPUT_HUNG_UP;

	/* If we ended first, its end was expected.  A piped input is sent to
	 * its end in both cases. */
	if (out.state != INPUT_OPEN)
		return;
	if (stage == RINGS) {
		tell_missed();
		give_up(X_TIME);
		return;
	}
	if (stage == WAITS) {
		announce("%s does not answer", in.how.name);
		give_up(X_PEER);
		return;
	}
	if (call) {
		announce("%s hung up", in.how.name);
		out.state = INPUT_ENDED;
		return;
	}
	if (!person)
		return;
	announce("%s %s", in.how.name,
	    hangup ? "hung up" : "has finished (^D hangs up)");
	if (hangup)
		out.state = INPUT_ENDED;
}

/* SIGPIPE was ignored only for the frames' sake. */
static void
die_of_pipe(void (*before)(int))
{
	if (before == SIG_IGN)
		die_sys(X_SYS, "cannot write the output");
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
}

static void
die_of(int sig)
{
	screen_leave();
	mode_discard();
	die_as(sig, "chat-text");
}

/* A person who presses ^C or closes the window hangs up.  Wait a while, so that
 * the peer gets our end. */
static void
die_after_end(int sig)
{
	if (dying && (sig != SIGINT || dying != SIGINT))
		return;
	if (dying || out.state != INPUT_OPEN)
		die_of(sig);
	dying = sig;
	farewell = clock_ms() + FAREWELL_MS;
	hang_up();
}

static void
signals(void)
{
	int sig;

	while ((sig = mode_signal()) != 0)
		switch (sig) {
		case SIGTSTP:
			screen_leave();
			if (mode_stop() == 0 && out.state == INPUT_OPEN &&
			    !editor_ended(&editor))
				editor_enter(&editor);
			/* fall through */
		case SIGCONT:
			mode_again();
			/* fall through */
		case SIGWINCH:
			editor_resize(&editor, mode_columns(ofd));
			break;
		case SIGINT:
		case SIGHUP:
			die_after_end(sig);
			break;
		case SIGTERM:
			if (stage == RINGS)
				give_up(X_PEER);
			finishing = call;
			if (call || unanswered)
				break;
			/* fall through */
		default:
			die_of(sig);
		}
	if (gone && !dying && out.state == INPUT_OPEN)
		die_after_end(SIGHUP);
	if (dying && clock_ms() >= farewell)
		die_of(dying);
}

/* The first line answers the call; it is not sent or shown. */
static void
read_answer(void)
{
	const struct past_line *l = editor_next(&editor, PAST_SENDER);

	if (l && (*l->text == 'y' || *l->text == 'Y'))
		answer();
	else if (l || editor_ended(&editor))
		give_up(X_PEER);
	if (l)
		(void)editor_next(&editor, PAST_SCREEN);
}

/* Turn input into frames; a caller's only after the answer. */
static void
send_lines(void)
{
	const struct past_line *l;

	if (stage == RINGS && editing)
		read_answer();
	if (stage == WAITS && editing && editor_ended(&editor))
		hang_up();
	check(input_fill(&out, &f));
	while (stage == TALKS && editing && out.state == INPUT_OPEN &&
	       input_idle(&out)) {
		l = editor_next(&editor, PAST_SENDER);
		if (l)
			input_line(&out, l->text, l->n, l->time);
		else if (!editor_ended(&editor))
			return;
		else
			out.state = INPUT_ENDED;
		out.hangup = out.state == INPUT_ENDED;
		check(input_fill(&out, &f));
	}
}

/* Fetch the next line to show; the user's own lines first. */
static void
show_next_line(void)
{
	const struct past_line *l;
	enum output_end end = in.end;
	uint32_t lines = in.lines;
	struct message m = {0};

	if (editing && in.n == 0 && !render_busy(&in.show)) {
		l = editor_next(&editor, PAST_SCREEN);
		if (l) {
			m.data = (const uint8_t *)l->text;
			m.n = l->n;
			m.time = l->time;
			render_begin(&in.show, &own_line, &m);
			begin_line(1);
		}
	}
	check(output_fill(&in, &f));
	while (stage == OVER && in.n > 0) {
		in.n = 0;
		check(output_fill(&in, &f));
	}
	if (in.lines != lines && isatty(ofd) && stage != OVER)
		begin_line(0);
	if (stage == WAITS && (in.receipts || in.lines > 0))
		answer();
	if (in.end != end)
		ended();
}

/* 1 if the peer's lines may be shown: not while it rings. */
static int
withheld(void)
{
	return stage == RINGS && in.n > 0;
}

/* Give the editor what is to be shown, while the screen takes it.  1 when all
 * is shown. */
static int
show_lines(void)
{
	size_t n;

	while (editor_out(&editor, &n),
	    n <= EDITOR_ABOVE - sizeof(in.buf) - sizeof(today)) {
		if (!render_busy(&in.show) && notice_n > 0) {
			editor_above(&editor, notice, notice_n);
			notice_n = 0;
			continue;
		}
		if (!withheld())
			show_next_line();
		if ((in.n == 0 || withheld()) && notice_n > 0)
			continue;
		if (in.n == 0 || withheld()) {
			editor_draw(&editor);
			return in.n == 0;
		}
		editor_above(&editor, in.buf, in.n);
		in.n = 0;
	}
	return 0;
}

/* Input came from the user, or its end. */
static void
read_user(void)
{
	char keys[4096];
	ssize_t n;

	if (!editing && stage == RINGS) {
		n = read(ifd, keys, sizeof(keys));
		if (n > 0 && (*keys == 'y' || *keys == 'Y'))
			answer();
		else if (n != -1 || (errno != EINTR && errno != EAGAIN))
			give_up(X_PEER);
		return;
	}
	if (!editing) {
		check(input_read(&out, ifd, &f));
		if (out.state == INPUT_ENDED && call && !person) {
			out.state = INPUT_OPEN;
			ifd = -1;
		}
		if (out.state == INPUT_ENDED)
			out.hangup = !listens;
		return;
	}
	n = read(ifd, keys, sizeof(keys));
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		gone = 1;
	else if (editor_keys(
	             &editor, keys, (size_t)n, (uint64_t)clock_wall_us()) == -1)
		check(fault_memory(&f));
	if (editor_ended(&editor))
		editor_leave(&editor);
}

static void
write_user(void (*onpipe)(int))
{
	if (editing)
		screen_write();
	else if (check(output_write(&in, ofd, &f)))
		die_of_pipe(onpipe);
}

/* All lines here are shown: send a receipt for the peer's, and use its receipts
 * for ours. */
static void
receipts(int shown)
{
	int64_t now = clock_ms();

	if (in.receipts)
		receipts_confirm(&out.receipts, in.receipt);
	tell_waits = 0;
	if (!shown || gone || in.lines == told)
		return;
	tell_waits = now < tell_next && out.state < INPUT_LAST;
	if (now < tell_next)
		return;
	if (input_receipt(&out, in.lines - 1)) {
		told = in.lines;
		tell_next = now + RECEIPT_MS;
	}
}

/* After a cut, name our lines that may be lost. */
static void
tell_lost(void)
{
	const struct receipts *r = &out.receipts;
	uint32_t left = receipts_left(r), back;
	const char *p;
	size_t n;

	if (left == 0)
		return;
	if (left == 1)
		tell("the last line may not have arrived:");
	else
		tell("the last %u lines may not have arrived%s", (unsigned)left,
		    left > RECEIPTS_KEPT ? ", the newest of them:" : ":");
	for (back = left < RECEIPTS_KEPT ? left : RECEIPTS_KEPT; back > 0;
	     back--) {
		p = receipts_line(r, back, &n);
		tell("> %.*s", (int)n, p);
	}
}

/* When to act next, if no event comes. */
static int64_t
due(void)
{
	int64_t until = dying ? farewell : end_by;

	if (stage == RINGS || stage == WAITS)
		until = next < ring_by ? next : ring_by;
	return tell_waits && tell_next < until ? tell_next : until;
}

/* Run until both sides have ended, or the frames broke off.  Each direction
 * reads only when all it has read before is written. */
static void
converse(void (*onpipe)(int))
{
	enum { FRAMES_IN, FRAMES_OUT, USER_IN, USER_OUT };
	int shown = 1, typing, waits, rings;
	enum input_state state;
	struct pollfd p[4];
	size_t n;

	for (;;) {
		signals();
		ring();
		send_lines();
		if (out.state == INPUT_LAST && out.n == 0) {
			close(1); /* the reader of our frames waits for it */
			out.state = INPUT_DONE;
			if ((call || unanswered) && in.end == OUTPUT_NO_END)
				end_by = clock_ms() + ANSWER_MS;
		}
		if (in.end == OUTPUT_NO_END && clock_ms() >= end_by)
			return;
		state = out.state;
		rings = stage;
		if (editing)
			shown = show_lines();
		else if (!withheld())
			show_next_line();
		if (state != out.state || rings != (int)stage)
			continue; /* more frames may fit */
		waits = editing ? editor_out(&editor, &n) != NULL
		                : in.n > 0 && !withheld();
		shown = editing ? shown : in.n == 0;
		/* Frames that wait may hold the peer's end: then we do not hang
		 * up. */
		if (finishing && (!shown || in.eof || !io_wait(0, POLLIN, 0))) {
			finishing = 0;
			hang_up();
			continue;
		}
		receipts(shown && !waits);
		if (in.eof && shown && !waits &&
		    (out.state == INPUT_DONE || in.end == OUTPUT_NO_END))
			return;
		typing = out.state == INPUT_OPEN &&
		         (editing ? !editor_full(&editor)
		                  : out.n == 0 && stage != WAITS);
		memset(p, 0, sizeof(p));
		p[FRAMES_IN].fd = shown && !in.eof ? 0 : -1;
		p[FRAMES_OUT].fd = out.state == INPUT_DONE ? -1 : 1;
		p[USER_IN].fd = typing && !gone ? ifd : -1;
		p[USER_OUT].fd = waits ? ofd : -1;
		p[FRAMES_IN].events = p[USER_IN].events = POLLIN;
		p[FRAMES_OUT].events = out.n > 0 ? POLLOUT : 0;
		p[USER_OUT].events = POLLOUT;
		if (mode_wait(p, 4, io_left(due())) == -1) {
			if (errno != EINTR)
				check(fault_sys(&f, X_SYS, "cannot wait"));
			continue;
		}
		if (p[USER_IN].revents)
			read_user();
		if (p[FRAMES_IN].revents)
			check(output_read(&in, 0, &f));
		if (p[FRAMES_OUT].revents & POLLOUT
		        ? check(input_write(&out, 1, &f))
		        : p[FRAMES_OUT].revents)
			stop();
		if (p[USER_OUT].revents)
			write_user(onpipe);
	}
}

/* Start a line editor, if a person's terminal has all that it needs. */
static void
edit(void)
{
	const char *term = getenv("TERM");

	if (!person || !isatty(ofd) || in.how.raw || !term || !*term ||
	    strcmp(term, "dumb") == 0)
		return;
	/* Needed for characters' widths; the text is UTF-8 in any case. */
	if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1)
		(void)setlocale(LC_CTYPE, "C.UTF-8");
	if (mode_edit(ifd) == -1)
		return;
	editing = 1;
	own_line.format = in.how.format;
	editor_begin(&editor, mode_columns(ofd), FRAME_MESSAGE);
	editor_enter(&editor);
}

/* Begin with the answer: at the listener from a person, unless yes; at the
 * caller from the peer. */
static void
begin_ringing(int yes)
{
	const char *role = getenv(CHAT_ROLE), *start = getenv(CHAT_START_FD);
	const char *purpose = getenv(CHAT_PURPOSE);
	int caller = role && strcmp(role, "initiator") == 0;

	if (!caller && (!role || strcmp(role, "responder") != 0))
		die(X_USE, "-a: " CHAT_ROLE " does not say who called");
	if (!caller && !yes && !person)
		die(X_USE, "-a: no terminal to answer at: -y answers at once");
	if (start)
		start_fd = prog_fd('a', start);
	called = time(NULL);
	stage = caller ? WAITS : RINGS;
	next = clock_ms() + (caller ? PATIENT_MS : 0);
	ring_by = clock_ms() + RING_MS + (caller ? LATE_MS : 0);
	if (caller || yes)
		return;
	announce("%s calls%s%s. Answer? [y/N]", in.how.name,
	    purpose && *purpose ? ": " : "", purpose ? purpose : "");
}

int
main(int argc, char *argv[])
{
	const char *name = getenv(CHAT_PEER);
	void (*onpipe)(int);
	const char *opt[128] = {0};
	struct stat st;

	prog_start(argv[0]);
	if (prog_options(opt, argc, argv, "aBcL:qrsyi:n:o:t:", text) < argc)
		usage(text);
	bell = opt['B'] != NULL;
	call = opt['c'] != NULL;
	qflag = opt['q'] != NULL;
	silent = opt['s'] != NULL;
	in.how.raw = opt['r'] != NULL;
	if (opt['t'])
		in.how.format = opt['t'];
	if (opt['n'])
		name = opt['n'];
	ifd = prog_fd('i', opt['i'] ? opt['i'] : "3");
	ofd = prog_fd('o', opt['o'] ? opt['o'] : "5");
	if (strlen(in.how.format) > RENDER_FORMAT)
		die(X_USE, "-t: the format is too long");
	vis_terminal(ofd);
	render_name(&in.how, name);
	if (opt['L']) {
		must(journal_open(&journal, opt['L'], name, &f), &f);
		in.said = keep_theirs;
		out.said = keep_ours;
	}
	person = isatty(ifd);
	/* Discard unread input, so that the shell does not get it. */
	if (atexit(mode_discard) != 0 || atexit(mode_restore) != 0)
		die_memory();
	listens = !person && fstat(ifd, &st) == 0 && S_ISCHR(st.st_mode);
	tzset(); /* reads files, so before the cage */
	if (isatty(ofd) && !in.how.raw && *in.how.format)
		(void)new_day();
	if (opt['a']) {
		/* Both expect the call if they called each other
		 * (chat-meet). */
		if (getenv(CHAT_HOST))
			opt['y'] = "";
		begin_ringing(opt['y'] != NULL);
	}
	edit();
	if ((person || call) && !editing)
		mode_hold(ifd);
	if (call)
		mode_hold_term();
	if (isatty(ofd))
		ofd = own(ofd);
	prog_caged(seccomp_enter(person ? MAY_TERMINAL : 0, -1), "seccomp");
	onpipe = signal(SIGPIPE, SIG_IGN);
	if (stage == RINGS && opt['y'])
		answer();
	converse(onpipe);
	screen_leave();
	editing = 0;
	if (stage == RINGS)
		tell_missed();
	if (dying)
		die_of(dying);
	if (unanswered)
		return unanswered;
	if (in.end == OUTPUT_NO_END || broken)
		tell_lost();
	if (in.end == OUTPUT_NO_END && qflag)
		return X_PEER;
	if (in.end == OUTPUT_NO_END && !in.eof)
		die(X_PEER, "%s did not end", in.how.name);
	if (in.end == OUTPUT_NO_END)
		die(X_PEER, "%s broke off the conversation", in.how.name);
	return broken ? X_SYS : 0;
}
