/* send: one file as messages, as it is while it is read.
 * SPDX-License-Identifier: ISC */
#ifndef SEND_H
#define SEND_H

#include <sys/stat.h>

#include "file/channel.h"
#include "term/progress.h"

/* What goes with every file. */
struct send {
	struct channel p;
	struct progress *prog;
	/* Set when a file is not sent whole: why, in a few words. */
	const char *why;
};

/* Mode and time of modification of st, for m. */
void
send_stat(struct filemsg *m, const struct stat *st);

/* The next message from the other side that is no mere word; words are said.
 * As channel_get. */
int
send_next(struct send *s, struct filemsg *m, struct fault *f);

/* The sum of the m->size bytes of fd, before a question about it; of less, where
 * there are fewer.  0, or -1 and a fault. */
int
send_sum(struct send *s, const struct filemsg *m, int fd,
    uint8_t out[static HASH_BYTES], struct fault *f);

/* Send the file fd is open on as m->item and m->path; fd is closed.  have: the
 * answer to a question about it, for which m has the size and time of then; or
 * NULL.  0; 1 and
 * why; -1 and a fault when the session is over. */
int
send_whole(struct send *s, struct filemsg *m, int fd,
    const struct filemsg *have, struct fault *f);

#endif
