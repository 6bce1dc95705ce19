/* receive: files and folders, as the messages of them come.
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

/* One item of the offer (FILEMSG_ITEM), which allows what may come of it.  Returns
 * its name, made safe, or NULL and a fault (X_PEER). */
const char *
receive_item(struct receive *r, const struct filemsg *m, struct fault *f);

/* One message after the offer was taken.  What was not offered may not come, but
 * for some more in folders that grow, and in files.  0; 1 after the last; -1 and
 * a fault. */
int
receive_entry(struct receive *r, struct filemsg *m, struct fault *f);

/* The receipt (FILEMSG_KEPT) for all that came; and say it: dir is where. */
void
receive_receipt(struct receive *r, const char *dir, struct filemsg *m);

#endif
