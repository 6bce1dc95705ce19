/* peers: the file of known keys, `NAME KEY [HOST]` a line, edited by hand.
 * SPDX-License-Identifier: ISC */
#ifndef PEERS_H
#define PEERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "crypto/key.h"

enum {
	PEER_NAME = 32, /* most letters in a name: A-Z a-z 0-9 . _ - */
	PEER_HOST = 255, /* most letters in a host */
	PEERS_LEARNED = 10000, /* where there are so many, none is added */
	PEERS_BY = 3 /* ways to find one: by name, host and key */
};

struct peer {
	char name[PEER_NAME + 1];
	char host[PEER_HOST + 1]; /* empty: none */
	uint8_t key[KEY_BYTES];
	unsigned line; /* in the file, from 1 */
	uint32_t next[PEERS_BY]; /* of the same bucket: place + 1; 0: none */
};

struct peers {
	struct peer *all;
	size_t n, room;
	uint32_t *bucket; /* PEERS_BY times room: place + 1 of the last one */
};

/* Read path; a file that is not there is an empty one.  One that others can
 * change is a fault (store_ours); whatever is malformed, or a NAME that stands
 * there twice, is a fault (X_USE) that begins `PATH:LINE: `. */
int
peers_load(struct peers *p, const char *path, struct fault *f);
void
peers_free(struct peers *p);

/* The first with that key, or with that name; NULL if there is none.  These and
 * peers_taken need not look at all. */
const struct peer *
peers_key(const struct peers *p, const uint8_t key[static KEY_BYTES]);
const struct peer *
peers_name(const struct peers *p, const char *name);

/* As peers_name, but where no line has it as it is, case does not matter. */
const struct peer *
peers_find(const struct peers *p, const char *name);

/* The line of another key that has name as its NAME or its HOST, without regard to
 * case; NULL if there is none. */
const struct peer *
peers_taken(const struct peers *p, const char *name,
    const uint8_t key[static KEY_BYTES]);

/* Cut a suggestion of n bytes to a NAME that cannot be an address or a host with
 * a dot: letters, digits, '_' and '-', beginning with a letter, at most PEER_NAME
 * of them; other characters become '-', none at the ends; `peer` where nothing
 * is left. */
void
peers_clean(char name[static PEER_NAME + 1], const char *text, size_t n);

/* Is it a NAME as it stands?  1 or 0. */
int
peers_valid(const char *name);

/* Make name one that is not taken (peers_taken), by a number at its end: bob,
 * bob2. */
void
peers_unique(const struct peers *p, char name[static PEER_NAME + 1],
    const uint8_t key[static KEY_BYTES]);

/* Are there so many that none is learned any more?  1 and a fault (X_PEER) that
 * names path, or 0. */
int
peers_full(const struct peers *p, const char *path, struct fault *f);

/* Add a line.  Under a lock, the file is read anew; a key that is known by now
 * keeps its name; a name that is taken gets a number; where there are PEERS_LEARNED
 * it is a fault (peers_full).  `name` becomes the name
 * that stands in the file.  host may be NULL.  The file is replaced whole or not
 * at all, comments and all else kept. */
int
peers_add(const char *path, char name[static PEER_NAME + 1],
    const uint8_t key[static KEY_BYTES], const char *host, struct fault *f);

/* Write host into a line of that key that has none yet, in the same way. */
enum {
	PEERS_BOUND, /* done: *line, as it was */
	PEERS_OTHER, /* every line of the key has a host: *line is the first */
	PEERS_NONE /* the key is in no line */
};
int
peers_bind(const char *path, const uint8_t key[static KEY_BYTES],
    const char *host, struct peer *line, struct fault *f);

/* Take the line of that NAME away, in the same way; *was is what stood there. */
int
peers_forget(
    const char *path, const char *name, struct peer *was, struct fault *f);

#endif
