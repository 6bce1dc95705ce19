/* pulse: PulseAudio's microphone and loudspeaker, or PipeWire's, by libpulse.
 *
 * Each direction has a connection of its own: on PipeWire's server two streams on
 * one connection come in bursts of 200 to 700 ms and starve.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pulse/pulseaudio.h>

#include "audio/pulse.h"
#include "base/clock.h"
#include "base/prog.h"
#include "sandbox/landlock.h"

enum {
	RATE = 48000,
	MS = 96, /* bytes */
	PIECE_MS = 5, /* ms delivered at a time by the server */
	BUFFER_MS = 10, /* ms queued for the loudspeaker, */
	BUFFER_MOST_MS = 80, /* and at most, after underruns */
	UNDERRUNS = 3, /* in that time: the buffer doubles, */
	UNDERRUN_MS = 10000,
	CALM_MS = 60000, /* and after that without one it halves */
	FIRST_AGAIN = 1000, /* ms until a lost device is tried again, */
	AGAIN = 2000, /* and each time after that */
	GIVE_UP = 60000, /* ms without any device */
	LOOK_US = 100000,
	NAMES = 300
};

enum known { UNKNOWN, HERE, NONE, NO_SERVER, NOT_FOUND };

/* One direction: the microphone's or the loudspeaker's. */
struct side {
	int bit; /* DEVICE_ */
	int wanted;
	const char *what, *name; /* name of the wanted device, or NULL */
	pa_context *context;
	pa_stream *stream;
	enum known known;
	int was; /* it has been here */
	int64_t again; /* ms: when to try again */
	int found; /* the wanted one is present, */
	unsigned count; /* and so many could be used */
	uint32_t card; /* of the device */
	char names[NAMES];
};

static const char no_sound[] =
    "no sound here: is PulseAudio or PipeWire running? (CHAT_SOUND)";

static int fd;
static pa_mainloop *loop;
static struct side microphone, loudspeaker;
static int settled; /* the first news is told */
static int64_t lost_at; /* ms: since when there is nothing; 0: there is */
static int asked; /* a want is unanswered */
static uint32_t want;
static uint32_t buffer_ms = BUFFER_MS;
static struct {
	int n;
	int64_t since, last; /* ms */
} underruns;
static size_t piece_n; /* samples in the unfinished piece */
static struct device_message piece;

/* ---- devices present, and news ---- */

static int
here(void)
{
	return (microphone.known == HERE ? DEVICE_MICROPHONE : 0) |
	       (loudspeaker.known == HERE ? DEVICE_LOUDSPEAKER : 0);
}

static _Noreturn void
finish(int code, const char *text)
{
	device_tell(fd, 0, code, "%s", text);
	_exit(code);
}

/* Devices of a card share its clock; virtual ones have the system's. */
static int
two_cards(void)
{
	return here() == (DEVICE_MICROPHONE | DEVICE_LOUDSPEAKER) &&
	       microphone.card != loudspeaker.card;
}

static void
news(const char *text)
{
	struct device_message m = {.kind = DEVICE_NEWS,
	    .here = here(),
	    .anew = 1,
	    .two_cards = two_cards()};

	snprintf(m.text, sizeof(m.text), "%s", text);
	(void)device_send(fd, &m);
}

/* Tell the first news, once both directions are known. */
static void
settle(void)
{
	int both = microphone.wanted && loudspeaker.wanted;
	struct side *lacks;
	char text[DEVICE_TEXT];

	if (settled || (microphone.wanted && microphone.known == UNKNOWN) ||
	    (loudspeaker.wanted && loudspeaker.known == UNKNOWN))
		return;
	settled = 1;
	lacks = microphone.wanted && microphone.known != HERE ? &microphone
	                                                      : &loudspeaker;
	if (here() == 0 && !both && lacks->known != NO_SERVER) {
		snprintf(text, sizeof(text), "no %s here", lacks->what);
		finish(X_USE, text);
	}
	if (here() == 0)
		finish(X_USE, no_sound);
	if (!both || here() == (DEVICE_MICROPHONE | DEVICE_LOUDSPEAKER))
		news("");
	else
		news(lacks == &microphone
		         ? "no microphone: this side only listens"
		         : "no loudspeaker: this side only speaks");
}

