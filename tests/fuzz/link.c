/* fuzz/link: packets into a pair of links in use, and frames from programs: the
 * input says what happens, and changes packets on their way.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "link/lane.h"

enum { STEP = 5000 }; /* us */

struct input {
	const uint8_t *p;
	size_t n;
};

static uint8_t
byte(struct input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

/* A packet on its way to l, maybe changed, cut, or all of it the input's. */
static int
deliver(struct lane *l, uint8_t *buf, size_t n, struct input *in, int64_t now)
{
	uint8_t how = byte(in), i;
	struct fault bad;
	struct frame f;
	size_t k;

	if (how < 32)
		return 0; /* lost */
	for (i = 0; how >= 128 && i < how % 16; i++) {
		k = FRAME_HEAD +
		    (byte(in) | (size_t)byte(in) << 8) % (n - FRAME_HEAD);
		buf[k] = byte(in);
	}
	if (how >= 240) {
		k = in->n < LANE_PACKET - FRAME_HEAD ? in->n
		                                     : LANE_PACKET - FRAME_HEAD;
		if (k < 4)
			return 0;
		memcpy(buf + FRAME_HEAD, in->p, k);
		buf[FRAME_HEAD] = 1;
		n = FRAME_HEAD + k;
		buf[2] = (uint8_t)(k >> 8);
		buf[3] = (uint8_t)k;
		in->p += k;
		in->n -= k;
	}
	MUST(frame_get(&f, buf) == 0);
	return lane_take(l, &f, buf + FRAME_HEAD, now, &bad);
}

/* A frame from a program, of any kind and shape that frame_get allows. */
static int
program(struct lane *l, struct input *in, int64_t now)
{
	static const char kinds[] = "tdaijbke";
	static uint8_t data[FRAME_DATA];
	uint8_t head[FRAME_HEAD], b = byte(in);
	struct frame f = {.kind = (uint8_t)kinds[b % 8],
	    .flags = b >> 7,
	    .len = (uint16_t)((byte(in) << 4) % (FRAME_DATA + 1)),
	    .number = byte(in),
	    .time = (uint64_t)now};
	struct fault bad;

	f.pieces = (uint16_t)(1 + byte(in) % 4);
	f.piece = (uint16_t)(byte(in) % f.pieces);
	frame_put(head, &f);
	if (frame_get(&f, head) == -1 || !laneout_room(&l->out, f.kind))
		return 0;
	return laneout_put(&l->out, &f, data, now, &bad);
}

static void
read_all(struct lane *l, int64_t now)
{
	uint8_t out[FRAME_MAX], end[FRAME_HEAD];
	struct frame f;
	size_t n;

	while ((n = lanein_get(&l->in, LANE_ALL, out, now)) > 0)
		MUST(frame_get(&f, out) == 0 &&
		     n == FRAME_HEAD + (size_t)f.len && f.kind != FRAME_END &&
		     f.kind != FRAME_LINK);
	(void)lanein_end(&l->in, end);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input in = {data, n};
	int64_t now = 1000000;
	struct lane *l[2] = {lane_new(now), lane_new(now)};
	uint8_t buf[LANE_PACKET];
	int i, r = 0, turn, burst;
	size_t k;

	for (turn = 0; r == 0 && (in.n > 0 || turn < 100); turn++) {
		for (i = 0; i < 2 && r == 0; i++) {
			if (in.n > 0)
				r = program(l[i], &in, now);
			for (burst = 0; r == 0 && burst < 20; burst++) {
				k = lane_give(l[i], buf, now);
				if (k == 0)
					break;
				MUST(k <= LANE_PACKET && k > FRAME_HEAD);
				r = deliver(l[!i], buf, k, &in, now);
			}
			read_all(l[i], now);
			MUST(lane_next_time(l[i], now) >= now);
			MUST(lane_state(l[i], now).memory <= 260u << 20);
		}
		now += STEP + byte(&in) * 1000;
	}
	lane_free(l[0]);
	lane_free(l[1]);
	return 0;
}
