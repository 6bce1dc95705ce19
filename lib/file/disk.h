/* disk: write what a peer sends below one folder, and never outside it.
 * SPDX-License-Identifier: ISC */
#ifndef DISK_H
#define DISK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "file/name.h"
#include "wire/filemsg.h"

/* A message's path is relative to the root, made of names that name_good
 * accepts; they are made safe here, and symbolic links are never followed.  If
 * a name is taken the next number is used; within a path it stands for the
 * first folder of that name or with a number.  Functions of type int return 0,
 * or -1 and errno. */
struct disk;

/* root stays open until the program ends.  mask: as of umask(2), which itself
 * must be 0; others can never write to what is made.  key: the peer's, whose
 * parts are resumed.  NULL and errno. */
struct disk *
disk_new(int root, mode_t mask, const char *key);

/* A part stays. */
void
disk_free(struct disk *d);

/* 1 if the root has a folder of that name, else 0. */
int
disk_folder(const struct disk *d, const char *name);

/* 1 if the root has neither that name nor a part of that size, else 0. */
int
disk_fresh(const struct disk *d, const char *name, uint64_t size);

/* Missing bytes of a file of that name and size in the root: 0 if a file of
 * that name and size is there. */
uint64_t
disk_missing(const struct disk *d, const char *name, uint64_t size);

/* Bytes of free space, or UINT64_MAX if unknown. */
uint64_t
disk_room(const struct disk *d);

/* Open the next file under m's name, with a number or none, that has its size:
 * a descriptor, or -1 if there are no more.  *n counts, from 0. */
int
disk_same(struct disk *d, const struct filemsg *m, unsigned *n);

/* Open the part of m's file: a descriptor, and its length; or -1. */
int
disk_part(struct disk *d, const struct filemsg *m, uint64_t *size);

/* Begin m's file (FILEMSG_NEW), or resume its part, of which m->count bytes
 * stay: ESTALE if it has fewer, EBUSY if another program has it.  here: all its
 * bytes have come, so a part is not needed. */
int
disk_begin(struct disk *d, const struct filemsg *m, int here);

/* The current file, written at its position; -1: none. */
int
disk_fd(const struct disk *d);

/* n bytes were written to it; now and then the disk is told to start
 * writing. */
void
disk_added(struct disk *d, size_t n);

/* Add n zeros, as a hole. */
int
disk_hole(struct disk *d, uint64_t n);

/* The file is complete: set its mode and time, and give it its final name,
 * copied to name.  EIO if its length is not as announced.  On failure a part
 * stays. Returns 1 if another file had its own name. */
int
disk_finish(struct disk *d, char name[static NAME_MOST + 1]);

/* Close the current file; remove: also delete its part. */
void
disk_drop(struct disk *d, int remove);

/* Make m's folder if it is missing. */
int
disk_enter(struct disk *d, const struct filemsg *m);

/* Set mode and time of m's folder, if this run made it. */
int
disk_leave(struct disk *d, const struct filemsg *m);

/* Make m's link, which name_link has accepted. */
int
disk_link(struct disk *d, const struct filemsg *m);

/* Sync everything to disk. */
int
disk_sync(const struct disk *d);

#endif
