/* chat-open: sealed records from stdin, verified, to bytes on stdout.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/clock.h"
#include "base/io.h"
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
#include "session/udpopen.h"
#include "wire/sealed.h"

#define USAGE                                                                  \
	"chat-open -k key [-u] [-v]\n"                                         \
	"chat-open [-v] [-i id] [-s sender]\n"                                 \
	"chat-open -P passfile"

enum { DRAIN_MS = 1000, TRIES = 3 };

static const char *opt[128];
static const char *who = "the other side";
static struct fault f;

/* All that must stay secret. */
static struct secrets {
	struct record record;
	struct datagram_in packet;
	uint8_t id[KEY_BYTES];
	char pass[PASSPHRASE_MAX];
} * s;

static void
session(void)
{
	int bad;

	must(keypipe_take(&s->record.key, opt['k'], &f), &f);
	seccomp_enter();
	bad = stream_open(&s->record, STREAM_SESSION, 0, 1, who, &f);
	secret_free(s);
	if (!bad)
		return;
	/* The reader is told at once, and the other side still hears what
	 * ours has to say. */
	if (bad == STREAM_CUT)
		tell("%s", f.text);
	else
		say("%s", f.text);
	close(1);
	delivery_drain(0, clock_ms() + (f.code == X_PEER ? DRAIN_MS : 0));
	exit(f.code);
}

static void
datagrams(void)
{
	struct udpopen_count n = {0};
	int bad;

	must(keypipe_take(&s->packet.key, opt['k'], &f), &f);
	seccomp_enter();
	bad = udpopen_frames(&s->packet, 0, 1, who, &n, &f);
	secret_free(s);
	if (opt['v'])
		say("frames %lu, signs of life %lu, not authentic %lu, "
		    "repeated or late %lu, refused %lu",
		    n.frames, n.signs, n.false_, n.old, n.refused);
	must(bad, &f);
}

/* Is whoever sealed it the one we expect, or somebody we know? */
static void
judge(const struct trust *t, const uint8_t from[static KEY_BYTES])
{
	char name[PEER_NAME + 1] = "yourself", text[KEY_TEXT + 1];
	enum trust_verdict verdict = TRUST_KNOWN;
	uint8_t own[KEY_BYTES];

	key_public(own, s->id);
	key_text(text, from);
	if (t->wanted && memcmp(from, t->key, KEY_BYTES) != 0)
		die(X_PEER, "it was sealed by %s, not by %s", text, t->wanted);
	if (memcmp(from, own, KEY_BYTES) != 0)
		verdict = trust_judge(t, from, name, &f);
	if (verdict == TRUST_UNKNOWN)
		die(X_PEER,
		    "it was sealed by an unknown key, %s (-s %s if that is "
		    "right)",
		    text, text);
	if (verdict == TRUST_WANTED)
		strcpy(name, "the given key");
	if (opt['v'])
		say("sealed by %s, %s", name, text);
}

static void
from_key(const uint8_t *header)
{
	uint8_t from[KEY_BYTES];
	struct trust t;

	must(trust_begin(&t, NULL, opt['s'], &f), &f);
	must(identity_load(s->id, opt['i'], &f), &f);
	switch (sealed_key_open(&s->record, header, s->id, from)) {
	case -1:
		die(X_PEER,
		    "it was sealed for another key, or its header was changed");
	case -2:
		die(X_USE, "this machine has no %s", aead_name(header[6]));
	}
	judge(&t, from);
	peers_free(&t.peers);
}

static void
from_pass(const uint8_t *header)
{
	int asks = strcmp(opt['P'], "-") == 0, try, n, bad = -1;

	for (try = 0; bad && try < (asks ? TRIES : 1); try++) {
		n = asks ? passphrase_ask(
		               s->pass, try > 0, "the sealed file", &f)
		         : passphrase_file(s->pass, opt['P'], &f);
		must(n, &f);
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
file(void)
{
	uint8_t header[SEALED_MAX];
	enum sealed_form form;
	ssize_t n, rest = SEALED_HEAD;

	n = io_read_full(0, header, SEALED_HEAD);
	if (n == SEALED_HEAD) {
		rest = sealed_head(&form, header);
		if (rest == -1)
			die(X_PEER, "this is no sealed file");
		n = io_read_full(0, header + SEALED_HEAD, (size_t)rest);
	}
	if (n == -1)
		die_sys(X_SYS, "stdin");
	if (n < rest)
		die(X_PEER, "the sealed file is cut short");
	if (form == SEALED_PASS && !opt['P'])
		die(X_USE, "it is sealed under a passphrase: say -P passfile");
	if (form == SEALED_KEY && opt['P'])
		die(X_USE, "it is sealed for a key: leave out -P");
	if (form == SEALED_KEY)
		from_key(header);
	else
		from_pass(header);
	seccomp_enter();
	must(stream_open(&s->record, STREAM_FILE, 0, 1, "", &f), &f);
	secret_free(s);
}

int
main(int argc, char **argv)
{
	prog_start(argv[0]);
	if (prog_options(opt, argc, argv, "i:k:P:s:uv", USAGE) < argc ||
	    (opt['k'] && (opt['P'] || opt['i'] || opt['s'])) ||
	    (opt['u'] && !opt['k']) || (opt['P'] && (opt['i'] || opt['s'])))
		usage(USAGE);
	s = secret_new(sizeof(*s));
	if (!s)
		die_sys(X_SYS, "no memory for keys");
	(void)aeadfast_use();
	if (getenv(CHAT_PEER))
		who = getenv(CHAT_PEER);
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
