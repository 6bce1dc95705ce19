/* chat-link: several programs' frames over one path that loses, ranked.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/be.h"
#include "base/chat.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"
#include "link/lane.h"
#include "link/portin.h"
#include "link/portout.h"
#include "link/report.h"
#include "sandbox/seccomp.h"

#define USAGE                                                                  \
	"chat-link [-eqv] [-s fd] [-w fd] -i [B=]fd [-i fd ...] -o kinds=fd "  \
	"..."

enum {
	PORTS = 8, /* each way */
	NUMBER_AT = 4, /* in a frame's header */
	COUNTED = LANE_KIND(FRAME_TEXT) | LANE_KIND(FRAME_BYTES),
	LIVE = LANE_KIND(FRAME_AUDIO) | LANE_KIND(FRAME_IVF) |
	       LANE_KIND(FRAME_JPEG) | LANE_KIND(FRAME_KEYPLEASE),
	STRANGE = 3000000, /* us of other frames without l */
	UNHEARD = 15000000, /* us without an l */
	ANSWER = 3000000, /* us for their end, with -e, when ours has arrived */
	LINGER = 3000000, /* us of waiting for the last acknowledgements, */
	LINGER_PATHS = 2, /* or so many round trips more than LANE_QUIET, */
	LINGER_SURE = 20000, /* or this, where the path loses little */
	FLUSH = 1000, /* ms for the last packets and e */
	REPEATS = 300, /* ms for which chat-seal sends that again */
	LINES = 50000, /* us between two lines about the rate, */
	STEP = 20, /* where it changes by more than 1/20; */
	FALL = 5, /* a fall of 1/5 is told at once */
	LOOK = 250000, /* us between looks at the path's state */
	STATUS = 1000000
};

#define LINGER_LOSS 0.03

static struct portin in[PORTS], net; /* in[0] is main's */
static struct portout out[PORTS], seal;
static int nin, nout, quiet, both, verbose, status = -1, window = -1;
static const char *who = "the other side";
static struct lane *lane;

/* How the session stands. */
static struct {
	int64_t began, strange_at; /* us; 0: no frame but l has come */
	int heard; /* an l has come */
	int main_over; /* e was put in */
	int given; /* theirs was given out */
	int64_t given_at;
	int64_t silent; /* since then only their end is missing */
	int raw; /* their e beside all lanes came, */
	int raw_clean; /* and it said that ours was given out there */
	int over; /* chat-open has ended */
	int64_t looked, told; /* us */
	uint32_t kbit; /* that the coder was told */
	int64_t kbit_at;
} s;

/* ---- ends ---- */

/* Write what waits for a reader. */
static void
flush(struct portout *p, int64_t until)
{
	while (p->fd != -1 && p->n > p->at &&
	       io_wait(p->fd, POLLOUT, until) > 0 && portout_write(p) == 0)
		;
}

/* Write the raw e for chat-seal, whose number says whether both ends were
 * through. */
static void
write_raw(int clean, int64_t until)
{
	struct frame f = {.kind = FRAME_END,
	    .number = clean != 0,
	    .pieces = 1,
	    .time = (uint64_t)clock_wall_us()};
	uint8_t *e = portout_room(&seal, FRAME_HEAD);

	if (seal.fd == -1 || seal.n > 0 || !e ||
	    io_wait(seal.fd, POLLOUT, until) != POLLOUT)
		return;
	frame_put(e, &f);
	seal.n += FRAME_HEAD;
	flush(&seal, until);
}

/* chat-seal repeats e, but not when the other side has left too: then a second
 * one tells so. */
static void
await_raw(int64_t until)
{
	const uint8_t *payload;
	struct frame fr;
	struct fault f;

	while (
	    !s.raw_clean && net.fd >= 0 && io_wait(net.fd, POLLIN, until) > 0) {
		if (portin_read(&net, &f) != 1)
			return;
		while (portin_frame(&net, &fr, &payload, &f) == 1) {
			s.raw_clean |= fr.kind == FRAME_END && fr.number == 1;
			portin_next(&net, &fr);
		}
	}
	if (s.raw_clean)
		write_raw(1, until);
}

