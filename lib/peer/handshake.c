/* handshake: openings, Noise messages, verdicts (chat-wire(5), HANDSHAKE).
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/be.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "peer/handshake.h"

static const uint8_t magic[5] = {'c', 'h', 'a', 't', '1'};

/* Offsets in the openings; the listener's is the one byte CHOICE. */
enum { CIPHERS = 5, MODE = 6, CHOICE = HANDSHAKE_OPEN };

/* Lengths of the XX messages without payloads, and of the longest verdict.
 * With a psk the first has a tag, which shows whether the codes agree. */
enum {
	FIRST = NOISE_KEY,
	FIRST_CODE = FIRST + AEAD_TAG,
	SECOND = 2 * NOISE_KEY + 2 * AEAD_TAG,
	THIRD = NOISE_KEY + 2 * AEAD_TAG,
	VERDICT = 2 + HANDSHAKE_PURPOSE + HANDSHAKE_NAME, /* without its tag */
	/* MODE holds the mode in these four bits and the protocol's version
	 * above, CHOICE cipher and version.  Both sides use the lower version,
	 * so far 0. */
	LOW = 15
};

/* The first byte of a verdict; others decline, too. */
enum { DECLINE = 0, ACCEPT = 1, BUSY = 2 };

/* The chosen cipher was offered, so this machine has it. */
static void
begin(struct handshake *h)
{
	(void)noise_begin(&h->x,
	    h->mode == HANDSHAKE_KEYS ? NOISE_XX : NOISE_XXPSK0,
	    h->opening[CHOICE], h->initiator, h->opening, sizeof(h->opening),
	    h->own.secret, NULL, h->psk);
	noise_static(&h->x, h->own.public, own_dh, &h->own);
}

/* Read one Noise message.  One that is not authentic leaves the state as it
 * was. The length of its payload, or -1. */
static ssize_t
try_read(struct handshake *h, uint8_t *payload, const uint8_t *msg, size_t n)
{
	ssize_t got;

	h->try = h->x;
	got = noise_read(&h->try, payload, msg, n);
	if (got != -1)
		h->x = h->try;
	return got;
}

static int
no_chat(const struct transport *l, struct fault *f)
{
	return fault(f, X_PEER, "%s does not speak chat", l->who);
}

static int
not_authentic(
    const struct handshake *h, const struct transport *l, struct fault *f)
{
	if (h->mode != HANDSHAKE_CODE)
		return fault(f, X_PEER,
		    "the handshake with %s is not authentic: it was changed "
		    "on the way",
		    l->who);
	if (h->initiator)
		return fault(f, X_PEER, "the codes differ: agree on a new one");
	return fault(f, X_PEER,
	    "the codes differ: agree on a new one (%s used this one up)",
	    l->who);
}

/* Wait for the next Noise message.  A bad one ends a stream.  A bad datagram
 * may be anybody's and is ignored, except the one that shows whether the codes
 * agree. */
static int
expect(struct handshake *h, struct transport *l, struct fault *f)
{
	static const size_t longest[] = {FIRST_CODE, SECOND, THIRD};
	int shows = h->mode == HANDSHAKE_CODE && h->x.message <= 1;
	size_t most = longest[h->x.message];
	uint8_t msg[TRANSPORT_MESSAGE], payload[TRANSPORT_MESSAGE], no = 0;
	ssize_t n;

	for (;;) {
		n = transport_message(l, msg, most, f);
		if (n == -1)
			return -1;
		if (try_read(h, payload, msg, (size_t)n) != -1)
			break;
		if (shows && h->initiator && n == 1)
			return not_authentic(h, l, f);
		if (l->datagrams && (!shows || h->initiator || n != FIRST_CODE))
			continue;
		if (shows && !h->initiator &&
		    transport_send(l, NULL, 0, &no, 1, 0, 0, f) == 0)
			transport_last(l);
		return not_authentic(h, l, f);
	}
	l->proved = 1;
	return 0;
}

static int
send_noise(struct handshake *h, struct transport *l, const uint8_t *head,
    size_t hn, struct fault *f)
{
	uint8_t msg[NOISE_OVERHEAD];
	ssize_t n = noise_write(&h->x, msg, NULL, 0);

	if (n == -1)
		return fault(f, X_PEER, "%s sent a key of low order", l->who);
	return transport_send(l, head, hn, msg, (size_t)n, 0, 0, f);
}