/* Its callback is called all the same.  NULL: the connection is lost. */
static void
forget(pa_operation *o)
{
	if (o)
		pa_operation_unref(o);
}

/* A late callback of libpulse must find no device. */
static void
drop(struct side *s)
{
	pa_context *c = s->context;
	pa_stream *p = s->stream;

	s->stream = NULL;
	s->context = NULL;
	if (p) {
		pa_stream_set_state_callback(p, NULL, NULL);
		pa_stream_set_read_callback(p, NULL, NULL);
		pa_stream_set_write_callback(p, NULL, NULL);
		pa_stream_set_moved_callback(p, NULL, NULL);
		pa_stream_set_underflow_callback(p, NULL, NULL);
		(void)pa_stream_disconnect(p);
		pa_stream_unref(p);
	}
	if (c) {
		pa_context_set_state_callback(c, NULL, NULL);
		pa_context_disconnect(c);
		pa_context_unref(c);
	}
	if (s == &loudspeaker)
		asked = 0;
	else
		piece_n = 0;
}

/* The device is missing, or was lost. */
static void
lose(struct side *s, enum known why)
{
	int had = s->known == HERE;
	char text[DEVICE_TEXT];

	drop(s);
	s->known = why;
	s->again = clock_ms() + (had || !s->was ? FIRST_AGAIN : AGAIN);
	if (had) {
		snprintf(text, sizeof(text), "the %s is gone: waiting for one",
		    s->what);
		news(text);
	}
	settle();
}

static void
arrive(struct side *s)
{
	char text[DEVICE_TEXT] = "";

	s->known = HERE;
	lost_at = 0;
	if (settled)
		snprintf(text, sizeof(text),
		    s->was ? "the %s is back" : "a %s is here now", s->what);
	s->was = 1;
	if (settled)
		news(text);
	settle();
}

/* ---- sound ---- */

static int
latency(pa_stream *s)
{
	pa_usec_t us = 0;
	int negative = 0;

	if (pa_stream_get_latency(s, &us, &negative) < 0 || negative ||
	    us > 10000000)
		return 0;
	return (int)us;
}

/* Samples from the microphone; NULL is a hole. */
static void
hear(const int16_t *pcm, size_t samples, int64_t first)
{
	size_t some, used = 0;

	while (used < samples) {
		if (piece_n == 0)
			piece.time =
			    first + (int64_t)used * 1000 / (RATE / 1000);
		some = DEVICE_PIECE - piece_n;
		if (some > samples - used)
			some = samples - used;
		if (pcm)
			memcpy(piece.pcm + piece_n, pcm + used,
			    some * sizeof(*pcm));
		else
			memset(piece.pcm + piece_n, 0, some * sizeof(*pcm));
		used += some;
		piece_n += some;
		if (piece_n < DEVICE_PIECE)
			continue;
		piece_n = 0;
		piece.kind = DEVICE_HEARD;
		piece.n = DEVICE_PIECE;
		piece.latency = (int)(clock_us() - piece.time);
		(void)device_send(fd, &piece);
	}
}

static void
readable(pa_stream *s, size_t bytes, void *arg)
{
	int64_t first = clock_us() - latency(s);
	const void *p;
	size_t n;

	(void)bytes;
	(void)arg;
	while (pa_stream_readable_size(s) > 0 &&
	       pa_stream_peek(s, &p, &n) == 0 && n > 0) {
		hear(p, n / sizeof(int16_t), first);
		first += (int64_t)n * 1000 / MS;
		(void)pa_stream_drop(s);
	}
}

