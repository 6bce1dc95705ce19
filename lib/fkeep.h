/* fkeep: files and folders, as the messages of them come.
 * SPDX-License-Identifier: ISC */
#ifndef FKEEP_H
#define FKEEP_H

#include "foffer.h"
#include "fpipe.h"
#include "fprog.h"
#include "fstore.h"

/* Begin with zeros, then set what stands first. */
struct fkeep {
	struct fpipe p;
	struct fprog *prog;
	struct foffer offer;
	struct fstore s;
	uint64_t limit; /* most bytes that may come */
	uint64_t kept, lost; /* entries */
	/* private */
	int open; /* between FILE and CLOSE */
	uint64_t left; /* of that file's bytes */
	uint64_t bytes; /* that have come */
	char path[FNAME_MAX + 1 + FWIRE_PATH + 1]; /* of the last entry */
};

/* One message after the offer was taken.  0; 1 after the last; -1 and a
 * fault. */
int
fkeep_entry(struct fkeep *k, struct fwire *m, struct fault *f);

/* Send a sentence, cut where it is too long. */
int
fkeep_text(
    struct fkeep *k, uint8_t type, int kind, const char *text, struct fault *f);

#endif
