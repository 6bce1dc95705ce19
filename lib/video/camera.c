/* camera: a V4L2 device through libv4l2, its pictures through libv4lconvert.
 * SPDX-License-Identifier: ISC */
#include <sys/mman.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libv4l-plugin.h>
#include <libv4l2.h>
#include <libv4lconvert.h>
#include <linux/videodev2.h>

#include "base/clock.h"
#include "video/camera.h"
#include "wire/jpeg.h"
#include "wire/y4m.h"

enum {
	BUFFERS = 6, /* buffers asked for */
	FEWEST = 2, /* one holds the newest while another is filled */
	MOST = 32,
	TRIES = 100, /* consecutive errors, then the camera is given up */
	BYTES = 256 << 20, /* most bytes in a buffer */
	OLDEST = 10000000 /* us: older times are not believed */
};

struct v4l {
	struct camera cam;
	struct v4lconvert_data *convert;
	struct v4l2_format src, dst;
	struct {
		uint8_t *p;
		size_t n;
	} map[MOST];
	unsigned count;
	int have, errors, jpeg;
	unsigned newest; /* if we have one: its buffer, bytes, time */
	size_t used;
	uint64_t time;
	uint8_t *out; /* the picture that was got */
	size_t out_n;
};

/* Set size, format and rate, and read what the device really gives. */
static int
agree(struct v4l *v, const char *path, const struct camera_want *want,
    struct fault *f)
{
	struct v4l2_pix_format *pix = &v->dst.fmt.pix;
	struct v4l2_streamparm parm = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	struct v4l2_fract *frame = &parm.parm.capture.timeperframe;
	uint32_t form;

	v->dst.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	pix->width = want->w;
	pix->height = want->h;
	pix->field = V4L2_FIELD_ANY;
	form = want->jpeg ? V4L2_PIX_FMT_MJPEG : V4L2_PIX_FMT_YUV420;
	pix->pixelformat = form;
	v4lconvert_set_fps(v->convert, (int)want->fps);
	v->src = v->dst;
	if (!want->jpeg &&
	    v4lconvert_try_format(v->convert, &v->dst, &v->src) == -1)
		return devices_failed(path, f);
	if (devices_ioctl(v->cam.fd, VIDIOC_S_FMT, &v->src) == -1)
		return devices_failed(path, f);
	if (want->jpeg)
		v->dst = v->src;
	if (want->jpeg && pix->pixelformat == V4L2_PIX_FMT_JPEG)
		form = V4L2_PIX_FMT_JPEG;
	if (pix->pixelformat != form)
		return fault(f, X_USE,
		    want->jpeg ? "%s gives no JPEG: leave out -f mjpeg"
		               : "%s gives nothing that can be made I420",
		    path);
	if (pix->width < Y4M_LEAST || pix->width > Y4M_MOST ||
	    pix->height < Y4M_LEAST || pix->height > Y4M_MOST ||
	    (!want->jpeg && (pix->bytesperline < pix->width ||
	                        pix->bytesperline > 2 * Y4M_MOST)))
		return fault(
		    f, X_SYS, "%s gives pictures of absurd size", path);
	v->cam.w = want->jpeg ? pix->width : pix->width & ~1u;
	v->cam.h = want->jpeg ? pix->height : pix->height & ~1u;

	*frame = (struct v4l2_fract){1, want->fps};
	(void)devices_ioctl(v->cam.fd, VIDIOC_S_PARM, &parm);
	memset(&parm.parm, 0, sizeof(parm.parm));
	if (devices_ioctl(v->cam.fd, VIDIOC_G_PARM, &parm) == 0 &&
	    frame->numerator && frame->denominator) {
		v->cam.num = frame->denominator;
		v->cam.den = frame->numerator;
	}
	return 0;
}

/* Pass libv4lconvert's ioctls through libv4l2, which alone can talk to
 * multi-planar devices. */
static int
ask(void *none, int fd, unsigned long request, void *arg)
{
	(void)none;
	return v4l2_ioctl(fd, request, arg);
}