/* The listener refused the modes or the ciphers.  If we offered all ciphers it
 * was the mode. */
static int
refused(const struct handshake *h, const struct transport *l, struct fault *f)
{
	const char * or = h->offer == (AEAD_CHACHAPOLY | AEAD_AESGCM)
	                      ? ""
	                      : ", or another algorithm";

	if (h->mode == HANDSHAKE_ROOM)
		return fault(f, X_PEER,
		    "%s does not expect this side in this room", l->who);
	return fault(f, X_PEER, "%s wants %s, this side %s%s", l->who,
	    h->mode ? "no code" : "a spoken code (-c)",
	    h->mode ? "has one (-c)" : "has none", or);
}

/* The caller: wait for the listener's byte, one of our ciphers, and the message
 * after it, of at most `most` bytes: its length, or -1 and a fault. */
static ssize_t
hear_first(struct handshake *h, struct transport *l,
    uint8_t msg[static TRANSPORT_MESSAGE], size_t most, struct fault *f)
{
	uint8_t choice;
	ssize_t n;

	for (;;) {
		if (transport_head(l, &choice, 1, f) == -1)
			return -1;
		if (choice == 0)
			return refused(h, l, f);
		n = transport_message(l, msg, most, f);
		if (n == -1)
			return -1;
		h->opening[CHOICE] = choice;
		if ((choice == AEAD_CHACHAPOLY || choice == AEAD_AESGCM) &&
		    choice & h->offer)
			return n;
		if (!l->datagrams)
			return no_chat(l, f);
	}
}

/* The caller, with keys: is this the listener's message 2?  Message 1 has been
 * sent; it is made again, now that the cipher is known. */
static int
is_second(struct handshake *h, const uint8_t *msg, size_t n)
{
	uint8_t first[NOISE_OVERHEAD];

	begin(h);
	noise_ephemeral(&h->x, h->e);
	(void)noise_write(&h->x, first, NULL, 0);
	return try_read(h, first, msg, n) != -1;
}

/* CPace: compute the psk from the listener's share, if its byte has come. */
static int
agree(struct handshake *h, struct transport *l, const uint8_t *theirs,
    struct fault *f)
{
	struct cpace_input in = {
	    .prs = {h->prs, strlen(h->prs)},
	    .ci = {magic, sizeof(magic)},
	    .ada = {h->opening, HANDSHAKE_OPEN},
	    .adb = {&h->opening[CHOICE], 1},
	};
	uint8_t isk[CPACE_ISK];
	int bad;

	bad = cpace_finish(&h->cpace, &in, h->initiator, theirs, isk);
	hash_hmac(h->psk, isk, sizeof(isk), "chat1 psk", NULL, 0);
	explicit_bzero(isk, sizeof(isk));
	explicit_bzero(h->prs, sizeof(h->prs));
	begin(h);
	return bad ? no_chat(l, f) : 0;
}

/* Take the code and compute our share. */
static int
share(struct handshake *h, struct fault *f)
{
	struct cpace_input in = {.ci = {magic, sizeof(magic)}};

	if (h->claim && h->claim(h->prs, f) == -1)
		return -1;
	in.prs.p = h->prs;
	in.prs.n = strlen(h->prs);
	cpace_start(&h->cpace, &in, NULL);
	return 0;
}

/* The caller in a room.  The psk is already used in message 1, so the cipher
 * must be known first. */
static int
enter_room(struct handshake *h, struct transport *l, struct fault *f)
{
	uint8_t choice;

	if (transport_send(l, h->opening, HANDSHAKE_OPEN, NULL, 0,
	        TRANSPORT_PAD, 0, f) == -1)
		return -1;
	do {
		if (transport_head(l, &choice, 1, f) == -1)
			return -1;
		if (choice == 0)
			return refused(h, l, f);
		if ((choice == AEAD_CHACHAPOLY || choice == AEAD_AESGCM) &&
		    choice & h->offer)
			break;
		if (!l->datagrams)
			return no_chat(l, f);
	} while (1);
	h->opening[CHOICE] = choice;
	begin(h);
	if (send_noise(h, l, NULL, 0, f) == -1)
		return -1;
	return expect(h, l, f);
}

