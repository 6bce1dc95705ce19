/* camera: a camera, and the newest of its pictures.
 * SPDX-License-Identifier: ISC */
#ifndef CAMERA_H
#define CAMERA_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

/* The wanted mode; the camera comes as near as it can. */
struct camera_want {
	unsigned w, h; /* Y4M_LEAST to Y4M_MOST */
	unsigned fps; /* at least 1 */
	int jpeg; /* its own JPEG, not I420 */
};

struct camera_pic {
	const uint8_t *data; /* I420 in y4m_bytes' layout, or one whole JPEG */
	size_t n;
	uint64_t time; /* of capture, microseconds since 1970-01-01 UTC */
};

/* An open camera; it captures from the start. */
struct camera {
	int fd; /* polls readable, or POLLERR, when take has something to do */
	unsigned w, h; /* of its pictures, in pixels */
	unsigned num, den; /* pictures a second, as reported; 0:0: unknown */
	unsigned long damaged; /* dropped pictures: cut or absurd */

	/* Read the pictures there are and keep the newest, without waiting. 1:
	 * get can return one; 0: none; -1 and a fault. */
	int (*take)(struct camera *c, struct fault *f);
	/* Return the newest picture, valid until the next get.  1; 0: none, as
	 * when it proves to be damaged. */
	int (*get)(struct camera *c, struct camera_pic *pic);
	void (*close)(struct camera *c);
};

/* Open a V4L2 device, or with NULL the first that can capture.  -1 and a fault
 * that says what to do: no such device, none that captures, no permission, in
 * use, no JPEG. */
int
camera_open(struct camera **c, const char *device,
    const struct camera_want *want, struct fault *f);

/* Open the built-in camera: testpic.h's pictures, in real time, at any size and
 * rate, but not as JPEG. */
int
testcam_open(
    struct camera **c, const struct camera_want *want, struct fault *f);

/* A format that a device captures natively, at one size or a range. */
struct camera_mode {
	const char *device;
	char name[32]; /* the device's own: bytes */
	char format[5]; /* four characters, printable */
	char size[32]; /* 640x480, or 32x32-1920x1080 */
	char fps[64]; /* 30 25 12.5, or 1-60; empty: not reported */
};

/* Call row for each mode of each capturing device.  How many such devices;
 * *barred counts those that may not be opened. */
int
devices_list(void (*row)(const struct camera_mode *), int *barred);

/* For the modules of cam only.  Open a device that captures and has mmap, and
 * its name.  The descriptor is nonblocking, libv4l2's, without conversion.  -1,
 * a fault, and errno. */
int
devices_open(const char *path, char name[static 32], struct fault *f);

/* The path of the first capturing device.  0, or -1 and a fault. */
enum { DEVICES_PATH = 24 };
int
devices_first(char path[static DEVICES_PATH], struct fault *f);

/* v4l2_ioctl, repeated after EINTR. */
int
devices_ioctl(int fd, unsigned long request, void *arg);

/* Make a fault of errno from an open device.  -1. */
int
devices_failed(const char *path, struct fault *f);

#endif
