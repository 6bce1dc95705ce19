/* window: pictures in a window, by SDL.
 * SPDX-License-Identifier: ISC */
#ifndef WINDOW_H
#define WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "wire/y4m.h"

struct window;

/* A window that is not seen before its first picture.  The title is UTF-8, and
 * also the window's class, unless the user has set one (SDL_VIDEO_X11_WMCLASS).
 * full, mirror: how it begins.  Signals stay as they are.  NULL and a fault
 * (111): there is no window system, or it refuses. */
struct window *
window_open(const char *title, int full, int mirror, struct fault *f);
void
window_close(struct window *w);

/* What draws, `x11, opengl`. */
const char *
window_driver(struct window *w);

/* Another title. */
void
window_title(struct window *w, const char *title);

/* Show it darker from now on, or not. */
void
window_dim(struct window *w, int dim);

/* A small picture for the lower right corner, mirrored; it is seen at the next
 * window_show, or a little later without one.  pic NULL: none any more. */
void
window_corner(struct window *w, const struct y4m *y, const uint8_t *pic);

/* Show a picture, laid out as y4m_bytes has it, as large as fits, its aspect
 * kept; it has been handed to the window system when this returns, and is
 * neither kept nor waited for.  The window begins with the picture's size,
 * smaller if the screen is, and follows it while nobody else resized it.  0, or
 * -1 and a fault (111). */
int
window_show(
    struct window *w, const struct y4m *y, const uint8_t *pic, struct fault *f);

/* Do what the user and the window system asked for since: f full screen or
 * not, Escape not, m mirrored or not, a new size.  1: the user wants to end it
 * (q, or closed the window); else 0. */
int
window_events(struct window *w);

/* A picture as RGB, 3 bytes a pixel, malloc'd; NULL: no memory. */
uint8_t *
window_rgb(const struct y4m *y, const uint8_t *pic);

#endif
