/* window: pictures in a window, by SDL.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#define SDL_MAIN_HANDLED
#include <SDL.h>

#include "video/window.h"

struct window {
	SDL_Window *win;
	SDL_Renderer *out;
	SDL_Texture *pic;
	struct y4m y4m; /* what pic is for */
	int w, h; /* the size we gave the window; 0: none yet */
	int full, mirror, dim;
	uint32_t settled; /* SDL_GetTicks() from when on it has settled */
	SDL_Texture *corner;
	struct y4m corner_y4m; /* what corner is for */
	uint32_t
	    corner_due; /* SDL_GetTicks() when it is drawn; 0: it has been */
};

/* For so many ms after a change of the window what is drawn may get lost on
 * the way (seen with SDL's software renderer on X11): draw it again. */
enum { SETTLE = 250 };

/* A picture for the corner waits so many ms for one that is drawn anyway, since
 * scaling the large one again costs most. */
enum { CORNER_WAITS = 50 };

enum { GL_RENDERER = 0x1f01 }; /* of glGetString(3) */

enum { BRIGHT = 255, DIM = 90 };

/* The size a picture wants to be seen at: its pixels may not be square. */
static void
wish(const struct y4m *y, int *w, int *h)
{
	*w = (int)y->w;
	*h = (int)y->h;
	/* No camera's pixels are more oblong than that. */
	if (y->anum && y->aden && y->anum / y->aden < 4 &&
	    y->aden / y->anum < 4)
		*w = (int)((uint64_t)y->w * y->anum / y->aden);
}

/* Make w by h fit into mw by mh, their relation kept. */
static void
shrink(int *w, int *h, int mw, int mh)
{
	if ((int64_t)*w * mh > (int64_t)mw * *h) {
		*h = (int)((int64_t)*h * mw / *w);
		*w = mw;
	} else {
		*w = (int)((int64_t)*w * mh / *h);
		*h = mh;
	}
}

/* Is what draws an OpenGL that has no graphics processor and computes each pixel
 * on ours?  By far not as fast as SDL's own way to do that. */
static int
emulated(void)
{
	static const char *const names[] = {
	    "llvmpipe", "softpipe", "swrast", "Software", "SwiftShader"};
	const char *(*get)(unsigned) = NULL;
	void *found = SDL_GL_GetCurrentContext()
	                  ? SDL_GL_GetProcAddress("glGetString")
	                  : NULL;
	const char *name = NULL;
	size_t i;

	/* A pointer to data does not become one to a function by a cast. */
	if (found) {
		memcpy(&get, &found, sizeof(get));
		name = get(GL_RENDERER);
	}
	for (i = 0; name && i < sizeof(names) / sizeof(*names); i++)
		if (strstr(name, names[i]))
			return 1;
	return 0;
}

/* A hidden window, and what draws in it.  0 or -1. */
static int
make(struct window *w, const char *title)
{
	w->win = SDL_CreateWindow(title, SDL_WINDOWPOS_UNDEFINED,
	    SDL_WINDOWPOS_UNDEFINED, 640, 480,
	    SDL_WINDOW_RESIZABLE | SDL_WINDOW_HIDDEN);
	/* No waiting for the screen's own rhythm: it would add age. */
	w->out = w->win ? SDL_CreateRenderer(w->win, -1, 0) : NULL;
	return w->out ? 0 : -1;
}

struct window *
window_open(const char *title, int full, int mirror, struct fault *f)
{
	struct window *w;
	int x11 = getenv("DISPLAY") != NULL;
	int wayland = getenv("WAYLAND_DISPLAY") != NULL, made;

	if (!x11 && !wayland && !getenv("SDL_VIDEODRIVER")) {
		fault(f, X_SYS,
		    "no window system: DISPLAY and WAYLAND_DISPLAY are unset");
		return NULL;
	}
	/* Else SDL would try all it knows, say things, and in the end take a
	 * driver that shows nothing. */
	SDL_SetHint("SDL_VIDEODRIVER", !x11      ? "wayland"
	                               : wayland ? "x11,wayland"
	                                         : "x11");
	w = calloc(1, sizeof(*w));
	SDL_SetMainReady();
	(void)setenv("SDL_VIDEO_X11_WMCLASS", title, 0); /* and on Wayland */
	SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
	SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
	SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
	/* A surface drawn by SDL itself goes straight to the window, and not as a
	 * texture by an OpenGL, which may be emulated. */
	SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
	/* The colours of cameras and coders, at any size. */
	SDL_SetYUVConversionMode(SDL_YUV_CONVERSION_BT601);
	if (!w || SDL_Init(SDL_INIT_VIDEO) != 0) {
		fault(f, X_SYS, "no window system: %s", SDL_GetError());
		free(w);
		return NULL;
	}
	w->full = full;
	w->mirror = mirror;
	made = make(w, title);
	if (made == 0 && !SDL_GetHint(SDL_HINT_RENDER_DRIVER) && emulated())
		made = window_soften(w);
	if (made == 0)
		return w;
	fault(f, X_SYS, "no window: %s", SDL_GetError());
	window_close(w);
	return NULL;
}

