/* YUV4MPEG2's lines: what we write, what others write, what is refused.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "tap.h"
#include "wire/y4m.h"

/* Lines that are taken: as ffmpeg 5.1, mpv and mjpegtools write them. */
static const struct {
	const char *line;
	struct y4m want;
} good[] = {
    {"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n", {640, 480, 30, 1, 1, 1}},
    {"YUV4MPEG2 W352 H288 F30000:1001 Ip A128:117 C420mpeg2 XYSCSS=420MPEG2 "
     "XCOLORRANGE=LIMITED\n",
        {352, 288, 30000, 1001, 128, 117}},
    {"YUV4MPEG2 W17 H19 F25:1 Ip A0:0 C420jpeg XYSCSS=420JPEG",
        {17, 19, 25, 1, 0, 0}},
    {"YUV4MPEG2 W16 H8192", {16, 8192, 0, 0, 0, 0}},
    {"YUV4MPEG2  H48 W64  I? C420 Zunknown\n", {64, 48, 0, 0, 0, 0}},
    {"YUV4MPEG2 W64 H48 F0:0 A1 C420paldv\n", {64, 48, 0, 0, 0, 0}},
    {"YUV4MPEG2 W64 H48 F4294967297:1 A1:x\n", {64, 48, 0, 0, 0, 0}},
};

static const char *const bad[] = {
    "",
    "\n",
    " YUV4MPEG2 W64 H48\n",
    "YUV4MPEG W64 H48\n",
    "YUV4MPEG2W64 H48\n",
    "YUV4MPEG2\n",
    "YUV4MPEG2 W64\n",
    "YUV4MPEG2 W64 H15\n",
    "YUV4MPEG2 W8193 H48\n",
    "YUV4MPEG2 W65535 H65535\n",
    "YUV4MPEG2 W-64 H48\n",
    "YUV4MPEG2 W64x H48\n",
    "YUV4MPEG2 W H48\n",
    "YUV4MPEG2 W18446744073709551680 H48\n",
    "YUV4MPEG2 W64 H48 It\n",
    "YUV4MPEG2 W64 H48 Im\n",
    "YUV4MPEG2 W64 H48 C422\n",
    "YUV4MPEG2 W64 H48 C420p10\n",
    "YUV4MPEG2 W64 H48 C\n",
};

static const struct {
	const char *line;
	uint64_t time;
} frames[] = {
    {"FRAME\n", 0},
    {"FRAME", 0},
    {"FRAME XT=1700000000000001\n", 1700000000000001},
    {"FRAME Ip XT=5 Xwhatever\n", 5},
    {"FRAME XT=\n", 0},
    {"FRAME XT=-5\n", 0},
    {"FRAME XT=5x\n", 0},
    {"FRAME XT=18446744073709551615\n", 0},
    {"FRAME XT=9223372036854775807\n", INT64_MAX},
    {"FRAME XT=99999999999999999999999\n", 0},
    {"FRAME XTRA=5\n", 0},
};

int
main(void)
{
	struct y4m y;
	char line[Y4M_LINE], longer[Y4M_LINE + 64];
	const char *why;
	uint64_t time;
	size_t i, n;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		ok(y4m_head_get(&y, good[i].line, strlen(good[i].line), &why) ==
		            0 &&
		        memcmp(&y, &good[i].want, sizeof(y)) == 0,
		    "y4m: stream line %zu taken", i);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(y4m_head_get(&y, bad[i], strlen(bad[i]), &why) == -1 &&
		        strlen(why) > 10,
		    "y4m: bad stream line %zu refused", i);
	for (i = 0; i < sizeof(frames) / sizeof(*frames); i++)
		ok(y4m_frame_get(
		       &time, frames[i].line, strlen(frames[i].line)) == 0 &&
		        time == frames[i].time,
		    "y4m: picture line %zu taken", i);
	ok(y4m_frame_get(&time, "FRAMES\n", 7) == -1 &&
	        y4m_frame_get(&time, "frame\n", 6) == -1 &&
	        y4m_frame_get(&time, "", 0) == -1,
	    "y4m: no picture's line");

	memset(longer, ' ', sizeof(longer));
	memcpy(longer, "YUV4MPEG2 W64 H48", 17);
	ok(y4m_head_get(&y, longer, Y4M_LINE, &why) == 0 &&
	        y4m_head_get(&y, longer, Y4M_LINE + 1, &why) == -1,
	    "y4m: lines have an end");

	y = (struct y4m){8192, 8191, 30000, 1001, 1, 1};
	n = y4m_head_put(line, &y);
	ok(strcmp(line, "YUV4MPEG2 W8192 H8191 F30000:1001 Ip A1:1 "
	                "C420jpeg\n") == 0 &&
	        n == strlen(line),
	    "y4m: stream line written");
	ok(y4m_bytes(&y) == 8192u * 8191u + 2 * 4096u * 4096u,
	    "y4m: bytes of a large picture");
	y.w = y.h = 17;
	ok(y4m_bytes(&y) == 17 * 17 + 2 * 9 * 9, "y4m: odd sides round up");
	n = y4m_frame_put(line, 1700000000000001);
	ok(strcmp(line, "FRAME XT=1700000000000001\n") == 0 &&
	        n == strlen(line),
	    "y4m: picture line written");
	n = y4m_frame_put(line, 0);
	ok(strcmp(line, "FRAME\n") == 0 && n == 6, "y4m: without a time");
	return done();
}