/* Write what waits for chat-seal, the raw e, and the end for readers of what is
 * live; then exit. */
static _Noreturn void
leave(int code)
{
	int64_t until = clock_ms() + FLUSH;
	int i;

	flush(&seal, until);
	write_raw(code == 0, until);
	for (i = 0; code == 0 && i < nout; i++)
		flush(&out[i], until);
	if (code == 0)
		await_raw(clock_ms() + REPEATS);
	exit(code);
}

static _Noreturn void
fail(const struct fault *f)
{
	(f->code == X_PEER ? tell : say)("%s", f->text);
	leave(f->code);
}

/* The session ended before both sides had said their end. */
static _Noreturn void
broken_off(void)
{
	if (!quiet && s.raw)
		tell("%s broke off the conversation", who);
	leave(X_PEER);
}

/* Have all readers, except of live frames, taken what was given to them? */
static int
flushed(void)
{
	int i;

	for (i = 0; i < nout; i++)
		if (out[i].fd != -1 && !out[i].live && out[i].n > out[i].at)
			return 0;
	return 1;
}

static void
check_ends(int64_t now)
{
	struct lane_state st;
	int done = s.given && (laneout_done(&lane->out) || s.raw_clean);
	/* They have had all of ours; all of theirs is here, but a reader has
	 * yet to take it. */
	int kept = s.raw_clean && lanein_whole(&lane->in);
	int64_t asked = lane->in.asked_at, since, wait;

	if ((s.raw || s.over) && !done && !kept)
		broken_off();
	if ((s.raw || s.over) && done && flushed())
		leave(0);
	/* Its own exit code says why chat-seal has gone. */
	if (seal.fd == -1 && !kept)
		exit(X_SYS);
	if (!done || !flushed())
		return;
	/* The other side may repeat its last packets, which have to be
	 * acknowledged again; the raw e does that too, and goes three times. */
	st = lane_state(lane, now);
	wait = st.loss < LINGER_LOSS ? LINGER_SURE
	                             : LANE_QUIET + LINGER_PATHS * st.rtt;
	since = asked > s.given_at ? asked : s.given_at;
	if (now > since + wait || now > s.given_at + LINGER)
		leave(0);
}

/* Our end has arrived; with -e theirs must come, unless more comes first. */
static void
check_answer(int64_t now)
{
	int64_t asked = lane->in.asked_at;

	if (!both || s.given || !laneout_done(&lane->out) || !flushed())
		s.silent = now;
	if (now < (asked > s.silent ? asked : s.silent) + ANSWER)
		return;
	tell("%s did not end", who);
	leave(X_PEER);
}

static void
check_stranger(int64_t now)
{
	if (s.heard || (now < s.began + UNHEARD &&
	                   (!s.strange_at || now < s.strange_at + STRANGE)))
		return;
	tell("%s does not speak chat-link: both need -L, or neither", who);
	leave(X_PEER);
}

/* ---- the programs ---- */

/* Main's end is the session's; any other's ends its port alone. */
static void
end_port(struct portin *p, int64_t now)
{
	struct frame e = {
	    .kind = FRAME_END, .pieces = 1, .time = (uint64_t)clock_wall_us()};
	struct fault f;

	p->fd = -1;
	if (p != &in[0] || s.main_over)
		return;
	if (!p->plain)
		broken_off();
	s.main_over = 1;
	if (laneout_put(&lane->out, &e, NULL, now, &f) == -1)
		fail(&f);
}

/* Give the link a program's frames, as far as there is room. */
static void
feed(struct portin *p, int64_t now)
{
	const uint8_t *payload;
	struct frame fr;
	struct fault f;
	int r;

	while ((r = portin_frame(p, &fr, &payload, &f)) == 1) {
		if (fr.kind == FRAME_END && p != &in[0]) {
			end_port(p, now);
			p->at = p->n = 0;
			return;
		}
		if (!s.main_over && fr.kind != FRAME_END &&
		    !laneout_room(&lane->out, fr.kind))
			return;
		if (laneout_put(&lane->out, &fr, payload, now, &f) == -1)
			fail(&f);
		portin_next(p, &fr);
		if (fr.kind == FRAME_END) {
			s.main_over = 1;
			p->fd = -1;
			p->at = p->n = 0;
		}
	}
	if (r == -1)
		fail(&f);
	if (p->fd == -2)
		end_port(p, now);
}

