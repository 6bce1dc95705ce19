/* fuzz/verdict: what a peer with a key says of the call: purpose and name.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "fuzz.h"
#include "peer/admit.h"
#include "peer/handshake.h"

static const char *const lists[] = {"", "talk", "talk,files", "a,b,c,talk"};

static void
quiet(const char *fmt, ...)
{
	(void)fmt;
}

/* Keys of the two ends. */
static void
keys(struct handshake *h, int initiator)
{
	static const uint8_t one[AEAD_KEY] = "one", two[AEAD_KEY] = "two";

	memset(h, 0, sizeof(*h));
	h->initiator = initiator;
	aead_init(&h->sending, AEAD_CHACHAPOLY, initiator ? one : two);
	aead_init(&h->receiving, AEAD_CHACHAPOLY, initiator ? two : one);
}

/* What of a verdict is right, as the page has it. */
static int
right(const uint8_t *p, size_t n)
{
	size_t i;

	if (p[0] != 1)
		return 1;
	if (n < 2 || p[1] > 16 || n < 2u + p[1] || n > 2u + p[1] + 64)
		return 0;
	for (i = 0; i < p[1]; i++)
		if ((p[2 + i] | 0x20) < 'a' || (p[2 + i] | 0x20) > 'z')
			return 0;
	return 1;
}

/* data: role, whose list; then the verdict's plain text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct handshake h, other;
	static struct transport l, back;
	static struct trust t;
	struct verdict v = {0};
	struct fault f = {0};
	struct admit g = {.tell = quiet, .h = &h, .l = &l, .t = &t};
	uint8_t msg[2 + 256];
	int sock[2], r;

	if (n < 2 || sodium_init() == -1)
		return 0;
	keys(&h, data[0] & 1);
	keys(&other, !(data[0] & 1));
	g.purposes = lists[h.initiator ? data[0] >> 1 & 1 : data[0] >> 1 & 3];
	g.own = "bob";
	data++;
	n = n - 1 < 200 ? n - 1 : 200;
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sock) == 0);
	msg[0] = 0;
	msg[1] = (uint8_t)(n + AEAD_TAG);
	aead_seal(&other.sending, 0, NULL, 0, msg + 2, data, n);
	MUST(write(sock[1], msg, 2 + n + AEAD_TAG) ==
	     (ssize_t)(2 + n + AEAD_TAG));
	transport_init(
	    &l, sock[0], sock[0], 0, clock_ms() + 600000, "somebody");
	transport_init(
	    &back, sock[1], sock[1], 0, clock_ms() + 600000, "somebody");
	r = admit_exchange(&g, &f);
	/* The longest there is ends the session at its length already. */
	MUST((r == 0) == (n <= 2 + 16 + 64 && right(data, n) && data[0] == 1));
	/* To a caller 2 says that the listener is busy: that may pass. */
	MUST(r == 0 || f.code == X_PEER ||
	     (f.code == X_SYS && h.initiator && data[0] == 2));
	MUST(r == 0 || f.text[0]);
	MUST(strlen(g.theirs.name) <= HANDSHAKE_NAME);
	MUST(strlen(g.theirs.purpose) <= HANDSHAKE_PURPOSE);
	if (r == 0) {
		MUST(handshake_hear(&other, &back, &v, &f) == 0);
		MUST(v.accepted && strcmp(v.name, "bob") == 0);
		MUST((admit_purpose(&g, &f) == 0) ==
		     (!*g.purposes || !*g.theirs.purpose ||
		         strcmp(v.purpose, g.theirs.purpose) == 0));
	}
	close(sock[0]);
	close(sock[1]);
	return 0;
}
