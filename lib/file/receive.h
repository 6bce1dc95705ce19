/* receive: handle the messages of files and folders as they come.
 * SPDX-License-Identifier: ISC */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "file/channel.h"
#include "file/disk.h"
#include "term/progress.h"

struct receive;

/* NULL and errno. */
struct receive *
receive_new(struct channel *c, struct disk *d, struct progress *prog);

void
receive_free(struct receive *r);

/* An item of the offer (FILEMSG_ITEM): allows what may come of it.  Returns its
 * safe name, or NULL and a fault (X_PEER). */
const char *
receive_item(struct receive *r, const struct filemsg *m, struct fault *f);

/* A message after the offer was accepted.  What was not offered is refused,
 * except some more in files and growing folders.  0; 1 after the last; -1 and a
 * fault. */
int
receive_entry(struct receive *r, struct filemsg *m, struct fault *f);

/* Send the receipt (FILEMSG_KEPT), and print the result; dir is the folder's
 * name. */
void
receive_receipt(struct receive *r, const char *dir, struct filemsg *m);

#endif
