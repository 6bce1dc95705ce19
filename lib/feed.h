/* feed: a camera's pictures into a descriptor, the newest first.
 * SPDX-License-Identifier: ISC */
#ifndef FEED_H
#define FEED_H

#include "cam.h"

/* Pass on count pictures: Y4M, or jpeg one after the other.  0; or -1 and a
 * fault, when the camera fails or gives nothing for 10 seconds, the picture
 * under way being written whole first, or when out cannot be written.  damaged
 * is told how many pictures were, at 1, 10, 100 and so on, and at the end. */
int
feed(struct cam *c, int out, int jpeg, long count,
    void (*damaged)(unsigned long), struct fault *f);

#endif
