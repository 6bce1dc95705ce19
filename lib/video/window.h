/* window: show pictures in a window, by SDL.
 * SPDX-License-Identifier: ISC */
#ifndef WINDOW_H
#define WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "wire/y4m.h"

struct window;

/* A window that stays hidden until its first picture.  The title is UTF-8, and
 * also the window's class, unless the user has set one (SDL_VIDEO_X11_WMCLASS).
 * full, mirror: its first state.  Signal handlers stay.  NULL and a fault
 * (111): no window system, or it refuses. */
struct window *
window_open(const char *title, int full, int mirror, struct fault *f);
void
window_close(struct window *w);

/* The drivers in use, `x11, opengl`. */
const char *
window_driver(struct window *w);

/* Draw without a graphics processor from now on; nothing is shown until the next
 * window_show.  0; -1: it was so already, or cannot be. */
int
window_soften(struct window *w);

/* Set the title. */
void
window_title(struct window *w, const char *title);

/* Show the picture darker, or not. */
void
window_dim(struct window *w, int dim);

/* A small picture for the lower right corner, mirrored; it is seen at the next
 * window_show, or a little later without one.  pic NULL: none any more. */
void
window_corner(struct window *w, const struct y4m *y, const uint8_t *pic);

/* Show a picture in y4m_bytes' layout, as large as fits, keeping its aspect; on
 * return the window system has it.  It is not kept or waited for.  The window
 * follows the picture's size, limited by the screen, until the user resizes it.
 * 0, or -1 and a fault (111). */
int
window_show(
    struct window *w, const struct y4m *y, const uint8_t *pic, struct fault *f);

/* Handle input: f full screen on and off, Escape off, m mirror, a new size. 1:
 * the user ends it (q, or closed the window); else 0. */
int
window_events(struct window *w);

/* The picture as RGB, 3 bytes a pixel, from malloc; NULL: no memory. */
uint8_t *
window_rgb(const struct y4m *y, const uint8_t *pic);

#endif
