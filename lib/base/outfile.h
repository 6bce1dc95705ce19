/* outfile: one file that appears under its name when it is whole.
 * SPDX-License-Identifier: ISC */
#ifndef OUTFILE_H
#define OUTFILE_H

#include "base/fault.h"

/* The file that is being written; a process has one. */
struct outfile {
	int fd; /* to be written */
	int dir; /* the folder in which it is renamed or removed */
};

/* Begin the file that will stand at path, which is absent or a regular file,
 * and not what the descriptor in reads: else X_USE.  Until outfile_keep it is a
 * sibling, `.NAME.8 HEX DIGITS`, 0600 less the umask; SIGHUP, SIGINT, SIGQUIT,
 * SIGTERM and SIGXFSZ remove it before they end the process.  0, or -1 and a
 * fault. */
int
outfile_begin(struct outfile *o, const char *path, int in, struct fault *f);

/* Bring it to the disk and put it in the place of what stood at path.  0, or -1
 * and a fault. */
int
outfile_keep(struct outfile *o, struct fault *f);

/* Remove what was begun and not kept, if there is such a file; for atexit(3). */
void
outfile_drop(void);

#endif
