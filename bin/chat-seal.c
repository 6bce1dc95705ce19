/* chat-seal: bytes from stdin to sealed records on stdout.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datagram.h"
#include "die.h"
#include "fds.h"
#include "id.h"
#include "io.h"
#include "num.h"
#include "pass.h"
#include "sealed.h"
#include "secret.h"
#include "session.h"
#include "stream.h"
#include "tcp.h"
#include "tick.h"
#include "trust.h"

#define USAGE                                                                  \
	"chat-seal -k key [-q]\n"                                              \
	"chat-seal -k key -u [-v] [-a milliseconds]\n"                         \
	"chat-seal -r recipient [-a algorithm] [-i id]\n"                      \
	"chat-seal -P passfile [-a algorithm]"

enum { DELIVER_MS = 30000, STALE_MS = 500 };

static int quiet; /* others say why not all was delivered */

/* All that must stay secret. */
struct secrets {
	struct record record;
	struct packet_out packet;
	uint8_t id[KEY_BYTES];
	char pass[PASS_MAX];
};

static _Noreturn void
undelivered(const struct fault *f)
{
	if (!quiet)
		die_fault(f);
	exit(f->code);
}

static void
session(struct secrets *s, const char *key)
{
	struct fault f;
	int bad;

	if (session_take(&s->record.key, key, &f) == -1)
		die_fault(&f);
	if (fds_is_socket(1))
		signal(SIGPIPE, SIG_IGN);
	bad = stream_seal(&s->record, 0, 1, &f);
	secret_free(s);
	if (bad)
		undelivered(&f);
	tcp_finish(1);
	if (tcp_delivered(1, tick_ms() + DELIVER_MS) == -1) {
		fault_sys(&f, errno == ETIMEDOUT ? X_TIME : X_SYS,
		    "not all was delivered");
		undelivered(&f);
	}
}

static void
datagrams(struct secrets *s, const char *key, const char *age, int verbose)
{
	struct datagram_count n = {0};
	long stale = STALE_MS;
	struct fault f;
	int bad;

	if (age && num_parse(age, 1, 3600000, &stale) == -1)
		die(X_USE, "-a %s: milliseconds, 1 to 3600000", age);
	if (session_take(&s->packet.key, key, &f) == -1)
		die_fault(&f);
	bad = datagram_seal(&s->packet, 0, 1, (int)stale, &n, &f);
	secret_free(s);
	if (verbose)
		say("frames sent %lu, too old to send %lu, signs of life %lu, "
		    "refused %lu",
		    n.frames, n.stale, n.signs, n.refused);
	if (bad)
		die_fault(&f);
}

static ssize_t
for_key(struct secrets *s, uint8_t *header, int cipher, const char *recipient,
    const char *id)
{
	char own[4096], peers[4096];
	struct trust t;
	struct fault f;

	if ((!id && id_path(own, sizeof(own), "id", 0, &f) == -1) ||
	    id_path(peers, sizeof(peers), "peers", 0, &f) == -1 ||
	    trust_begin(&t, peers, NULL, recipient, &f) == -1 ||
	    id_load(s->id, id ? id : own, &f) == -1)
		die_fault(&f);
	peers_free(&t.peers);
	return sealed_key_make(&s->record, header, cipher, s->id, t.key);
}

static ssize_t
under_pass(struct secrets *s, uint8_t *header, int cipher, const char *passfile)
{
	uint32_t passes, kib;
	struct fault f;
	int n;

	n = pass_file(s->pass, passfile, 1, "the sealed file", &f);
	if (n == -1)
		die_fault(&f);
	if (pass_cost(&passes, &kib) == -1)
		die_sys(X_SYS, "passphrase");
	return sealed_pass_make(
	    &s->record, header, cipher, s->pass, (size_t)n, passes, kib);
}

static void
file(struct secrets *s, const char *algorithm, const char *recipient,
    const char *id, const char *passfile)
{
	uint8_t header[SEALED_MAX];
	int cipher = algorithm ? aead_parse(algorithm) : AEAD_CHACHAPOLY;
	struct fault f;
	ssize_t n;

	if (cipher == 0)
		die(X_USE, "%s is no algorithm", algorithm);
	if (!(aead_offer() & cipher))
		die(X_USE,
		    "this machine has no %s: leave out -a, and any can open it",
		    algorithm);
	if (isatty(1))
		die(X_USE, "a sealed file is no text: write it to a file (>)");
	n = recipient ? for_key(s, header, cipher, recipient, id)
	              : under_pass(s, header, cipher, passfile);
	if (n == -1)
		die(X_USE, "%s is no key to seal for", recipient);
	if (io_write(1, header, (size_t)n) == -1)
		die_sys(X_SYS, "stdout");
	if (stream_seal(&s->record, 0, 1, &f) == -1)
		die_fault(&f);
	secret_free(s);
}

int
main(int argc, char **argv)
{
	const char *key = NULL, *recipient = NULL, *passfile = NULL;
	const char *algorithm = NULL, *id = NULL;
	struct secrets *s;
	int c, u = 0, verbose = 0;

	prog_start(argv[0]);
	while ((c = getopt(argc, argv, "a:i:k:P:qr:uv")) != -1)
		switch (c) {
		case 'a':
			algorithm = optarg;
			break;
		case 'i':
			id = optarg;
			break;
		case 'k':
			key = optarg;
			break;
		case 'P':
			passfile = optarg;
			break;
		case 'q':
			quiet = 1;
			break;
		case 'r':
			recipient = optarg;
			break;
		case 'u':
			u = 1;
			break;
		case 'v':
			verbose = 1;
			break;
		default:
			usage(USAGE);
		}
	if (optind < argc || !!key + !!recipient + !!passfile != 1 ||
	    (key && !u && algorithm) || (id && !recipient) ||
	    ((u || quiet) && !key) || (verbose && !u))
		usage(USAGE);
	s = secret_new(sizeof(*s));
	if (!s)
		die_sys(X_SYS, "no memory for keys");
	if (key && u)
		datagrams(s, key, algorithm, verbose);
	else if (key)
		session(s, key);
	else
		file(s, algorithm, recipient, id, passfile);
	if (close(1) == -1)
		die_sys(X_SYS, "stdout");
	return 0;
}
