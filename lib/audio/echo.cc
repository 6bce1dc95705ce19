/* echo: echo and noise taken away, by webrtc-audio-processing 0.3.
 * SPDX-License-Identifier: ISC */
#include <cstring>
#include <new>

#include <webrtc/modules/audio_processing/include/audio_processing.h>
#include <webrtc/modules/interface/module_common_types.h>

#include "audio/echo.h"

using namespace webrtc;

struct echo {
	AudioProcessing *apm;
	AudioFrame frame;
};

static void
open_processing(struct echo *e, int cancel, int noise)
{
	const auto mono = AudioProcessing::kMono;
	Config how;

	how.Set<ExtendedFilter>(new ExtendedFilter(true));
	how.Set<DelayAgnostic>(new DelayAgnostic(true));
	e->apm = AudioProcessing::Create(how);
	e->apm->Initialize(48000, 48000, 48000, mono, mono, mono);
	e->apm->high_pass_filter()->Enable(true);
	e->apm->echo_cancellation()->set_suppression_level(
	    EchoCancellation::kLowSuppression);
	e->apm->echo_cancellation()->Enable(cancel != 0);
	e->apm->noise_suppression()->set_level(NoiseSuppression::kModerate);
	e->apm->noise_suppression()->Enable(noise != 0);
	e->frame.num_channels_ = 1;
	e->frame.sample_rate_hz_ = 48000;
	e->frame.samples_per_channel_ = ECHO_SAMPLES;
}

extern "C" struct echo *
echo_open(int cancel, int noise)
{
	struct echo *e = nullptr;

	try {
		/* The library, which takes less, ignores that malloc fails. */
		operator delete(operator new(1 << 20));
		e = new struct echo();
		open_processing(e, cancel, noise);
	} catch (const std::bad_alloc &) {
		echo_close(e);
		e = nullptr;
	}
	return e;
}

extern "C" int
echo_near(struct echo *e, const int16_t *far, int16_t *pcm, int delay)
try {
	if (far) {
		memcpy(e->frame.data_, far, ECHO_SAMPLES * sizeof(*far));
		e->apm->ProcessReverseStream(&e->frame);
	}
	memcpy(e->frame.data_, pcm, ECHO_SAMPLES * sizeof(*pcm));
	e->apm->set_stream_delay_ms(delay);
	e->apm->ProcessStream(&e->frame);
	memcpy(pcm, e->frame.data_, ECHO_SAMPLES * sizeof(*pcm));
	return 0;
} catch (const std::bad_alloc &) {
	return -1;
}

extern "C" void
echo_close(struct echo *e)
{
	if (e)
		delete e->apm;
	delete e;
}
