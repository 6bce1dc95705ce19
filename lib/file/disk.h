/* disk: what a peer sends, put below one folder and nowhere else.
 * SPDX-License-Identifier: ISC */
#ifndef DISK_H
#define DISK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "file/name.h"
#include "wire/filemsg.h"

/* The path of a message is relative to the root, of names that name_good accepts
 * and that are made safe here; no symbolic link is followed.  Where a name is
 * taken by something else the next number is used; in the middle of a path it
 * stands for the first one with a number that is a folder's.  What returns int
 * returns 0, or -1 and errno. */
struct disk;

/* root stays open until the end of the program.  mask: as of umask(2), which must
 * be 0 itself; nothing is made that others can write to in any case.  key: of the
 * peer, whose parts are gone on with.  NULL and errno. */
struct disk *
disk_new(int root, mode_t mask, const char *key);

/* A file under way stays a part. */
void
disk_free(struct disk *d);

/* Is a folder of that name in the root?  1 or 0. */
int
disk_folder(const struct disk *d, const char *name);

/* Is nothing there of that name in the root, nor a part of that size?  1 or
 * 0. */
int
disk_fresh(const struct disk *d, const char *name, uint64_t size);

/* How many bytes are still missing of a file of that name and size in the root: 0
 * where a file like it is there, whole. */
uint64_t
disk_missing(const struct disk *d, const char *name, uint64_t size);

/* How many bytes there is room for, or UINT64_MAX where that is not known. */
uint64_t
disk_room(const struct disk *d);

/* The next file there is under the name of m, with a number or none, of its size:
 * a descriptor, or -1 where there is none.  *n counts, from 0. */
int
disk_same(struct disk *d, const struct filemsg *m, unsigned *n);

/* The part of the file of m, and how many bytes it has: a descriptor, or -1. */
int
disk_part(struct disk *d, const struct filemsg *m, uint64_t *size);

/* Begin the file of m (FILEMSG_NEW), or go on with its part, of which m->count
 * bytes stay: ESTALE if there are fewer, EBUSY if another program has it. */
int
disk_begin(struct disk *d, const struct filemsg *m);

/* The file under way, to be written to at its position; -1: none. */
int
disk_fd(const struct disk *d);

/* n bytes more were written to it; now and then the disk is told to begin. */
void
disk_added(struct disk *d, size_t n);

/* n zeros more.  None of them is written to disk. */
int
disk_hole(struct disk *d, uint64_t n);

/* All of it is there: give it its mode, time and final name, of which name is a
 * copy.  EIO if it is not as long as was announced.  What fails stays a part.
 * Returns 1 where that is not its own name, since another file has it. */
int
disk_finish(struct disk *d, char name[static NAME_MOST + 1]);

/* Stop with the file under way; remove: and throw its part away. */
void
disk_drop(struct disk *d, int remove);

/* The folder of m is made where it is missing. */
int
disk_enter(struct disk *d, const struct filemsg *m);

/* Give the folder of m its mode and time, if this run made it. */
int
disk_leave(struct disk *d, const struct filemsg *m);

/* The link of m, which name_link has accepted. */
int
disk_link(struct disk *d, const struct filemsg *m);

/* Bring everything to disk. */
int
disk_sync(const struct disk *d);

#endif
