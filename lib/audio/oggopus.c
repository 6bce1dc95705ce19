/* oggopus: Opus in Ogg (RFC 7845), as a stream, by libogg.
 * SPDX-License-Identifier: ISC */
#include <ogg/ogg.h>
#include <stdlib.h>
#include <string.h>

#include "audio/oggopus.h"

enum {
	RATE = 48000,
	HEAD = 19, /* bytes of OpusHead in mono */
	SERIAL = 0x63686174,
	MOST = 1 << 20 /* bytes without a page, then it is not Ogg */
};

/* ---- written ---- */

struct oggopus_out {
	ogg_stream_state stream;
	ogg_int64_t packets, samples;
};

static void
put(struct oggopus_out *o, uint8_t *p, size_t n, int last)
{
	ogg_packet packet = {.packet = p,
	    .bytes = (long)n,
	    .b_o_s = o->packets == 0,
	    .e_o_s = last,
	    .granulepos = o->samples,
	    .packetno = o->packets};

	o->packets++;
	(void)ogg_stream_packetin(&o->stream, &packet);
}

struct oggopus_out *
oggopus_out(unsigned skip)
{
	static const char tags[] = "OpusTags\4\0\0\0chat\0\0\0";
	struct oggopus_out *o = calloc(1, sizeof(*o));
	uint8_t head[HEAD] = "OpusHead\1\1", copy[sizeof(tags)];

	if (!o || ogg_stream_init(&o->stream, SERIAL) == -1) {
		free(o);
		return NULL;
	}
	head[10] = (uint8_t)skip;
	head[11] = (uint8_t)(skip >> 8);
	head[12] = RATE & 0xff;
	head[13] = RATE >> 8 & 0xff;
	put(o, head, sizeof(head), 0);
	memcpy(copy, tags, sizeof(tags));
	put(o, copy, sizeof(copy), 0);
	return o;
}

size_t
oggopus_page(struct oggopus_out *o, uint8_t page[static OGGOPUS_PAGE])
{
	ogg_page g;

	/* Ogg gives the first packet its own page; flush the others at once, so
	 * that none waits. */
	if (ogg_stream_flush(&o->stream, &g) == 0 ||
	    g.header_len + g.body_len > OGGOPUS_PAGE)
		return 0;
	memcpy(page, g.header, (size_t)g.header_len);
	memcpy(page + g.header_len, g.body, (size_t)g.body_len);
	return (size_t)(g.header_len + g.body_len);
}

void
oggopus_put(struct oggopus_out *o, const uint8_t *p, size_t n, unsigned samples,
    int last)
{
	uint8_t copy[1275];

	if (n > sizeof(copy))
		return;
	memcpy(copy, p, n);
	o->samples += samples;
	put(o, copy, n, last);
}

/* ---- read ---- */

struct oggopus_in {
	ogg_sync_state sync;
	ogg_stream_state stream;
	int begun; /* the stream has its serial number */
	int heads; /* header packets read, of two */
	int over; /* its last page came, none after it */
	size_t fed; /* bytes since the last page */
	unsigned skip;
	ogg_int64_t length; /* of the last page */
};

struct oggopus_in *
oggopus_in(void)
{
	struct oggopus_in *in = calloc(1, sizeof(*in));

	if (in) {
		(void)ogg_sync_init(&in->sync);
		in->length = -1;
	}
	return in;
}

int
oggopus_feed(struct oggopus_in *in, const uint8_t *p, size_t n)
{
	char *to = ogg_sync_buffer(&in->sync, (long)n);

	if (!to)
		return -1;
	memcpy(to, p, n);
	in->fed += n;
	return ogg_sync_wrote(&in->sync, (long)n);
}

/* Take a page of a stream that begins, or of the current one. */
static int
take_page(struct oggopus_in *in, ogg_page *g, struct fault *f)
{
	int serial = ogg_page_serialno(g);

	in->fed = 0;
	if (ogg_page_bos(g) && (!in->begun || in->over)) {
		/* Streams may follow each other. */
		if (in->begun)
			ogg_stream_clear(&in->stream);
		in->begun = 1;
		in->heads = in->over = 0;
		if (ogg_stream_init(&in->stream, serial) == -1)
			return fault_memory(f);
	}
	if (!in->begun)
		return fault(f, X_PEER, "the Ogg stream has no beginning");
	/* Skip pages of other streams. */
	if (serial != in->stream.serialno)
		return 0;
	if (ogg_stream_pagein(&in->stream, g) == -1)
		return fault(f, X_PEER, "the Ogg stream is damaged");
	if (ogg_page_eos(g)) {
		in->over = 1;
		in->length = ogg_page_granulepos(g);
	}
	return 0;
}

static int
take_head(struct oggopus_in *in, const ogg_packet *p, struct fault *f)
{
	const uint8_t *h = p->packet;

	if (in->heads++ == 0) {
		/* RFC 7845, 5.1: the upper half of the version must be 0. */
		if (p->bytes < HEAD || memcmp(h, "OpusHead", 8) != 0 ||
		    h[8] > 15 || h[9] == 0)
			return fault(f, X_PEER, "the Ogg stream is not Opus");
		if (h[18] != 0)
			return fault(
			    f, X_PEER, "the Ogg stream has %u channels", h[9]);
		in->skip = (unsigned)(h[10] | h[11] << 8);
		return 0;
	}
	if (p->bytes < 8 || memcmp(h, "OpusTags", 8) != 0)
		return fault(f, X_PEER, "the Ogg stream is not Opus");
	return 0;
}

int
oggopus_get(struct oggopus_in *in, const uint8_t **p, size_t *n, unsigned *skip,
    struct fault *f)
{
	ogg_packet packet;
	ogg_page g;
	int r;

	*skip = 0;
	for (;;) {
		r = in->begun ? ogg_stream_packetout(&in->stream, &packet) : 0;
		if (r == -1)
			return fault(f, X_PEER, "the Ogg stream has a gap");
		if (r == 1 && in->heads < 2) {
			if (take_head(in, &packet, f) == -1)
				return -1;
			continue;
		}
		if (r == 1) {
			*p = packet.packet;
			*n = (size_t)packet.bytes;
			*skip = in->skip;
			in->skip = 0;
			return 1;
		}
		r = ogg_sync_pageout(&in->sync, &g);
		if (r == -1)
			return fault(f, X_PEER, "the Ogg stream is damaged");
		if (r == 0)
			return in->fed <= MOST
			           ? 0
			           : fault(f, X_PEER, "not an Ogg stream");
		if (take_page(in, &g, f) == -1)
			return -1;
	}
}

int
oggopus_end(const struct oggopus_in *in, struct fault *f)
{
	if (in->over && in->heads == 2 && in->fed == 0)
		return 0;
	return fault(f, X_PEER, "the Ogg stream was cut");
}

int64_t
oggopus_length(const struct oggopus_in *in)
{
	return in->length;
}

void
oggopus_in_free(struct oggopus_in *in)
{
	if (!in)
		return;
	if (in->begun)
		ogg_stream_clear(&in->stream);
	ogg_sync_clear(&in->sync);
	free(in);
}