void
window_close(struct window *w)
{
	if (!w)
		return;
	SDL_Quit(); /* takes all of them along */
	free(w);
}

const char *
window_driver(struct window *w)
{
	static char text[64];
	SDL_RendererInfo info = {.name = "none"};

	(void)SDL_GetRendererInfo(w->out, &info);
	SDL_snprintf(text, sizeof(text), "%s, %s", SDL_GetCurrentVideoDriver(),
	    info.name);
	return text;
}

int
window_soften(struct window *w)
{
	SDL_RendererInfo info = {.flags = SDL_RENDERER_SOFTWARE};

	(void)SDL_GetRendererInfo(w->out, &info);
	if (info.flags & SDL_RENDERER_SOFTWARE)
		return -1;
	SDL_DestroyRenderer(w->out); /* takes its textures along */
	w->pic = w->corner = NULL;
	/* The environment may name another. */
	SDL_SetHintWithPriority(
	    SDL_HINT_RENDER_DRIVER, "software", SDL_HINT_OVERRIDE);
	w->out = SDL_CreateRenderer(w->win, -1, 0);
	return w->out ? 0 : -1;
}

void
window_title(struct window *w, const char *title)
{
	SDL_SetWindowTitle(w->win, title);
}

/* In a window of ow by oh. */
static void
draw_corner(struct window *w, int ow, int oh)
{
	SDL_Rect at;

	wish(&w->corner_y4m, &at.w, &at.h);
	shrink(&at.w, &at.h, ow / 4, oh / 4);
	at.x = ow - at.w - ow / 64;
	at.y = oh - at.h - ow / 64;
	SDL_RenderCopyEx(
	    w->out, w->corner, NULL, &at, 0, NULL, SDL_FLIP_HORIZONTAL);
}

/* Draw the window anew. */
static void
draw(struct window *w)
{
	uint8_t light = w->dim ? DIM : BRIGHT;
	SDL_Rect at;
	int ow, oh;

	if (!w->pic || SDL_GetRendererOutputSize(w->out, &ow, &oh) != 0)
		return;
	wish(&w->y4m, &at.w, &at.h);
	shrink(&at.w, &at.h, ow, oh);
	at.x = (ow - at.w) / 2;
	at.y = (oh - at.h) / 2;
	SDL_SetRenderDrawColor(w->out, 0, 0, 0, 255);
	SDL_RenderClear(w->out);
	SDL_SetTextureColorMod(w->pic, light, light, light);
	SDL_RenderCopyEx(w->out, w->pic, NULL, &at, 0, NULL,
	    w->mirror ? SDL_FLIP_HORIZONTAL : SDL_FLIP_NONE);
	if (w->corner)
		draw_corner(w, ow, oh);
	SDL_RenderPresent(w->out);
	w->corner_due = 0;
}

void
window_dim(struct window *w, int dim)
{
	if (w->dim == dim)
		return;
	w->dim = dim;
	draw(w);
}

/* Give the window the picture's size, if the screen has it. */
static void
resize(struct window *w)
{
	SDL_Rect screen;
	int now, noh;

	SDL_GetWindowSize(w->win, &now, &noh);
	if (w->full || (w->w && (now != w->w || noh != w->h)))
		return;
	wish(&w->y4m, &w->w, &w->h);
	if (SDL_GetDisplayUsableBounds(
	        SDL_GetWindowDisplayIndex(w->win), &screen) == 0 &&
	    (w->w > screen.w || w->h > screen.h))
		shrink(&w->w, &w->h, screen.w, screen.h);
	SDL_SetWindowSize(w->win, w->w, w->h);
}

