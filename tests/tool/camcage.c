/* camcage DEVICE OTHER: give up what chat-cam does, DEVICE being its camera, and
 * try both; exit code 0 if DEVICE alone can still be asked and nothing opened.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "sandbox/landlock.h"
#include "sandbox/seccomp.h"

/* Say it where it is not so. */
static int
must_be(int so, const char *what)
{
	if (!so)
		printf("%s: %s\n", what, strerror(errno));
	return !so;
}

int
main(int argc, char **argv)
{
	struct v4l2_capability c;
	struct v4l2_streamparm p = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	int own, other, bad = 0;

	if (argc != 3)
		return 100;
	own = open(argv[1], O_RDWR | O_CLOEXEC);
	other = open(argv[2], O_RDWR | O_CLOEXEC);
	bad += must_be(own != -1 && other != -1, "before: open");
	bad += must_be(ioctl(other, VIDIOC_QUERYCAP, &c) == 0, "before: ask");
	(void)landlock_close(landlock_begin(0));
	bad += must_be(seccomp_enter(MAY_CONTROL, own) == 0, "seccomp");
	bad += must_be(ioctl(own, VIDIOC_QUERYCAP, &c) == 0, "ask the camera");
	bad += must_be(ioctl(own, VIDIOC_G_PARM, &p) == 0, "ask for its rate");
	bad +=
	    must_be(ioctl(other, VIDIOC_QUERYCAP, &c) == -1 && errno == ENOSYS,
	        "the other camera is refused");
	bad +=
	    must_be(open(argv[2], O_RDWR | O_CLOEXEC) == -1 && errno == ENOSYS,
	        "opening is refused");
	return bad;
}
