/* chat-lock: seal a file for those who may open it.
 * SPDX-License-Identifier: ISC */
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
#include "wire/sealed.h"

#define USAGE                                                                  \
	"chat-lock -r recipient ... [-a algorithm] [-i id] [-o file] [file]\n" \
	"chat-lock -P passfile [-a algorithm] [-o file] [file]"
#define LETTERS "a:i:o:P:r:"

static const char *opt[128];
static struct fault f;

/* The recipients, each key once. */
static uint8_t to[SEALED_KEYS][KEY_BYTES];
static const char *given[SEALED_KEYS];
static size_t count;

/* All secrets of this program. */
static struct secrets {
	struct record record;
	uint8_t id[KEY_BYTES];
	char pass[PASSPHRASE_MAX];
} * s;

static void
recipient(const char *text)
{
	struct trust t;
	size_t i;

	must(trust_begin(&t, NULL, text, &f), &f);
	peers_free(&t.peers);
	for (i = 0; i < count; i++)
		if (key_same(to[i], t.key))
			return;
	if (count == SEALED_KEYS)
		die(X_USE, "for more than %d recipients", SEALED_KEYS);
	memcpy(to[count], t.key, KEY_BYTES);
	given[count++] = text;
}

static ssize_t
for_keys(uint8_t *header, int cipher)
{
	size_t low = 0;
	ssize_t n;

	must(identity_load(s->id, opt['i'], NULL, &f), &f);
	n = count == 1
	        ? sealed_key_make(&s->record, header, cipher, s->id, to[0])
	        : sealed_many_make(&s->record, header, cipher, s->id,
	              (const uint8_t(*)[KEY_BYTES])to, count, &low);
	if (n == -1)
		die(X_USE, "%s is not a key to seal for", given[low]);
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

static int
algorithm(void)
{
	int cipher = opt['a'] ? aead_parse(opt['a']) : AEAD_CHACHAPOLY;

	if (cipher == 0)
		die(X_USE, "unknown algorithm: %s", opt['a']);
	if (!(aead_offer() & cipher))
		die(X_USE,
		    "this machine has no %s: leave out -a, and any can open it",
		    opt['a']);
	return cipher;
}

static void
seal(int in, const char *from, struct outfile *o)
{
	const char *to_name = opt['o'] ? opt['o'] : "stdout";
	uint8_t header[SEALED_MAX];
	int cipher = algorithm();
	struct batch *b;
	ssize_t n;

	n = count ? for_keys(header, cipher) : under_pass(header, cipher);
	if (opt['o']) {
		must(outfile_begin(o, opt['o'], in, &f), &f);
		atexit(outfile_drop);
	}
	/* Landlock binds only threads made later. */
	if (o->dir != -1)
		prog_caged(landlock_names(o->dir), "Landlock");
	b = batch_new(in, from, o->fd, to_name, &f);
	if (!b)
		die_fault(&f);
	prog_caged(
	    seccomp_enter(o->dir == -1 ? 0 : MAY_FOLDER, o->dir), "seccomp");
	if (io_write(o->fd, header, (size_t)n) == -1)
		die_sys(X_SYS, "%s", to_name);
	must(batch_seal(b, &s->record, &f), &f);
	secret_free(s);
}

int
main(int argc, char **argv)
{
	struct outfile o = {.fd = 1, .dir = -1};
	const char *to_whom;
	int n, in = 0;
	size_t at = 0;

	prog_start(argv[0]);
	n = prog_options(opt, argc, argv, LETTERS, USAGE);
	if (argc - n > 1 || !opt['r'] == !opt['P'] || (opt['i'] && opt['P']))
		usage(USAGE);
	s = secret_new(sizeof(*s));
	if (!s)
		die_memory();
	while ((to_whom = prog_again('r', &at)) != NULL)
		recipient(to_whom);
	(void)aeadfast_use(BATCH_THREADS);
	if (n < argc && (in = open(argv[n], O_RDONLY | O_CLOEXEC)) == -1)
		die_sys(X_USE, "%s", argv[n]);
	if (!opt['o'] && isatty(1))
		die(X_USE, "a sealed file is not text: write it to a file (>)");
	seal(in, n < argc ? argv[n] : "stdin", &o);
	if (opt['o'])
		must(outfile_keep(&o, &f), &f);
	else if (close(1) == -1)
		die_sys(X_SYS, "stdout");
	return 0;
}