/* Ask the main process for the loudspeaker's samples. */
static void
ask(void)
{
	static const int16_t silence[DEVICE_MOST];
	pa_stream *s = loudspeaker.stream;
	struct device_message m = {.kind = DEVICE_WANTS};
	const pa_buffer_attr *a;
	size_t n, most, some;

	if (!s || loudspeaker.known != HERE || asked)
		return;
	n = pa_stream_writable_size(s);
	a = pa_stream_get_buffer_attr(s);
	if (n == (size_t)-1 || n == 0 || !a)
		return;
	/* The time of what is missing is past, and the receiver skips it. */
	most = n > a->tlength + DEVICE_STOPPED * MS ? a->tlength : n;
	for (; n > most; n -= some) {
		some = n - most < sizeof(silence) ? n - most : sizeof(silence);
		if (pa_stream_write(
		        s, silence, some, NULL, 0, PA_SEEK_RELATIVE) < 0)
			return;
	}
	n /= sizeof(int16_t);
	m.n = n < DEVICE_MOST ? (int)n : DEVICE_MOST;
	m.latency = latency(s);
	m.want = ++want;
	asked = device_send(fd, &m) == 0;
}

static void
writable(pa_stream *s, size_t bytes, void *arg)
{
	(void)s;
	(void)bytes;
	(void)arg;
	ask();
}

static void
answered(pa_mainloop_api *api, pa_io_event *e, int from,
    pa_io_event_flags_t what, void *arg)
{
	struct device_message m;
	int r;

	(void)api;
	(void)e;
	(void)what;
	(void)arg;
	while ((r = device_answer(from, &m)) == 1) {
		if (!asked || m.want != want)
			continue;
		asked = 0;
		if (loudspeaker.known == HERE)
			(void)pa_stream_write(loudspeaker.stream, m.pcm,
			    (size_t)m.n * sizeof(*m.pcm), NULL, 0,
			    PA_SEEK_RELATIVE);
		ask();
	}
	if (r == -1)
		_exit(0);
}

static void
resize(pa_stream *s, uint32_t ms)
{
	pa_buffer_attr a = {UINT32_MAX, ms * MS, 0, UINT32_MAX, UINT32_MAX};

	buffer_ms = ms;
	underruns.n = 0;
	underruns.last = clock_ms();
	forget(pa_stream_set_buffer_attr(s, &a, NULL, NULL));
}

static void
underrun(pa_stream *s, void *arg)
{
	(void)arg;
	underruns.last = clock_ms();
	if (underruns.last - underruns.since > UNDERRUN_MS) {
		underruns.since = underruns.last;
		underruns.n = 0;
	}
	if (++underruns.n <= UNDERRUNS || buffer_ms >= BUFFER_MOST_MS)
		return;
	resize(s, buffer_ms * 2);
}

/* ---- devices ---- */

/* A monitor records what is played: use it as a microphone only if it was
 * named. */
static int
is_monitor(const char *name)
{
	size_t n = name ? strlen(name) : 0;

	return n > 8 && strcmp(name + n - 8, ".monitor") == 0;
}

/* Without a card the server plays to a null device. */
static int
is_dummy(const char *name)
{
	return name && strcmp(name, "auto_null") == 0;
}

/* The stream has a device, on that card. */
static void
placed(struct side *s, uint32_t card)
{
	s->card = card;
	if (s->known == HERE)
		news("");
	else
		arrive(s);
}

static void
source_card(pa_context *c, const pa_source_info *i, int end, void *arg)
{
	(void)c;
	if (i && !end)
		placed(arg, i->card);
}

static void
sink_card(pa_context *c, const pa_sink_info *i, int end, void *arg)
{
	(void)c;
	if (i && !end)
		placed(arg, i->card);
}

