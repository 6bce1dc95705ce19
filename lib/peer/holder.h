/* holder: the process that holds an identity's secret key for others (agent.h).
 * SPDX-License-Identifier: ISC */
#ifndef HOLDER_H
#define HOLDER_H

#include "crypto/own.h"

/* Answer at fd until nobody else has the other end, nor a channel. */
void
holder_serve(int fd, const struct own *own);

#endif