/* The caller.  A datagram that is not an answer may be anybody's: ignore it. */
static int
meet_initiator(struct handshake *h, struct transport *l, struct fault *f)
{
	int code = h->mode == HANDSHAKE_CODE, good;
	uint8_t msg[TRANSPORT_MESSAGE], epub[NOISE_KEY];
	ssize_t n;

	memcpy(h->opening, magic, sizeof(magic));
	h->opening[CIPHERS] = (uint8_t)h->offer;
	h->opening[MODE] = h->mode;
	if (h->mode == HANDSHAKE_ROOM)
		return enter_room(h, l, f);
	if (code && share(h, f) == -1)
		return -1;
	key_make(h->e);
	key_public(epub, h->e);
	if (transport_send(l, h->opening, HANDSHAKE_OPEN,
	        code ? h->cpace.share : epub, NOISE_KEY, TRANSPORT_PAD, 0,
	        f) == -1)
		return -1;
	do {
		n = hear_first(h, l, msg, code ? CPACE_SHARE : SECOND, f);
		if (n == -1)
			return -1;
		good = code ? n == CPACE_SHARE : is_second(h, msg, (size_t)n);
		if (!good && !l->datagrams)
			return code ? no_chat(l, f) : not_authentic(h, l, f);
	} while (!good);
	if (!code)
		return 0;
	/* One round of CPace, then all of XXpsk0. */
	if (agree(h, l, msg, f) == -1 || send_noise(h, l, NULL, 0, f) == -1)
		return -1;
	return expect(h, l, f);
}

/* The listener: read the caller's opening and complete h->opening. */
static int
hear_opening(struct handshake *h, struct transport *l, struct fault *f)
{
	uint8_t no = 0;
	int both;

	do {
		if (transport_head(l, h->opening, HANDSHAKE_OPEN, f) == -1)
			return -1;
		/* Ignore short openings, or our answer would amplify. */
		if (l->datagrams && l->held_n < TRANSPORT_PAD)
			continue;
		if (memcmp(h->opening, magic, sizeof(magic)) == 0)
			break;
		if (!l->datagrams)
			return no_chat(l, f);
	} while (1);
	both = h->opening[CIPHERS] & h->offer;
	if ((h->opening[MODE] & LOW) != h->mode || both == 0) {
		if (transport_send(l, &no, 1, NULL, 0, 0, 0, f) == 0)
			transport_last(l);
		if ((h->opening[MODE] & LOW) == h->mode)
			return fault(f, X_PEER,
			    "%s and this side have no cipher in common",
			    l->who);
		if (h->mode == HANDSHAKE_ROOM ||
		    (h->opening[MODE] & LOW) == HANDSHAKE_ROOM)
			return fault(f, X_PEER,
			    "%s called as if in another room", l->who);
		return fault(f, X_PEER, "%s %s, this side %s", l->who,
		    h->mode ? "called without a code" : "called with a code",
		    h->mode ? "has one (-c)" : "has none (-c)");
	}
	h->opening[CHOICE] = both & AEAD_AESGCM ? AEAD_AESGCM : AEAD_CHACHAPOLY;
	return 0;
}

static int
meet_responder(struct handshake *h, struct transport *l, struct fault *f)
{
	uint8_t msg[TRANSPORT_MESSAGE], ours[CPACE_SHARE];
	const uint8_t *choice = &h->opening[CHOICE];
	ssize_t n;

	if (hear_opening(h, l, f) == -1)
		return -1;
	if (h->mode == HANDSHAKE_ROOM) {
		/* The rest of the datagram is padding. */
		begin(h);
		if (transport_send(l, choice, 1, NULL, 0, 0, 0, f) == -1 ||
		    expect(h, l, f) == -1 || send_noise(h, l, NULL, 0, f) == -1)
			return -1;
		return expect(h, l, f);
	}
	n = transport_message(l, msg, FIRST, f);
	if (n == -1)
		return -1;
	if (l->later)
		l->until = l->later;
	if (n < FIRST || (!l->datagrams && n != FIRST))
		return no_chat(l, f);
	if (h->mode == HANDSHAKE_KEYS) {
		begin(h);
		(void)noise_read(&h->x, ours, msg, FIRST);
		if (send_noise(h, l, choice, 1, f) == -1)
			return -1;
		return expect(h, l, f);
	}
	/* A malformed share does not use up the code. */
	key_make(h->e);
	if (cpace_shared(ours, h->e, msg) == -1)
		return no_chat(l, f);
	if (share(h, f) == -1)
		return -1;
	memcpy(ours, h->cpace.share, CPACE_SHARE);
	if (agree(h, l, msg, f) == -1 ||
	    transport_send(l, choice, 1, ours, CPACE_SHARE, 0, 0, f) == -1 ||
	    expect(h, l, f) == -1 || send_noise(h, l, NULL, 0, f) == -1)
		return -1;
	return expect(h, l, f);
}

