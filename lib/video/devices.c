/* devices: the video devices of this machine, through libv4l2.
 * SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <libv4l2.h>
#include <linux/videodev2.h>

#include "video/camera.h"

enum {
	VIDEO_MAJOR = 81, /* V4L2's devices (admin-guide/devices.txt) */
	TRIES = 100, /* for an interrupted call */
	DEVICES = 64, /* most devices listed */
	FORMATS = 128,
	SIZES = 64,
	RATES = 16
};

int
devices_ioctl(int fd, unsigned long request, void *arg)
{
	int i, r = -1;

	for (i = 0; i < TRIES; i++)
		if ((r = v4l2_ioctl(fd, request, arg)) != -1 || errno != EINTR)
			break;
	return r;
}

int
devices_failed(const char *path, struct fault *f)
{
	switch (errno) {
	case EBUSY:
		return fault(f, X_SYS,
		    "%s is in use: end the other program, or choose another "
		    "camera with -d",
		    path);
	case ENODEV:
		return fault(f, X_SYS, "%s was unplugged", path);
	case ENOSPC: /* as uvcvideo reports it */
		return fault(f, X_SYS,
		    "%s gets too little of its USB bus: ask for less with -g "
		    "and -r, or plug it in elsewhere",
		    path);
	default:
		return fault_sys(f, X_SYS, "%s fails", path);
	}
}

/* Say why it cannot be opened, by errno, which stays. */
static int
refused(const char *path, struct fault *f)
{
	int err = errno;

	switch (err) {
	case ENOENT:
	case ENOTDIR:
	case ENXIO:
	case ENODEV:
		fault(f, X_USE, "no device %s: chat-cam -L lists the cameras",
		    path);
		break;
	case EACCES:
	case EPERM:
		fault(f, X_USE,
		    "%s may not be opened: join its group (usually video), "
		    "and log in again",
		    path);
		break;
	case ENOTTY:
	case EINVAL:
		fault(f, X_USE,
		    "%s is not a camera: chat-cam -L lists the cameras", path);
		break;
	default:
		devices_failed(path, f);
	}
	errno = err;
	return -1;
}

int
devices_open(const char *path, char name[static 32], struct fault *f)
{
	struct v4l2_capability cap;
	struct stat st;
	uint32_t can;
	int fd, err = ENOTTY;

	/* Silence libv4l2: errors are reported here. */
	if (!v4l2_log_file)
		v4l2_log_file = fopen("/dev/null", "we");
	if (stat(path, &st) == -1)
		return refused(path, f);
	/* Check first: opening another kind of device may have effects. */
	errno = ENOTTY;
	if (!S_ISCHR(st.st_mode) || major(st.st_rdev) != VIDEO_MAJOR)
		return refused(path, f);
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return refused(path, f);
	memset(&cap, 0, sizeof(cap));
	if (v4l2_fd_open(fd, V4L2_DISABLE_CONVERSION) == -1 ||
	    devices_ioctl(fd, VIDIOC_QUERYCAP, &cap) == -1) {
		err = errno;
		cap.capabilities = 0;
	}
	can = cap.capabilities & V4L2_CAP_DEVICE_CAPS ? cap.device_caps
	                                              : cap.capabilities;
	if (!(can & V4L2_CAP_VIDEO_CAPTURE) || !(can & V4L2_CAP_STREAMING)) {
		v4l2_close(fd);
		errno = err;
		return refused(path, f);
	}
	memcpy(name, cap.card, 32);
	name[31] = '\0';
	return fd;
}

/* Open the next camera from number *i on: its descriptor; -1 at the end, with f
 * about the first that may not be opened. */
static int
next(unsigned *i, char path[static DEVICES_PATH], char name[static 32],
    int *barred, struct fault *f)
{
	struct fault why;
	int fd;

	for (; *i < DEVICES; ++*i) {
		snprintf(path, DEVICES_PATH, "/dev/video%u", *i);
		fd = devices_open(path, name, &why);
		if (fd != -1)
			return fd;
		if (errno != EACCES && errno != EPERM)
			continue;
		if ((*barred)++ == 0)
			*f = why;
	}
	return -1;
}

int
devices_first(char path[static DEVICES_PATH], struct fault *f)
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
		if (devices_ioctl(fd, VIDIOC_ENUM_FRAMEINTERVALS, &e) == -1)
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
sizes(int fd, uint32_t form, struct camera_mode *m,
    void (*row)(const struct camera_mode *))
{
	struct v4l2_frmsizeenum e;
	unsigned i;

	for (i = 0; i < SIZES; i++) {
		memset(&e, 0, sizeof(e));
		e.index = i;
		e.pixel_format = form;
		if (devices_ioctl(fd, VIDIOC_ENUM_FRAMESIZES, &e) == -1)
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
devices_list(void (*row)(const struct camera_mode *), int *barred)
{
	struct camera_mode m;
	struct v4l2_fmtdesc e;
	struct fault f;
	char path[DEVICES_PATH];
	unsigned i, k, c;
	int fd, n = 0;

	*barred = 0;
	for (i = 0; (fd = next(&i, path, m.name, barred, &f)) != -1; i++, n++) {
		m.device = path;
		for (k = 0; k < FORMATS; k++) {
			memset(&e, 0, sizeof(e));
			e.index = k;
			e.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
			if (devices_ioctl(fd, VIDIOC_ENUM_FMT, &e) == -1)
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