/* Learn the stream's device, at first and when the server moved it. */
static void
place(struct side *s)
{
	uint32_t index = pa_stream_get_device_index(s->stream);

	if (s->bit == DEVICE_MICROPHONE)
		forget(pa_context_get_source_info_by_index(
		    s->context, index, source_card, s));
	else
		forget(pa_context_get_sink_info_by_index(
		    s->context, index, sink_card, s));
}

static void
moved(pa_stream *stream, void *arg)
{
	struct side *s = arg;
	const char *name = pa_stream_get_device_name(stream);

	/* When a device goes, the server moves its streams to another. */
	if ((s->bit == DEVICE_MICROPHONE && is_monitor(name) &&
	        !is_monitor(s->name)) ||
	    (s->bit == DEVICE_LOUDSPEAKER && is_dummy(name)))
		lose(s, NONE);
	else
		place(s);
}

static void
stream_state(pa_stream *stream, void *arg)
{
	struct side *s = arg;

	if (pa_stream_get_state(stream) == PA_STREAM_READY)
		place(s);
	else if (!PA_STREAM_IS_GOOD(pa_stream_get_state(stream)))
		lose(s, NONE);
}

static void
begin(struct side *s)
{
	static const pa_sample_spec form = {PA_SAMPLE_S16NE, RATE, 1};
	pa_buffer_attr a = {UINT32_MAX, UINT32_MAX, 0, UINT32_MAX, UINT32_MAX};
	pa_stream_flags_t flags = PA_STREAM_ADJUST_LATENCY |
	                          PA_STREAM_AUTO_TIMING_UPDATE |
	                          PA_STREAM_INTERPOLATE_TIMING;
	int r;

	s->stream = pa_stream_new(s->context, s->what, &form, NULL);
	if (!s->stream) {
		lose(s, NONE);
		return;
	}
	pa_stream_set_state_callback(s->stream, stream_state, s);
	pa_stream_set_moved_callback(s->stream, moved, s);
	if (s->bit == DEVICE_MICROPHONE) {
		a.fragsize = PIECE_MS * MS;
		pa_stream_set_read_callback(s->stream, readable, s);
		r = pa_stream_connect_record(s->stream, s->name, &a, flags);
	} else {
		a.tlength = buffer_ms * MS;
		pa_stream_set_write_callback(s->stream, writable, s);
		pa_stream_set_underflow_callback(s->stream, underrun, s);
		r = pa_stream_connect_playback(
		    s->stream, s->name, &a, flags, NULL, NULL);
	}
	if (r < 0)
		lose(s, NONE);
}

/* Look at one of the server's devices. */
static void
count(struct side *s, const char *name, int usable)
{
	size_t at = strlen(s->names);

	s->found |= s->name && strcmp(name, s->name) == 0;
	if (!usable)
		return;
	s->count++;
	(void)snprintf(s->names + at, sizeof(s->names) - at, "%s%s",
	    at > 0 ? ", " : "", name);
}

/* 1, and a sentence, if the named device is missing; else 0. */
static int
unknown(const struct side *s, char text[static DEVICE_TEXT])
{
	if (s->found)
		return 0;
	snprintf(text, DEVICE_TEXT, "no %s called %.100s; there %s%s", s->what,
	    s->name, s->count > 0 ? "are: " : "is none", s->names);
	return 1;
}

static void
counted(struct side *s)
{
	char text[DEVICE_TEXT];

	if (!s->context)
		return;
	if (s->name && !s->was && unknown(s, text))
		finish(X_USE, text);
	if (s->name ? s->found : s->count > 0)
		begin(s);
	else
		lose(s, NONE);
}

static void
source(pa_context *c, const pa_source_info *i, int end, void *arg)
{
	(void)c;
	if (end)
		counted(arg);
	else
		count(arg, i->name, i->monitor_of_sink == PA_INVALID_INDEX);
}

static void
sink(pa_context *c, const pa_sink_info *i, int end, void *arg)
{
	(void)c;
	if (end)
		counted(arg);
	else
		count(arg, i->name, !is_dummy(i->name));
}

