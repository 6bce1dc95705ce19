/* peers: the file of known keys, a line `NAME KEY [HOST]` each, edited by hand.
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
	PEERS_LEARNED = 10000, /* with so many, none is added */
	PEERS_BY = 3 /* indexes: by name, host and key */
};

struct peer {
	char name[PEER_NAME + 1];
	char host[PEER_HOST + 1]; /* empty: no host */
	uint8_t key[KEY_BYTES];
	unsigned line; /* its number in the file, from 1 */
	uint32_t next[PEERS_BY]; /* next in the bucket, place + 1; 0: none */
};

struct peers {
	struct peer *all;
	size_t n, room;
	uint32_t *bucket; /* PEERS_BY times room: place + 1 of the last line */
};

/* Read path; a missing file is an empty list.  A fault if others can change it
 * (store_ours), or for a malformed line or repeated NAME (X_USE, with
 * `PATH:LINE: `). */
int
peers_load(struct peers *p, const char *path, struct fault *f);
void
peers_free(struct peers *p);

/* The first line with that key or name, or NULL.  These and peers_taken use the
 * indexes. */
const struct peer *
peers_key(const struct peers *p, const uint8_t key[static KEY_BYTES]);
const struct peer *
peers_name(const struct peers *p, const char *name);

/* As peers_name; if no line matches exactly, case is ignored. */
const struct peer *
peers_find(const struct peers *p, const char *name);

/* The line of another key with name as its NAME or HOST, case ignored, or
 * NULL. */
const struct peer *
peers_taken(const struct peers *p, const char *name,
    const uint8_t key[static KEY_BYTES]);

/* Make a NAME of a suggestion of n bytes that cannot be an address or dotted
 * host: letters, digits, '_' and '-', beginning with a letter, at most
 * PEER_NAME of them; other characters become '-', not at the ends; `peer` if
 * none are left. */
void
peers_clean(char name[static PEER_NAME + 1], const char *text, size_t n);

/* 1 if it is a valid NAME, else 0. */
int
peers_valid(const char *name);

/* Make name unique (peers_taken) by a number at its end: bob, bob2. */
void
peers_unique(const struct peers *p, char name[static PEER_NAME + 1],
    const uint8_t key[static KEY_BYTES]);

/* Are there too many keys to add one?  1 and a fault (X_PEER) that names path,
 * or 0. */
int
peers_full(const struct peers *p, const char *path, struct fault *f);

/* Add a line.  Under a lock the file is read anew; a key known by now keeps its
 * name, a name that is taken gets a number, and PEERS_LEARNED keys are a fault
 * (peers_full).  `name` becomes the name in the file.  host may be NULL.  The
 * file is replaced whole or not at all, comments and all else kept. */
int
peers_add(const char *path, char name[static PEER_NAME + 1],
    const uint8_t key[static KEY_BYTES], const char *host, struct fault *f);

/* Likewise add host to a line of that key that has none. */
enum {
	PEERS_BOUND, /* done: *line, without the new host */
	PEERS_OTHER, /* all lines of the key have hosts: *line is the first */
	PEERS_NONE /* no line has the key */
};
int
peers_bind(const char *path, const uint8_t key[static KEY_BYTES],
    const char *host, struct peer *line, struct fault *f);

/* Likewise remove the line of that NAME; *was is its contents. */
int
peers_forget(
    const char *path, const char *name, struct peer *was, struct fault *f);

#endif
