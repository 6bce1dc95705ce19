/* opusio: encode and decode speech, by libopus.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_OPUSIO_H
#define AUDIO_OPUSIO_H

#include <stddef.h>
#include <stdint.h>

#include "audio/slots.h"

enum { OPUSIO_LONGEST = 5760 }; /* most samples in a packet: 120 ms */

struct OpusEncoder;
struct OpusDecoder;

/* A coder for speech in mono at 48 kHz; bits a second.  NULL: no memory. */
struct OpusEncoder *
opusio_encoder(long bits);

/* Encode one slot.  Its bytes, at least 1. */
int
opusio_encode(struct OpusEncoder *e, const int16_t pcm[static SLOTS_SAMPLES],
    uint8_t out[static SLOTS_BYTES]);

/* The delay of coding, in samples. */
int
opusio_lookahead(struct OpusEncoder *e);

/* A decoder into mono at 48 kHz.  NULL: no memory. */
struct OpusDecoder *
opusio_decoder(void);

/* Is it one Opus packet of exactly one slot in mono?  1 or 0. */
int
opusio_valid(const uint8_t *p, size_t n);

/* For playout.h: decoder is a struct OpusDecoder. */
int
opusio_decode(void *decoder, const uint8_t *p, size_t n,
    int16_t pcm[static SLOTS_SAMPLES]);

/* Decode a packet of any length and number of channels.  How many samples, or
 * -1. */
int
opusio_decode_any(struct OpusDecoder *d, const uint8_t *p, size_t n,
    int16_t pcm[static OPUSIO_LONGEST]);

#endif