static void
context_state(pa_context *c, void *arg)
{
	struct side *s = arg;

	if (!PA_CONTEXT_IS_GOOD(pa_context_get_state(c))) {
		lose(s, NO_SERVER);
		return;
	}
	if (pa_context_get_state(c) != PA_CONTEXT_READY)
		return;
	s->found = 0;
	s->count = 0;
	*s->names = '\0';
	if (s->bit == DEVICE_MICROPHONE)
		forget(pa_context_get_source_info_list(c, source, s));
	else
		forget(pa_context_get_sink_info_list(c, sink, s));
}

static void
look_for(struct side *s)
{
	s->again = INT64_MAX;
	s->context = pa_context_new(pa_mainloop_get_api(loop), "chat");
	if (!s->context)
		finish(X_SYS, "not enough memory");
	pa_context_set_state_callback(s->context, context_state, s);
	if (pa_context_connect(s->context, NULL, PA_CONTEXT_NOAUTOSPAWN, NULL) <
	    0)
		lose(s, NO_SERVER);
}

static void
tick(void)
{
	int64_t now = clock_ms();

	if (microphone.wanted && now >= microphone.again)
		look_for(&microphone);
	if (loudspeaker.wanted && now >= loudspeaker.again)
		look_for(&loudspeaker);
	if (buffer_ms > BUFFER_MS && loudspeaker.known == HERE &&
	    now >= underruns.last + CALM_MS)
		resize(loudspeaker.stream, buffer_ms / 2);
	if (here())
		return;
	if (!lost_at)
		lost_at = now;
	if (settled && now > lost_at + GIVE_UP)
		finish(X_SYS, "no device came back");
}

/* ---- the process ---- */

/* Allow a path below that variable's folder, or the home folder. */
static void
allow(int fence, const char *variable, const char *below, int change)
{
	const char *base = getenv(variable);
	char path[PATH_MAX];

	if (!base || !*base)
		return;
	snprintf(path, sizeof(path), "%s%s", base, below);
	landlock_add(fence, path, change);
}

/* libpulse reads its settings and cookie, and shares memory with the server. */
static void
enclose(void)
{
	int fence = landlock_begin(1);

	landlock_add(fence, "/etc/pulse", 0);
	landlock_add(fence, "/etc/machine-id", 0);
	landlock_add(fence, "/var/lib/dbus/machine-id", 0);
	landlock_add(fence, "/dev/shm", 1);
	landlock_add(fence, "/dev/urandom", 0);
	allow(fence, "PULSE_COOKIE", "", 0);
	allow(fence, "PULSE_CLIENTCONFIG", "", 0);
	allow(fence, "PULSE_RUNTIME_PATH", "", 0);
	allow(fence, "XDG_RUNTIME_DIR", "/pulse", 0);
	allow(fence, "XDG_CONFIG_HOME", "/pulse", 0);
	allow(fence, "HOME", "/.config/pulse", 0);
	allow(fence, "HOME", "/.pulse", 0);
	allow(fence, "HOME", "/.pulse-cookie", 0);
	prog_caged(landlock_close(fence), "Landlock");
}

/* The device's name: the user's, or PULSE_SOURCE's or PULSE_SINK's, or the
 * server's default. */
static void
set_up(struct side *s, const struct device_how *how, int bit)
{
	int in = bit == DEVICE_MICROPHONE;

	s->bit = bit;
	s->wanted = (how->wanted & bit) != 0;
	s->what = in ? "microphone" : "loudspeaker";
	s->name = in ? how->microphone : how->loudspeaker;
	if (!s->name)
		s->name = getenv(in ? "PULSE_SOURCE" : "PULSE_SINK");
	if (s->name && !*s->name)
		s->name = NULL;
	s->card = PA_INVALID_INDEX;
}

