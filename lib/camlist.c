/* cam: which cameras there are, and what each can do.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libv4l2.h>
#include <linux/videodev2.h>

#include "cam.h"

enum { DEVICES = 64, FORMATS = 128, SIZES = 64, RATES = 16 };

/* The next camera from number *i on: its descriptor; -1 when there is none,
 * which says in f why it is so where one may not be opened. */
static int
next(unsigned *i, char path[static CAM_PATH], char name[static 32], int *barred,
    struct fault *f)
{
	struct fault why;
	int fd;

	for (; *i < DEVICES; ++*i) {
		snprintf(path, CAM_PATH, "/dev/video%u", *i);
		fd = cam_device(path, name, &why);
		if (fd != -1)
			return fd;
		if (errno != EACCES && errno != EPERM)
			continue;
		++*barred;
		*f = why;
	}
	return -1;
}

int
cam_first(char path[static CAM_PATH], struct fault *f)
{
	char name[32];
	unsigned i = 0;
	int barred = 0, fd;

	fault(f, X_USE,
	    "no camera is here: plug one in, or take the test "
	    "picture with -d test");
	fd = next(&i, path, name, &barred, f);
	if (fd == -1)
		return -1;
	v4l2_close(fd);
	return 0;
}

static double
rate(const struct v4l2_fract *every)
{
	return every->numerator ? (double)every->denominator / every->numerator
	                        : 0;
}

static void
rates(int fd, uint32_t form, uint32_t w, uint32_t h, char *out, size_t cap)
{
	struct v4l2_frmivalenum e;
	unsigned i;
	size_t n = 0;

	*out = '\0';
	for (i = 0; i < RATES && n < cap; i++) {
		memset(&e, 0, sizeof(e));
		e.index = i;
		e.pixel_format = form;
		e.width = w;
		e.height = h;
		if (v4l2_ioctl(fd, VIDIOC_ENUM_FRAMEINTERVALS, &e) == -1)
			return;
		if (e.type != V4L2_FRMIVAL_TYPE_DISCRETE) {
			snprintf(out, cap, "%.3g-%.3g", rate(&e.stepwise.max),
			    rate(&e.stepwise.min));
			return;
		}
		n += (size_t)snprintf(out + n, cap - n, "%s%.3g", i ? " " : "",
		    rate(&e.discrete));
	}
}

static void
sizes(int fd, uint32_t form, struct cam_mode *m,
    void (*row)(const struct cam_mode *))
{
	struct v4l2_frmsizeenum e;
	unsigned i;

	for (i = 0; i < SIZES; i++) {
		memset(&e, 0, sizeof(e));
		e.index = i;
		e.pixel_format = form;
		if (v4l2_ioctl(fd, VIDIOC_ENUM_FRAMESIZES, &e) == -1)
			break;
		if (e.type != V4L2_FRMSIZE_TYPE_DISCRETE) {
			snprintf(m->size, sizeof(m->size), "%ux%u-%ux%u",
			    e.stepwise.min_width, e.stepwise.min_height,
			    e.stepwise.max_width, e.stepwise.max_height);
			rates(fd, form, e.stepwise.max_width,
			    e.stepwise.max_height, m->fps, sizeof(m->fps));
			row(m);
			return;
		}
		snprintf(m->size, sizeof(m->size), "%ux%u", e.discrete.width,
		    e.discrete.height);
		rates(fd, form, e.discrete.width, e.discrete.height, m->fps,
		    sizeof(m->fps));
		row(m);
	}
	if (i == 0) {
		strcpy(m->size, "-");
		*m->fps = '\0';
		row(m);
	}
}

int
cam_list(void (*row)(const struct cam_mode *), int *barred)
{
	struct cam_mode m;
	struct v4l2_fmtdesc e;
	struct fault f;
	char path[CAM_PATH];
	unsigned i, k, c;
	int fd, n = 0;

	*barred = 0;
	for (i = 0; (fd = next(&i, path, m.name, barred, &f)) != -1; i++, n++) {
		m.device = path;
		for (k = 0; k < FORMATS; k++) {
			memset(&e, 0, sizeof(e));
			e.index = k;
			e.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
			if (v4l2_ioctl(fd, VIDIOC_ENUM_FMT, &e) == -1)
				break;
			for (c = 0; c < 4; c++) {
				m.format[c] =
				    (char)(e.pixelformat >> 8 * c & 0x7f);
				if (m.format[c] < 0x21 || m.format[c] == 0x7f)
					m.format[c] = c == 3 ? '\0' : '?';
			}
			m.format[4] = '\0';
			sizes(fd, e.pixelformat, &m, row);
		}
		v4l2_close(fd);
	}
	return n;
}
