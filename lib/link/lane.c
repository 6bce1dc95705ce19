/* lane: ranked streams over one path that loses: voice, then text, then pictures,
 * then files.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "link/lane.h"

struct lane *
lane_new(int64_t now)
{
	struct lane *l = calloc(1, sizeof(*l));

	if (!l || laneout_init(&l->out, &l->in, now) == -1) {
		free(l);
		return NULL;
	}
	lanein_init(&l->in, now);
	return l;
}

void
lane_free(struct lane *l)
{
	if (!l)
		return;
	laneout_free(&l->out);
	lanein_free(&l->in);
	free(l);
}

int
lane_broken(const struct lane *l)
{
	return l->broken || l->out.broken;
}

int
lane_take(struct lane *l, const struct frame *f, const uint8_t *payload,
    int64_t now, struct fault *bad)
{
	struct block_prefix prefix;
	const uint8_t *p = payload;
	size_t n = f->len;
	struct block b;
	int r = 0;

	if (block_get_prefix(&prefix, &p, &n) == -1)
		return fault(bad, X_PEER,
		    "the other side speaks another version of chat-link");
	if (lanein_came(&l->in, f, &prefix, now) == -1)
		r = -2;
	while (r == 0 && block_get(&b, &p, &n) == 1)
		if (b.type == 'A')
			laneout_acked(&l->out, &b.ack, now);
		else if (b.type == 'W')
			laneout_limit(&l->out, b.limit);
		else
			r = lanein_take(&l->in, &b, now, bad);
	l->broken |= r == -2;
	return r == -1 ? -1 : 0;
}

size_t
lane_give(struct lane *l, uint8_t *out, int64_t now)
{
	lanein_expire(&l->in, now);
	return l->broken ? 0 : laneout_give(&l->out, out, now);
}

int64_t
lane_next_time(struct lane *l, int64_t now)
{
	int64_t a = lanein_due(&l->in), b = laneout_next_time(&l->out, now);

	return a > b ? b : a < now ? now : a;
}

struct lane_state
lane_state(const struct lane *lane, int64_t now)
{
	const struct laneout *l = &lane->out;
	const struct path *p = &l->rate.path;
	struct lane_state s = {.rtt = p->rtt,
	    .queue = p->queue,
	    .loss = l->flight.loss,
	    .rate = l->rate.now,
	    .coder = laneout_coder(l),
	    .sharing = l->rate.competing,
	    .pictures = l->picture_at && now < l->picture_at + LANE_MEDIA,
	    .sent = l->sent,
	    .resent = l->resent,
	    .for_nothing = l->flight.resent_for_nothing};
	int i;

	if (l->flight.bytes > 0)
		s.quiet = now - l->flight.progress;
	for (i = 0; i < BLOCK_STREAMS; i++)
		s.memory += l->flow[i].ring.size + lane->in.flow[i].ring.size;
	for (i = 0; i < LANE_PICTURES; i++) {
		s.resent += l->pic[i].resent;
		s.given_up += l->pic[i].given_up;
		s.recovered += lane->in.pic[i].recovered;
	}
	return s;
}
