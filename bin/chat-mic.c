/* chat-mic: record a microphone, or convert a sound file, to a stream of sound.
 * SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/device.h"
#include "audio/oggopus.h"
#include "audio/opusio.h"
#include "audio/sender.h"
#include "audio/soundin.h"
#include "audio/wav.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/livepipe.h"
#include "base/prog.h"
#include "sandbox/seccomp.h"

#define USAGE                                                                  \
	"chat-mic [-v] [-b kbit] [-d microphone] [-f ogg|wav|frames]\n"        \
	"         [-n seconds]"

enum {
	RATE = 48000,
	PIECE_US = 10000,
	PIECE_MS = 10,
	BAR = 10, /* letters */
	BAR_MS = 200,
	QUIET_PIECES = 1000, /* 10 s */
	QUIET_LEVEL = 107 /* energy of -70 dBFS */
};

static enum { WAV, OGG, FRAMES } form;
static struct sender sender;
static struct oggopus_out *ogg;
static struct OpusEncoder *coder;
static int16_t slot[SLOTS_SAMPLES]; /* that fills up, for Ogg */
static size_t slot_n;
static int64_t left = INT64_MAX; /* samples */
static unsigned long pieces, missed, dropped;

static void
out(const void *p, size_t n)
{
	if (io_write(1, p, n) == -1)
		die_sys(X_SYS, "stdout");
}

/* ---- forms ---- */

static void
out_pages(void)
{
	uint8_t page[OGGOPUS_PAGE];
	size_t n;

	while ((n = oggopus_page(ogg, page)) > 0)
		out(page, n);
}

/* Write a slot to Ogg, of which that many samples count. */
static void
out_slot(size_t samples, int last)
{
	uint8_t packet[SLOTS_BYTES];
	int n = opusio_encode(coder, slot, packet);

	oggopus_put(ogg, packet, (size_t)n, (unsigned)samples, last);
	out_pages();
}

static void
out_ogg(const int16_t *pcm, size_t n)
{
	size_t some;

	while (n > 0) {
		if (slot_n == SLOTS_SAMPLES) {
			out_slot(SLOTS_SAMPLES, 0);
			slot_n = 0;
		}
		some = SLOTS_SAMPLES - slot_n < n ? SLOTS_SAMPLES - slot_n : n;
		memcpy(slot + slot_n, pcm, some * sizeof(*pcm));
		slot_n += some;
		pcm += some;
		n -= some;
	}
}

/* Frames must not wait: their reader has to keep up. */
static void
out_frame(const int16_t *pcm, int64_t time)
{
	uint8_t frame[FRAME_HEAD + SLOTS_PAYLOAD];
	size_t n;

	if (!sender_piece(&sender, pcm, time, frame, &n))
		return;
	if (io_wait(1, POLLOUT, 0) == POLLOUT) {
		out(frame, n);
	} else {
		sender_dropped(&sender);
		dropped++;
	}
}

static void
begin(long kbit)
{
	uint8_t head[WAV_HEAD];

	if (form == WAV) {
		wav_head(head, RATE);
		out(head, sizeof(head));
		return;
	}
	coder = opusio_encoder(kbit * 1000);
	if (coder && form == OGG)
		ogg = oggopus_out((unsigned)opusio_lookahead(coder));
	if (!coder || (form == OGG && !ogg))
		die_memory();
	sender.coder = coder;
	sender.plain = 1;
	if (form == OGG)
		out_pages();
	else
		livepipe_pipe(1);
}

static void
end(void)
{
	struct frame f = {
	    .kind = FRAME_END, .pieces = 1, .time = (uint64_t)clock_wall_us()};
	int16_t late[SLOTS_SAMPLES];
	uint8_t head[FRAME_HEAD];

	if (form == OGG) {
		/* Flush the coder's delay; the end is within a packet. */
		memset(late, 0, sizeof(late));
		out_ogg(late, (size_t)opusio_lookahead(coder));
		memset(
		    slot + slot_n, 0, (SLOTS_SAMPLES - slot_n) * sizeof(*slot));
		out_slot(slot_n, 1);
	} else if (form == FRAMES) {
		frame_put(head, &f);
		out(head, sizeof(head));
	}
}

static void
write_samples(const int16_t *pcm, size_t n, int64_t time)
{
	if ((int64_t)n > left)
		n = (size_t)left;
	left -= (int64_t)n;
	if (form == WAV)
		out(pcm, n * sizeof(*pcm));
	else if (form == OGG)
		out_ogg(pcm, n);
	else
		out_frame(pcm, time);
}

/* ---- a microphone ---- */

static double
energy(const int16_t *pcm)
{
	double e = 0;
	int i;

	for (i = 0; i < DEVICE_PIECE; i++)
		e += (double)pcm[i] * pcm[i];
	return e / DEVICE_PIECE;
}

