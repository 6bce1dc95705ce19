/* picout: pictures on their way to the other side, in parts, repaired and sent
 * again, but given up when they are late.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_PICOUT_H
#define LINK_PICOUT_H

#include "link/block.h"
#include "wire/frame.h"

enum {
	PICOUT_PART = 1146, /* most bytes of a part */
	PICOUT_KEPT = 64, /* pictures */
	PICOUT_LATE = 300000 /* us after which one is given up */
};

/* Loss and time of the path, by which repair parts are counted. */
struct picout_path {
	double loss;
	int64_t rtt; /* us */
};

struct picout_picture {
	uint8_t *data; /* whole parts, the last filled with zeros; NULL: none */
	uint8_t *state; /* of each part */
	uint32_t number, size;
	uint8_t flags;
	uint16_t each; /* bytes of a part */
	unsigned parts, repairs;
	unsigned arrived, waiting; /* parts */
	uint64_t time;
	int64_t born; /* us, when it was put in */
};

struct picout {
	uint8_t kind; /* i or j */
	struct picout_picture p[PICOUT_KEPT];
	uint32_t next; /* number after the newest */
	uint32_t low; /* lowest that is still cared for */
	/* The picture that is being put in. */
	uint8_t *data;
	size_t n, cap;
	uint16_t piece, pieces; /* to come, in all; 0 pieces: there is none */
	unsigned long resent, given_up;
};

void
picout_init(struct picout *o, uint8_t kind);
void
picout_free(struct picout *o);

/* Would a frame be taken now?  Pictures wait for the parts of the one before. */
int
picout_room(const struct picout *o);

/* A frame of the picture's, in order; one whose number has been taken is
 * dropped.  0; -1: it breaks a rule; -2: there is no memory. */
int
picout_put(struct picout *o, const struct frame *f, const uint8_t *payload,
    const struct picout_path *path, int64_t now);

/* Write the next part that waits, with its block's head, if room is enough: how
 * many bytes; *number and *part say which. */
size_t
picout_give(struct picout *o, uint8_t *out, size_t room, uint32_t *number,
    uint16_t *part);

/* A part has arrived, or is lost.  1 if something goes again for it. */
void
picout_arrived(struct picout *o, uint32_t number, uint16_t part);
int
picout_lost(struct picout *o, uint32_t number, uint16_t part);

/* Give up what is late.  How many pictures. */
int
picout_expire(struct picout *o, int64_t rtt, int64_t now);

/* When picout_expire has something to do; INT64_MAX: never. */
int64_t
picout_due(const struct picout *o);

/* Bytes of parts that wait to go. */
size_t
picout_waits(const struct picout *o);

/* Repair parts for a picture of so many parts. */
unsigned
picout_repairs(unsigned parts, const struct picout_path *path);

#endif
