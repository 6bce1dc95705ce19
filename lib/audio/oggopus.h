/* oggopus: Opus in Ogg (RFC 7845), as a stream, by libogg.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_OGGOPUS_H
#define AUDIO_OGGOPUS_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum { OGGOPUS_PAGE = 2048 }; /* most bytes of a page that is written */

/* One that is written. */
struct oggopus_out;

/* Begin: skip are the samples at 48 kHz by which the coder is late.  NULL: no
 * memory. */
struct oggopus_out *
oggopus_out(unsigned skip);

/* The next page that is to be written: first the two of heads, then one for
 * each packet.  How many bytes, 0: none. */
size_t
oggopus_page(struct oggopus_out *o, uint8_t page[static OGGOPUS_PAGE]);

/* A packet of that many samples at 48 kHz, at most 1275 bytes; last: it ends the
 * stream. */
void
oggopus_put(struct oggopus_out *o, const uint8_t *p, size_t n, unsigned samples,
    int last);

/* One that is read. */
struct oggopus_in;

struct oggopus_in *
oggopus_in(void);

/* Give it n bytes.  0; -1: no memory. */
int
oggopus_feed(struct oggopus_in *in, const uint8_t *p, size_t n);

/* The next packet of sound: 1, and where it is until the next call; 0: there is
 * none yet; -1 and a fault (X_PEER): not Ogg Opus.  *skip: samples at 48 kHz that
 * are to be dropped from here on, if it is the first. */
int
oggopus_get(struct oggopus_in *in, const uint8_t **p, size_t *n, unsigned *skip,
    struct fault *f);

/* The stream ends here: 0; -1 and a fault if it was cut. */
int
oggopus_end(const struct oggopus_in *in, struct fault *f);

/* How many samples at 48 kHz it has in all, of what was got: for the last page,
 * which may end within a packet; -1: it does not tell. */
int64_t
oggopus_length(const struct oggopus_in *in);

void
oggopus_in_free(struct oggopus_in *in);

#endif
