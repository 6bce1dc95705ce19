/* fstore: what a peer sends, put below one folder and nowhere else.
 * SPDX-License-Identifier: ISC */
#ifndef FSTORE_H
#define FSTORE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "fdir.h"

/* The path of a message is as fdir.h wants it.  Where a name is taken by
 * something else the next number is used.  What returns int returns 0, or -1 and
 * errno. */
struct fstore {
	struct fdir dir;
	/* the file under way; fd -1: none */
	int fd;
	char part[FNAME_MAX + 1], name[FNAME_MAX + 1];
	uint64_t size, at; /* announced; in the part */
	uint64_t begun; /* how far the disk was told to write */
	mode_t mode, now; /* to be, and of the part */
	struct timespec when;
};

/* root stays open until the end of the program.  The umask must be 0. */
int
fstore_start(struct fstore *s, int root);

/* Is nothing there of that name in the root, nor a part of that size?  1 or
 * 0. */
int
fstore_new(const struct fstore *s, const char *name, uint64_t size);

/* What is there of the file of m: up to FWIRE_KEPT descriptors with how many
 * bytes of each count, a part first: *part is 1 then.  Returns how many. */
int
fstore_kept(struct fstore *s, const struct fwire *m, int fd[static FWIRE_KEPT],
    uint64_t kept[static FWIRE_KEPT], uint64_t *part);

/* Begin the file of m (FWIRE_FILE), or go on with its part, of which m->count
 * bytes stay: ESTALE if there are fewer, EBUSY if another program has it. */
int
fstore_begin(struct fstore *s, const struct fwire *m);

/* n bytes more were written to fd; now and then the disk is told to begin. */
void
fstore_added(struct fstore *s, size_t n);

/* n zeros more.  Nothing is written to disk for them. */
int
fstore_hole(struct fstore *s, uint64_t n);

/* All of it is there: give it its mode, time and final name.  EIO if it is not
 * as long as was announced.  What fails stays a part. */
int
fstore_finish(struct fstore *s);

/* Stop with the file under way; remove: and throw its part away. */
void
fstore_drop(struct fstore *s, int remove);

/* Give the folder of m its mode and time. */
int
fstore_leave(struct fstore *s, const struct fwire *m);

/* The link of m, which fname_link has accepted. */
int
fstore_link(struct fstore *s, const struct fwire *m);

#endif
