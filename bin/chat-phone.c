/* chat-phone: send and receive speech, by a microphone and a loudspeaker.
 * SPDX-License-Identifier: ISC */
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/device.h"
#include "audio/nearend.h"
#include "audio/opusio.h"
#include "audio/pulse.h"
#include "audio/receiver.h"
#include "audio/sender.h"
#include "base/chat.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/livepipe.h"
#include "base/prog.h"
#include "base/signals.h"
#include "base/vis.h"
#include "mux/delay.h"
#include "sandbox/seccomp.h"

#define USAGE                                                                  \
	"chat-phone [-EMNqRSv] [-b kbit] [-d microphone] [-D loudspeaker]\n"   \
	"           [-y fd]\n"                                                 \
	"chat-phone -L [-d microphone] [-D loudspeaker]"

enum {
	PIECES = 8, /* most that wait to be sent */
	BACKLOG = 5, /* pieces; with more, drop all but the newest */
	PIECE_MS = 10,
	AGE_MS = 100, /* between two lines to the window (-y) */
	MISSED_MS = 15000, /* without any sound of the other side's */
	NEWS_MS = 1000, /* between two looks at what it tells of itself */
	DEAF_PIECES = 1000, /* 10 s */
	DEAF_LEVEL = 107 /* energy of -70 dBFS */
};

static const char *opt[128];
static const char *who = "the other side";
static struct nearend near;
static struct sender sender;
static struct receiver receiver;
static int device = -1, signals = -1, ages = -1;
static int here, known; /* DEVICE_ bits: devices present, once known */
static int muted, over;

/* Pieces from the microphone that wait to be sent. */
static struct {
	struct device_message m[PIECES];
	unsigned first, n;
	unsigned long dropped;
} pieces;

static int latency[2]; /* us: of the microphone, of the loudspeaker */
static int64_t
    nothing_at; /* ms: when the next piece without a microphone is due */
static int64_t heard_at; /* ms: the other side's last message */
static int missed, was_muted, was_deaf; /* what was said of the other side */
static int64_t age_at; /* ms */
static unsigned quiet; /* silent pieces since the microphone started */
static struct delay age; /* delay of what was played */
static unsigned long written, refused;

/* ---- messages to the user ---- */

__attribute__((format(printf, 1, 2))) static void
note(const char *fmt, ...)
{
	char text[DEVICE_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!opt['q'])
		tell("%s", text);
}

/* Report what the other side's messages say about that side, once a second: each
 * may say another thing. */
static void
look_at_peer(void)
{
	static int64_t next;

	missed = 0;
	if (clock_ms() < next)
		return;
	next = clock_ms() + NEWS_MS;
	if (receiver.muted != was_muted)
		note(receiver.muted ? "%s is muted" : "%s can be heard again",
		    who);
	if (receiver.deaf && !was_deaf)
		note("%s hears nothing: no loudspeaker is there", who);
	was_muted = receiver.muted;
	was_deaf = receiver.deaf;
}

static void
tell_all(void)
{
	const struct playout_count *c = &receiver.playout.count;

	say("%lu messages sent, %lu not taken, %lu pieces late; %lu came, "
	    "%lu lost, %lu malformed",
	    written, refused, pieces.dropped, receiver.messages,
	    receiver.losses.gaps, receiver.malformed);
	say("%lu slots played, %lu from copies, %lu concealed, %lu silent, "
	    "%lu late, %lu begun anew; %.0f ms cut, %.0f ms grown",
	    c->played, c->copied, c->concealed, c->silent, c->late, c->anew,
	    (double)c->cut / 48, (double)c->grown / 48);
	say("age %.1f ms (median), %.1f ms (99th percentile); microphone "
	    "%.1f ms, loudspeaker %.1f ms, held back %u ms",
	    (double)delay_percentile(&age, 50) / 1000,
	    (double)delay_percentile(&age, 99) / 1000,
	    (double)latency[0] / 1000, (double)latency[1] / 1000,
	    near.hold * PIECE_MS);
}

/* ---- to the other side ---- */

/* Write a message, unless that would block. */
static void
put(const uint8_t *frame, size_t n)
{
	if (io_wait(1, POLLOUT, 0) != POLLOUT) {
		sender_dropped(&sender);
		refused++;
		return;
	}
	if (io_write(1, frame, n) == -1)
		over = 1; /* chat-link has gone, and says why */
	written++;
}

/* Is the microphone silent, as a wrong one is? */
static void
listen_for(const int16_t *pcm)
{
	double energy = 0;
	int i;

	if (quiet >= DEAF_PIECES)
		return;
	for (i = 0; i < DEVICE_PIECE; i++)
		energy += (double)pcm[i] * pcm[i];
	if (energy / DEVICE_PIECE > DEAF_LEVEL)
		quiet = DEAF_PIECES;
	else if (++quiet == DEAF_PIECES)
		note("the microphone hears nothing: is it the right one? (-d)");
}

