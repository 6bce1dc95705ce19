/* batch: the records of a sealed file, by two threads if two processors are free.
 * SPDX-License-Identifier: ISC
 *
 * A worker waits for its turn to read a batch of records, ciphers it while
 * another reads, and waits for its turn to write, in the order of reading. */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/plain.h"
#include "crypto/aeadfast.h"
#include "crypto/secret.h"
#include "session/batch.h"

enum {
	WORKERS = BATCH_THREADS - 1,
	RECORDS = 4, /* most records in a batch */
	ROOM = RECORDS * RECORD_MAX,
	STACK = 512 << 10
};

struct worker {
	struct batch *b;
	pthread_t thread;
	struct record r; /* its state at the batch's first record */
	struct fault f;
	uint64_t number; /* of the batch */
	uint8_t *in, *out; /* ROOM bytes each */
	size_t in_n, out_n;
	int last; /* set if no batch follows this one */
	int bad;
};

struct batch {
	int in, out, opens, tty;
	const char *in_name, *out_name;
	struct record *r; /* its state at the next batch to be read */
	int workers; /* threads; 0: the caller does all */

	pthread_mutex_t reading; /* guards r, rest, read and ended */
	uint8_t rest[RECORD_MAX]; /* the beginning of a record, left over */
	size_t rest_n;
	uint64_t read;
	int ended;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t news;
	uint64_t written;
	int started, busy;
	const struct worker *over; /* whose batch was the last; NULL: not yet */

	struct worker w[WORKERS];
};

/* Wait for input.  The reader of a pipe may leave meanwhile. */
static void
wait_input(const struct batch *b)
{
	struct pollfd p[2] = {{.fd = b->in, .events = POLLIN}, {.fd = b->out}};

	if (io_poll(p, 2, INT64_MAX) > 0 && !p[0].revents &&
	    (p[1].revents & POLLERR))
		raise(SIGPIPE);
}

/* Give a batch its records' numbers, and move r past them. */
static void
pass(struct batch *b, struct worker *w, size_t records)
{
	w->r = *b->r;
	while (records-- > 0)
		record_skip(b->r);
	w->number = b->read++;
	b->ended = w->last;
}

static void
read_plain(struct batch *b, struct worker *w)
{
	ssize_t got;

	wait_input(b);
	got = io_read(b->in, w->in, RECORDS * RECORD_BULK);
	if (got == -1)
		w->bad = fault_sys(&w->f, X_SYS, "%s", b->in_name);
	w->in_n = got > 0 ? (size_t)got : 0;
	w->last = got <= 0;
	pass(b, w, w->last ? 1 : (w->in_n + RECORD_BULK - 1) / RECORD_BULK);
}

/* Count whole records, and their bytes in *n, up to the empty one. */
static size_t
whole(struct worker *w, size_t *n)
{
	size_t count = 0;
	ssize_t len;

	for (*n = 0; !w->last; *n += (size_t)len, count++) {
		len = record_whole(w->in + *n, w->in_n - *n);
		if (len == 0)
			break;
		if (len == -1) { /* the next batch will find it: see open_all */
			w->last = 1;
			break;
		}
		w->last = len == RECORD_HEAD + AEAD_TAG;
	}
	return count;
}

static void
read_sealed(struct batch *b, struct worker *w)
{
	size_t n, count = 0;
	ssize_t got;

	memcpy(w->in, b->rest, b->rest_n);
	w->in_n = b->rest_n;
	for (n = 0; count == 0 && !w->last;) {
		wait_input(b);
		got = io_read(b->in, w->in + w->in_n, ROOM - w->in_n);
		if (got == -1)
			w->bad = fault_sys(&w->f, X_SYS, "%s", b->in_name);
		else if (got == 0)
			w->bad = fault(
			    &w->f, X_PEER, "the sealed file is cut short");
		w->last = got <= 0;
		w->in_n += got > 0 ? (size_t)got : 0;
		count = whole(w, &n);
	}
	if (!w->last) {
		b->rest_n = w->in_n - n;
		memcpy(b->rest, w->in + n, b->rest_n);
		w->in_n = n;
	}
	pass(b, w, count);
}

static void
seal(struct worker *w)
{
	size_t parts = (w->in_n + RECORD_BULK - 1) / RECORD_BULK, part, at;

	if (w->in_n == 0 && !w->bad)
		w->out_n = record_seal(&w->r, w->out, NULL, 0);
	for (at = 0; parts > 0; parts--, at += part) {
		part = parts > 1 ? RECORD_BULK : w->in_n - at;
		w->out_n +=
		    record_seal(&w->r, w->out + w->out_n, w->in + at, part);
	}
}

/* After the end record the input must end, too. */
static int
nothing_follows(const struct batch *b, struct worker *w, size_t used)
{
	if (used == w->in_n && io_read(b->in, w->in, 1) == 0)
		return 0;
	return fault(
	    &w->f, X_PEER, "something follows the end of the sealed file");
}

