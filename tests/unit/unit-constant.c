/* unit-constant: comparing tags, codes and keys takes the same steps wherever two
 * of them differ.  valgrind, to which the secret is undefined, counts the jumps and
 * the addresses that depend on it: `accepted or refused` is one, and a comparison
 * that stops at the first difference has one for each byte before it.
 * SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/aead.h"
#include "crypto/aeadfast.h"
#include "crypto/cpace.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "crypto/keywrap.h"
#include "crypto/noise.h"
#include "crypto/secret.h"
#include "tap.h"
#include "wire/sealed.h"

#if defined(__has_include) && !defined(__SANITIZE_ADDRESS__)
#if __has_include(<valgrind/memcheck.h>)
#define MEMCHECK
#include <valgrind/memcheck.h>
#endif
#endif

#ifdef MEMCHECK

enum { PROBE = 42, ANY = -1, TEXT = 100 };

/* A comparison.  It is made anew each time, so that none leaves anything to the
 * next. */
struct test {
	const char *name;
	void (*make)(int which); /* two that are the same */
	int (*compare)(int which); /* 1: the same; the secret is undefined */
	int which;
	int jumps; /* that depend on the secret, if it is refused; ANY: some, of
	            * Argon2id or of CPace, but as many each time */
};

/* What is to be compared with the secret; n of its bytes are changed in turn. */
static uint8_t given[256];
static size_t n;
static long tries;

#define SECRET(p, size) VALGRIND_MAKE_MEM_UNDEFINED(p, size)

/* The jumps with the byte `at` changed, if there is one; -1: it judged wrong. */
static long
jumps(const struct test *t, size_t at)
{
	unsigned before;
	int same;

	t->make(t->which);
	if (at < n)
		given[at] ^= 1;
	tries++;
	before = (unsigned)VALGRIND_COUNT_ERRORS;
	same = t->compare(t->which);
	before = (unsigned)VALGRIND_COUNT_ERRORS - before;
	VALGRIND_MAKE_MEM_DEFINED(&same, sizeof(same));
	return same == (at >= n) ? (long)before : -1;
}

/* Is it constant?  1 or 0; how many jumps there were is printed.  What is accepted
 * goes on, to at most one more jump. */
static int
constant(const struct test *t)
{
	long accepted = jumps(t, SIZE_MAX), least, most, got;
	size_t at;

	least = most = jumps(t, 0);
	for (at = 1; at < n; at++) {
		got = jumps(t, at);
		least = got < least ? got : least;
		most = got > most ? got : most;
	}
	printf("# %s: %ld jumps, %ld to %ld with one of %zu bytes changed\n",
	    t->name, accepted, least, most, n);
	return least >= 0 && least == most && accepted >= least &&
	       accepted <= least + 1 && (t->jumps == ANY || least == t->jumps);
}

/* ---- tags ---- */

static void
make_tag(int cipher)
{
	uint8_t k[AEAD_KEY] = {7}, sealed[TEXT + AEAD_TAG] = {0};
	struct aead a;

	(void)aead_init(&a, cipher, k);
	aead_seal(&a, 1, NULL, 0, sealed, sealed, TEXT);
	memcpy(given + AEAD_TAG, sealed, TEXT);
	n = AEAD_TAG;
	memcpy(given, sealed + TEXT, n);
}

static int
compare_tag(int cipher)
{
	uint8_t k[AEAD_KEY] = {7}, sealed[TEXT + AEAD_TAG];
	struct aead a;

	memcpy(sealed, given + AEAD_TAG, TEXT);
	memcpy(sealed + TEXT, given, AEAD_TAG);
	SECRET(k, sizeof(k));
	(void)aead_init(&a, cipher, k);
	return aead_open(&a, 1, NULL, 0, sealed, sealed, sizeof(sealed)) == 0;
}

/* The tag of an identity under a passphrase, whose key is of Argon2id. */
static struct keywrap wrap = {1, 8, {0}, {0}};

