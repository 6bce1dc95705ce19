/* chat-speaker: play a stream of sound.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/device.h"
#include "audio/receiver.h"
#include "audio/soundin.h"
#include "audio/wav.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/prog.h"
#include "sandbox/seccomp.h"

#define USAGE "chat-speaker [-v] [-D loudspeaker]"

enum {
	RATE = 48000,
	PIECE = 480,
	TAIL_MS = 100, /* of silence, so that the last sound is heard */
	DRAIN_MS = 200 /* after the last frame, for sound not yet due */
};

static int device = -1; /* -1: write samples to stdout */
static struct soundin *sound; /* NULL: frames */
static struct receiver receiver;
static struct frame_in in;
static int64_t drained = INT64_MAX; /* ms: by then the last frame is played */
static int over; /* the input has ended */
static int64_t last_heard; /* ms: when the last sample given is played */
static uint64_t given; /* samples */

/* ---- frames ---- */

static void
take(const uint8_t *p, size_t n)
{
	struct frame f;
	int r;

	while ((r = frame_feed(&in, &p, &n, &f)) == 1) {
		if (f.kind == FRAME_END) {
			drained = clock_ms() + DRAIN_MS;
			return;
		}
		if (f.kind == FRAME_AUDIO)
			(void)receiver_take(
			    &receiver, &f, in.buf + FRAME_HEAD, clock_us());
	}
	if (r == -1)
		die(X_PEER, "neither WAV nor Ogg Opus, nor frames");
}

static void
take_frames(void)
{
	uint8_t buf[FRAME_MAX];
	ssize_t n = io_read(0, buf, sizeof(buf));

	if (n == -1)
		die_sys(X_SYS, "stdin");
	if (n == 0)
		die(X_PEER, "the frames were cut off");
	take(buf, (size_t)n);
}

/* ---- a loudspeaker ---- */

/* Get the next n samples to play. */
static void
next(int16_t *pcm, size_t n)
{
	struct fault f;
	size_t have = 0;
	int r;

	if (!sound) {
		(void)receiver_give(&receiver, pcm, n, clock_us());
		given += n;
		over = clock_ms() >= drained;
		return;
	}
	while (have < n && !over) {
		r = must(soundin_read(sound, pcm + have, n - have, &f), &f);
		have += (size_t)r;
		over = r == 0;
	}
	memset(pcm + have, 0, (n - have) * sizeof(*pcm));
	given += have;
}

static void
give(struct device_message *m)
{
	int had = over;

	next(m->pcm, (size_t)m->n);
	if (!had)
		last_heard = clock_ms() + m->latency / 1000 +
		             m->n * 1000 / RATE + TAIL_MS;
	device_give(device, m);
}

static void
take_device(void)
{
	static struct device_message m;
	struct fault f;

	while (must(device_read(device, &m, &f), &f) == 1) {
		if (m.kind == DEVICE_WANTS)
			give(&m);
		else if (m.kind == DEVICE_NEWS && *m.text)
			say("%s", m.text);
	}
}

static void
play(void)
{
	struct pollfd p[] = {
	    {.fd = 0, .events = POLLIN}, {.fd = device, .events = POLLIN}};

	last_heard = INT64_MAX;
	for (;;) {
		if (over && clock_ms() >= last_heard)
			return;
		/* Read a file only as fast as it is played. */
		p[0].fd = sound || drained < INT64_MAX ? -1 : 0;
		(void)io_poll(p, 2, over ? clock_ms() + TAIL_MS : INT64_MAX);
		if (p[0].revents)
			take_frames();
		if (p[1].revents)
			take_device();
	}
}

/* ---- stdout ---- */

static void
out(const void *p, size_t n)
{
	if (io_write(1, p, n) == -1)
		die_sys(X_SYS, "stdout");
}

/* Write as fast as possible, but frames in real time. */
static void
write_wav(void)
{
	uint8_t head[WAV_HEAD];
	int16_t pcm[PIECE];
	struct fault f;
	int64_t due = clock_us();
	int n;

	wav_head(head, RATE);
	out(head, sizeof(head));
	while (sound) {
		n = must(soundin_read(sound, pcm, PIECE, &f), &f);
		if (n == 0)
			return;
		given += (unsigned)n;
		out(pcm, (size_t)n * sizeof(*pcm));
	}
	while (!over) {
		while (drained == INT64_MAX &&
		       io_wait(0, POLLIN, due / 1000) > 0 && clock_us() < due)
			take_frames();
		(void)io_poll(NULL, 0, due / 1000);
		next(pcm, PIECE);
		out(pcm, sizeof(pcm));
		due += (int64_t)PIECE * 1000 / 48;
	}
}

/* ---- the beginning ---- */

/* Detect the format from the first bytes. */
static void
begin(void)
{
	uint8_t first[SOUNDIN_FIRST];
	ssize_t n = io_read_full(0, first, sizeof(first));

	if (n == -1)
		die_sys(X_SYS, "stdin");
	if (n < (ssize_t)sizeof(first))
		die(X_PEER, "the stream %s", n == 0 ? "is empty" : "was cut");
	if (soundin_is(first)) {
		soundin_begin(sound, first, sizeof(first));
	} else {
		sound = NULL;
		take(first, sizeof(first));
	}
}

int
main(int argc, char **argv)
{
	struct device_how how = {.wanted = DEVICE_LOUDSPEAKER};
	const char *program = getenv("CHAT_SOUND");
	const struct playout_count *c = &receiver.playout.count;
	const char *opt[128] = {0};
	struct fault f;
	int to_stdout;

	prog_start(argv[0]);
	if (prog_options(opt, argc, argv, "D:v", USAGE) < argc)
		usage(USAGE);
	to_stdout = opt['D'] && strcmp(opt['D'], "-") == 0;
	if (isatty(0))
		die(X_USE, "stdin is a terminal: pipe sound into it");
	if (!to_stdout) {
		how.loudspeaker = opt['D'];
		how.program = program && *program ? program : NULL;
		device = must(device_open(&how, &f), &f);
	}
	sound = soundin_open();
	if (!sound || receiver_open(&receiver) == -1)
		die_memory();
	prog_caged(seccomp_enter(0, -1), "seccomp");
	begin();
	if (to_stdout)
		write_wav();
	else
		play();
	if (opt['v'])
		say("%.2f s played; %lu slots, %lu concealed, %lu silent",
		    (double)given / RATE, c->played + c->copied, c->concealed,
		    c->silent);
	return 0;
}