static void
fetch(struct portin *p)
{
	struct fault f;
	int r = portin_read(p, &f);

	if (r == -1)
		fail(&f);
	if (r == 0)
		p->fd = -2; /* an end, once what is there is used */
}

/* The reader has gone. */
static void
close_port(struct portout *p)
{
	close(p->fd);
	p->fd = -1;
	lanein_ignore(&lane->in, p->kinds);
}

/* Lines for a coder: pictures, and what the path has for them. */
static void
write_lines(struct portout *p, int64_t now)
{
	struct lane_state st = lane_state(lane, now);
	uint32_t kbit = (uint32_t)(st.coder * 8 / 1000);
	uint32_t apart = kbit > s.kbit ? kbit - s.kbit : s.kbit - kbit;
	uint8_t frame[FRAME_MAX], *to;

	if (p->n > p->at || !(to = portout_room(p, 64)))
		return;
	if (lanein_get(&lane->in, LANE_KIND(FRAME_KEYPLEASE), frame, now) > 0) {
		memcpy(to, "k\n", 2);
		to += 2;
		p->n += 2;
	}
	if (st.rtt == 0 || apart * STEP <= s.kbit ||
	    (now < s.kbit_at + LINES &&
	        (kbit > s.kbit || apart * FALL < s.kbit)))
		return;
	s.kbit = kbit;
	s.kbit_at = now;
	p->n += (size_t)snprintf((char *)to, 32, "r %u\n", kbit);
}

/* Frames for a reader, one at a time, but plain bytes as many as there are. */
static void
fill(struct portout *p, int64_t now)
{
	uint8_t frame[FRAME_MAX], *to;
	size_t n;

	if (p->fd == -1)
		return;
	if (p->lines) {
		write_lines(p, now);
		return;
	}
	while (
	    (p->plain || p->n == p->at) && (to = portout_room(p, FRAME_MAX))) {
		n = lanein_get(&lane->in, p->kinds, p->plain ? frame : to, now);
		if (n == 0)
			return;
		if (p->plain) {
			n -= FRAME_HEAD;
			memcpy(to, frame + FRAME_HEAD, n);
		}
		p->n += n;
	}
}

/* All that was before the other side's end has been taken: each reader gets it
 * as its last. */
static void
give_end(int64_t now)
{
	uint8_t e[FRAME_HEAD], *to;
	int i;

	if (s.given || !flushed() || !lanein_end(&lane->in, e))
		return;
	for (i = 0; i < nout; i++) {
		to = out[i].fd == -1 || out[i].plain || out[i].lines
		         ? NULL
		         : portout_room(&out[i], FRAME_HEAD);
		if (to) {
			memcpy(to, e, FRAME_HEAD);
			/* It counts t and b: 0 for a reader that does not get
			 * both. */
			if ((out[i].kinds & COUNTED) != COUNTED)
				be32_put(to + NUMBER_AT, 0);
			out[i].n += FRAME_HEAD;
		}
	}
	s.given = 1;
	s.given_at = now;
}

/* Close the port of a reader that has had all.  A coder's port closes later:
 * main has to learn before it that the other side has left. */
static void
finish_ports(void)
{
	int i;

	for (i = 0; i < nout; i++)
		if (out[i].fd != -1 &&
		    (out[i].lines ? (s.given && flushed()) || s.main_over
		                  : s.given && out[i].n == out[i].at))
			close_port(&out[i]);
}

/* ---- the network ---- */