/* Have a texture for such pictures: in *t is the one for those of was, or NULL.
 * 0; 1: it is another one; -1: there is none. */
static int
texture(struct window *w, SDL_Texture **t, struct y4m *was, const struct y4m *y)
{
	if (*t && was->w == y->w && was->h == y->h && was->anum == y->anum &&
	    was->aden == y->aden)
		return 0;
	if (*t)
		SDL_DestroyTexture(*t);
	*t = SDL_CreateTexture(w->out, SDL_PIXELFORMAT_IYUV,
	    SDL_TEXTUREACCESS_STREAMING, (int)y->w, (int)y->h);
	*was = *y;
	return *t ? 1 : -1;
}

static int
fill(SDL_Texture *t, const struct y4m *y, const uint8_t *pic)
{
	const uint8_t *u = pic + (size_t)y->w * y->h;
	int half = (int)y4m_half(y->w);

	return SDL_UpdateYUVTexture(t, NULL, pic, (int)y->w, u, half,
	    u + (size_t)half * y4m_half(y->h), half);
}

/* Have a texture for pictures of that size, and a window. */
static int
adapt(struct window *w, const struct y4m *y)
{
	int first = !w->pic, r = texture(w, &w->pic, &w->y4m, y);

	if (r != 1)
		return r;
	w->settled = SDL_GetTicks() + SETTLE;
	resize(w);
	if (first) {
		SDL_SetWindowPosition(
		    w->win, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED);
		SDL_ShowWindow(w->win);
		if (w->full)
			SDL_SetWindowFullscreen(
			    w->win, SDL_WINDOW_FULLSCREEN_DESKTOP);
	}
	return 0;
}

int
window_show(
    struct window *w, const struct y4m *y, const uint8_t *pic, struct fault *f)
{
	if (adapt(w, y) == -1 || fill(w->pic, y, pic) != 0)
		return fault(f, X_SYS, "no picture: %s", SDL_GetError());
	draw(w);
	return 0;
}

void
window_corner(struct window *w, const struct y4m *y, const uint8_t *pic)
{
	if (pic && texture(w, &w->corner, &w->corner_y4m, y) != -1 &&
	    fill(w->corner, y, pic) == 0) {
		if (!w->corner_due)
			w->corner_due = (SDL_GetTicks() + CORNER_WAITS) | 1;
		return;
	}
	if (w->corner)
		SDL_DestroyTexture(w->corner);
	w->corner = NULL;
	draw(w);
}

static void
key(struct window *w, SDL_Keycode k)
{
	if (k == SDLK_m)
		w->mirror = !w->mirror;
	if (k == SDLK_f || (k == SDLK_ESCAPE && w->full)) {
		w->full = !w->full;
		SDL_SetWindowFullscreen(
		    w->win, w->full ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0u);
	}
}

int
window_events(struct window *w)
{
	SDL_Event e;
	int anew = 0, end = 0;

	while (SDL_PollEvent(&e)) {
		if (e.type == SDL_QUIT ||
		    (e.type == SDL_KEYDOWN && e.key.keysym.sym == SDLK_q))
			end = 1;
		if (e.type == SDL_KEYDOWN && !e.key.repeat)
			key(w, e.key.keysym.sym);

		anew |= e.type == SDL_KEYDOWN || e.type == SDL_WINDOWEVENT;
	}
	if (anew)
		w->settled = SDL_GetTicks() + SETTLE;
	if (anew || !SDL_TICKS_PASSED(SDL_GetTicks(), w->settled) ||
	    (w->corner_due && SDL_TICKS_PASSED(SDL_GetTicks(), w->corner_due)))
		draw(w);
	return end;
}

uint8_t *
window_rgb(const struct y4m *y, const uint8_t *pic)
{
	uint8_t *rgb = malloc((size_t)y->w * y->h * 3);

	if (rgb &&
	    SDL_ConvertPixels((int)y->w, (int)y->h, SDL_PIXELFORMAT_IYUV, pic,
	        (int)y->w, SDL_PIXELFORMAT_RGB24, rgb, (int)y->w * 3) != 0) {
		free(rgb);
		rgb = NULL;
	}
	return rgb;
}
