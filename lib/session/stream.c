/* stream: seal bytes into stream records and open them, for a session.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/plain.h"
#include "session/stream.h"

enum {
	BATCH = 4 /* records in one write, if a read gave that much */
};

/* Wait until in is readable.  1, or 0 if out broke or was closed first. */
static int
wait_in(int in, int out)
{
	struct pollfd p[2] = {{.fd = in, .events = POLLIN}, {.fd = out}};

	return io_poll(p, 2, INT64_MAX) <= 0 || p[0].revents ||
	       !(p[1].revents & POLLERR);
}

/* Seal n bytes as records.  Their length. */
static size_t
seal_all(struct record *r, uint8_t *out, const uint8_t *in, size_t n)
{
	size_t parts = (n + RECORD_BULK - 1) / RECORD_BULK, at = 0, part;

	for (; parts > 0; parts--, in += part, n -= part) {
		part = parts > 1 ? RECORD_BULK : n;
		at += record_seal(r, out + at, in, part);
	}
	return at;
}

int
stream_seal(struct record *r, int in, int out, struct fault *f)
{
	uint8_t *plain = malloc(BATCH * (RECORD_BULK + RECORD_MAX));
	uint8_t *sealed = plain + BATCH * RECORD_BULK;
	ssize_t got;
	size_t n;
	int bad = 0;

	if (!plain)
		return fault_memory(f);
	do {
		if (!wait_in(in, out)) {
			/* SIGPIPE suits a pipe; a lost socket gets the
			 * fault. */
			raise(SIGPIPE);
			bad = fault(f, X_SYS, "not all was delivered");
			break;
		}
		got = io_read(in, plain, BATCH * RECORD_BULK);
		if (got == -1) {
			bad = fault_sys(f, X_SYS, "stdin");
			break;
		}
		n = got > 0 ? seal_all(r, sealed, plain, (size_t)got)
		            : record_seal(r, sealed, NULL, 0);
		if (io_write(out, sealed, n) == -1) {
			/* The lost peer was sent no data: not a fault. */
			if (got == 0 && r->n == 1 && fd_is_socket(out) &&
			    (errno == EPIPE || errno == ECONNRESET))
				break;
			if (errno == ETIMEDOUT)
				bad = fault(f, X_TIME, "not all was delivered");
			else
				bad = fault_sys(
				    f, X_SYS, "not all was delivered");
			break;
		}
	} while (got > 0);
	free(plain);
	return bad;
}

/* A read failed, or gave nothing before the end.  -1 or STREAM_CUT. */
static int
broken(int in, ssize_t got, const char *who, struct fault *f)
{
	if (got == -1 && errno == ETIMEDOUT)
		return fault(f, X_TIME, "lost touch with %s", who);
	if (got == -1 && !fd_is_socket(in))
		return fault_sys(f, X_SYS, "stdin");
	fault(f, X_PEER, "the line to %s was cut", who);
	return STREAM_CUT;
}

/* Open the whole records in the n bytes at in: *used bytes of them, *plain
 * bytes out.  0 to go on, 1 at the end, -1 and a fault. */
static int
open_all(struct record *r, uint8_t *out, size_t *plain, const uint8_t *in,
    size_t n, size_t *used, struct fault *f)
{
	ssize_t len, got;

	for (*plain = *used = 0;; *used += (size_t)len, *plain += (size_t)got) {
		len = record_whole(in + *used, n - *used);
		if (len == -1)
			return fault(
			    f, X_PEER, "a received record is malformed");
		if (len == 0)
			return 0;
		got = record_open(r, out + *plain, in + *used, (size_t)len);
		if (got == -1)
			return fault(f, X_PEER,
			    "a record is not authentic: it was changed on the "
			    "way");
		if (got == 0) {
			*used += (size_t)len;
			return 1;
		}
	}
}

/* Open buffer after buffer of sealed bytes, until the end or a fault. */
static int
open_loop(struct record *r, int in, int out, uint8_t *sealed, uint8_t *plain,
    struct quiet *peer, struct fault *f)
{
	size_t have = 0, used = 0, n;
	ssize_t got;
	int bad, end, tty = isatty(out);

	for (;;) {
		bad = quiet_wait(peer, in, out, have, used > 0, f);
		if (bad)
			return bad;
		got = io_read(in, sealed + have, BATCH * RECORD_MAX - have);
		if (got <= 0)
			return broken(in, got, peer->name, f);
		have += (size_t)got;
		end = open_all(r, plain, &n, sealed, have, &used, f);
		if (tty && !plain_text(plain, n))
			return fault(f, X_USE,
			    "this is not text, and not for a terminal: write "
			    "it to a file (>)");
		if (n > 0 && io_write(out, plain, n) == -1)
			return fault_sys(f, X_SYS, "stdout");
		have -= used;
		if (end == 0) {
			memmove(sealed, sealed + used, have);
			continue;
		}
		return end == 1 ? 0 : -1;
	}
}

int
stream_open(
    struct record *r, int in, int out, struct quiet *peer, struct fault *f)
{
	uint8_t *sealed = malloc(BATCH * (RECORD_MAX + RECORD_PLAIN));
	int bad;

	if (!sealed)
		return fault_memory(f);
	bad =
	    open_loop(r, in, out, sealed, sealed + BATCH * RECORD_MAX, peer, f);
	free(sealed);
	return bad;
}
