/* inorder: messages reassembled from a stream of frames, with every rule
 * enforced (chat-wire(5), FRAMES).
 * SPDX-License-Identifier: ISC */
#ifndef INORDER_H
#define INORDER_H

#include "base/fault.h"
#include "wire/frame.h"

enum { INORDER_KINDS = 8 };

/* Begin with zeros. */
struct inorder {
	const char *wanted; /* kinds to keep; NULL: all.  Others are checked
	                       and cost no memory. */
	int ended; /* e has come */
	struct frame_in in;
	struct {
		uint32_t number; /* of the message under way */
		struct frame first; /* its first piece */
		uint16_t piece; /* index of the next one */
		uint8_t *buf;
		size_t n, cap;
	} kind[INORDER_KINDS];
};

/* Take some of the *n bytes at *p, moving both on.  1: a message of a wanted
 * kind, or e, is in m; its bytes stay in place until the next call.  0: all n
 * bytes are used up.  -1 and a fault: malformed (X_PEER, the text begins
 * `malformed frame`), or no memory (X_SYS). */
int
inorder_feed(struct inorder *w, const uint8_t **p, size_t *n, struct message *m,
    struct fault *f);

/* The same for one frame that frame_feed gave. */
int
inorder_take(struct inorder *w, const struct frame *fr, const uint8_t *payload,
    struct message *m, struct fault *f);

void
inorder_free(struct inorder *w);

#endif
