/* wav: RIFF WAVE files as a stream, although their lengths may be wrong.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_WAV_H
#define AUDIO_WAV_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum {
	WAV_HEAD = 44, /* bytes that wav_head writes */
	WAV_LEAST = 4000, /* samples a second */
	WAV_MOST = 384000,
	WAV_CHANNELS = 32,
	WAV_FRAME = WAV_CHANNELS * 8 /* most bytes of one sample of all */
};

/* A stream that is read; begin with zeros. */
struct wav {
	unsigned rate, channels, bits;
	int floats; /* samples are IEEE floating point numbers */
	uint64_t left; /* bytes of sound; UINT64_MAX: up to the end */
	int state; /* private */
	uint32_t skip;
	size_t have; /* bytes in part */
	uint8_t part[WAV_FRAME];
};

/* Write the head of a stream of 16-bit samples in mono whose end is not known. */
void
wav_head(uint8_t out[static WAV_HEAD], unsigned rate);

/* Take some of the *n bytes at *p, moving both on, and give at most cap
 * samples, all channels mixed to one.  How many; *n is 0 then if all was used.
 * With cap > 0, 0 samples mean that all bytes are used up.  Bytes after the
 * sound are ignored. -1 and a fault (X_PEER): not WAVE, or an unsupported
 * one. */
int
wav_take(struct wav *w, const uint8_t **p, size_t *n, int16_t *out, size_t cap,
    struct fault *f);

/* The input has ended.  0; -1 and a fault if it was cut before or within its
 * sound. */
int
wav_end(const struct wav *w, struct fault *f);

#endif
