/* tty: ask the person at the terminal.
 * SPDX-License-Identifier: ISC */
#ifndef TTY_H
#define TTY_H

#include <stddef.h>
#include <stdint.h>

/* Results of tty_ask that are not an answer's length. */
enum {
	TTY_END = -1, /* ^D, or the terminal was closed */
	TTY_TIME = -2, /* the deadline */
	TTY_ALSO = -3, /* hear ended the question */
	TTY_NONE = -4 /* no terminal (errno) */
};

/* The path of the terminal that /dev/tty stands for, such as /dev/pts/3; empty
 * if unknown. */
enum { TTY_PATH = 32 };
void
tty_path(char path[static TTY_PATH]);

/* Discard unread input on fd, unfinished lines and ^D included, unless fd is
 * not a terminal or another job is in its foreground: that input is for the
 * job. */
void
tty_discard(int fd);

/* A question, and what to do while the person thinks. */
struct tty_question {
	/* May have several lines; printed unchanged, so make a peer's text
	 * harmless. */
	const char *prompt;
	int secret; /* do not echo the answer */
	int bell; /* ring the bell at once, and again after these ms; 0:
	           * never */
	int64_t until; /* clock_ms() to give up at; INT64_MAX: never */
	/* hear is called when `watch` (-1: none) is readable or closed, and at
	 * clock_ms() == due (INT64_MAX: never); it may change both.  If it
	 * returns 0 the question goes on; else, or if it is NULL, it ends with
	 * TTY_ALSO. */
	int watch;
	int64_t due;
	int (*hear)(struct tty_question *q);
	/* Check an answer: NULL accepts it, else the text to show before the
	 * next try.  May be NULL. */
	const char *(*refuse)(struct tty_question *q, const char *answer);
	/* For TAB: a string to add to an unfinished answer.  With it, answers
	 * are ASCII.  May be NULL. */
	const char *(*complete)(struct tty_question *q, const char *answer);
	void *arg;
};

/* Ask on /dev/tty.  Programs take turns: a lock on the terminal is held from
 * the first letter until the question is over.  Input from before it is
 * discarded; after a stop (SIGTSTP) the whole question is shown again.  out
 * gets the answer without its newline and a NUL; what does not fit is lost.
 * The terminal's mode is restored, also when SIGINT, SIGTERM or SIGHUP ends or
 * SIGTSTP stops the program. Where the terminal's own file cannot be opened it is
 * not locked.  Returns the length of the answer, or a TTY_ constant. */
int
tty_ask(struct tty_question *q, char *out, size_t cap);

/* Open the terminal and its lock now, for questions of a process that soon can
 * open no file.  0, or TTY_NONE. */
int
tty_hold(void);

/* As tty_ask, with only the question to wait for. */
int
tty_line(const char *prompt, char *out, size_t cap, int secret);

/* 1 if the answer to `[y/N] ` is yes, else 0. */
int
tty_yes(const char *answer);

#endif
