/* prog: a program's start, its messages and its exit codes.
 * SPDX-License-Identifier: ISC */
#ifndef PROG_H
#define PROG_H

#include <stddef.h>

#include "base/fault.h"

/* Every program calls this first.  Messages begin with the last part of argv0.
 * A closed descriptor 0, 1 or 2 is filled with /dev/null, opened in the wrong
 * direction: no socket or file lands there, and using it fails with EBADF.
 * SIGPIPE stays as the caller set it. */
void
prog_start(const char *argv0);

/* Print `chat-open: the text` on stderr, as one line in one write.  Control
 * characters become harmless (vis.h), so a peer's name may be in it. */
void
say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* As say, without the program's name: for the user of a script. */
void
tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* on: messages replace the terminal row that the cursor is in.  A program that
 * draws on that row draws it again after SIGWINCH. */
void
prog_over(int on);

/* say, then exit with the code (an X_ constant of fault.h). */
_Noreturn void
die(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* As die, with `: ` and the text of errno at the end. */
_Noreturn void
die_sys(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* die with `not enough memory`. */
_Noreturn void
die_memory(void);

/* die with what a library function said. */
_Noreturn void
die_fault(const struct fault *f);

/* Return r, unless it is -1: then die with the fault. */
int
must(int r, const struct fault *f);

/* r is what a cage returned: if it is -1 and CHAT_VERBOSE is set, say so. */
void
prog_caged(int r, const char *by);

/* End as the child with this wait(2) status: exit with its code, or die by the
 * SIGHUP, SIGINT, SIGQUIT, SIGPIPE or SIGTERM that killed it.  For another
 * signal say that it killed `what` and exit with 128 plus its number. */
_Noreturn void
die_as(int status, const char *what);

/* Read the options; letters is as for getopt(3), and the first other word ends
 * them.  opt['x'] becomes the last argument of -x, "" for an option without
 * one, NULL if -x was absent.  In every program -h prints text and the page's
 * name and -V the version, both on stdout, and exit 0.  Bad options print a
 * message and usage(text).  Returns how many words of argv were read. */
int
prog_options(const char *opt[static 128], int argc, char **argv,
    const char *letters, const char *text);

/* The values of an option that may be repeated: begin with *at == 0.  The next
 * value, or NULL. */
const char *
prog_again(int letter, size_t *at);

/* The number given to an option (letter 0: an operand).  If it is bad, exits
 * with X_USE and `-w x: not a number of seconds (1 to 86400)`, where what is
 * `number of seconds`. */
long
prog_number(int letter, const char *value, long lo, long hi, const char *what);

/* As above, or def where value is NULL, that is the option absent. */
long
prog_number_or(int letter, const char *value, long def, long lo, long hi,
    const char *what);

/* The descriptor given to an option; exits with X_USE unless it is open. */
int
prog_fd(int letter, const char *value);

/* `usage: TEXT` on stderr, a line for each line of TEXT; exits X_USE. */
_Noreturn void
usage(const char *text);

#endif
