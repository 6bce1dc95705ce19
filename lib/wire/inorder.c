/* inorder: messages reassembled from a stream of frames, with every rule
 * enforced (chat-wire(5), FRAMES).
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "wire/inorder.h"

static const char kinds[INORDER_KINDS + 1] = "tjiabkde";

enum { BASE = 4 * FRAME_DATA };

static int
bad(struct fault *f, const struct frame *fr, const char *what)
{
	return fault(f, X_PEER, "malformed frame (%c %u): %s", fr->kind,
	    (unsigned)fr->number, what);
}

/* Make room for n more bytes. */
static int
grow(struct inorder *w, int k, size_t n)
{
	size_t cap = w->kind[k].cap ? w->kind[k].cap : BASE;

	while (cap < w->kind[k].n + n)
		cap *= 2;
	return buf_grow(&w->kind[k].buf, &w->kind[k].cap, cap);
}

/* Were there fewer t and b than the number of e says? */
static int
fewer(const struct inorder *w, uint32_t number)
{
	uint32_t t = w->kind[strchr(kinds, FRAME_TEXT) - kinds].number;
	uint32_t b = w->kind[strchr(kinds, FRAME_BYTES) - kinds].number;

	return number > 0 && number - 1 > t + b;
}

/* NULL if the piece is the next one of its kind, else what is wrong. */
static const char *
check(const struct inorder *w, int k, const struct frame *fr)
{
	const struct frame *first = &w->kind[k].first;
	int i;

	if (w->ended)
		return "it follows the end";
	if (fr->kind == FRAME_END ? fewer(w, fr->number)
	                          : fr->kind != FRAME_DELIVERED &&
	                                fr->number != w->kind[k].number)
		return "messages are missing";
	if (fr->piece != w->kind[k].piece)
		return "pieces are missing";
	if (fr->piece > 0 &&
	    (fr->pieces != first->pieces || fr->flags != first->flags ||
	        fr->time != first->time))
		return "pieces differ";
	if (fr->pieces > 1 && fr->len == 0)
		return "an empty piece";
	if (fr->piece > 0 &&
	    (fr->piece + 1 < fr->pieces ? fr->len != first->len
	                                : fr->len > first->len))
		return "pieces of uneven length";
	if ((size_t)fr->piece * first->len + fr->len > FRAME_MESSAGE)
		return "a message of more than 16 MiB";
	if (fr->kind == FRAME_END)
		for (i = 0; i < INORDER_KINDS; i++)
			if (w->kind[i].piece > 0)
				return "an end amid a message";
	return NULL;
}

/* Give back the memory of a long message. */
static void
shrink(struct inorder *w)
{
	int k;

	for (k = 0; k < INORDER_KINDS; k++)
		if (w->kind[k].piece == 0 && w->kind[k].cap > 65536) {
			free(w->kind[k].buf);
			w->kind[k].buf = NULL;
			w->kind[k].cap = 0;
		}
}

int
inorder_take(struct inorder *w, const struct frame *fr, const uint8_t *payload,
    struct message *m, struct fault *f)
{
	const char *at = strchr(kinds, fr->kind), *wrong;
	int k, keep;

	if (!at)
		return fault(f, X_PEER, "the other side speaks chat-link: -L");
	k = (int)(at - kinds);
	keep =
	    fr->kind == FRAME_END || !w->wanted || strchr(w->wanted, fr->kind);
	wrong = check(w, k, fr);
	shrink(w);
	if (wrong)
		return bad(f, fr, wrong);
	if (fr->piece == 0) {
		w->kind[k].first = *fr;
		w->kind[k].n = 0;
	}
	if (keep && fr->pieces > 1) {
		if (grow(w, k, fr->len) == -1)
			return fault_memory(f);
		memcpy(w->kind[k].buf + w->kind[k].n, payload, fr->len);
		w->kind[k].n += fr->len;
	}
	if (++w->kind[k].piece < fr->pieces)
		return 0;
	w->kind[k].piece = 0;
	w->kind[k].number++;
	w->ended |= fr->kind == FRAME_END;
	m->kind = fr->kind;
	m->flags = fr->flags;
	m->number = fr->number;
	m->time = fr->time;
	m->data = fr->pieces > 1 ? w->kind[k].buf : payload;
	m->n = fr->pieces > 1 ? w->kind[k].n : fr->len;
	return keep;
}

int
inorder_feed(struct inorder *w, const uint8_t **p, size_t *n, struct message *m,
    struct fault *f)
{
	struct frame fr;
	int r;

	if (w->ended && *n > 0)
		return fault(
		    f, X_PEER, "malformed frame: something follows the end");
	while ((r = frame_feed(&w->in, p, n, &fr)) == 1) {
		r = inorder_take(w, &fr, w->in.buf + FRAME_HEAD, m, f);
		if (r != 0)
			return r;
	}
	return r == -1 ? fault(f, X_PEER, "malformed frame") : 0;
}

void
inorder_free(struct inorder *w)
{
	int k;

	for (k = 0; k < INORDER_KINDS; k++)
		free(w->kind[k].buf);
}
