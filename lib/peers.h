/* peers: the file of known keys, `NAME KEY [HOST]` a line, edited by hand.
 * SPDX-License-Identifier: ISC */
#ifndef PEERS_H
#define PEERS_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "key.h"

enum {
	PEER_NAME = 32, /* most letters in a name: A-Z a-z 0-9 . _ - */
	PEER_HOST = 255 /* most letters in a host */
};

struct peer {
	char name[PEER_NAME + 1];
	char host[PEER_HOST + 1]; /* empty: none */
	uint8_t key[KEY_BYTES];
	unsigned line; /* in the file, from 1 */
};

struct peers {
	struct peer *all;
	size_t n;
};

/* Read path; a file that is not there is an empty one.  One that others can
 * change is a fault (store_ours); whatever is malformed, or a NAME that stands
 * there twice, is a fault (X_USE) that begins `PATH:LINE: `. */
int
peers_load(struct peers *p, const char *path, struct fault *f);
void
peers_free(struct peers *p);

/* The first with that key, or with that name; NULL if there is none. */
const struct peer *
peers_key(const struct peers *p, const uint8_t key[static KEY_BYTES]);
const struct peer *
peers_name(const struct peers *p, const char *name);

/* Cut a suggestion of n bytes to a NAME: other letters become '-', at most
 * PEER_NAME of them, none at the ends; `peer` where nothing is left. */
void
peers_clean(char name[static PEER_NAME + 1], const char *text, size_t n);

/* Is it a NAME as it stands?  1 or 0. */
int
peers_valid(const char *name);

/* Make name one that nobody in p has, by a number at its end: bob, bob2. */
void
peers_unique(const struct peers *p, char name[static PEER_NAME + 1]);

/* Add a line.  Under a lock, the file is read anew; a key that is known by now
 * keeps its name; a name taken by another key gets a number.  `name` becomes
 * the name that stands in the file.  host may be NULL.  The file is replaced
 * whole or not at all, comments and all else kept. */
int
peers_add(const char *path, char name[static PEER_NAME + 1],
    const uint8_t key[static KEY_BYTES], const char *host, struct fault *f);

#endif