/* Draw a bar, a letter for each 6 dB above -60. */
static void
show_level(double e)
{
	static int64_t at;
	static double most;
	char bar[BAR + 3] = "\r          ";
	double level = 1072; /* -60 dBFS */
	int i;

	most = e > most ? e : most;
	if (clock_ms() < at)
		return;
	at = clock_ms() + BAR_MS;
	for (i = 1; i <= BAR && most > level; i++, level *= 4)
		bar[i] = '#';
	(void)io_write(2, bar, BAR + 1);
	most = 0;
}

static void
heard(struct device_message *m, int bar)
{
	static unsigned quiet;
	static int64_t expected;
	double e = energy(m->pcm);

	pieces++;
	if (expected && m->time > expected + PIECE_US)
		missed++;
	expected = m->time + PIECE_US;
	if (e > QUIET_LEVEL)
		quiet = QUIET_PIECES;
	else if (quiet < QUIET_PIECES && ++quiet == QUIET_PIECES)
		say("the microphone hears nothing: is it the right one? (-d)");
	if (bar)
		show_level(e);
	write_samples(
	    m->pcm, DEVICE_PIECE, m->time + clock_wall_us() - clock_us());
}

/* Handle all messages of the device process. */
static void
take_device(int device, int bar)
{
	static struct device_message m;
	struct fault f;

	while (left > 0 && must(device_read(device, &m, &f), &f) == 1) {
		if (m.kind == DEVICE_HEARD)
			heard(&m, bar);
		else if (m.kind == DEVICE_NEWS && *m.text)
			say("%s", m.text);
	}
}

static void
record(int device, int verbose)
{
	enum { DEVICE, READER, PERSON };
	struct pollfd p[] = {{.fd = device, .events = POLLIN}, {.fd = 1},
	    {.fd = isatty(0) ? 0 : -1, .events = POLLIN}};
	int bar = verbose && isatty(2);
	char typed[256];

	while (left > 0) {
		if (io_poll(p, 3, INT64_MAX) == -1)
			die_sys(X_SYS, "poll");
		if (p[DEVICE].revents)
			take_device(device, bar);
		/* Also notice this before the first piece. */
		if (p[READER].revents && livepipe_gone(1) == -1)
			die_sys(X_SYS, "stdout");
		/* ^D ends the recording. */
		if (p[PERSON].revents && io_read(0, typed, sizeof(typed)) <= 0)
			left = 0;
	}
	if (bar)
		(void)io_write(2, "\n", 1);
	if (verbose)
		say("%.2f s heard, %lu gaps, %lu messages not taken",
		    (double)pieces / 100, missed, dropped);
}

/* ---- a file ---- */

static void
convert(struct soundin *in)
{
	int16_t pcm[SENDER_PIECE];
	struct fault f;
	int64_t time = clock_wall_us(), due = clock_ms() / PIECE_MS;
	int n, have = 0;

	while (left > 0 && (n = must(soundin_read(in, pcm + have,
	                                 (size_t)(SENDER_PIECE - have), &f),
	                        &f)) > 0) {
		have += n;
		if (have < SENDER_PIECE)
			continue;
		have = 0;
		/* Frames are written in real time. */
		if (form == FRAMES)
			(void)io_poll(NULL, 0, due++ * PIECE_MS);
		write_samples(pcm, SENDER_PIECE, time);
		time += PIECE_US;
	}
	if (have > 0 && form != FRAMES)
		write_samples(pcm, (size_t)have, time);
}

int
main(int argc, char **argv)
{
	struct device_how how = {.wanted = DEVICE_MICROPHONE};
	const char *program = getenv("CHAT_SOUND");
	const char *opt[128] = {0};
	struct soundin *in = NULL;
	struct fault f;
	int device = -1;
	long kbit;

	prog_start(argv[0]);
	if (prog_options(opt, argc, argv, "b:d:f:n:v", USAGE) < argc)
		usage(USAGE);
	kbit = prog_number_or('b', opt['b'], 24, 12, 64, "number of kbit/s");
	if (opt['n'])
		left = RATE * prog_number(
		                  'n', opt['n'], 1, 86400, "number of seconds");
	if (opt['f'] && strcmp(opt['f'], "ogg") == 0)
		form = OGG;
	else if (opt['f'] && strcmp(opt['f'], "frames") == 0)
		form = FRAMES;
	else if (opt['f'] && strcmp(opt['f'], "wav") != 0)
		die(X_USE, "-f %s: not ogg, wav or frames", opt['f']);
	if (isatty(1))
		die(X_USE, "stdout is a terminal: pipe it into chat-speaker");
	if (opt['d'] && strcmp(opt['d'], "-") == 0) {
		in = soundin_open();
		if (!in)
			die_memory();
	} else {
		how.microphone = opt['d'];
		how.program = program && *program ? program : NULL;
		device = must(device_open(&how, &f), &f);
	}
	begin(kbit);
	prog_caged(seccomp_enter(0, -1), "seccomp");
	if (in)
		convert(in);
	else
		record(device, opt['v'] != NULL);
	end();
	return 0;
}
