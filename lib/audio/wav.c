/* wav: RIFF WAVE files, as a stream.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/wav.h"

enum { RIFF, CHUNK, FORMAT, SKIP, SOUND, OVER };
enum {
	RIFF_HEAD = 12,
	CHUNK_HEAD = 8,
	FORMAT_LEAST = 16,
	FORMAT_WHOLE = 26, /* with the first bytes of the extension's kind */
	PCM = 1,
	FLOATS = 3,
	EXTENSIBLE = 0xfffe,
	NEAR_MOST = 0x7f000000 /* bytes; larger sizes: unknown when written */
};

static uint32_t
le(const uint8_t *p, unsigned n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static void
le_put(uint8_t *p, uint32_t v, unsigned n)
{
	for (; n > 0; n--, v >>= 8)
		*p++ = (uint8_t)v;
}

void
wav_head(uint8_t out[static WAV_HEAD], unsigned rate)
{
	memcpy(out, "RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\1\0\1\0", 24);
	le_put(out + 24, rate, 4);
	le_put(out + 28, rate * 2, 4);
	le_put(out + 32, 2, 2);
	le_put(out + 34, 16, 2);
	memcpy(out + 36, "data\xff\xff\xff\xff", 8);
}

/* Collect `want` bytes in part: 1, or 0 if there are fewer yet. */
static int
gather(struct wav *w, const uint8_t **p, size_t *n, size_t want)
{
	size_t some = want - w->have < *n ? want - w->have : *n;

	memcpy(w->part + w->have, *p, some);
	*p += some;
	*n -= some;
	w->have += some;
	if (w->have < want)
		return 0;
	w->have = 0;
	return 1;
}

static int
format(struct wav *w, struct fault *f)
{
	const uint8_t *p = w->part;
	unsigned kind = le(p, 2), bytes;

	if (kind == EXTENSIBLE && w->skip >= FORMAT_WHOLE)
		kind = le(p + 24, 2);
	w->channels = le(p + 2, 2);
	w->rate = le(p + 4, 4);
	w->bits = le(p + 14, 2);
	w->floats = kind == FLOATS;
	bytes = w->bits / 8;
	if ((kind != PCM && kind != FLOATS) || w->bits % 8 != 0 ||
	    (kind == PCM ? bytes < 1 || bytes > 4 : bytes != 4 && bytes != 8))
		return fault(f, X_PEER,
		    "the WAV has samples of a kind that is not understood");
	if (w->channels < 1 || w->channels > WAV_CHANNELS ||
	    w->rate < WAV_LEAST || w->rate > WAV_MOST ||
	    le(p + 12, 2) != w->channels * bytes)
		return fault(f, X_PEER,
		    "the WAV has %u channels at %u samples a second",
		    w->channels, w->rate);
	return 0;
}

/* Parse the head of a chunk, in part. */
static int
chunk(struct wav *w, struct fault *f)
{
	uint32_t n = le(w->part + 4, 4);

	if (memcmp(w->part, "data", 4) == 0) {
		if (w->rate == 0)
			return fault(
			    f, X_PEER, "the WAV has sound before its format");
		/* Writers that did not know it put 0xffffffff or nearly
		 * that. */
		w->left = n == 0 || n >= NEAR_MOST ? UINT64_MAX : n;
		w->state = SOUND;
		return 0;
	}
	if (n == UINT32_MAX)
		return fault(f, X_PEER, "the WAV is damaged");
	w->skip = n + (n & 1); /* chunks begin at even offsets */
	w->state = SKIP;
	if (memcmp(w->part, "fmt ", 4) != 0)
		return 0;
	if (n < FORMAT_LEAST || w->rate)
		return fault(f, X_PEER, "the WAV's format is damaged");
	w->state = FORMAT;
	return 0;
}

/* Scale a number of at most 2^31 to 16 bits. */
static int
narrow(double v)
{
	v *= 32768;
	if (!(v > -32768)) /* also if not a number */
		return -32768;
	return v < 32767 ? (int)v : 32767;
}

static int
sample(const struct wav *w, const uint8_t *p)
{
	uint32_t word;
	uint64_t both;
	double d;
	float one;

	if (w->floats && w->bits == 32) {
		word = le(p, 4);
		memcpy(&one, &word, sizeof(one));
		return one != one ? 0 : narrow(one);
	}
	if (w->floats) {
		both = (uint64_t)le(p + 4, 4) << 32 | le(p, 4);
		memcpy(&d, &both, sizeof(d));
		return d != d ? 0 : narrow(d);
	}
	if (w->bits == 8)
		return (*p - 128) * 256;
	/* Keep the upper 16 bits. */
	return (int16_t)le(p + w->bits / 8 - 2, 2);
}

static int16_t
mixed(const struct wav *w)
{
	long sum = 0;
	unsigned c;

	for (c = 0; c < w->channels; c++)
		sum += sample(w, w->part + c * w->bits / 8);
	return (int16_t)(sum / (long)w->channels);
}

/* Convert as many samples as there are bytes and room for. */
static int
sound(struct wav *w, const uint8_t **p, size_t *n, int16_t *out, size_t cap)
{
	size_t frame = (size_t)w->channels * w->bits / 8, made = 0;

	while (made < cap && w->left >= frame) {
		if (!gather(w, p, n, frame))
			return (int)made;
		out[made++] = mixed(w);
		if (w->left != UINT64_MAX)
			w->left -= frame;
	}
	if (w->left < frame)
		w->state = OVER;
	return (int)made;
}

/* Parse the first bytes of a format chunk, and skip the rest. */
static int
take_format(struct wav *w, const uint8_t **p, size_t *n, struct fault *f)
{
	size_t want = w->skip < FORMAT_WHOLE ? FORMAT_LEAST : FORMAT_WHOLE;

	if (!gather(w, p, n, want))
		return 0;
	if (format(w, f) == -1)
		return -1;
	w->skip -= (uint32_t)want;
	w->state = SKIP;
	return 1;
}

static int
take_skip(struct wav *w, const uint8_t **p, size_t *n)
{
	size_t some = w->skip < *n ? w->skip : *n;

	*p += some;
	*n -= some;
	w->skip -= (uint32_t)some;
	if (w->skip > 0)
		return 0;
	w->state = CHUNK;
	return 1;
}

int
wav_take(struct wav *w, const uint8_t **p, size_t *n, int16_t *out, size_t cap,
    struct fault *f)
{
	int r = 1, made;

	while (r == 1) {
		switch (w->state) {
		case RIFF:
			r = gather(w, p, n, RIFF_HEAD);
			if (r == 1 && (memcmp(w->part, "RIFF", 4) != 0 ||
			                  memcmp(w->part + 8, "WAVE", 4) != 0))
				return fault(f, X_PEER, "not a WAV stream");
			w->state = r ? CHUNK : RIFF;
			break;
		case CHUNK:
			r = gather(w, p, n, CHUNK_HEAD);
			if (r == 1 && chunk(w, f) == -1)
				return -1;
			break;
		case FORMAT:
			r = take_format(w, p, n, f);
			break;
		case SKIP:
			r = take_skip(w, p, n);
			break;
		case SOUND:
			made = sound(w, p, n, out, cap);
			if (made > 0 || w->state == SOUND)
				return made;
			r = 1;
			break;
		default:
			*p += *n;
			*n = 0;
			return 0;
		}
	}
	return r;
}

int
wav_end(const struct wav *w, struct fault *f)
{
	if (w->state == OVER ||
	    (w->state == SOUND && w->left == UINT64_MAX && w->have == 0))
		return 0;
	if (w->state == RIFF && w->have == 0)
		return fault(f, X_PEER, "the WAV stream is empty");
	return fault(f, X_PEER, "the WAV stream was cut");
}
