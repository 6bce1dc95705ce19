/* camera: a camera, and the newest of its pictures.
 * SPDX-License-Identifier: ISC */
#ifndef CAMERA_H
#define CAMERA_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

/* What is wanted of a camera; it comes as near as it can. */
struct camera_want {
	unsigned w, h; /* Y4M_LEAST to Y4M_MOST */
	unsigned fps; /* at least 1 */
	int jpeg; /* its own JPEG, not I420 */
};

struct camera_pic {
	const uint8_t *data; /* I420 as y4m_bytes tells, or one whole JPEG */
	size_t n;
	uint64_t time; /* of capture, microseconds since 1970-01-01 UTC */
};

/* An open camera; it captures from the start. */
struct camera {
	int fd; /* polls readable, or POLLERR, when take has something to do */
	unsigned w, h; /* of its pictures, in pixels */
	unsigned num, den; /* pictures a second, as it says; 0:0 is unknown */
	unsigned long damaged; /* cut or absurd pictures thrown away */

	/* Take what pictures there are and keep the newest, never waiting.
	 * 1: there is one to get; 0: there is none; -1 and a fault. */
	int (*take)(struct camera *c, struct fault *f);
	/* Get that newest one; it stays as it is until the next get.  1; or 0
	 * if there is none, as it may have turned out to be damaged. */
	int (*get)(struct camera *c, struct camera_pic *pic);
	void (*close)(struct camera *c);
};

/* Open a V4L2 device, or with NULL the first that can capture.  -1 and a fault
 * that tells the way on: no such device, none that captures, no permission,
 * in use, no JPEG. */
int
camera_open(struct camera **c, const char *device,
    const struct camera_want *want, struct fault *f);

/* The built-in camera: what testpic.h draws, when it is due.  It has every
 * size and rate, and no JPEG. */
int
testcam_open(
    struct camera **c, const struct camera_want *want, struct fault *f);

/* A format in which a device captures by itself, at one size or a range. */
struct camera_mode {
	const char *device;
	char name[32]; /* the device's own: bytes */
	char format[5]; /* four characters, printable */
	char size[32]; /* 640x480, or 32x32-1920x1080 */
	char fps[64]; /* 30 25 12.5, or 1-60; empty: it does not tell */
};

/* Call row for each mode of each device that captures.  How many such devices
 * there are; *barred counts those that may not be opened. */
int
devices_list(void (*row)(const struct camera_mode *), int *barred);

/* For cam's own modules.  Open a device that captures and has mmap; its name.
 * The descriptor is libv4l2's, without conversion, and does not block.  -1, a
 * fault, and errno. */
int
devices_open(const char *path, char name[static 32], struct fault *f);

/* The path of the first one.  0, or -1 and a fault. */
enum { DEVICES_PATH = 24 };
int
devices_first(char path[static DEVICES_PATH], struct fault *f);

/* v4l2_ioctl, repeated when interrupted. */
int
devices_ioctl(int fd, unsigned long request, void *arg);

/* What errno means on an open device: a fault, -1. */
int
devices_failed(const char *path, struct fault *f);

#endif
