/* fuzz: what the fuzzers share.
 * SPDX-License-Identifier: ISC */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What must hold; libFuzzer keeps the input where it does not. */
#define MUST(what)                                                             \
	do {                                                                   \
		if (!(what))                                                   \
			abort();                                               \
	} while (0)

#ifdef REPLAY
#include "replay.h"
#endif

#endif
