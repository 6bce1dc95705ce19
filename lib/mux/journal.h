/* journal: write what both sides say to a file, line by line.
 * SPDX-License-Identifier: ISC */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "base/fault.h"
#include "mux/render.h"

/* Begin with zeros. */
struct journal {
	int fd;
	int bad; /* a write failed: write no more */
	struct render_how how[2]; /* for the other side's lines, for our own */
};

/* Open the file at path for appending; a missing one is created, 0600.  It must
 * be a regular file of the user's that others cannot read or change, and not a
 * symbolic link (X_USE).  name is the other side's.  0, or -1 and a fault. */
int
journal_open(
    struct journal *j, const char *path, const char *name, struct fault *f);

/* Write a line with date and time, made harmless as on a screen.  0; -1 and
 * errno, after which lines are ignored. */
int
journal_line(struct journal *j, int own, const struct message *m);

#endif
