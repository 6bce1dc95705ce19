/* beneath: opening what is in a folder, and nothing that is not.
 * SPDX-License-Identifier: ISC */
#ifndef BENEATH_H
#define BENEATH_H

/* Open path (relative, no `..`) in the folder dir, through no symbolic link
 * and not out of it: by openat2(2), or name by name where that is missing.
 * Never creates.  A descriptor, closed on exec, or -1 and errno. */
int
beneath_open(int dir, const char *path, int flags);

#endif
