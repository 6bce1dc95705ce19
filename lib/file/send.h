/* send: files and folders as messages, made while they are read.
 * SPDX-License-Identifier: ISC */
#ifndef SEND_H
#define SEND_H

#include <stdint.h>

#include "file/channel.h"
#include "term/progress.h"

struct send;

void
send_free(struct send *s);

/* An item of the offer; it must stay until send_end has returned. */
struct send_item {
	uint32_t number; /* in the offer */
	const char *path; /* where it is */
	const char *name; /* the name it is offered as */
	int fresh; /* the peer has nothing of it: do not ask */
};

/* NULL and errno. */
struct send *
send_new(struct channel *c, struct progress *prog);

/* Send a file, or a folder with its contents; parts of it may wait for answers.
 * 0, or -1 and a fault if the session is over.  Entries that cannot be sent are
 * reported and counted. */
int
send_file(struct send *s, const struct send_item *it, struct fault *f);
int
send_folder(struct send *s, const struct send_item *it, struct fault *f);

/* The totals. */
struct send_total {
	uint64_t files, bytes; /* transferred, without parts from before */
	uint64_t there; /* files that the peer had */
	uint64_t lost; /* entries that were not sent, or not whole */
};

/* Send what waits, then FILEMSG_EXIT.  0, or -1 and a fault. */
int
send_end(struct send *s, struct send_total *t, struct fault *f);

#endif
