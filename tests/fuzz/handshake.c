/* fuzz/handshake: what a stranger sends, on a stream and by datagrams, to a
 * caller and to a listener.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "fuzz.h"
#include "peer/handshake.h"

static int
claim(char prs[static CODE_PASS], struct fault *f)
{
	(void)f;
	strcpy(prs, "adult-maritime-kiwi");
	return 0;
}

/* data: role, mode, datagrams or not; then what comes, datagrams with a byte
 * of length before each. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct handshake h;
	static struct transport l;
	struct verdict v;
	struct fault f = {0};
	int sock[2], dgrams, r;
	size_t part;

	if (n < 1 || sodium_init() == -1)
		return 0;
	dgrams = data[0] & 4;
	MUST(socketpair(AF_UNIX, dgrams ? SOCK_DGRAM : SOCK_STREAM, 0, sock) ==
	     0);
	memset(&h, 0, sizeof(h));
	h.initiator = data[0] & 1;
	h.mode = data[0] & 8   ? HANDSHAKE_ROOM
	         : data[0] & 2 ? HANDSHAKE_CODE
	                       : HANDSHAKE_KEYS;
	memset(h.psk, 5, sizeof(h.psk));
	h.offer = aead_offer();
	h.claim = claim;
	memset(h.own.secret, 7, sizeof(h.own.secret));
	own_here(&h.own);
	for (data++, n--; n > 0; data += part, n -= part) {
		part = dgrams ? 1u + data[0] : n;
		part = part < n ? part : n;
		if (send(sock[1], data, part, MSG_DONTWAIT) == -1)
			break;
	}
	if (!dgrams)
		shutdown(sock[1], SHUT_WR);
	transport_init(&l, sock[0], sock[0], dgrams,
	    dgrams ? clock_ms() + 2 : clock_ms() + 600000, "somebody");
	r = handshake_meet(&h, &l, &f);
	/* Nobody who has no key gets through. */
	MUST(r == -1 && f.text[0] &&
	     (f.code == X_PEER || (f.code == X_TIME && dgrams)));
	/* And should one have, his verdict is still read with care. */
	if (handshake_hear(&h, &l, &v, &f) == 0)
		MUST(strlen(v.name) <= HANDSHAKE_NAME &&
		     strlen(v.purpose) <= HANDSHAKE_PURPOSE);
	close(sock[0]);
	close(sock[1]);
	return 0;
}
