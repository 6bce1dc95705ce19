/* chat-open: sealed records from stdin, verified, to bytes on stdout.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datagram.h"
#include "die.h"
#include "id.h"
#include "io.h"
#include "pass.h"
#include "sealed.h"
#include "secret.h"
#include "session.h"
#include "stream.h"
#include "tcp.h"
#include "tick.h"
#include "trust.h"

#define USAGE                                                                  \
	"chat-open -k key [-u] [-v]\n"                                         \
	"chat-open [-v] [-i id] [-s sender]\n"                                 \
	"chat-open -P passfile"

enum { DRAIN_MS = 1000, TRIES = 3 };

/* All that must stay secret. */
struct secrets {
	struct record record;
	struct packet_in packet;
	uint8_t id[KEY_BYTES];
	char pass[PASS_MAX];
};

static void
session(struct secrets *s, const char *key)
{
	const char *who = getenv("CHAT_PEER");
	struct fault f;
	int bad;

	if (session_take(&s->record.key, key, &f) == -1)
		die_fault(&f);
	bad = stream_open(
	    &s->record, STREAM_SESSION, 0, 1, who ? who : "the other side", &f);
	secret_free(s);
	if (!bad)
		return;
	/* The reader is told at once, and the other side still hears what
	 * ours has to say. */
	say("%s", f.text);
	close(1);
	tcp_drain(0, tick_ms() + (f.code == X_PEER ? DRAIN_MS : 0));
	exit(f.code);
}

static void
datagrams(struct secrets *s, const char *key, int verbose)
{
	const char *who = getenv("CHAT_PEER");
	struct datagram_count n = {0};
	struct fault f;
	int bad;

	if (session_take(&s->packet.key, key, &f) == -1)
		die_fault(&f);
	bad = datagram_open(
	    &s->packet, 0, 1, who ? who : "the other side", &n, &f);
	secret_free(s);
	if (verbose)
		say("frames %lu, signs of life %lu, not authentic %lu, "
		    "repeated or late %lu, refused %lu",
		    n.frames, n.signs, n.false_, n.old, n.refused);
	if (bad)
		die_fault(&f);
}

/* Is whoever sealed it the one we expect, or somebody we know? */
static void
judge(const struct trust *t, const uint8_t from[static KEY_BYTES],
    const uint8_t id[static KEY_BYTES], int verbose)
{
	char name[PEER_NAME + 1], text[KEY_TEXT + 1];
	uint8_t own[KEY_BYTES];
	struct fault f;

	key_public(own, id);
	key_text(text, from);
	strcpy(name, "yourself");
	if (t->wanted && memcmp(from, t->key, KEY_BYTES) != 0)
		die(X_PEER, "it was sealed by %s, not by %s", text, t->wanted);
	if (memcmp(from, own, KEY_BYTES) != 0)
		switch (trust_judge(t, from, name, &f)) {
		case TRUST_WRONG:
			die_fault(&f);
		case TRUST_UNKNOWN:
			die(X_PEER,
			    "it was sealed by an unknown key, %s (-s %s "
			    "if that is right)",
			    text, text);
		case TRUST_WANTED:
			strcpy(name, "the given key");
			break;
		case TRUST_KNOWN:
			break;
		}
	if (verbose)
		say("sealed by %s, %s", name, text);
}

static void
from_key(struct secrets *s, const uint8_t *header, const char *id,
    const char *sender, int verbose)
{
	char own[4096], peers[4096];
	uint8_t from[KEY_BYTES];
	struct trust t;
	struct fault f;

	if ((!id && id_path(own, sizeof(own), "id", 0, &f) == -1) ||
	    id_path(peers, sizeof(peers), "peers", 0, &f) == -1 ||
	    trust_begin(&t, peers, NULL, sender, &f) == -1 ||
	    id_load(s->id, id ? id : own, &f) == -1)
		die_fault(&f);
	switch (sealed_key_open(&s->record, header, s->id, from)) {
	case -1:
		die(X_PEER,
		    "it was sealed for another key, or its header was changed");
	case -2:
		die(X_USE, "this machine has no %s", aead_name(header[6]));
	}
	judge(&t, from, s->id, verbose);
	peers_free(&t.peers);
}

static void
from_pass(struct secrets *s, const uint8_t *header, const char *passfile)
{
	int asks = strcmp(passfile, "-") == 0, try, n, bad = -1;
	struct fault f;

	for (try = 0; bad && try < (asks ? TRIES : 1); try++) {
		n = asks ? pass_ask(s->pass, try > 0, "the sealed file", &f)
		         : pass_file(s->pass, passfile, 0, "", &f);
		if (n == -1)
			die_fault(&f);
		bad = sealed_pass_open(&s->record, header, s->pass, (size_t)n);
		if (bad == -2)
			die(X_USE, "this machine has no %s",
			    aead_name(header[6]));
		if (bad && errno == ERANGE)
			die(X_PEER,
			    "its header asks for absurd costs of stretching");
		if (bad && errno != EBADMSG)
			die_sys(X_SYS, "passphrase");
	}
	if (bad)
		die(X_USE, "wrong passphrase, or its header was changed");
}

static void
file(struct secrets *s, const char *id, const char *sender,
    const char *passfile, int verbose)
{
	uint8_t header[SEALED_MAX];
	enum sealed_form form;
	struct fault f;
	ssize_t n, rest = SEALED_HEAD;
	int cipher;

	n = io_read_full(0, header, SEALED_HEAD);
	if (n == SEALED_HEAD) {
		rest = sealed_head(&form, &cipher, header);
		if (rest == -1)
			die(X_PEER, "this is no sealed file");
		n = io_read_full(0, header + SEALED_HEAD, (size_t)rest);
	}
	if (n == -1)
		die_sys(X_SYS, "stdin");
	if (n < rest)
		die(X_PEER, "the sealed file is cut short");
	if (form == SEALED_PASS && !passfile)
		die(X_USE, "it is sealed under a passphrase: say -P passfile");
	if (form == SEALED_KEY && passfile)
		die(X_USE, "it is sealed for a key: leave out -P");
	if (form == SEALED_KEY)
		from_key(s, header, id, sender, verbose);
	else
		from_pass(s, header, passfile);
	if (stream_open(&s->record, STREAM_FILE, 0, 1, "", &f) == -1)
		die_fault(&f);
	secret_free(s);
}

int
main(int argc, char **argv)
{
	const char *key = NULL, *passfile = NULL, *id = NULL, *sender = NULL;
	struct secrets *s;
	int c, u = 0, verbose = 0;

	prog_start(argv[0]);
	while ((c = getopt(argc, argv, "i:k:P:s:uv")) != -1)
		switch (c) {
		case 'i':
			id = optarg;
			break;
		case 'k':
			key = optarg;
			break;
		case 'P':
			passfile = optarg;
			break;
		case 's':
			sender = optarg;
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
	if (optind < argc || (key && (passfile || id || sender)) ||
	    (u && !key) || (passfile && (id || sender)))
		usage(USAGE);
	s = secret_new(sizeof(*s));
	if (!s)
		die_sys(X_SYS, "no memory for keys");
	if (key && u)
		datagrams(s, key, verbose);
	else if (key)
		session(s, key);
	else
		file(s, id, sender, passfile, verbose);
	if (close(1) == -1)
		die_sys(X_SYS, "stdout");
	return 0;
}
