/* passphrase: ask for passphrases, and choose the cost of their derivation.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "crypto/keywrap.h"
#include "crypto/secret.h"
#include "peer/passphrase.h"
#include "term/tty.h"

enum {
	TRIES = 3,
	AIM = 500000, /* microseconds */
	PASSES = 3, /* RFC 9106, section 4, with 64 MiB as the least */
	KIB = 64 << 10
};

static int
question(char *out, const char *prompt, const char *what, struct fault *f)
{
	int n = tty_line(prompt, out, PASSPHRASE_MAX, 1);

	if (n == TTY_NONE)
		return fault(f, X_USE,
		    "%s: no terminal to ask for the passphrase on", what);
	if (n < 0)
		return fault(f, X_USE, "%s: no passphrase was given", what);
	return n;
}

int
passphrase_ask(char out[static PASSPHRASE_MAX], int wrong, const char *what,
    struct fault *f)
{
	char prompt[300];

	snprintf(prompt, sizeof(prompt),
	    "%spassphrase of %s: ", wrong ? "wrong, try again\n" : "", what);
	return question(out, prompt, what, f);
}

int
passphrase_new(char out[static PASSPHRASE_MAX], const char *what,
    const char *note, struct fault *f)
{
	char *again = secret_new(PASSPHRASE_MAX), prompt[400];
	int i, n = -1, same = 0;

	if (!again)
		return fault_memory(f);
	snprintf(
	    prompt, sizeof(prompt), "new passphrase of %s%s: ", what, note);
	for (i = 0; i < TRIES && !same; i++) {
		n = question(out, prompt, what, f);
		if (n < 0 || question(again, "again: ", what, f) < 0)
			break;
		same = strcmp(out, again) == 0;
		strcpy(prompt, "these were not the same; new passphrase: ");
	}
	secret_free(again);
	if (i == TRIES && !same)
		fault(f, X_USE, "%s: the two passphrases differ", what);
	return same ? n : -1;
}

int
passphrase_file(
    char out[static PASSPHRASE_MAX], const char *path, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n, more = 0;
	char next;

	if (fd == -1)
		return fault_sys(f, X_USE, "%s", path);
	n = io_read_full(fd, out, PASSPHRASE_MAX);
	/* Space for the longest passphrase and its newline. */
	if (n == PASSPHRASE_MAX)
		more = io_read_full(fd, &next, 1);
	close(fd);
	if (n == -1 || more == -1)
		return fault_sys(f, X_USE, "%s", path);
	if (more || (n == PASSPHRASE_MAX && out[n - 1] != '\n'))
		return fault(f, X_USE, "%s: a passphrase has at most %d bytes",
		    path, PASSPHRASE_MAX - 1);
	if (n > 0 && out[n - 1] == '\n')
		n--;
	if (n == 0)
		return fault(f, X_USE, "%s: an empty passphrase", path);
	out[n] = '\0';
	return (int)n;
}

int
passphrase_sure(const char *text)
{
	char answer[8];

	return tty_line(text, answer, sizeof(answer), 0) > 0 && tty_yes(answer);
}

static uint32_t
within(int64_t n, int64_t least, int64_t most)
{
	return (uint32_t)(n < least ? least : n > most ? most : n);
}

int
passphrase_cost(uint32_t *passes, uint32_t *kib)
{
	static const uint8_t salt[KEYWRAP_SALT];
	int64_t pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	int64_t took = clock_us(), n;
	uint8_t key[32]; /* of an empty passphrase: not secret */

	if (keywrap_stretch(key, "", 0, salt, PASSES, KIB) == -1)
		return -1;
	took = clock_us() - took;
	n = KIB * (int64_t)AIM / (took > 0 ? took : 1);
	*kib =
	    within(n, KIB, within(pages * page / 1024 / 4, KIB, KEYWRAP_KIB));
	/* More passes make up for less memory. */
	*passes = within(PASSES * n / *kib, PASSES, KEYWRAP_PASSES);
	return 0;
}
