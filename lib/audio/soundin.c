/* soundin: a WAV or Ogg Opus stream on stdin, as samples at 48 kHz in mono.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "audio/oggopus.h"
#include "audio/opusio.h"
#include "audio/resample.h"
#include "audio/soundin.h"
#include "audio/wav.h"
#include "base/io.h"

enum { BYTES = 4096, RATE = 48000 };

struct soundin {
	uint8_t buf[BYTES];
	size_t at, n; /* unused bytes */
	int over; /* stdin has ended */
	int kind; /* its first byte, R or O; 0: not read yet */

	struct wav wav;
	struct resample *resample; /* if it has another rate */
	int flushed; /* and it has given all */
	int16_t raw[BYTES]; /* samples at that rate */
	size_t raw_at, raw_n;

	struct oggopus_in *ogg;
	struct OpusDecoder *decoder;
	int16_t pcm[OPUSIO_LONGEST];
	size_t pcm_at, pcm_n;
	unsigned skip; /* samples to be dropped */
	int64_t given; /* samples since the stream began, those skipped too */
};

struct soundin *
soundin_open(void)
{
	struct soundin *s = calloc(1, sizeof(*s));

	if (s) {
		s->ogg = oggopus_in();
		s->decoder = opusio_decoder();
	}
	return s && s->ogg && s->decoder ? s : NULL;
}

void
soundin_begin(struct soundin *s, const uint8_t *p, size_t n)
{
	memcpy(s->buf, p, n < BYTES ? n : BYTES);
	s->at = 0;
	s->n = n < BYTES ? n : BYTES;
}

int
soundin_is(const uint8_t p[static SOUNDIN_FIRST])
{
	return memcmp(p, "RIFF", 4) == 0 || memcmp(p, "OggS", 4) == 0;
}

/* Have bytes in buf: 1; 0 at the end; -1 and a fault. */
static int
fill(struct soundin *s, struct fault *f)
{
	ssize_t n;

	if (s->at < s->n)
		return 1;
	if (s->over)
		return 0;
	n = io_read(0, s->buf, sizeof(s->buf));
	if (n == -1)
		return fault_sys(f, X_SYS, "stdin");
	s->over = n == 0;
	s->at = 0;
	s->n = (size_t)n;
	return n > 0;
}

/* Detect the format: 1, or -1 and a fault. */
static int
know(struct soundin *s, struct fault *f)
{
	ssize_t n = io_read_full(
	    0, s->buf + s->n, SOUNDIN_FIRST > s->n ? SOUNDIN_FIRST - s->n : 0);

	if (n == -1)
		return fault_sys(f, X_SYS, "stdin");
	s->n += (size_t)n;
	if (s->n == 0)
		return fault(f, X_PEER, "the stream is empty");
	if (s->n < SOUNDIN_FIRST || !soundin_is(s->buf))
		return fault(f, X_PEER, "neither WAV nor Ogg Opus");
	s->kind = s->buf[0];
	return 1;
}

/* ---- WAV ---- */

/* Fill raw: 1; 0 at the end; -1 and a fault. */
static int
more_raw(struct soundin *s, struct fault *f)
{
	const uint8_t *p;
	size_t left;
	int r, made;

	while ((r = fill(s, f)) == 1) {
		p = s->buf + s->at;
		left = s->n - s->at;
		made = wav_take(&s->wav, &p, &left, s->raw, BYTES, f);
		s->at = s->n - left;
		if (made == -1)
			return -1;
		if (made == 0)
			continue;
		s->raw_at = 0;
		s->raw_n = (size_t)made;
		if (s->wav.rate != RATE && !s->resample &&
		    !(s->resample = resample_open(s->wav.rate, RATE)))
			return fault_memory(f);
		return 1;
	}
	if (r == -1 || wav_end(&s->wav, f) == -1)
		return -1;
	if (!s->resample || s->flushed)
		return 0;
	s->flushed = 1;
	s->raw_at = 0;
	s->raw_n = resample_kept(s->resample);
	memset(s->raw, 0, s->raw_n * sizeof(*s->raw));
	return 1;
}

static int
read_wav(struct soundin *s, int16_t *pcm, size_t cap, struct fault *f)
{
	size_t n, made = 0;
	int r;

	while (made == 0) {
		if (s->raw_at == s->raw_n && (r = more_raw(s, f)) != 1)
			return r;
		n = s->raw_n - s->raw_at;
		if (s->resample) {
			made = resample_run(
			    s->resample, s->raw + s->raw_at, &n, pcm, cap);
		} else {
			n = n < cap ? n : cap;
			memcpy(pcm, s->raw + s->raw_at, n * sizeof(*pcm));
			made = n;
		}
		s->raw_at += n;
	}
	return (int)made;
}

/* ---- Ogg Opus ---- */

/* The last packet may be longer than the stream. */
static void
cut_end(struct soundin *s)
{
	int64_t length = oggopus_length(s->ogg);

	if (length >= 0 && s->given > length) {
		s->given -= (int64_t)s->pcm_n;
		s->pcm_n = length > s->given ? (size_t)(length - s->given) : 0;
		s->given += (int64_t)s->pcm_n;
	}
}

/* Decode the next packet: 1; 0: none yet; -1 and a fault. */
static int
decode(struct soundin *s, struct fault *f)
{
	const uint8_t *p;
	unsigned skip;
	size_t n;
	int r = oggopus_get(s->ogg, &p, &n, &skip, f), made;

	if (r != 1)
		return r;
	if (skip > 0) {
		s->skip = skip;
		s->given = 0;
	}
	made = opusio_decode_any(s->decoder, p, n, s->pcm);
	if (made == -1)
		return fault(f, X_PEER, "a packet of the Ogg is not Opus");
	s->pcm_at = 0;
	s->pcm_n = (size_t)made;
	s->given += made;
	cut_end(s);
	n = s->skip < s->pcm_n ? s->skip : s->pcm_n;
	s->skip -= (unsigned)n;
	s->pcm_at = n;
	return 1;
}

static int
read_ogg(struct soundin *s, int16_t *pcm, size_t cap, struct fault *f)
{
	size_t n;
	int r;

	while (s->pcm_at == s->pcm_n) {
		if ((r = decode(s, f)) == -1)
			return -1;
		if (r == 1)
			continue;
		if ((r = fill(s, f)) == -1)
			return -1;
		if (r == 0)
			return oggopus_end(s->ogg, f);
		if (oggopus_feed(s->ogg, s->buf + s->at, s->n - s->at) == -1)
			return fault_memory(f);
		s->at = s->n;
	}
	n = s->pcm_n - s->pcm_at < cap ? s->pcm_n - s->pcm_at : cap;
	memcpy(pcm, s->pcm + s->pcm_at, n * sizeof(*pcm));
	s->pcm_at += n;
	return (int)n;
}

int
soundin_read(struct soundin *s, int16_t *pcm, size_t cap, struct fault *f)
{
	if (!s->kind && know(s, f) == -1)
		return -1;
	return s->kind == 'R' ? read_wav(s, pcm, cap, f)
	                      : read_ogg(s, pcm, cap, f);
}
