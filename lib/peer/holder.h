/* holder: the process that holds an identity's secret key for others (agent.h).
 * SPDX-License-Identifier: ISC */
#ifndef HOLDER_H
#define HOLDER_H

#include "crypto/own.h"

/* Answer at fd until all others have closed it and all channels. */
void
holder_serve(int fd, const struct own *own);

#endif
