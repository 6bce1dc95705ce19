/* sender: turn the microphone's sound into messages.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/opusio.h"
#include "audio/sender.h"

enum { PIECE_US = SLOTS_US / 2, LOST_US = 2 * SLOTS_US };

/* Slots count time, so they go on where pieces are missing. */
static void
go_on(struct sender *s, int64_t time)
{
	int64_t missing = s->begun ? time - s->expected : 0;

	if (missing > LOST_US) {
		s->slot += (uint32_t)(missing / SLOTS_US) + (s->n > 0);
		s->n = 0;
	}
	s->begun = 1;
	s->expected = time + PIECE_US;
	if (s->n == 0)
		s->time = time;
}

/* Encode the full slot. */
static void
code(struct sender *s)
{
	unsigned i = s->slot % SENDER_KEPT;

	s->kept[i].slot = s->slot;
	s->kept[i].n = 0;
	/* Do not encode what is not sent. */
	if (!s->silent)
		s->kept[i].n =
		    (uint16_t)opusio_encode(s->coder, s->pcm, s->kept[i].data);
}

/* Add the coded frame of `back` slots ago to a message, if there is one. */
static void
add(const struct sender *s, struct slots *m, uint8_t back)
{
	uint32_t slot = s->slot - back;
	unsigned i = slot % SENDER_KEPT;

	if (s->kept[i].n > 0 && s->kept[i].slot == slot)
		m->coded[m->n++] =
		    (struct slots_coded){back, s->kept[i].n, s->kept[i].data};
}

static size_t
message(struct sender *s, uint8_t *out)
{
	struct slots m = {.slot = s->slot,
	    .muted = s->muted,
	    .deaf = s->deaf,
	    .lost = s->lost,
	    .runs = s->runs};
	struct frame f = {.kind = FRAME_AUDIO,
	    .number = s->number++,
	    .pieces = 1,
	    .time = (uint64_t)s->time};
	uint8_t back[COPIES_MOST];
	unsigned i, n = copies_back(&s->copies, back);

	if (!s->silent)
		add(s, &m, 0);
	for (i = 0; i < n && m.n > 0 && !s->plain; i++)
		add(s, &m, back[i]);
	f.len = (uint16_t)slots_put(out + FRAME_HEAD, &m);
	frame_put(out, &f);
	return FRAME_HEAD + f.len;
}

/* A piece is complete: is a message due?  Silent ones are rare. */
static int
piece(struct sender *s, uint8_t *out, size_t *n)
{
	int due = 0;

	s->n += SENDER_PIECE;
	if (s->n < SLOTS_SAMPLES)
		return 0;
	code(s);
	due = !s->silent || s->slot % SENDER_QUIET == 0;
	if (due)
		*n = message(s, out);
	s->slot++;
	s->n = 0;
	return due;
}

int
sender_piece(struct sender *s, const int16_t pcm[static SENDER_PIECE],
    int64_t time, uint8_t out[static FRAME_HEAD + SLOTS_PAYLOAD], size_t *n)
{
	go_on(s, time);
	memcpy(s->pcm + s->n, pcm, SENDER_PIECE * sizeof(*pcm));
	return piece(s, out, n);
}

int
sender_nothing(struct sender *s, int64_t time,
    uint8_t out[static FRAME_HEAD + SLOTS_PAYLOAD], size_t *n)
{
	go_on(s, time);
	memset(s->pcm + s->n, 0, SENDER_PIECE * sizeof(*s->pcm));
	return piece(s, out, n);
}

void
sender_dropped(struct sender *s)
{
	s->number--;
}
