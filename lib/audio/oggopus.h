/* oggopus: Opus in Ogg (RFC 7845), as a stream, by libogg.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_OGGOPUS_H
#define AUDIO_OGGOPUS_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum { OGGOPUS_PAGE = 2048 }; /* most bytes of a page we write */

/* A stream to be written. */
struct oggopus_out;

/* Begin; skip: the coder's delay in samples at 48 kHz.  NULL: no memory. */
struct oggopus_out *
oggopus_out(unsigned skip);

/* The next page to write: two for the headers, then one a packet.  Its length,
 * 0: none. */
size_t
oggopus_page(struct oggopus_out *o, uint8_t page[static OGGOPUS_PAGE]);

/* Add a packet of that many samples at 48 kHz, at most 1275 bytes; last: it
 * ends the stream. */
void
oggopus_put(struct oggopus_out *o, const uint8_t *p, size_t n, unsigned samples,
    int last);

/* A stream being read. */
struct oggopus_in;

struct oggopus_in *
oggopus_in(void);

/* Give it n bytes.  0; -1: no memory. */
int
oggopus_feed(struct oggopus_in *in, const uint8_t *p, size_t n);

/* The next packet of sound: 1, in place until the next call; 0: not yet; -1 and
 * a fault (X_PEER): not Ogg Opus.  *skip: samples at 48 kHz to drop from here
 * on, set with a stream's first packet. */
int
oggopus_get(struct oggopus_in *in, const uint8_t **p, size_t *n, unsigned *skip,
    struct fault *f);

/* The input has ended: 0; -1 and a fault if the stream was cut. */
int
oggopus_end(const struct oggopus_in *in, struct fault *f);

/* Samples at 48 kHz in the packets read so far, after the last page, which may
 * end within a packet; -1: not told. */
int64_t
oggopus_length(const struct oggopus_in *in);

void
oggopus_in_free(struct oggopus_in *in);

#endif