static void
make_wrap(int which)
{
	static const uint8_t secret[KEY_BYTES] = {3};

	(void)which;
	(void)keywrap_seal(&wrap, secret, "hunter2", 7);
	n = AEAD_TAG;
	memcpy(given, wrap.sealed + KEY_BYTES, n);
}

static int
compare_wrap(int which)
{
	uint8_t secret[KEY_BYTES];
	char pass[] = "hunter2";

	(void)which;
	memcpy(wrap.sealed + KEY_BYTES, given, AEAD_TAG);
	SECRET(pass, 7);
	return keywrap_open(secret, &wrap, pass, 7) == 0;
}

/* The check of a sealed file's passphrase. */
static struct record record;
static uint8_t head[SEALED_MAX];

static void
make_check(int which)
{
	ssize_t len = sealed_pass_make(
	    &record, head, AEAD_CHACHAPOLY, "hunter2", 7, 1, 8);

	(void)which;
	n = SEALED_CHECK;
	memcpy(given, head + len - n, n);
}

static int
compare_check(int which)
{
	char pass[] = "hunter2";

	(void)which;
	memcpy(head + SEALED_HEAD + SEALED_PASS_REST - SEALED_CHECK, given,
	    SEALED_CHECK);
	SECRET(pass, 7);
	return sealed_pass_open(&record, head, pass, 7) == 0;
}

/* ---- codes ---- */

static const char spoken[] = "adult-maritime-kiwi";

static void
make_code(int which)
{
	(void)which;
	n = sizeof(spoken) - 1;
	memcpy(given, spoken, n);
}

/* The psk of each side, as chat-handshake derives it. */
static int
psks(uint8_t psk[2][NOISE_KEY], const struct cpace_bytes code[2])
{
	static const uint8_t y[32] = {5};
	struct cpace_input in = {.ci = {"chat1", 5}};
	uint8_t share[2][CPACE_SHARE], isk[CPACE_ISK];
	struct cpace c[2];
	int i;

	for (i = 0; i < 2; i++) {
		in.prs = code[i];
		cpace_start(&c[i], &in, y);
		memcpy(share[i], c[i].share, CPACE_SHARE);
		/* It is sent: anybody has it. */
		VALGRIND_MAKE_MEM_DEFINED(share[i], CPACE_SHARE);
	}
	for (i = 0; i < 2; i++) {
		in.prs = code[i];
		if (cpace_finish(&c[i], &in, i, share[!i], isk) == -1)
			return -1;
		hash_hmac(psk[i], isk, sizeof(isk), "chat1 psk", NULL, 0);
	}
	return 0;
}

/* The caller's first message under the code that was given, the listener under the
 * one that was spoken. */
static int
compare_code(int cipher)
{
	static const uint8_t s[NOISE_KEY] = {9};
	char ours[sizeof(spoken)];
	struct cpace_bytes code[2] = {{ours, n}, {given, n}};
	uint8_t psk[2][NOISE_KEY], msg[2 * NOISE_OVERHEAD], got[NOISE_OVERHEAD];
	struct noise x;
	ssize_t len;

	memcpy(ours, spoken, sizeof(ours));
	SECRET(ours, n);
	SECRET(given, n);
	if (psks(psk, code) == -1)
		return 0;
	(void)noise_begin(
	    &x, NOISE_XXPSK0, cipher, 1, given, 0, s, NULL, psk[1]);
	noise_ephemeral(&x, s);
	len = noise_write(&x, msg, NULL, 0);
	VALGRIND_MAKE_MEM_DEFINED(msg, sizeof(msg));
	(void)noise_begin(
	    &x, NOISE_XXPSK0, cipher, 0, given, 0, s, NULL, psk[0]);
	return len > 0 && noise_read(&x, got, msg, (size_t)len) == 0;
}

/* ---- keys ---- */

static uint8_t ours[KEY_BYTES];

static void
make_key(int which)
{
	(void)which;
	memset(ours, 'k', sizeof(ours));
	n = KEY_BYTES;
	memcpy(given, ours, n);
	SECRET(ours, sizeof(ours));
}

