/* landlock: restrict a process to some files, by Landlock.
 * SPDX-License-Identifier: ISC */
#ifndef LANDLOCK_H
#define LANDLOCK_H

/* Begin a rule set; connects: TCP connections stay allowed.  Returns the first
 * argument of the other two, or -1 without Landlock or with only version 1. */
int
landlock_begin(int connects);

/* Allow reading of the file at path, or of the folder and all beneath it.  With
 * change also writing, and making, renaming and removing in it, except devices
 * and sockets.  A missing path is ignored. */
void
landlock_add(int fence, const char *path, int change);

/* From now on, and after exec, this thread can open, change and execute only
 * what was allowed and, where the kernel supports it, cannot connect by TCP or
 * signal processes outside.  Open descriptors stay usable.  0, or -1 and errno:
 * nothing was given up. */
int
landlock_close(int fence);

/* All three in one: only renaming and removing within this open folder stays
 * allowed. */
int
landlock_names(int folder);

#endif
