/* picage [after ms]: a line for each picture of the test camera's Y4M on
 * stdin: its XT=, the time drawn in it (0: none), its age when it was whole,
 * all in microseconds.  It stops reading for ms after picture number `after`.
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "wire/y4m.h"

#include "pictime.h"

static int
line(char *s)
{
	int c, n = 0;

	while (n < Y4M_LINE - 1 && (c = getchar()) != EOF) {
		s[n++] = (char)c;
		if (c == '\n')
			break;
	}
	return n;
}

int
main(int argc, char **argv)
{
	char s[Y4M_LINE];
	const char *why;
	struct y4m y;
	struct timespec t;
	uint64_t time, drawn;
	uint8_t *p;
	size_t bytes;
	int n, count = 0, ms = argc > 2 ? atoi(argv[2]) : 0;

	if (y4m_head_get(&y, s, (size_t)line(s), &why) == -1) {
		fprintf(stderr, "picage: %s\n", why);
		return 1;
	}
	bytes = y4m_bytes(&y);
	p = malloc(bytes);
	while (p && (n = line(s)) > 0) {
		if (y4m_frame_get(&time, s, (size_t)n) == -1 ||
		    fread(p, 1, bytes, stdin) != bytes) {
			fprintf(stderr, "picage: cut\n");
			return 1;
		}
		if (pictime(p, y.w, y.w, y.h, &drawn) == -1)
			drawn = 0;
		printf("%llu %llu %lld\n", (unsigned long long)time,
		    (unsigned long long)drawn,
		    (long long)clock_wall_us() - (long long)drawn);
		fflush(stdout);
		if (argc > 2 && ++count == atoi(argv[1])) {
			t.tv_sec = ms / 1000;
			t.tv_nsec = ms % 1000 * 1000000L;
			nanosleep(&t, NULL);
		}
	}
	free(p);
	return 0;
}
