/* transport: handshake messages over a stream or in datagrams (chat-wire(5),
 * HANDSHAKE).
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/be.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "peer/transport.h"

enum { PAUSE_FIRST = 250, PAUSE_MOST = 1000, LAST = 2000 };

void
transport_init(struct transport *l, int in, int out, int datagrams,
    int64_t until, const char *who)
{
	memset(l, 0, sizeof(*l));
	l->in = in;
	l->out = out;
	l->datagrams = datagrams;
	l->until = until;
	l->who = who;
	l->again = INT64_MAX;
	l->heard = clock_ms();
	/* The session's first datagrams wait there. */
	if (datagrams)
		(void)fd_option(in, SOL_SOCKET, SO_RCVBUF, 1 << 20);
}

/* Send one datagram; ICMP errors about an earlier one are ignored.  Until the
 * other side has proved its address, it is not sent more bytes than it sent. */
static void
send_dgram(struct transport *l, int i)
{
	int tries;

	if (!l->proved && l->put + l->flight_n[i] > l->got)
		return;
	for (tries = 0; tries < 2; tries++) {
		if (send(l->out, l->flight[i], l->flight_n[i], MSG_NOSIGNAL) !=
		    -1)
			break;
		l->refused += errno == ECONNREFUSED;
		if (errno != ECONNREFUSED && errno != EHOSTUNREACH)
			break;
	}
	l->put += l->flight_n[i];
}

void
transport_repeat(struct transport *l)
{
	int64_t now = clock_ms();
	int i;

	if (now < l->again)
		return;
	l->pause = l->pause * 2 < PAUSE_MOST ? l->pause * 2 : PAUSE_MOST;
	l->again = now + l->pause;
	for (i = 0; i < l->flights; i++)
		send_dgram(l, i);
}

int
transport_send(struct transport *l, const uint8_t *head, size_t hn,
    const uint8_t *msg, size_t n, size_t pad, int more, struct fault *f)
{
	uint8_t *out;
	size_t at = hn;
	int i;

	i = more && l->flights < TRANSPORT_FLIGHT ? l->flights : 0;
	l->flights = i + 1;
	out = l->flight[i];
	memset(out, 0, TRANSPORT_PAD);
	if (hn > 0)
		memcpy(out, head, hn);
	if (msg && !l->datagrams) {
		be16_put(out + at, (uint16_t)n);
		at += 2;
	}
	if (msg)
		memcpy(out + at, msg, n);
	at += n;
	if (!l->datagrams) {
		if (io_write(l->out, out, at) == 0)
			return 0;
		if (errno == EPIPE || errno == ECONNRESET)
			return fault(f, X_PEER,
			    "%s hung up during the handshake", l->who);
		return fault_sys(f, X_SYS, "%s", l->who);
	}
	l->flight_n[i] = at < pad ? pad : at;
	l->pause = PAUSE_FIRST;
	l->again = clock_ms() + l->pause;
	send_dgram(l, i);
	return 0;
}

static int
timed_out(struct transport *l, struct fault *f)
{
	if (l->datagrams && l->got == 0)
		return fault(f, l->refused ? X_SYS : X_TIME,
		    l->refused ? "no answer by UDP: %s refuses it"
		               : "no answer by UDP from %s",
		    l->who);
	return fault(f, X_TIME, "%s did not answer in time", l->who);
}

/* Hold the next datagram.  1; 0: none yet; TRANSPORT_SESSION; -1 and a
 * fault. */
static int
take_dgram(struct transport *l, struct fault *f)
{
	ssize_t n;

	n = recv(l->in, l->held, sizeof(l->held), MSG_PEEK | MSG_DONTWAIT);
	if (n > 0)
		l->heard = clock_ms();
	if (n > 0 && l->session && l->session(l->arg, l->held, (size_t)n))
		return TRANSPORT_SESSION;
	if (n != -1)
		n = recv(l->in, l->held, sizeof(l->held), MSG_DONTWAIT);
	/* On a connection, as a test may use, datagrams do end. */
	if (n == 0 && io_wait(l->in, 0, 0) > 0)
		return fault(
		    f, X_PEER, "%s hung up during the handshake", l->who);
	if (n == -1) {
		if (errno == EAGAIN || errno == EINTR)
			return 0;
		if (errno == EBADF || errno == ENOTSOCK || errno == ENOTCONN)
			return fault_sys(f, X_SYS, "%s", l->who);
		l->refused += errno == ECONNREFUSED;
		return 0;
	}
	l->got += (size_t)n;
	l->held_at = 0;
	l->held_n = (size_t)n;
	return n > 0;
}

/* Wait for a datagram to hold, and repeat ours meanwhile. */
static int
next_dgram(struct transport *l, struct fault *f)
{
	int64_t end, when;
	int got;

	for (;;) {
		transport_repeat(l);
		end = l->heard + TRANSPORT_QUIET;
		end = l->quiet && end < l->until ? end : l->until;
		when = l->again < end ? l->again : end;
		if (io_wait(l->in, POLLIN, when) == -1)
			return fault_sys(f, X_SYS, "poll");
		got = take_dgram(l, f);
		if (got != 0)
			return got;
		if (clock_ms() >= end)
			return timed_out(l, f);
	}
}

void
transport_last(struct transport *l)
{
	int64_t end = clock_ms() + LAST;
	struct fault ignored;
	int refused = l->refused;

	if (!l->datagrams)
		return;
	l->session = NULL;
	while (clock_ms() < end && l->refused == refused) {
		transport_repeat(l);
		(void)io_wait(l->in, POLLIN, l->again < end ? l->again : end);
		if (take_dgram(l, &ignored) < 0)
			break;
	}
}

/* Read n bytes from a stream. */
static int
read_stream(struct transport *l, uint8_t *out, size_t n, struct fault *f)
{
	ssize_t got = io_read_until(l->in, out, n, l->until);

	if (got == (ssize_t)n)
		return 0;
	if (got == -1 && errno == ETIMEDOUT)
		return timed_out(l, f);
	if (got == -1 && errno != ECONNRESET)
		return fault_sys(f, X_SYS, "%s", l->who);
	return fault(f, X_PEER, "%s hung up during the handshake", l->who);
}

int
transport_head(struct transport *l, uint8_t *head, size_t hn, struct fault *f)
{
	int got;

	if (!l->datagrams)
		return read_stream(l, head, hn, f);
	do {
		got = next_dgram(l, f);
		if (got < 0)
			return -1;
	} while (l->held_n < hn);
	memcpy(head, l->held, hn);
	l->held_at = hn;
	return 0;
}

ssize_t
transport_message(struct transport *l, uint8_t msg[static TRANSPORT_MESSAGE],
    size_t most, struct fault *f)
{
	uint8_t len[2];
	size_t n;
	int got;

	if (!l->datagrams) {
		if (read_stream(l, len, sizeof(len), f) == -1)
			return -1;
		n = be16_get(len);
		if (n > most)
			return fault(f, X_PEER,
			    "%s sent no handshake: a message of %zu bytes",
			    l->who, n);
		return read_stream(l, msg, n, f) == -1 ? -1 : (ssize_t)n;
	}
	if (l->held_at == 0 || l->held_at >= l->held_n) {
		got = next_dgram(l, f);
		if (got < 0)
			return got;
	}
	n = l->held_n - l->held_at;
	n = n < TRANSPORT_MESSAGE ? n : TRANSPORT_MESSAGE;
	memcpy(msg, l->held + l->held_at, n);
	l->held_at = l->held_n = 0;
	return (ssize_t)n;
}
