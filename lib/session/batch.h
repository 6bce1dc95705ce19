/* batch: the records of a sealed file, by two threads where two processors are
 * free.
 * SPDX-License-Identifier: ISC */
#ifndef BATCH_H
#define BATCH_H

#include "base/fault.h"
#include "wire/record.h"

/* Threads that wait for batch_seal or batch_open; a process has one such pair at
 * a time. */
struct batch;

/* How many threads cipher, the first included (aeadfast_use). */
enum { BATCH_THREADS = 3 };

/* in is to be read, out to be written; their names are for the messages.  The
 * threads are made here, since the cage lets no thread be made; there are none
 * where the process may run on one processor only.  NULL and a fault. */
struct batch *
batch_new(int in, const char *in_name, int out, const char *out_name,
    struct fault *f);

/* Seal in to its end as records of r, and then the end.  0 when all is written,
 * or -1 and a fault.  b is used up.  After a fault the process must exit, and not
 * free r: a thread may still wait for input. */
int
batch_seal(struct batch *b, struct record *r, struct fault *f);

/* Open the records and write what is verified, in order, up to the authenticated
 * end.  0; or -1 and a fault (X_PEER: changed, cut short, or something follows
 * the end) after all before it has been written.  To a terminal only text is
 * written; else X_USE.  b is used up, and r not to be freed,
 * as above. */
int
batch_open(struct batch *b, struct record *r, struct fault *f);

#endif
