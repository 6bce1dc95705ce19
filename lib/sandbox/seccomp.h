/* seccomp: give up all that a filter does not need.
 * SPDX-License-Identifier: ISC */
#ifndef SECCOMP_H
#define SECCOMP_H

/* From here on this process can use the descriptors it has, wait, tell the
 * time, allocate, and exit; it can open nothing, name no file, connect to
 * nobody (but choose where a datagram goes, if it has a socket for them), start
 * nothing, map no code, and signal nobody else.  For whatever else it asks, its
 * kernel has no such call: ENOSYS (seccomp(2)).  Where the kernel has no such
 * filters, or the machine is of another kind than x86_64, aarch64 and riscv64,
 * nothing is given up. */
void
seccomp_enter(void);

/* The same, but files can be opened and changed, as far as fence.h lets it, and
 * the user can be asked on a terminal. */
void
seccomp_enter_files(void);

/* As seccomp_enter, but the mode of a terminal that is open can be changed, its window
 * measured, and what was typed and not read be thrown away. */
void
seccomp_enter_terminal(void);

/* As seccomp_enter, but calls can be taken at the sockets that are there, waited
 * for by epoll(7), and spliced. */
void
seccomp_enter_server(void);

/* As seccomp_enter_terminal, but with this descriptor of a folder files can be
 * renamed and removed, and any file be brought to the disk; -1: none of these.
 * (The kernel's filter sees the descriptor and not the name: an absolute name
 * leads elsewhere.) */
void
seccomp_enter_folder(int folder);

#endif