static void
send_piece(struct device_message *m)
{
	uint8_t frame[FRAME_HEAD + SLOTS_PAYLOAD];
	int64_t epoch = clock_wall_us() - clock_us();
	struct fault f;
	size_t n;

	latency[0] = m->latency;
	if (!muted)
		listen_for(m->pcm);
	if (must(nearend_near(&near, m->pcm, &m->time, latency[0] + latency[1],
	             clock_us(), &f),
	        &f) == 0)
		return;
	losses_count(&receiver.losses, &sender.lost, &sender.runs);
	copies_report(
	    &sender.copies, receiver.told_lost, receiver.told_runs, clock_us());
	/* Send no sound before the other side's first message: a caller must
	 * not be overheard while it rings. */
	sender.silent = muted || !receiver.begun;
	if (sender_piece(&sender, m->pcm, m->time + epoch, frame, &n))
		put(frame, n);
}

/* Send the waiting pieces; if too many wait, only the newest. */
static void
send_pieces(void)
{
	if (pieces.n > BACKLOG) {
		pieces.dropped += pieces.n - 1;
		pieces.first += pieces.n - 1;
		pieces.n = 1;
		nearend_anew(&near);
	}
	for (; pieces.n > 0; pieces.n--)
		send_piece(&pieces.m[pieces.first++ % PIECES]);
}

/* Without a microphone, send messages for what they report. */
static void
send_nothing(void)
{
	uint8_t frame[FRAME_HEAD + SLOTS_PAYLOAD];
	size_t n;

	if (clock_ms() < nothing_at)
		return;
	nothing_at = clock_ms() + PIECE_MS;
	losses_count(&receiver.losses, &sender.lost, &sender.runs);
	sender.silent = 1;
	if (sender_nothing(&sender, clock_wall_us(), frame, &n))
		put(frame, n);
}

static void
toggle(void)
{
	muted = !muted;
	sender.muted = muted || !(here & DEVICE_MICROPHONE);
	note(muted ? "muted" : "the microphone is on");
}

/* ---- the devices ---- */

static void
keep_piece(const struct device_message *m)
{
	if (pieces.n == PIECES) {
		pieces.first++;
		pieces.n--;
		pieces.dropped++;
	}
	pieces.m[(pieces.first + pieces.n++) % PIECES] = *m;
}

static void
give(struct device_message *m)
{
	int64_t now = clock_us();
	uint64_t captured;
	char line[32];

	latency[1] = m->latency;
	if (receiver_give(&receiver, m->pcm, (size_t)m->n, now))
		nearend_anew(&near);
	nearend_far(&near, m->pcm, (size_t)m->n, now);
	device_give(device, m);
	captured = receiver_captured(&receiver);
	if (!captured)
		return;
	now = clock_wall_us() + m->latency;
	delay_count(&age, captured, now);
	if (ages == -1 || clock_ms() < age_at ||
	    io_wait(ages, POLLOUT, 0) != POLLOUT)
		return;
	age_at = clock_ms() + AGE_MS;
	/* Not dprintf(3): it calls fstat(2), which the cage refuses. */
	snprintf(line, sizeof(line), "age %lld\n",
	    (long long)(now - (int64_t)captured));
	if (io_write(ages, line, strlen(line)) == -1)
		ages = -1;
}

static void
take_news(const struct device_message *m)
{
	here = m->here;
	known = 1;
	if (*m->text)
		note("chat-phone: %s", m->text);
	sender.muted = muted || !(here & DEVICE_MICROPHONE);
	sender.deaf = !(here & DEVICE_LOUDSPEAKER);
	nearend_anew(&near);
	nearend_cards(&near, m->two_cards);
	nothing_at = clock_ms();
}

/* Handle all messages of the device process. */
static void
take_device(void)
{
	static struct device_message m;
	struct fault f;

	while (must(device_read(device, &m, &f), &f) == 1) {
		if (m.kind == DEVICE_HEARD)
			keep_piece(&m);
		else if (m.kind == DEVICE_WANTS)
			give(&m);
		else
			take_news(&m);
	}
	send_pieces();
}

/* ---- from the other side ---- */