static const struct libv4l_dev_ops through = {.ioctl = ask};

static int
queue(struct v4l *v, unsigned index)
{
	struct v4l2_buffer b = {.index = index,
	    .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
	    .memory = V4L2_MEMORY_MMAP};

	return devices_ioctl(v->cam.fd, VIDIOC_QBUF, &b);
}

/* Map the buffers, and begin. */
static int
begin(struct v4l *v, const char *path, struct fault *f)
{
	struct v4l2_requestbuffers ask = {.count = BUFFERS,
	    .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
	    .memory = V4L2_MEMORY_MMAP};
	struct v4l2_buffer b;
	unsigned i;
	void *p;
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	if (devices_ioctl(v->cam.fd, VIDIOC_REQBUFS, &ask) == -1)
		return devices_failed(path, f);
	if (ask.count < FEWEST || ask.count > MOST)
		return fault(f, X_SYS, "%s has room for %u pictures, not %d",
		    path, ask.count, BUFFERS);
	for (i = 0; i < ask.count; i++) {
		memset(&b, 0, sizeof(b));
		b.index = i;
		b.type = ask.type;
		b.memory = ask.memory;
		if (devices_ioctl(v->cam.fd, VIDIOC_QUERYBUF, &b) == -1)
			return devices_failed(path, f);
		if (b.length == 0 || b.length > BYTES)
			return fault(f, X_SYS, "%s has pictures of %u bytes",
			    path, b.length);
		p = v4l2_mmap(NULL, b.length, PROT_READ | PROT_WRITE,
		    MAP_SHARED, v->cam.fd, b.m.offset);
		if (p == MAP_FAILED)
			return fault_sys(f, X_SYS, "%s", path);
		v->map[i].p = p;
		v->map[i].n = b.length;
		v->count = i + 1;
		if (v->jpeg && v->out_n < b.length)
			v->out_n = b.length;
		if (queue(v, i) == -1)
			return devices_failed(path, f);
	}
	if (!v->jpeg)
		v->out_n = (size_t)v->dst.fmt.pix.bytesperline *
		           v->dst.fmt.pix.height * 3 / 2;
	/* A page more: converters may read past odd ends. */
	if (!(v->out = malloc(v->out_n + 4096)))
		return fault_memory(f);
	if (devices_ioctl(v->cam.fd, VIDIOC_STREAMON, &type) == -1)
		return devices_failed(path, f);
	return 0;
}

/* When a buffer was filled, by the wall clock.  The driver's time is used only
 * if its clock is the stated one and the time is recent. */
