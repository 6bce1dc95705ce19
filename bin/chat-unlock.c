/* chat-unlock: open what chat-lock sealed, and write verified bytes.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/outfile.h"
#include "base/prog.h"
#include "crypto/aeadfast.h"
#include "crypto/secret.h"
#include "peer/identity.h"
#include "peer/passphrase.h"
#include "peer/trust.h"
#include "sandbox/landlock.h"
#include "sandbox/seccomp.h"
#include "session/batch.h"
#include "term/tty.h"
#include "wire/sealed.h"

#define USAGE                                                                  \
	"chat-unlock [-v] [-i id] [-s sender] [-o file] [file]\n"              \
	"chat-unlock -P passfile [-o file] [file]"

enum { TRIES = 3 };

static const char *opt[128];
static struct trust trust;
static struct fault f;

/* All secrets of this program. */
static struct secrets {
	struct record record;
	uint8_t id[KEY_BYTES];
	char pass[PASSPHRASE_MAX];
	int n; /* bytes of the passphrase */
} * s;

/* Must the user type a passphrase? */
static int
typed(void)
{
	return opt['P'] && strcmp(opt['P'], "-") == 0;
}

/* Read the keys while files can still be opened. */
static void
prepare(void)
{
	if (!opt['P']) {
		must(trust_begin(&trust, NULL, opt['s'], &f), &f);
		must(identity_load(s->id, opt['i'], NULL, &f), &f);
	} else if (typed()) {
		s->n = passphrase_ask(s->pass, 0, "the sealed file", &f);
		(void)tty_hold();
	} else {
		s->n = passphrase_file(s->pass, opt['P'], &f);
	}
	must(s->n, &f);
}

/* Check the sender: it must be the wanted one, or a known one.  name and text
 * are for a message. */
static void
judge(const uint8_t from[static KEY_BYTES], char name[static PEER_NAME + 1],
    char text[static KEY_TEXT + 1])
{
	enum trust_verdict verdict = TRUST_KNOWN;
	uint8_t own[KEY_BYTES];

	strcpy(name, "yourself");
	key_public(own, s->id);
	key_text(text, from);
	if (trust.wanted && !key_same(from, trust.key))
		die(X_PEER, "it was sealed by %s, not by %s", text,
		    trust.wanted);
	if (!key_same(from, own))
		verdict = trust_judge(&trust, from, name, &f);
	if (verdict == TRUST_UNKNOWN)
		die(X_PEER,
		    "it was sealed by an unknown key, %s (-s %s if that is "
		    "right)",
		    text, text);
	if (verdict == TRUST_WANTED)
		strcpy(name, "the given key");
}

static void
from_key(const uint8_t *header, uint8_t from[static KEY_BYTES])
{
	int many = header[SEALED_FORM] == SEALED_MANY;

	switch ((many ? sealed_many_open : sealed_key_open)(
	    &s->record, header, s->id, from)) {
	case -1:
		die(X_PEER,
		    "it was sealed for another key, or its header was changed");
	case -2:
		die(X_USE, "this machine has no %s",
		    aead_name(header[SEALED_CIPHER]));
	}
}

static void
from_pass(const uint8_t *header)
{
	int tries = typed() ? TRIES : 1, bad;

	for (;;) {
		bad =
		    sealed_pass_open(&s->record, header, s->pass, (size_t)s->n);
		if (bad == 0)
			return;
		if (bad == -2)
			die(X_USE, "this machine has no %s",
			    aead_name(header[SEALED_CIPHER]));
		if (errno == ERANGE)
			die(X_PEER,
			    "its header asks for absurd costs of a passphrase");
		if (errno != EBADMSG)
			die_sys(X_SYS, "passphrase");
		if (--tries == 0)
			die(X_USE,
			    "wrong passphrase, or its header was changed");
		s->n =
		    must(passphrase_ask(s->pass, 1, "the sealed file", &f), &f);
	}
}

static void
read_header(int in, uint8_t header[static SEALED_MAX])
{
	ssize_t n, want;
	size_t have = 0;

	while ((want = sealed_length(header, have)) > (ssize_t)have) {
		n = io_read_full(in, header + have, (size_t)want - have);
		if (n == -1)
			die_sys(X_SYS, "stdin");
		have += (size_t)n;
		if (have < (size_t)want)
			die(X_PEER, "the sealed file is cut short");
	}
	if (want == -1)
		die(X_PEER, "this is not a sealed file");
	if (header[SEALED_FORM] == SEALED_PASS && !opt['P'])
		die(X_USE, "it is sealed under a passphrase: say -P passfile");
	if (header[SEALED_FORM] != SEALED_PASS && opt['P'])
		die(X_USE, "it is sealed for a key: leave out -P");
}

/* Say who sealed the file, once all is verified. */
static void
tell_sender(const uint8_t *header, const char *name, const char *text)
{
	if (header[SEALED_FORM] == SEALED_MANY && (opt['v'] || opt['s']))
		say("sealed by %s for %d, any of whom could have changed it",
		    name, header[SEALED_COUNT]);
	else if (opt['v'])
		say("sealed by %s, %s", name, text);
}

static void
unseal(int in, struct batch *b, struct outfile *o)
{
	char name[PEER_NAME + 1], text[KEY_TEXT + 1];
	uint8_t header[SEALED_MAX], from[KEY_BYTES];

	read_header(in, header);
	if (opt['P']) {
		from_pass(header);
	} else {
		from_key(header, from);
		judge(from, name, text);
	}
	must(batch_open(b, &s->record, &f), &f);
	if (opt['o'])
		must(outfile_keep(o, &f), &f);
	else if (close(1) == -1)
		die_sys(X_SYS, "stdout");
	if (!opt['P'])
		tell_sender(header, name, text);
}

int
main(int argc, char **argv)
{
	struct outfile o = {.fd = 1, .dir = -1};
	struct batch *b;
	int n, in = 0;

	prog_start(argv[0]);
	n = prog_options(opt, argc, argv, "i:o:P:s:v", USAGE);
	if (argc - n > 1 || (opt['P'] && (opt['i'] || opt['s'] || opt['v'])))
		usage(USAGE);
	s = secret_new(sizeof(*s));
	if (!s)
		die_memory();
	prepare();
	(void)aeadfast_use(BATCH_THREADS);
	if (n < argc && (in = open(argv[n], O_RDONLY | O_CLOEXEC)) == -1)
		die_sys(X_USE, "%s", argv[n]);
	if (opt['o']) {
		must(outfile_begin(&o, opt['o'], in, &f), &f);
		atexit(outfile_drop);
	}
	/* Landlock binds only threads made later. */
	if (o.dir != -1)
		prog_caged(landlock_names(o.dir), "Landlock");
	b = batch_new(in, n < argc ? argv[n] : "stdin", o.fd,
	    opt['o'] ? opt['o'] : "stdout", &f);
	if (!b)
		die_fault(&f);
	prog_caged(seccomp_enter((typed() ? MAY_TERMINAL : 0) |
	                             (o.dir == -1 ? 0 : MAY_FOLDER),
	               o.dir),
	    "seccomp");
	unseal(in, b, &o);
	secret_free(s);
	peers_free(&trust.peers);
	return 0;
}
