/* fstore: what a peer sends, put below one folder and nowhere else.
 * SPDX-License-Identifier: ISC */
#ifndef FSTORE_H
#define FSTORE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "fname.h"
#include "fwire.h"

/* Every function that takes a path takes one that fname_good accepts, or an
 * empty one for the item itself, and never follows a symbolic link.  Where a
 * name is taken by something else the next number is used.  They return 0, or
 * -1 and errno. */
struct fstore {
	int root;
	/* the items of the offer: kind, name and NUL of each */
	char *names;
	uint32_t *item; /* where each begins in names */
	uint32_t items;
	size_t used, room;
	/* the folder used last: its path as the peer writes it */
	char key[FNAME_MAX + 2 + FWIRE_PATH];
	size_t key_len;
	int dir;
	dev_t dev, dir_dev;
	/* the file under way; fd -1: none */
	int fd;
	char part[FNAME_MAX + 1], name[FNAME_MAX + 1];
	uint64_t size, at; /* announced; in the part */
	uint64_t begun; /* how far the disk was told to write */
	uint16_t mode;
	struct timespec when;
};

enum { FSTORE_NAMES = 2 << 20 }; /* most bytes of names in an offer */

/* root stays open until the end of the program.  The umask must be 0. */
int
fstore_start(struct fstore *s, int root);

/* One more item of the offer, its name by fname_safe.  E2BIG over
 * FSTORE_NAMES or FWIRE_ITEMS. */
int
fstore_item(struct fstore *s, uint8_t kind, const char *name);

/* Its kind and name. */
char
fstore_kind(const struct fstore *s, uint32_t item);
const char *
fstore_name(const struct fstore *s, uint32_t item);

/* Is nothing there under the item's name, nor a part of that size?  1 or 0. */
int
fstore_new(struct fstore *s, uint32_t item, uint64_t size);

/* What is there of a file of that size: up to FWIRE_KEPT descriptors with how
 * many bytes of each count, a part first: *part is 1 then.  Returns how
 * many. */
int
fstore_kept(struct fstore *s, uint32_t item, const char *path, size_t len,
    uint64_t size, int fd[static FWIRE_KEPT], uint64_t kept[static FWIRE_KEPT],
    uint64_t *part);

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

int
fstore_enter(struct fstore *s, uint32_t item, const char *path, size_t len);
int
fstore_leave(struct fstore *s, const struct fwire *m);

/* EPERM for a link that fname_link refuses. */
int
fstore_link(struct fstore *s, const struct fwire *m);

/* Bring everything to disk. */
int
fstore_sync(struct fstore *s);

#endif
