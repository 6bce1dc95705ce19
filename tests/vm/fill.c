/* fill device file fps [n]: write the JPEGs of a file to a v4l2loopback
 * device, over and over; every n-th is cut in the middle, and every n-th after
 * that is noise.
 * SPDX-License-Identifier: ISC */
#include <sys/ioctl.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/videodev2.h>

enum { MOST = 1 << 20, W = 640, H = 480 };

int
main(int argc, char **argv)
{
	static uint8_t clip[16 * MOST], noise[20000];
	struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
	struct timespec t = {0, 0};
	const uint8_t *p, *next;
	size_t n, i;
	ssize_t have;
	long count, bad;
	int in, out;

	if (argc < 4)
		return 100;
	bad = argc > 4 ? atol(argv[4]) : 0;
	t.tv_nsec = 1000000000 / atol(argv[3]);
	in = open(argv[2], O_RDONLY);
	out = open(argv[1], O_RDWR);
	have = read(in, clip, sizeof(clip));
	f.fmt.pix.width = W;
	f.fmt.pix.height = H;
	f.fmt.pix.pixelformat = V4L2_PIX_FMT_MJPEG;
	f.fmt.pix.sizeimage = MOST;
	f.fmt.pix.field = V4L2_FIELD_NONE;
	if (have < 4 || out == -1 || ioctl(out, VIDIOC_S_FMT, &f) == -1) {
		perror(argv[1]);
		return 111;
	}
	for (i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)rand();
	for (count = 0, p = clip;; count++) {
		next = memmem(p + 2, (size_t)(clip + have - p) - 2,
		    "\xff\xd9\xff\xd8", 4);
		next = next ? next + 2 : clip + have;
		n = (size_t)(next - p);
		if (bad && count % bad == 1)
			n = (size_t)write(out, noise, sizeof(noise));
		else if (bad && count % bad == 0)
			n = (size_t)write(out, p, n / 2);
		else
			n = (size_t)write(out, p, n);
		if ((ssize_t)n == -1) {
			perror("write");
			return 111;
		}
		p = next == clip + have ? clip : next;
		nanosleep(&t, NULL);
	}
}
