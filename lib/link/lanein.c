/* lanein: what comes in a lane, by its rank, until the programs take it.
 * SPDX-License-Identifier: ISC */
#include "link/lanein.h"

enum {
	ACK_ROOM = LANE_PACKET - 200, /* bytes of a packet that A may reach */
	KEY_EVERY = 300000 /* us between requests for a key picture */
};
static const uint8_t pictures[LANE_PICTURES] = {FRAME_IVF, FRAME_JPEG};

void
lanein_init(struct lanein *in, int64_t now)
{
	int i;

	/* The first packet announces us. */
	*in = (struct lanein){.untold = 1};
	ack_init(&in->ack, now);
	for (i = 0; i < BLOCK_STREAMS; i++)
		flowin_init(&in->flow[i], block_window[i]);
	for (i = 0; i < LANE_PICTURES; i++)
		picin_init(&in->pic[i], pictures[i]);
}

void
lanein_free(struct lanein *in)
{
	int i;

	for (i = 0; i < BLOCK_STREAMS; i++)
		flowin_free(&in->flow[i]);
	for (i = 0; i < LANE_PICTURES; i++)
		picin_free(&in->pic[i]);
	spans_free(&in->ack.came);
}

int
lanein_came(struct lanein *in, const struct frame *f,
    const struct block_prefix *p, int64_t now)
{
	if (p->asks)
		in->asked_at = now;
	return ack_came(&in->ack, f->number, f->time, p, now);
}

/* Bytes of a stream.  Headers are checked as soon as they are complete: a
 * request for a key picture must not wait until text is read. */
static int
take_bytes(struct lanein *in, const struct block *b, struct fault *bad)
{
	struct flowin *flow;
	struct frame f;
	int r;

	if (b->bytes.stream >= BLOCK_STREAMS)
		return 0;
	flow = &in->flow[b->bytes.stream];
	r = flowin_take(flow, b->bytes.at, b->data, b->n);
	if (r != 0)
		return r == -1 ? fault(bad, X_PEER, "malformed link packets")
		               : r;
	while ((r = flowin_look(flow, &f)) == 1)
		if (f.kind == FRAME_KEYPLEASE && b->bytes.stream == BLOCK_TEXT)
			in->key = 1;
	return r == -1 ? fault(bad, X_PEER, "malformed frame") : 0;
}

int
lanein_take(
    struct lanein *in, const struct block *b, int64_t now, struct fault *bad)
{
	int i;

	switch (b->type) {
	case 'S':
		return take_bytes(in, b, bad);
	case 'V':
		voice_take(&in->voice, &b->voice, b->data, b->n, now);
		return 0;
	case 'P':
		for (i = 0; i < LANE_PICTURES; i++)
			if (b->part.kind == pictures[i] &&
			    picin_take(&in->pic[i], &b->part, b->data, b->n,
			        now) == -1)
				return -2;
	}
	return 0;
}

int64_t
lanein_tells_at(const struct lanein *in)
{
	return in->untold ? 0 : ack_due(&in->ack);
}

size_t
lanein_put_ack(struct lanein *in, uint8_t *out, int64_t now)
{
	struct block_ack a;

	if (!ack_news(&in->ack, now))
		return 0;
	ack_tell(&in->ack, &a, ACK_ROOM - FRAME_HEAD - BLOCK_PREFIX, now);
	return block_put_ack(out, &a);
}

size_t
lanein_put_limits(struct lanein *in, uint8_t *out, size_t room)
{
	uint64_t limit[BLOCK_STREAMS];
	int i;

	if (!in->untold || room < BLOCK_LIMITS)
		return 0;
	in->untold = 0;
	for (i = 0; i < BLOCK_STREAMS; i++)
		limit[i] = flowin_tell(&in->flow[i]);
	return block_put_limits(out, limit);
}

void
lanein_ask(struct lanein *in, int64_t now)
{
	if (in->key_at && now < in->key_at + KEY_EVERY)
		return;
	in->key_at = now;
	in->key = 1;
}

void
lanein_expire(struct lanein *in, int64_t now)
{
	int i;

	for (i = 0; i < LANE_PICTURES; i++)
		picin_expire(&in->pic[i], now);
}

int64_t
lanein_due(const struct lanein *in)
{
	int64_t a = picin_due(&in->pic[0]), b = picin_due(&in->pic[1]);

	return a < b ? a : b;
}

/* ---- the programs ---- */

static size_t
get_key(struct lanein *in, uint8_t *out, int64_t now)
{
	struct frame f = {.kind = FRAME_KEYPLEASE,
	    .number = in->key_number++,
	    .pieces = 1,
	    .time = (uint64_t)now};

	in->key = 0;
	frame_put(out, &f);
	return FRAME_HEAD;
}

/* The fate of a frame in a stream. */
enum fate { STAYS, GIVEN, DROPPED };

static enum fate
fate(const struct lanein *in, int stream, unsigned kinds, uint8_t kind)
{
	if (kind == FRAME_END)
		return STAYS;
	/* Of this stream are only those; a k has been heard already. */
	if (block_stream(kind) != stream || !(LANE_KIND(kind) & LANE_ALL) ||
	    LANE_KIND(kind) & (in->ignored | LANE_KIND(FRAME_KEYPLEASE)))
		return DROPPED;
	return LANE_KIND(kind) & kinds ? GIVEN : STAYS;
}

/* The next frame of a stream, if it is of those kinds. */
static size_t
get_bytes(struct lanein *in, int stream, unsigned kinds, uint8_t *out)
{
	struct flowin *flow = &in->flow[stream];
	enum fate f;
	size_t n;

	while ((n = flowin_frame(flow, out)) > 0) {
		f = fate(in, stream, kinds, out[0]);
		if (f == STAYS)
			return 0;
		flowin_next(flow, n);
		in->untold |= flowin_news(flow);
		if (f == GIVEN)
			return n;
	}
	return 0;
}

size_t
lanein_get(struct lanein *in, unsigned kinds, uint8_t *out, int64_t now)
{
	size_t n = 0;
	int i;

	if (kinds & LANE_KIND(FRAME_AUDIO))
		n = voice_frame(&in->voice, out, now);
	if (n == 0 && in->key && kinds & LANE_KIND(FRAME_KEYPLEASE))
		n = get_key(in, out, now);
	if (n == 0)
		n = get_bytes(in, BLOCK_TEXT, kinds, out);
	for (i = 0; i < LANE_PICTURES && n == 0; i++)
		if (kinds & LANE_KIND(pictures[i])) {
			picin_expire(&in->pic[i], now);
			n = picin_frame(&in->pic[i], out);
		}
	if (n == 0)
		n = get_bytes(in, BLOCK_BULK, kinds, out);
	return n;
}

void
lanein_ignore(struct lanein *in, unsigned kinds)
{
	in->ignored |= kinds;
}

int
lanein_end(const struct lanein *in, uint8_t out[static FRAME_HEAD])
{
	int i;

	for (i = 0; i < BLOCK_STREAMS; i++)
		if (!flowin_end(&in->flow[i], out))
			return 0;
	return 1;
}

int
lanein_whole(const struct lanein *in)
{
	int i;

	for (i = 0; i < BLOCK_STREAMS; i++)
		if (!in->flow[i].over)
			return 0;
	return 1;
}
