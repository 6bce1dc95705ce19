/* batch: the records of a sealed file, by two threads if two processors are free.
 * SPDX-License-Identifier: ISC */
#ifndef BATCH_H
#define BATCH_H

#include "base/fault.h"
#include "wire/record.h"

/* Threads that wait for batch_seal or batch_open; at most one such set at a
 * time. */
struct batch;

/* Threads that cipher, the first thread included (aeadfast_use). */
enum { BATCH_THREADS = 3 };

/* Read from in, write to out; messages use their names.  Makes the threads,
 * because the cage forbids that; none if the process may run on one processor
 * only.  NULL and a fault. */
struct batch *
batch_new(int in, const char *in_name, int out, const char *out_name,
    struct fault *f);

/* Seal in to its end as records of r, then the end record.  0 when all is
 * written, or -1 and a fault.  b is used up.  After a fault the process must
 * exit without freeing r: a thread may still wait for input. */
int
batch_seal(struct batch *b, struct record *r, struct fault *f);

/* Open the records and write verified data, in order, up to the authenticated
 * end. 0; or -1 and a fault (X_PEER: changed, cut short, or data after the
 * end), when all before it has been written.  A terminal gets only text, else
 * X_USE.  b is used up, and r must not be freed, as above. */
int
batch_open(struct batch *b, struct record *r, struct fault *f);

#endif