static void
take(int64_t now)
{
	const uint8_t *payload;
	struct frame fr;
	struct fault f;
	int r;

	while ((r = portin_frame(&net, &fr, &payload, &f)) == 1) {
		if (fr.kind == FRAME_LINK) {
			s.heard = 1;
			if (lane_take(lane, &fr, payload, now, &f) == -1)
				fail(&f);
		} else if (fr.kind == FRAME_END) {
			s.raw = 1;
			s.raw_clean |= fr.number == 1;
		} else if (!s.strange_at) {
			s.strange_at = now;
		}
		portin_next(&net, &fr);
	}
	if (r == -1)
		fail(&f);
	s.over |= net.fd == -2;
}

/* Packets for chat-seal, when it has taken those before. */
static void
give(int64_t now)
{
	uint8_t *to;
	size_t n;

	if (seal.n > seal.at)
		return;
	while ((to = portout_room(&seal, LANE_PACKET)) &&
	       (n = lane_give(lane, to, now)) > 0)
		seal.n += n;
	if (lane_broken(lane))
		die_memory();
}

/* ---- what people and programs are told ---- */

/* A line, if it does not block. */
static void
write_line(int *fd, const char *line, size_t n)
{
	int r = *fd == -1 ? 0 : io_wait(*fd, POLLOUT, 0);

	if (r & (POLLERR | POLLNVAL) ||
	    (r & POLLOUT && write(*fd, line, n) == -1 && errno != EINTR)) {
		close(*fd);
		*fd = -1;
	}
}

static void
look(int64_t now)
{
	static struct report report;
	struct lane_state st;
	char line[REPORT_LINE];
	int poor;

	if (now < s.looked + LOOK)
		return;
	s.looked = now;
	st = lane_state(lane, now);
	if (verbose && report_change(&report, &st, line))
		say("%s", line);
	poor = window == -1 ? -1 : report_poor(&report, &st, now);
	if (poor != -1)
		write_line(&window, poor ? "path poor\n" : "path good\n", 10);
	if (status != -1 && now >= s.told + STATUS) {
		s.told = now;
		write_line(&status, line, report_line(&st, line));
	}
}

/* ---- the loop ---- */

static int64_t
next_time(int64_t now)
{
	int64_t t = lane_next_time(lane, now);

	/* The lane may have packets that chat-seal does not take now. */
	return seal.n > seal.at || t > now + LOOK ? now + LOOK : t;
}

static void
wait_for(struct pollfd *p, int64_t us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};

	if (ppoll(p, 2 + 2 * PORTS, &t, NULL) == -1) {
		if (errno != EINTR)
			die_sys(X_SYS, "poll");
		for (int i = 0; i < 2 + 2 * PORTS; i++)
			p[i].revents = 0;
	}
}

/* Set up poll(2). */
static void
arm(struct pollfd p[static 2 + 2 * PORTS])
{
	int i;

	for (i = 0; i < 2 + 2 * PORTS; i++)
		p[i] = (struct pollfd){.fd = -1};
	p[0].fd = net.fd == -2 ? -1 : net.fd;
	p[0].events = POLLIN;
	p[1].fd = seal.fd;
	p[1].events = seal.n > seal.at ? POLLOUT : 0;
	for (i = 0; i < nin; i++)
		if (in[i].fd >= 0 && !s.main_over && portin_wants(&in[i])) {
			p[2 + i].fd = in[i].fd;
			p[2 + i].events = POLLIN;
		}
	for (i = 0; i < nout; i++) {
		p[2 + PORTS + i].fd = out[i].fd;
		p[2 + PORTS + i].events = out[i].n > out[i].at ? POLLOUT : 0;
	}
}

static void
act(const struct pollfd p[static 2 + 2 * PORTS])
{
	int i;

	if (p[0].revents)
		fetch(&net);
	if (p[1].revents &&
	    (!(p[1].revents & POLLOUT) || portout_write(&seal) == -1))
		seal.fd = -1;
	for (i = 0; i < nin; i++)
		if (p[2 + i].revents)
			fetch(&in[i]);
	for (i = 0; i < nout; i++)
		if (p[2 + PORTS + i].revents &&
		    (!(p[2 + PORTS + i].revents & POLLOUT) ||
		        portout_write(&out[i]) == -1))
			close_port(&out[i]);
}

