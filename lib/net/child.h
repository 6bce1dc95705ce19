/* child: in a program that a listener has started, the line to it.
 * SPDX-License-Identifier: ISC */
#ifndef CHILD_H
#define CHILD_H

/* Tell how far this is (children.h). */
void
child_reached(char what);

/* May it be the one that talks?  1; 0: another does.  Where nothing above
 * answers, 1. */
int
child_claim(void);

/* Is it known already that another talks?  Never waits. */
int
child_busy(void);

/* A line for the person, which begins with the name of the one who called. */
void
child_news(const char *line);

/* Tell that this is the one that talks.  Only the first time counts. */
void
child_ready(void);

#endif
