/* prog: a program's start, its messages and its exit codes.
 * SPDX-License-Identifier: ISC */
#ifndef PROG_H
#define PROG_H

#include <stddef.h>

#include "base/fault.h"

/* Every program calls this first.  Messages begin with the last part of
 * argv0.  A closed descriptor 0, 1 or 2 is taken by /dev/null, opened the
 * wrong way round, so that no socket or file lands there and use of it fails
 * with EBADF.  SIGPIPE is what the caller made it. */
void
prog_start(const char *argv0);

/* One line on stderr, in one write: `chat-open: the text`.  The text's control
 * characters are made harmless (vis.h), so names a peer chose may be in it. */
void
say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* As say, without the program's name before it: what a script's user reads. */
void
tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* From here on messages take the place of the row where a terminal's cursor is,
 * or not: a program that draws there draws anew after SIGWINCH. */
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

/* What a library function returned, unless that is -1 and a fault. */
int
must(int r, const struct fault *f);

/* What a cage returned: where that is -1, and CHAT_VERBOSE is set, say so. */
void
prog_caged(int r, const char *by);

/* End as the child of that wait(2) status did: exit with its code, or die by
 * the SIGHUP, SIGINT, SIGQUIT, SIGPIPE or SIGTERM it died by.  Any other signal
 * is said to have killed what, and the code is 128 and its number. */
_Noreturn void
die_as(int status, const char *what);

/* Read the options, whose letters are written as getopt(3) has them; they end at
 * the first word that is none.  opt['x'] is what -x was given last, "" where it
 * takes nothing, NULL if it was not there.  -h, in every program, prints text and
 * the name of the page, -V the version, both on stdout, and exits 0.  Anything else
 * is said and is usage(text).  How many words of argv they were. */
int
prog_options(const char *opt[static 128], int argc, char **argv,
    const char *letters, const char *text);

/* What an option was given that may be given several times: begin with *at == 0.
 * The next value, or NULL. */
const char *
prog_again(int letter, size_t *at);

/* A number that an option (letter 0: an operand) was given.  Exits with X_USE and
 * `-w x: not a number of seconds (1 to 86400)`, what being `number of seconds`. */
long
prog_number(int letter, const char *value, long lo, long hi, const char *what);

/* The same, or def where value is NULL: the option was not given. */
long
prog_number_or(int letter, const char *value, long def, long lo, long hi,
    const char *what);

/* A descriptor that an option was given, which must be open; else exits with
 * X_USE. */
int
prog_fd(int letter, const char *value);

/* `usage: TEXT` on stderr, a line for each line of TEXT; exits X_USE. */
_Noreturn void
usage(const char *text);

#endif
