/* rooms: where and when to meet: a number, or lines of chat-keygen -r.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/opt.h"
#include "meet/rooms.h"

#define LETTERS                                                                \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

/* Cut a line into its fields.  0, or -1. */
static int
parse(struct room *r, char *line, const char *roles)
{
	char *save, *field[6];
	long from, until;
	int i;

	for (i = 0; i < 6; i++) {
		field[i] = strtok_r(i ? NULL : line, " \t", &save);
		if (!field[i])
			return -1;
	}
	if (strtok_r(NULL, " \t", &save) || strlen(field[0]) != 1 ||
	    !strchr(roles, *field[0]) ||
	    meet_room(r->id, field[1], strlen(field[1])) == -1 ||
	    meet_room(r->lan, field[2], strlen(field[2])) == -1 ||
	    opt_parse(field[3], 0, 1L << 40, &from) == -1 ||
	    opt_parse(field[4], from, 1L << 40, &until) == -1 ||
	    strlen(field[5]) > ROOMS_NAME ||
	    field[5][strspn(field[5], LETTERS)] != '\0')
		return -1;
	r->what = (char)(*field[0] | 0x20);
	r->udp = r->what != *field[0];
	r->from = from;
	r->until = until;
	memset(r->name, 0, sizeof(r->name));
	if (strcmp(field[5], "-") != 0)
		strcpy(r->name, field[5]);
	return 0;
}

int
rooms_parse(struct room *out, int most, char *text, size_t n, const char *roles,
    const char *what, struct fault *f)
{
	char *at, *end, *stop = text + n;
	int count = 0, line = 1;

	for (at = text; at < stop; at = end + 1, line++) {
		end = memchr(at, '\n', (size_t)(stop - at));
		if (!end || count == most)
			return fault(f, X_USE, "%s:%d: %s", what, line,
			    end ? "too many rooms" : "no end of line");
		*end = '\0';
		if (strlen(at) != (size_t)(end - at) ||
		    parse(&out[count], at, roles) == -1)
			return fault(f, X_USE,
			    "%s:%d: expected a line of chat-keygen -r", what,
			    line);
		count++;
	}
	return count;
}

int
rooms_one(struct room *out, char role, const char *text, size_t n)
{
	memset(out, 0, sizeof(*out));
	out->what = role;
	out->until = INT64_MAX;
	if (meet_room(out->id, text, n) == -1)
		return -1;
	memcpy(out->lan, out->id, sizeof(out->lan));
	return 0;
}
