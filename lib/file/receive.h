/* receive: files and folders, as the messages of them come.
 * SPDX-License-Identifier: ISC */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "file/channel.h"
#include "file/disk.h"
#include "file/offer.h"
#include "term/progress.h"

/* Begin with zeros, then set what stands first. */
struct receive {
	struct channel p;
	struct progress *prog;
	struct offer offer;
	struct disk s;
	uint64_t kept, lost; /* entries */
	/* private */
	int open; /* between FILE and CLOSE */
	uint64_t left; /* of that file's bytes */
	struct receive_use {
		uint64_t sizes; /* of files, in all */
		uint64_t asked; /* of those that were asked about */
		uint64_t entries, questions, leaves;
	} most, used; /* by the offer, and so far */
	struct seen paths; /* that were asked about */
	char path[NAME_MOST + 1 + FILEMSG_PATH + 1]; /* of the last entry */
};

/* The offer is complete: nothing may come that was not offered.  There is some
 * more for folders that grow, and for files. */
void
receive_limit(struct receive *k);

/* One message after the offer was taken.  0; 1 after the last; -1 and a
 * fault. */
int
receive_entry(struct receive *k, struct filemsg *m, struct fault *f);

/* Send a sentence, cut where it is too long. */
int
receive_text(struct receive *k, uint8_t type, int kind, const char *text,
    struct fault *f);

#endif
