/* child: in a program that a listener has started, the line to it.
 * SPDX-License-Identifier: ISC */
#ifndef CHILD_H
#define CHILD_H

/* Report p or q to the listener (children.h). */
void
child_reached(char what);

/* Ask to be the child that talks.  1; 0: another talks.  1 without a
 * listener. */
int
child_claim(void);

/* 1 if the listener has said that another child talks, else 0.  Never waits. */
int
child_busy(void);

/* Report a line for the person, which begins with the caller's name. */
void
child_news(const char *line);

/* Report that this child talks.  Only the first call counts. */
void
child_ready(void);

#endif