int
handshake_meet(struct handshake *h, struct transport *l, struct fault *f)
{
	l->proved = h->initiator; /* a caller sends to where it wants */
	return h->initiator ? meet_initiator(h, l, f) : meet_responder(h, l, f);
}

/* A datagram that opens under the session's key shows that the other side
 * accepted us, though its verdict was lost. */
static int
is_session(void *arg, const uint8_t *dgram, size_t n)
{
	const struct handshake *h = arg;
	uint8_t forget[TRANSPORT_DGRAM + 1];

	return n >= 8 + AEAD_TAG && aead_open(&h->session, be64_get(dgram),
	                                NULL, 0, forget, dgram + 8, n - 8) == 0;
}

int
handshake_confirm(struct handshake *h, struct transport *l, struct fault *f)
{
	if (h->initiator && send_noise(h, l, NULL, 0, f) == -1)
		return -1;
	noise_split(&h->x, &h->sending, &h->receiving);
	h->session = h->receiving;
	aead_rekey(&h->session);
	l->session = is_session;
	l->arg = h;
	return 0;
}

int
handshake_purpose(const char *word, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((word[i] < 'a' || word[i] > 'z') &&
		    (word[i] < 'A' || word[i] > 'Z'))
			return 0;
	return n >= 1 && n <= HANDSHAKE_PURPOSE;
}

int
handshake_tell(struct handshake *h, struct transport *l,
    const struct verdict *v, struct fault *f)
{
	uint8_t plain[VERDICT], msg[VERDICT + AEAD_TAG];
	size_t p = strlen(v->purpose), n = 1;

	plain[0] = v->accepted ? ACCEPT : v->busy ? BUSY : DECLINE;
	if (v->accepted) {
		plain[1] = (uint8_t)p;
		memcpy(plain + 2, v->purpose, p);
		n = strlen(v->name);
		memcpy(plain + 2 + p, v->name, n);
		n += 2 + p;
	}
	aead_seal(&h->sending, 0, NULL, 0, msg, plain, n);
	return transport_send(
	    l, NULL, 0, msg, n + AEAD_TAG, 0, h->initiator, f);
}

/* Parse a verdict of n > 0 bytes.  0, or -1 if malformed. */
static int
parse(struct verdict *v, const uint8_t *p, size_t n)
{
	size_t word;

	v->accepted = p[0] == ACCEPT;
	v->busy = p[0] == BUSY;
	if (!v->accepted)
		return 0;
	word = n > 1 ? p[1] : SIZE_MAX;
	if (word > HANDSHAKE_PURPOSE || 2 + word > n ||
	    n - 2 - word > HANDSHAKE_NAME)
		return -1;
	if (word > 0 && !handshake_purpose((const char *)p + 2, word))
		return -1;
	memcpy(v->purpose, p + 2, word);
	memcpy(v->name, p + 2 + word, n - 2 - word);
	return 0;
}

int
handshake_hear(struct handshake *h, struct transport *l, struct verdict *v,
    struct fault *f)
{
	uint8_t msg[TRANSPORT_MESSAGE];
	ssize_t n;

	memset(v, 0, sizeof(*v));
	for (;;) {
		n = transport_message(l, msg, VERDICT + AEAD_TAG, f);
		if (n == -1)
			return -1;
		if (n == TRANSPORT_SESSION) {
			v->accepted = 1;
			return 0;
		}
		if (n > AEAD_TAG && n <= VERDICT + AEAD_TAG &&
		    aead_open(&h->receiving, 0, NULL, 0, msg, msg, (size_t)n) ==
		        0)
			break;
		if (!l->datagrams)
			return fault(f, X_PEER,
			    "the answer of %s is not authentic", l->who);
	}
	if (parse(v, msg, (size_t)n - AEAD_TAG) == 0)
		return 0;
	return fault(f, X_PEER, "%s's chat is older or newer", l->who);
}

void
handshake_keys(struct handshake *h)
{
	aead_rekey(&h->sending);
	aead_rekey(&h->receiving);
}