static void
take_frames(void)
{
	static struct frame_in in;
	static uint8_t buf[FRAME_MAX];
	const uint8_t *p = buf;
	ssize_t got = io_read(0, buf, sizeof(buf));
	size_t n = got > 0 ? (size_t)got : 0;
	struct frame f;
	int r;

	if (got == -1)
		die_sys(X_SYS, "stdin");
	if (got == 0) {
		/* In a call other programs have said why. */
		if (!getenv(CHAT_PEER))
			say("the frames were cut off");
		exit(X_PEER);
	}
	while ((r = frame_feed(&in, &p, &n, &f)) == 1) {
		if (f.kind == FRAME_END) {
			over = 1;
			return;
		}
		if (f.kind != FRAME_AUDIO ||
		    receiver_take(
		        &receiver, &f, in.buf + FRAME_HEAD, clock_us()) == -1)
			continue;
		heard_at = clock_ms();
		look_at_peer();
	}
	if (r == -1)
		die(X_PEER, "stdin has no frames");
}

/* ---- the loop ---- */

static void
look(void)
{
	int sig;

	while ((sig = signals_read(signals)) > 0)
		toggle();
	if (known && !(here & DEVICE_MICROPHONE))
		send_nothing();
	if (!missed && known && clock_ms() > heard_at + MISSED_MS) {
		missed = 1;
		note("%s sends no sound", who);
	}
}

static void
run(void)
{
	struct pollfd p[] = {{.fd = 0, .events = POLLIN},
	    {.fd = device, .events = POLLIN},
	    {.fd = signals, .events = POLLIN}};

	heard_at = clock_ms();
	while (!over) {
		(void)io_poll(p, 3,
		    clock_ms() +
		        (here & DEVICE_MICROPHONE ? AGE_MS : PIECE_MS));
		/* First read the network: its sound may be needed at once. */
		if (p[0].revents)
			take_frames();
		if (p[1].revents)
			take_device();
		look();
	}
}

/* ---- options ---- */

static void
row(const struct pulse_device *d)
{
	char name[VIS_MAX * 128], words[VIS_MAX * 128];

	vis_text(name, sizeof(name), d->name, strnlen(d->name, 127));
	vis_text(words, sizeof(words), d->words, strnlen(d->words, 127));
	if (printf("%-11s %s %-40s %s\n",
	        d->microphone ? "microphone" : "loudspeaker",
	        d->chosen ? "*" : " ", name, words) < 0)
		die_sys(X_SYS, "stdout");
}

static _Noreturn void
list(void)
{
	struct fault f;

	must(pulse_list(row, opt['d'], opt['D'], &f), &f);
	if (fflush(stdout) == EOF)
		die_sys(X_SYS, "stdout");
	exit(0);
}

static void
open_devices(void)
{
	const char *program = getenv("CHAT_SOUND");
	struct device_how how = {.wanted = (opt['R'] ? 0 : DEVICE_MICROPHONE) |
	                                   (opt['S'] ? 0 : DEVICE_LOUDSPEAKER),
	    .microphone = opt['d'],
	    .loudspeaker = opt['D'],
	    .program = program && *program ? program : NULL};
	struct fault f;

	device = must(device_open(&how, &f), &f);
}

/* Does another program already remove the echo from this microphone? */
static int
cancelled_already(void)
{
	const char *name = opt['d'] ? opt['d'] : getenv("PULSE_SOURCE");

	return name && strstr(name, "echo-cancel");
}

static void
hold_signals(void)
{
	sigset_t set;

	/* All other programs in a call ignore ^\, so that only this one gets
	 * it. */
	signal(SIGQUIT, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGQUIT);
	if (signals_hold(&set, NULL) == -1 ||
	    (signals = signals_fd(&set)) == -1)
		die_sys(X_SYS, "signalfd");
}

int
main(int argc, char **argv)
{
	const char *peer = getenv(CHAT_PEER);
	int cancel;
	long kbit;

	prog_start(argv[0]);
	if (prog_options(opt, argc, argv, "D:ELMNRSb:d:qvy:", USAGE) < argc ||
	    (opt['R'] && opt['S']))
		usage(USAGE);
	kbit = prog_number_or('b', opt['b'], 24, 12, 64, "number of kbit/s");
	if (opt['L'])
		list();
	if (opt['y'])
		ages = prog_fd('y', opt['y']);
	if (peer && *peer)
		who = peer;
	cancel = !opt['E'] && !opt['R'] && !opt['S'] && !cancelled_already();
	if (cancel && !nearend_can())
		note("chat-phone: built without an echo canceller: use a "
		     "headset");
	muted = opt['M'] != NULL;
	sender.muted = muted;
	signal(SIGPIPE, SIG_IGN);
	hold_signals();
	open_devices();
	livepipe_pipe(1);
	sender.coder = opusio_encoder(kbit * 1000);
	if (!sender.coder || receiver_open(&receiver) == -1 ||
	    nearend_open(&near, cancel, !opt['N'] && !opt['R']) == -1)
		die_memory();
	prog_caged(seccomp_enter(0, -1), "seccomp");
	if (muted)
		note("muted");
	run();
	if (opt['v'])
		tell_all();
	return 0;
}