static int
compare_key(int which)
{
	(void)which;
	return key_same(ours, given);
}

/* ---- comparisons that leak, by which it is seen that this finds them ---- */

static int
leak_memcmp(int which)
{
	(void)which;
	return memcmp(ours, given, n) == 0;
}

/* Stops at the first difference. */
static int
leak_first(int which)
{
	volatile const uint8_t *p = ours;
	size_t i = 0;

	(void)which;
	while (i < n && p[i] == given[i])
		i++;
	return i == n;
}

/* Looks at all, but with a jump each. */
static int
leak_each(int which)
{
	volatile const uint8_t *p = ours;
	volatile int bad = 0;
	size_t i;

	(void)which;
	for (i = 0; i < n; i++)
		if (p[i] != given[i])
			bad = 1;
	return !bad;
}

/* Reads a table at a place that depends on the secret: seen by the cache. */
static int
leak_table(int which)
{
	static volatile const uint8_t table[256] = {[1] = 1};
	volatile const uint8_t *p = ours;
	uint8_t bad = 0;
	size_t i;

	(void)which;
	for (i = 0; i < n; i++)
		bad |= table[(p[i] ^ given[i]) & 1];
	VALGRIND_MAKE_MEM_DEFINED(&bad, sizeof(bad));
	return !bad;
}

static void
all(void)
{
	static const struct test good[] = {
	    {"the tag of ChaCha20-Poly1305", make_tag, compare_tag,
	        AEAD_CHACHAPOLY, 1},
	    {"the tag of AES-GCM", make_tag, compare_tag, AEAD_AESGCM, 1},
	    {"the tag of an identity under a passphrase", make_wrap,
	        compare_wrap, 0, ANY},
	    {"the check of a sealed file's passphrase", make_check,
	        compare_check, 0, ANY},
	    {"a code, ChaCha20-Poly1305", make_code, compare_code,
	        AEAD_CHACHAPOLY, ANY},
	    {"a code, AES-GCM", make_code, compare_code, AEAD_AESGCM, ANY},
	    {"a key", make_key, compare_key, 0, 0}};
	static const struct test leaks[] = {
	    {"memcmp", make_key, leak_memcmp, 0, 1},
	    {"a loop to the first difference", make_key, leak_first, 0, 1},
	    {"a jump for each byte", make_key, leak_each, 0, 1},
	    {"a table", make_key, leak_table, 0, 0}};
	size_t i;

	for (i = 0; i < sizeof(leaks) / sizeof(*leaks); i++)
		ok(!constant(&leaks[i]), "leaks, and is found: %s",
		    leaks[i].name);
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (good[i].which != AEAD_AESGCM || aead_offer() & AEAD_AESGCM)
			ok(constant(&good[i]), "constant: %s", good[i].name);
	if (aeadfast_use(1))
		for (i = 0; i < 2; i++)
			if (aead_offer() & good[i].which)
				ok(constant(&good[i]),
				    "constant: %s, by libcrypto", good[i].name);
	printf("# tries %ld\n", tries);
}

/* Can valgrind run this program? */
static int
runs(const char *self)
{
	pid_t pid = fork();
	int st;

	if (pid == 0) {
		execlp("valgrind", "valgrind", "-q", "--log-file=/dev/null",
		    self, "probe", (char *)NULL);
		_exit(1);
	}
	return pid != -1 && waitpid(pid, &st, 0) == pid && WIFEXITED(st) &&
	       WEXITSTATUS(st) == PROBE;
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		return PROBE;
	if (!RUNNING_ON_VALGRIND) {
		if (runs(argv[0]))
			execlp("valgrind", "valgrind", "-q", "--error-limit=no",
			    "--log-file=/dev/null", argv[0], (char *)NULL);
		puts("1..0 # SKIP valgrind does not run this");
		return 0;
	}
	secret_free(secret_new(1));
	all();
	return done();
}

#else

int
main(void)
{
	puts("1..0 # SKIP no valgrind, or the sanitizers");
	return 0;
}

#endif
