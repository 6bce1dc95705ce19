/* withhold: take from a program with libraries of unknown needs what would serve
 * somebody who took it over.
 * SPDX-License-Identifier: ISC */
#ifndef WITHHOLD_H
#define WITHHOLD_H

/* From here on, in all threads: no other program and no process, no new socket
 * and connection, no look into other processes and no signal to them, nothing
 * typed on a terminal or changed at it, none of the kernel's larger machines (BPF,
 * io_uring, perf, keys, mounts, name spaces).  These are ENOSYS; all else stays
 * as it was.  0, or -1 and errno. */
int
withhold_enter(void);

#endif