static uint64_t
when(const struct v4l2_buffer *b)
{
	int64_t age = 0;

	if ((b->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) ==
	    V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
		age = clock_us() - ((int64_t)b->timestamp.tv_sec * 1000000 +
		                       b->timestamp.tv_usec);
	if (age < 0 || age > OLDEST)
		age = 0;
	return (uint64_t)(clock_wall_us() - age);
}

static int
take(struct camera *c, struct fault *f)
{
	struct v4l *v = (struct v4l *)c;
	struct v4l2_buffer b;
	unsigned i;

	for (i = 0; i < 2 * v->count; i++) {
		memset(&b, 0, sizeof(b));
		b.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
		b.memory = V4L2_MEMORY_MMAP;
		if (devices_ioctl(c->fd, VIDIOC_DQBUF, &b) == -1) {
			if (errno == EAGAIN || errno == EINTR)
				break;
			if (errno == ENODEV || errno == ENXIO)
				return fault(
				    f, X_SYS, "the camera was unplugged");
			if (errno == EIO && ++v->errors < TRIES)
				break;
			return fault_sys(f, X_SYS, "the camera fails");
		}
		v->errors = 0;
		if (b.index >= v->count)
			return fault(f, X_SYS,
			    "the camera's driver has no buffer %u", b.index);
		if (b.flags & V4L2_BUF_FLAG_ERROR || b.bytesused == 0 ||
		    b.bytesused > v->map[b.index].n) {
			c->damaged++;
			(void)queue(v, b.index);
			continue;
		}
		if (v->have)
			(void)queue(v, v->newest);
		v->newest = b.index;
		v->used = b.bytesused;
		v->time = when(&b);
		v->have = 1;
	}
	return v->have;
}

/* Copy h rows of `stride` bytes to rows of w bytes. */
static uint8_t *
pack(uint8_t *to, const uint8_t *from, size_t stride, unsigned w, unsigned h)
{
	for (; h > 0; h--, from += stride, to += w)
		memmove(to, from, w);
	return to;
}

/* Convert the n bytes at p to a picture in v->out: its length, or 0 if
 * damaged. */
static size_t
make(struct v4l *v, uint8_t *p, size_t n)
{
	const struct v4l2_pix_format *from = &v->src.fmt.pix,
	                             *to = &v->dst.fmt.pix;
	size_t stride = to->bytesperline, rows = to->height;
	struct jpeg j = {0};
	uint8_t *at;

	if (from->pixelformat == V4L2_PIX_FMT_MJPEG ||
	    from->pixelformat == V4L2_PIX_FMT_JPEG) {
		/* bytesused may be the buffer's size, not the picture's. */
		if (jpeg_scan(&j, p, n) != 1 || j.w > Y4M_MOST ||
		    j.h > Y4M_MOST)
			return 0;
		n = j.at;
	}
	if (v->jpeg) {
		memcpy(v->out, p, n);
		return n;
	}
	if (n > INT_MAX || v4lconvert_convert(v->convert, &v->src, &v->dst, p,
	                       (int)n, v->out, (int)v->out_n) != (int)v->out_n)
		return 0;
	if (stride == v->cam.w && rows == v->cam.h)
		return v->out_n;
	at = pack(v->out, v->out, stride, v->cam.w, v->cam.h);
	at = pack(
	    at, v->out + stride * rows, stride / 2, v->cam.w / 2, v->cam.h / 2);
	at = pack(at, v->out + stride * rows + stride / 2 * (rows / 2),
	    stride / 2, v->cam.w / 2, v->cam.h / 2);
	return (size_t)(at - v->out);
}

static int
get(struct camera *c, struct camera_pic *pic)
{
	struct v4l *v = (struct v4l *)c;

	if (!v->have)
		return 0;
	v->have = 0;
	pic->data = v->out;
	pic->time = v->time;
	pic->n = make(v, v->map[v->newest].p, v->used);
	(void)queue(v, v->newest);
	if (pic->n == 0)
		c->damaged++;
	return pic->n != 0;
}

static void
end(struct camera *c)
{
	struct v4l *v = (struct v4l *)c;
	unsigned i;
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	(void)devices_ioctl(c->fd, VIDIOC_STREAMOFF, &type);
	for (i = 0; i < v->count; i++)
		v4l2_munmap(v->map[i].p, v->map[i].n);
	if (v->convert)
		v4lconvert_destroy(v->convert);
	v4l2_close(c->fd);
	free(v->out);
	free(v);
}

int
camera_open(struct camera **c, const char *device,
    const struct camera_want *want, struct fault *f)
{
	char name[32], path[DEVICES_PATH];
	struct v4l *v;
	int fd;

	if (!device && devices_first(path, f) == -1)
		return -1;
	device = device ? device : path;
	fd = devices_open(device, name, f);
	if (fd == -1)
		return -1;
	if (!(v = calloc(1, sizeof(*v)))) {
		v4l2_close(fd);
		return fault_memory(f);
	}
	v->cam = (struct camera){fd, 0, 0, 0, 0, 0, take, get, end};
	v->jpeg = want->jpeg;
	v->convert = v4lconvert_create_with_dev_ops(fd, NULL, &through);
	if (!v->convert)
		fault(f, X_SYS, "%s: libv4lconvert will not begin", device);
	if (!v->convert || agree(v, device, want, f) == -1 ||
	    begin(v, device, f) == -1) {
		end(&v->cam);
		return -1;
	}
	*c = &v->cam;
	return 0;
}