static _Noreturn void
run(void)
{
	struct pollfd p[2 + 2 * PORTS];
	int64_t now, until;
	int i;

	for (;;) {
		now = clock_us();
		take(now);
		for (i = 0; i < nin; i++)
			feed(&in[i], now);
		for (i = 0; i < nout; i++)
			fill(&out[i], now);
		give_end(now);
		give(now);
		finish_ports();
		look(now);
		check_ends(now);
		check_answer(now);
		check_stranger(now);
		arm(p);
		until = next_time(now);
		now = clock_us();
		wait_for(p, until > now ? until - now : 0);
		act(p);
	}
}

/* ---- options ---- */

static void
add_in(const char *text)
{
	int plain = strncmp(text, "B=", 2) == 0;

	if (nin == PORTS)
		die(X_USE, "-i: more than %d", PORTS);
	in[nin].plain = plain;
	in[nin++].fd = prog_fd('i', text + 2 * plain);
}

/* KINDS=FD */
static void
add_out(const char *text)
{
	struct portout *p = &out[nout];
	const char *eq = strchr(text, '='), *k;
	unsigned taken = 0;
	int i;

	if (nout++ == PORTS)
		die(X_USE, "-o: more than %d", PORTS);
	if (!eq || eq == text)
		die(X_USE, "-o: not KINDS=FD: %s", text);
	for (i = 0; i < nout - 1; i++)
		taken |= out[i].kinds;
	p->plain = eq == text + 1 && *text == 'B';
	p->lines = eq == text + 1 && *text == 'K';
	if (p->plain)
		p->kinds = LANE_KIND(FRAME_BYTES);
	else if (p->lines)
		p->kinds = LANE_KIND(FRAME_KEYPLEASE);
	for (k = text; k < eq && !p->plain && !p->lines; k++) {
		if (*k == FRAME_END) /* each reader of frames gets it */
			continue;
		if (*k < 'a' || *k > 'z' || !(LANE_ALL & LANE_KIND(*k)))
			die(X_USE,
			    "-o: not kinds of t d e a i j k b, K or B: %s",
			    text);
		p->kinds |= LANE_KIND(*k);
	}
	if (p->kinds & taken)
		die(X_USE, "-o: a kind twice: %s", text);
	portout_open(p, prog_fd('o', eq + 1),
	    (p->kinds & LANE_KIND(FRAME_BYTES)) != 0,
	    p->lines || ((p->kinds & LIVE) && !(p->kinds & ~(unsigned)LIVE)));
}

static void
options(int argc, char **argv)
{
	const char *opt[128] = {0}, *value;
	size_t at = 0;

	if (prog_options(opt, argc, argv, "ei:o:qs:vw:", USAGE) < argc ||
	    !opt['i'])
		usage(USAGE);
	while ((value = prog_again('i', &at)) != NULL)
		add_in(value);
	for (at = 0; (value = prog_again('o', &at)) != NULL;)
		add_out(value);
	both = opt['e'] != NULL;
	quiet = opt['q'] != NULL;
	verbose = opt['v'] != NULL;
	if (opt['s'])
		status = prog_fd('s', opt['s']);
	if (opt['w'])
		window = prog_fd('w', opt['w']);
}

int
main(int argc, char **argv)
{
	const char *peer = getenv(CHAT_PEER);
	unsigned kinds = 0;
	int i;

	prog_start(argv[0]);
	options(argc, argv);
	if (peer && *peer)
		who = peer;
	signal(SIGPIPE, SIG_IGN);
	portout_open(&seal, 1, 1, 0);
	s.began = clock_us();
	lane = lane_new(s.began);
	if (!lane)
		die_memory();
	for (i = 0; i < nout; i++)
		kinds |= out[i].kinds;
	lanein_ignore(&lane->in, LANE_ALL & ~kinds);
	prog_caged(seccomp_enter(0, -1), "seccomp");
	run();
}
