/* vp8: code and decode pictures by libvpx, one in, one out.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

#include "video/vp8.h"
#include "wire/ivf.h"
#include "wire/y4m.h"

/* Limits, in microseconds, of the step between pictures told to the rate
 * control: after a long stop it must not spend saved bytes at once. */
enum { STEP_MIN = 1000, STEP_MAX = 200000 };

struct vp8_enc {
	vpx_codec_ctx_t ctx;
	vpx_codec_enc_cfg_t cfg;
	vpx_image_t img;
	uint64_t last; /* capture time of the last picture */
	int64_t pts; /* of the next picture, only for the rate control */
	int begun;
};

struct vp8_enc *
vp8_enc_new(unsigned w, unsigned h, unsigned kbit, int drop, struct fault *f)
{
	struct vp8_enc *e = calloc(1, sizeof(*e));
	vpx_codec_enc_cfg_t cfg;

	if (!e || vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &cfg, 0)) {
		fault(f, X_SYS, "libvpx has no coder for us");
		free(e);
		return NULL;
	}
	cfg.g_w = w;
	cfg.g_h = h;
	cfg.g_timebase.num = 1;
	cfg.g_timebase.den = 1000000;
	/* libvpx's threads spin while they wait.  A second one saves a quarter
	 * of a 720p picture's time where a processor is free; with one busy
	 * program beside it, one picture in ten took 150 ms. */
	cfg.g_threads = 1;
	cfg.g_lag_in_frames = 0;
	cfg.g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
	cfg.rc_end_usage = VPX_CBR;
	cfg.rc_target_bitrate = kbit;
	cfg.rc_buf_sz = 600;
	cfg.rc_buf_initial_sz = 400;
	cfg.rc_buf_optimal_sz = 500;
	cfg.rc_min_quantizer = 4;
	cfg.rc_max_quantizer = 63;
	/* Drop pictures when only this percentage of the budget is left. */
	cfg.rc_dropframe_thresh = drop ? 30 : 0;
	cfg.kf_mode = VPX_KF_DISABLED; /* only requested ones */
	if (vpx_codec_enc_init(&e->ctx, vpx_codec_vp8_cx(), &cfg, 0)) {
		fault(f, X_SYS, "libvpx: %s", vpx_codec_error(&e->ctx));
		free(e);
		return NULL;
	}
	/* Positive numbers adapt to the clock, and are not repeatable. */
	vpx_codec_control(&e->ctx, VP8E_SET_CPUUSED, -12);
	/* Limit key pictures to three pictures' bytes: larger ones would be
	 * late. */
	vpx_codec_control(&e->ctx, VP8E_SET_MAX_INTRA_BITRATE_PCT, 300u);
	/* Skip blocks that barely differ from the last picture: a still scene
	 * is coded in two thirds of the time, at the same SSIM. */
	vpx_codec_control(&e->ctx, VP8E_SET_STATIC_THRESHOLD, 100u);
	vpx_img_wrap(&e->img, VPX_IMG_FMT_I420, w, h, 1, (uint8_t *)e);
	e->cfg = cfg;
	e->img.stride[0] = (int)w;
	e->img.stride[1] = e->img.stride[2] = (int)y4m_half(w);
	return e;
}

void
vp8_enc_free(struct vp8_enc *e)
{
	if (e)
		vpx_codec_destroy(&e->ctx);
	free(e);
}

int
vp8_enc_rate(struct vp8_enc *e, unsigned kbit, struct fault *f)
{
	if (e->cfg.rc_target_bitrate == kbit)
		return 0;
	e->cfg.rc_target_bitrate = kbit;
	return vpx_codec_enc_config_set(&e->ctx, &e->cfg)
	           ? fault(f, X_SYS, "libvpx: %s", vpx_codec_error(&e->ctx))
	           : 0;
}

int
vp8_enc_put(struct vp8_enc *e, const uint8_t *i420, uint64_t time, int key,
    struct vp8_coded *out, struct fault *f)
{
	const vpx_codec_cx_pkt_t *pkt;
	vpx_codec_iter_t it = NULL;
	size_t y = (size_t)e->img.d_w * e->img.d_h;
	uint64_t step = time - e->last;

	if (!e->begun || time < e->last || step < STEP_MIN)
		step = STEP_MIN;
	if (step > STEP_MAX)
		step = STEP_MAX;
	if (e->begun)
		e->pts += (int64_t)step;
	e->last = time;
	e->begun = 1;
	/* libvpx only reads from this. */
	e->img.planes[0] = (uint8_t *)i420;
	e->img.planes[1] = e->img.planes[0] + y;
	e->img.planes[2] = e->img.planes[1] +
	                   (size_t)y4m_half(e->img.d_w) * y4m_half(e->img.d_h);
	if (vpx_codec_encode(&e->ctx, &e->img, e->pts, STEP_MIN,
	        key ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME))
		return fault(f, X_SYS, "libvpx: %s", vpx_codec_error(&e->ctx));
	out->n = 0;
	while ((pkt = vpx_codec_get_cx_data(&e->ctx, &it)))
		if (pkt->kind == VPX_CODEC_CX_FRAME_PKT) {
			out->p = pkt->data.frame.buf;
			out->n = pkt->data.frame.sz;
			out->key =
			    (pkt->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
		}
	return 0;
}

struct vp8_dec {
	vpx_codec_ctx_t ctx;
	int good; /* all pictures since the last key picture were whole */
	int open; /* ctx is in use */
};

/* Discard a decoder after damage: its state is unknown. */
static int
renew(struct vp8_dec *d)
{
	vpx_codec_dec_cfg_t cfg = {.threads = 1};

	if (d->open)
		vpx_codec_destroy(&d->ctx);
	d->good = 0;
	d->open = vpx_codec_dec_init(&d->ctx, vpx_codec_vp8_dx(), &cfg, 0) == 0;
	return d->open ? 0 : -1;
}

struct vp8_dec *
vp8_dec_new(struct fault *f)
{
	struct vp8_dec *d = calloc(1, sizeof(*d));

	if (d && renew(d) == 0)
		return d;
	fault(f, X_SYS, "libvpx has no decoder for us");
	free(d);
	return NULL;
}

void
vp8_dec_free(struct vp8_dec *d)
{
	if (d && d->open)
		vpx_codec_destroy(&d->ctx);
	free(d);
}

int
vp8_dec_put(struct vp8_dec *d, const uint8_t *p, size_t n,
    struct y4m_planes *out, int *hidden)
{
	vpx_codec_iter_t it = NULL;
	vpx_image_t *img;
	unsigned w, h;
	int key = ivf_key(p, n, &w, &h), bad = 1, i;

	*hidden = 0;
	if (key == -1 || (key == 1 && !y4m_planes_fit(w, h)) ||
	    (key == 0 && !d->good)) {
		d->good = 0;
		return 0;
	}
	if (!d->good && renew(d) == -1)
		return 0;
	d->good =
	    vpx_codec_decode(&d->ctx, p, (unsigned)n, NULL, 0) == 0 &&
	    vpx_codec_control(&d->ctx, VP8D_GET_FRAME_CORRUPTED, &bad) == 0 &&
	    !bad;
	if (!d->good)
		return 0;
	img = vpx_codec_get_frame(&d->ctx, &it);
	if (!img) {
		*hidden = !(p[0] >> 4 & 1);
		d->good = *hidden;
		return 0;
	}
	out->w = img->d_w;
	out->h = img->d_h;
	for (i = 0; i < 3; i++) {
		out->plane[i] = img->planes[i];
		out->stride[i] = img->stride[i];
	}
	return 1;
}
