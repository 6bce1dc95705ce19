/* send: files and folders as messages, as they are while they are read.
 * SPDX-License-Identifier: ISC */
#ifndef SEND_H
#define SEND_H

#include <stdint.h>

#include "file/channel.h"
#include "term/progress.h"

struct send;

void
send_free(struct send *s);

/* An item of the offer; it stays until send_end has returned. */
struct send_item {
	uint32_t number; /* in the offer */
	const char *path; /* where it is */
	const char *name; /* the one it goes by */
	int fresh; /* the peer has nothing of it: ask nothing */
};

/* NULL and errno. */
struct send *
send_new(struct channel *c, struct progress *prog);

/* Send a file, or a folder and all below it.  What the peer is asked about first
 * may wait.  0, or -1 and a fault when the session is over; what cannot be sent
 * is said and counted. */
int
send_file(struct send *s, const struct send_item *it, struct fault *f);
int
send_folder(struct send *s, const struct send_item *it, struct fault *f);

/* What became of all of them. */
struct send_total {
	uint64_t files, bytes; /* that were sent, parts left out */
	uint64_t there; /* files that the peer had */
	uint64_t lost; /* entries that were not sent, or not whole */
};

/* Send what waits, and that this is all (FILEMSG_EXIT).  0, or -1 and a fault. */
int
send_end(struct send *s, struct send_total *t, struct fault *f);

#endif
