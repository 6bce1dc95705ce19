/* testcam: the built-in camera.
 * SPDX-License-Identifier: ISC */
#include <sys/timerfd.h>

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "video/camera.h"
#include "video/testpic.h"
#include "wire/y4m.h"

struct test {
	struct camera cam;
	struct camera_pic pic; /* time 0: returned by get already */
	uint8_t *buf;
};

static int
take(struct camera *c, struct fault *f)
{
	struct test *t = (struct test *)c;
	uint64_t ticks;

	if (read(c->fd, &ticks, sizeof(ticks)) == sizeof(ticks))
		t->pic.time = (uint64_t)clock_wall_us();
	else if (errno != EAGAIN && errno != EINTR)
		return fault_sys(f, X_SYS, "timer");
	return t->pic.time != 0;
}

static int
get(struct camera *c, struct camera_pic *pic)
{
	struct test *t = (struct test *)c;

	if (t->pic.time == 0)
		return 0;
	testpic_draw(t->buf, c->w, c->h, t->pic.time);
	*pic = t->pic;
	t->pic.time = 0;
	return 1;
}

static void
end(struct camera *c)
{
	struct test *t = (struct test *)c;

	if (c->fd != -1)
		close(c->fd);
	free(t->buf);
	free(t);
}

int
testcam_open(struct camera **c, const struct camera_want *want, struct fault *f)
{
	struct y4m y = {.w = want->w, .h = want->h};
	struct itimerspec every = {.it_value.tv_nsec = 1};
	struct test *t;

	if (want->jpeg)
		return fault(f, X_USE,
		    "the test picture is not JPEG: leave out -f mjpeg");
	if (!(t = calloc(1, sizeof(*t))))
		return fault_memory(f);
	t->cam = (struct camera){-1, y.w, y.h, want->fps, 1, 0, take, get, end};
	t->pic.n = y4m_bytes(&y);
	t->pic.data = t->buf = malloc(t->pic.n);
	every.it_interval.tv_sec = want->fps == 1;
	every.it_interval.tv_nsec = 1000000000 / want->fps % 1000000000;
	t->cam.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (!t->buf || t->cam.fd == -1 ||
	    timerfd_settime(t->cam.fd, 0, &every, NULL) == -1) {
		fault_sys(f, X_SYS, "the test picture");
		end(&t->cam);
		return -1;
	}
	*c = &t->cam;
	return 0;
}