static void
open_all(const struct batch *b, struct worker *w)
{
	size_t at = 0;
	ssize_t len, got;

	while ((len = record_whole(w->in + at, w->in_n - at)) > 0) {
		got = record_open(
		    &w->r, w->out + w->out_n, w->in + at, (size_t)len);
		at += (size_t)len;
		if (got == -1) {
			w->bad = fault(&w->f, X_PEER,
			    "the sealed file was changed, or parts moved");
			return;
		}
		w->out_n += (size_t)got;
		if (got == 0) {
			w->bad = nothing_follows(b, w, at);
			return;
		}
	}
	if (len == -1)
		w->bad = fault(&w->f, X_PEER, "a record is malformed");
}

static void
put(const struct batch *b, struct worker *w)
{
	if (b->tty && !plain_text(w->out, w->out_n))
		w->bad = fault(&w->f, X_USE,
		    "this is not text, and not for a terminal: write it to a "
		    "file (>)");
	else if (w->out_n > 0 && io_write(b->out, w->out, w->out_n) == -1)
		w->bad = fault_sys(&w->f, X_SYS, "%s", b->out_name);
}

/* Read a batch.  1, or 0 if none is left. */
static int
take(struct batch *b, struct worker *w)
{
	int ours;

	pthread_mutex_lock(&b->reading);
	ours = !b->ended;
	w->in_n = w->out_n = 0;
	w->last = w->bad = 0;
	if (ours && b->opens)
		read_sealed(b, w);
	else if (ours)
		read_plain(b, w);
	pthread_mutex_lock(&b->lock);
	ours = ours && !b->over;
	b->busy += ours;
	pthread_mutex_unlock(&b->lock);
	pthread_mutex_unlock(&b->reading);
	return ours;
}

/* Do one batch.  1 if more may follow. */
static int
turn(struct batch *b, struct worker *w)
{
	int go;

	if (!take(b, w))
		return 0;
	if (b->opens)
		open_all(b, w);
	else
		seal(w);
	pthread_mutex_lock(&b->lock);
	while (b->written != w->number && !b->over)
		pthread_cond_wait(&b->news, &b->lock);
	go = !b->over;
	pthread_mutex_unlock(&b->lock);
	if (go)
		put(b, w);
	pthread_mutex_lock(&b->lock);
	if (go && (w->bad || w->last))
		b->over = w;
	b->written += (uint64_t)go;
	b->busy--;
	pthread_cond_broadcast(&b->news);
	go = !b->over;
	pthread_mutex_unlock(&b->lock);
	return go;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct batch *b = w->b;

	aeadfast_thread((unsigned)(w - b->w) + 1);
	pthread_mutex_lock(&b->lock);
	b->started++;
	pthread_cond_broadcast(&b->news);
	pthread_mutex_unlock(&b->lock);
	while (turn(b, w))
		;
	return NULL;
}

/* Make the threads, which wait for `reading`, and wait until each runs: the
 * cage forbids what a thread does when it starts. */
static void
make_threads(struct batch *b)
{
	pthread_attr_t attr;

	pthread_mutex_lock(&b->reading);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	while (b->workers < WORKERS && pthread_create(&b->w[b->workers].thread,
	                                   &attr, work, &b->w[b->workers]) == 0)
		b->workers++;
	pthread_attr_destroy(&attr);
	pthread_mutex_lock(&b->lock);
	while (b->started < b->workers)
		pthread_cond_wait(&b->news, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

struct batch *
batch_new(
    int in, const char *in_name, int out, const char *out_name, struct fault *f)
{
	struct batch *b = secret_new(sizeof(*b));
	static uint8_t room[WORKERS][2][ROOM];
	cpu_set_t cpus;
	int i;

	if (!b) {
		(void)fault_memory(f);
		return NULL;
	}
	memset(b, 0, sizeof(*b));
	b->in = in;
	b->in_name = in_name;
	b->out = out;
	b->out_name = out_name;
	pthread_mutex_init(&b->reading, NULL);
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->news, NULL);
	for (i = 0; i < WORKERS; i++) {
		b->w[i].b = b;
		b->w[i].in = room[i][0];
		b->w[i].out = room[i][1];
	}
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0 &&
	    CPU_COUNT(&cpus) > 1)
		make_threads(b);
	return b;
}

/* Let the threads work, and wait for the end. */
static void
wait_threads(struct batch *b)
{
	pthread_mutex_unlock(&b->reading);
	pthread_mutex_lock(&b->lock);
	while (!b->over || b->busy > 0)
		pthread_cond_wait(&b->news, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

/* After a fault a thread may still wait for input: leave it, it does no
 * harm. */
static int
run(struct batch *b, struct record *r, struct fault *f)
{
	int bad, n = b->workers;

	b->r = r;
	if (n == 0)
		while (turn(b, &b->w[0]))
			;
	else
		wait_threads(b);
	bad = b->over->bad;
	if (bad)
		*f = b->over->f;
	if (bad && n > 0)
		return bad;
	while (n > 0)
		pthread_join(b->w[--n].thread, NULL);
	secret_free(b);
	return bad;
}

int
batch_seal(struct batch *b, struct record *r, struct fault *f)
{
	return run(b, r, f);
}

int
batch_open(struct batch *b, struct record *r, struct fault *f)
{
	b->opens = 1;
	b->tty = isatty(b->out);
	return run(b, r, f);
}