_Noreturn void
pulse_run(int to, const struct device_how *how)
{
	pa_mainloop_api *api;

	fd = to;
	set_up(&microphone, how, DEVICE_MICROPHONE);
	set_up(&loudspeaker, how, DEVICE_LOUDSPEAKER);
	enclose();
	loop = pa_mainloop_new();
	if (!loop)
		finish(X_SYS, "not enough memory");
	api = pa_mainloop_get_api(loop);
	api->io_new(api, fd, PA_IO_EVENT_INPUT, answered, NULL);
	for (;;) {
		tick();
		if (pa_mainloop_prepare(loop, LOOK_US) < 0 ||
		    pa_mainloop_poll(loop) < 0 ||
		    pa_mainloop_dispatch(loop) < 0)
			finish(X_SYS, "libpulse has failed");
	}
}

/* ---- a list ---- */

static struct {
	void (*row)(const struct pulse_device *);
	int n, waits;
	char source[NAMES], sink[NAMES]; /* the server's defaults */
} list;

static void
listed(struct side *s, int usable, const char *name, const char *words,
    const char *chosen)
{
	struct pulse_device d = {
	    s == &microphone, strcmp(name, chosen) == 0, name, words};

	count(s, name, usable);
	list.n += usable;
	if (usable)
		list.row(&d);
}

static void
list_source(pa_context *c, const pa_source_info *i, int end, void *arg)
{
	(void)c;
	(void)arg;
	if (end)
		list.waits--;
	else
		listed(&microphone, i->monitor_of_sink == PA_INVALID_INDEX,
		    i->name, i->description, list.source);
}

static void
list_sink(pa_context *c, const pa_sink_info *i, int end, void *arg)
{
	(void)c;
	(void)arg;
	if (end)
		list.waits--;
	else
		listed(&loudspeaker, !is_dummy(i->name), i->name,
		    i->description, list.sink);
}

static void
list_server(pa_context *c, const pa_server_info *i, void *arg)
{
	(void)arg;
	snprintf(list.source, sizeof(list.source), "%s",
	    i->default_source_name ? i->default_source_name : "");
	snprintf(list.sink, sizeof(list.sink), "%s",
	    i->default_sink_name ? i->default_sink_name : "");
	forget(pa_context_get_source_info_list(c, list_source, NULL));
	forget(pa_context_get_sink_info_list(c, list_sink, NULL));
}

static void
list_state(pa_context *c, void *arg)
{
	(void)arg;
	if (pa_context_get_state(c) == PA_CONTEXT_READY)
		forget(pa_context_get_server_info(c, list_server, NULL));
}

int
pulse_list(void (*row)(const struct pulse_device *), const char *in,
    const char *out, struct fault *f)
{
	struct device_how how = {.microphone = in, .loudspeaker = out};
	char text[DEVICE_TEXT];
	pa_context *c;

	set_up(&microphone, &how, DEVICE_MICROPHONE);
	set_up(&loudspeaker, &how, DEVICE_LOUDSPEAKER);
	list.row = row;
	list.waits = 2;
	loop = pa_mainloop_new();
	c = loop ? pa_context_new(pa_mainloop_get_api(loop), "chat") : NULL;
	if (!c)
		return fault_memory(f);
	pa_context_set_state_callback(c, list_state, NULL);
	(void)pa_context_connect(c, NULL, PA_CONTEXT_NOAUTOSPAWN, NULL);
	while (list.waits > 0 && PA_CONTEXT_IS_GOOD(pa_context_get_state(c)))
		if (pa_mainloop_iterate(loop, 1, NULL) < 0)
			break;
	if (list.waits > 0 || list.n == 0)
		return fault(f, X_USE, "%s", no_sound);
	pa_context_disconnect(c);
	pa_context_unref(c);
	pa_mainloop_free(loop);
	if (in && unknown(&microphone, text))
		return fault(f, X_USE, "%s", text);
	if (out && unknown(&loudspeaker, text))
		return fault(f, X_USE, "%s", text);
	return list.n;
}
