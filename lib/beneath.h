/* beneath: opening what is in a folder, and nothing that is not.
 * SPDX-License-Identifier: ISC */
#ifndef BENEATH_H
#define BENEATH_H

/* Open path (relative, no `..`) in the folder dir, name by name, through no
 * symbolic link and so not out of it.  Never creates.  A descriptor, closed on exec, or -1 and errno. */
int
beneath_open(int dir, const char *path, int flags);

#endif
