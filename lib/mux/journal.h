/* journal: what was said by both sides, written to a file as it is said.
 * SPDX-License-Identifier: ISC */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "base/fault.h"
#include "mux/render.h"

/* Begin with zeros. */
struct journal {
	int fd;
	int bad; /* nothing more is written */
	struct render_how how[2]; /* the other side's lines, our own */
};

/* Open the file at path to write at its end; one that is not there is made, 0600.
 * It must be a regular file of the user's that nobody else may read or change, and
 * not a symbolic link (X_USE).  name is the other side's.  0, or -1 and a fault. */
int
journal_open(
    struct journal *j, const char *path, const char *name, struct fault *f);

/* Write a line with its date and time, made harmless as on a screen.  0; -1 and
 * errno, and then never again. */
int
journal_line(struct journal *j, int own, const struct message *m);

#endif
