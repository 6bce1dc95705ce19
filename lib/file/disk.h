/* disk: what a peer sends, put below one folder and nowhere else.
 * SPDX-License-Identifier: ISC */
#ifndef DISK_H
#define DISK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "file/dir.h"

/* The path of a message is as fdir.h wants it.  Where a name is taken by
 * something else the next number is used.  What returns int returns 0, or -1 and
 * errno. */
struct disk {
	struct dir dir;
	const char *key; /* of the peer, whose parts are gone on with */
	mode_t mask; /* bits that no file or folder gets */
	/* the file under way; fd -1: none */
	int fd;
	char part[NAME_MOST + 1], name[NAME_MOST + 1];
	uint64_t size, at; /* announced; in the part */
	uint64_t begun; /* how far the disk was told to write */
	mode_t mode, now; /* to be, and of the part */
	struct timespec when;
};

/* root stays open until the end of the program.  mask: as of umask(2), which must
 * be 0 itself; nothing is made that others can write to in any case. */
int
disk_start(struct disk *s, int root, mode_t mask, const char *key);

/* Is a folder of that name in the root?  1 or 0. */
int
disk_folder(const struct disk *s, const char *name);

/* Is nothing there of that name in the root, nor a part of that size?  1 or
 * 0. */
int
disk_new(const struct disk *s, const char *name, uint64_t size);

/* The next file there is under the name of m, with a number or none, of its size:
 * a descriptor, or -1 where there is none.  *n counts, from 0. */
int
disk_same(struct disk *s, const struct filemsg *m, unsigned *n);

/* The part of the file of m, and how many bytes it has: a descriptor, or -1. */
int
disk_part(struct disk *s, const struct filemsg *m, uint64_t *size);

/* Begin the file of m (FILEMSG_FILE), or go on with its part, of which m->count
 * bytes stay: ESTALE if there are fewer, EBUSY if another program has it. */
int
disk_begin(struct disk *s, const struct filemsg *m);

/* n bytes more were written to fd; now and then the disk is told to begin. */
void
disk_added(struct disk *s, size_t n);

/* n zeros more.  Nothing is written to disk for them. */
int
disk_hole(struct disk *s, uint64_t n);

/* All of it is there: give it its mode, time and final name.  EIO if it is not
 * as long as was announced.  What fails stays a part. */
int
disk_finish(struct disk *s);

/* Stop with the file under way; remove: and throw its part away. */
void
disk_drop(struct disk *s, int remove);

/* Give the folder of m its mode and time, if it was made by this run. */
int
disk_leave(struct disk *s, const struct filemsg *m);

/* The link of m, which name_link has accepted. */
int
disk_link(struct disk *s, const struct filemsg *m);

#endif
