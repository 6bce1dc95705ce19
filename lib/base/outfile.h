/* outfile: one file that appears under its name only when it is whole.
 * SPDX-License-Identifier: ISC */
#ifndef OUTFILE_H
#define OUTFILE_H

#include "base/fault.h"

/* The file being written; a process has one. */
struct outfile {
	int fd; /* write here */
	int dir; /* the folder in which it is renamed or removed */
};

/* Begin the file for path.  Path must be absent or a regular file, and not the
 * file that descriptor in reads: else X_USE.  Until outfile_keep the data is in
 * `.NAME.8 HEX DIGITS` beside it, 0600 less the umask; SIGHUP, SIGINT, SIGQUIT,
 * SIGTERM and SIGXFSZ remove that before they end the process.  0, or -1 and a
 * fault. */
int
outfile_begin(struct outfile *o, const char *path, int in, struct fault *f);

/* Sync the data and rename it to path.  0, or -1 and a fault. */
int
outfile_keep(struct outfile *o, struct fault *f);

/* Remove the temporary file, if there is one; for atexit(3). */
void
outfile_drop(void);

#endif
