/* chat-seal: bytes from stdin to sealed records on stdout.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"
#include "crypto/aeadfast.h"
#include "crypto/secret.h"
#include "peer/identity.h"
#include "peer/passphrase.h"
#include "peer/trust.h"
#include "sandbox/seccomp.h"
#include "session/delivery.h"
#include "session/keypipe.h"
#include "session/stream.h"
#include "session/udpseal.h"
#include "wire/sealed.h"

#define USAGE                                                                  \
	"chat-seal -k key [-q]\n"                                              \
	"chat-seal -k key -u [-v] [-a milliseconds]\n"                         \
	"chat-seal -r recipient [-a algorithm] [-i id]\n"                      \
	"chat-seal -P passfile [-a algorithm]"

enum { DELIVER_MS = 30000, STALE_MS = 500 };

static const char *opt[128];
static struct fault f;

/* All that must stay secret. */
static struct secrets {
	struct record record;
	struct datagram_out packet;
	uint8_t id[KEY_BYTES];
	char pass[PASSPHRASE_MAX];
} * s;

static void
session(void)
{
	int bad, empty;

	must(keypipe_take(&s->record.key, opt['k'], &f), &f);
	if (fd_is_socket(1))
		signal(SIGPIPE, SIG_IGN);
	seccomp_enter();
	bad = stream_seal(&s->record, 0, 1, &f);
	empty = s->record.n == 1;
	secret_free(s);
	if (!bad) {
		delivery_finish(1);
		bad = delivery_delivered(1, clock_ms() + DELIVER_MS);
		if (empty && errno == ECONNRESET)
			bad = 0;
		if (bad)
			fault_sys(&f, errno == ETIMEDOUT ? X_TIME : X_SYS,
			    "not all was delivered");
	}
	/* Others say why. */
	if (bad && opt['q'])
		exit(f.code);
	must(bad, &f);
}

static void
datagrams(void)
{
	struct udpseal_count n = {0};
	long stale = STALE_MS;
	int bad;

	if (opt['a'])
		stale = prog_number(
		    'a', opt['a'], 1, 3600000, "number of milliseconds");
	must(keypipe_take(&s->packet.key, opt['k'], &f), &f);
	seccomp_enter();
	bad = udpseal_frames(&s->packet, 0, 1, (int)stale, &n, &f);
	secret_free(s);
	if (bad > 0)
		die_as(bad, "chat-seal");
	if (opt['v'])
		say("frames sent %lu, too old to send %lu, signs of life %lu, "
		    "refused %lu",
		    n.frames, n.stale, n.signs, n.refused);
	must(bad, &f);
}

static ssize_t
for_key(uint8_t *header, int cipher)
{
	struct trust t;
	ssize_t n;

	must(trust_begin(&t, NULL, opt['r'], &f), &f);
	must(identity_load(s->id, opt['i'], &f), &f);
	peers_free(&t.peers);
	n = sealed_key_make(&s->record, header, cipher, s->id, t.key);
	if (n == -1)
		die(X_USE, "%s is no key to seal for", opt['r']);
	return n;
}

static ssize_t
under_pass(uint8_t *header, int cipher)
{
	uint32_t passes, kib;
	ssize_t head;
	int n;

	n = strcmp(opt['P'], "-") == 0
	        ? passphrase_new(s->pass, "the sealed file", "", &f)
	        : passphrase_file(s->pass, opt['P'], &f);
	if (must(n, &f) == 0)
		die(X_USE, "-: an empty passphrase");
	if (passphrase_cost(&passes, &kib) == -1)
		die_sys(X_SYS, "passphrase");
	head = sealed_pass_make(
	    &s->record, header, cipher, s->pass, (size_t)n, passes, kib);
	if (head == -1)
		die_sys(X_SYS, "passphrase");
	return head;
}

static void
file(void)
{
	uint8_t header[SEALED_MAX];
	int cipher = opt['a'] ? aead_parse(opt['a']) : AEAD_CHACHAPOLY;
	ssize_t n;

	if (cipher == 0)
		die(X_USE, "%s is no algorithm", opt['a']);
	if (!(aead_offer() & cipher))
		die(X_USE,
		    "this machine has no %s: leave out -a, and any can open it",
		    opt['a']);
	if (isatty(1))
		die(X_USE, "a sealed file is no text: write it to a file (>)");
	n = opt['r'] ? for_key(header, cipher) : under_pass(header, cipher);
	if (io_write(1, header, (size_t)n) == -1)
		die_sys(X_SYS, "stdout");
	seccomp_enter();
	must(stream_seal(&s->record, 0, 1, &f), &f);
	secret_free(s);
}

int
main(int argc, char **argv)
{
	prog_start(argv[0]);
	if (prog_options(opt, argc, argv, "a:i:k:P:qr:uv", USAGE) < argc ||
	    !!opt['k'] + !!opt['r'] + !!opt['P'] != 1 ||
	    (opt['k'] && !opt['u'] && opt['a']) || (opt['i'] && !opt['r']) ||
	    ((opt['u'] || opt['q']) && !opt['k']) || (opt['v'] && !opt['u']))
		usage(USAGE);
	s = secret_new(sizeof(*s));
	if (!s)
		die_sys(X_SYS, "no memory for keys");
	(void)aeadfast_use();
	if (opt['u'])
		datagrams();
	else if (opt['k'])
		session();
	else
		file();
	if (close(1) == -1)
		die_sys(X_SYS, "stdout");
	return 0;
}
