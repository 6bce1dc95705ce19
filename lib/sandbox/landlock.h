/* landlock: keep a process to some files, by Landlock.
 * SPDX-License-Identifier: ISC */
#ifndef LANDLOCK_H
#define LANDLOCK_H

/* Begin; connects: connections can still be made.  What is handed to the other two; -1 where the kernel has no Landlock,
 * or only its first version, and then they do nothing. */
int
landlock_begin(int connects);

/* Within is the file at path, or the folder and all beneath it: to be read;
 * change: also to be written, and what is in it made, renamed and removed, but
 * no devices and sockets.  A path that is not there is passed over. */
void
landlock_add(int fence, const char *path, int change);

/* From here on, and after exec, this thread can open, change and execute
 * nothing else, and, where the kernel can see to it, connect nowhere by TCP and
 * signal nobody outside.  What is open stays so.  0, or -1 and errno: nothing
 * was given up. */
int
landlock_close(int fence);

/* All three at once: within that folder, a descriptor, files can be renamed and
 * removed, and nothing else. */
int
landlock_names(int folder);

#endif
