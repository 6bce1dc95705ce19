/* withhold: from a program whose libraries have unknown needs, take what would
 * help an attacker who took it over.
 * SPDX-License-Identifier: ISC */
#ifndef WITHHOLD_H
#define WITHHOLD_H

/* From now on, in all threads, these fail with ENOSYS: starting programs and
 * processes, new sockets and connections, looking into or signalling other
 * processes, typing on or changing a terminal, and large kernel interfaces
 * (BPF, io_uring, perf, keys, mounts, name spaces).  Other calls stay.  0, or
 * -1 and errno. */
int
withhold_enter(void);

#endif
