/* fsend: one file as messages, as it is while it is read.
 * SPDX-License-Identifier: ISC */
#ifndef FSEND_H
#define FSEND_H

#include <sys/stat.h>

#include "fpipe.h"
#include "fprog.h"

/* What goes with every file. */
struct fsend {
	struct fpipe p;
	struct fprog *prog;
	/* Set when a file is not sent whole: why, in a few words. */
	const char *why;
};

/* Mode and time of modification of st, for m. */
void
fsend_stat(struct fwire *m, const struct stat *st);

/* The next message from the other side that is no mere word; words are said.
 * As fpipe_get. */
int
fsend_next(struct fsend *s, struct fwire *m, struct fault *f);

/* Send the file fd is open on as m->item and m->path; fd is closed.  have: the
 * answer to a question about it, the last message that came; or NULL.  0; 1 and
 * why; -1 and a fault when the session is over. */
int
fsend_file(struct fsend *s, struct fwire *m, int fd, const struct fwire *have,
    struct fault *f);

#endif
