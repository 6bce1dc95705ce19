/* pass: passphrases from the terminal, and what stretching them may cost.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "lock.h"
#include "pass.h"
#include "secret.h"
#include "tick.h"
#include "tty.h"

enum {
	TRIES = 3,
	AIM = 500000, /* microseconds */
	PASSES = 3, /* RFC 9106, section 4, with 64 MiB as the least */
	KIB = 64 << 10
};

static int
question(char *out, const char *prompt, const char *what, struct fault *f)
{
	int n = tty_ask(prompt, out, PASS_MAX, 0, -1, INT64_MAX);

	if (n == TTY_NONE)
		return fault(f, X_USE,
		    "%s: no terminal to ask for the passphrase on", what);
	if (n < 0)
		return fault(f, X_USE, "%s: no passphrase was given", what);
	return n;
}

int
pass_ask(
    char out[static PASS_MAX], int wrong, const char *what, struct fault *f)
{
	char prompt[300];

	snprintf(prompt, sizeof(prompt),
	    "%spassphrase of %s: ", wrong ? "wrong, try again\n" : "", what);
	return question(out, prompt, what, f);
}

int
pass_new(char out[static PASS_MAX], char again[static PASS_MAX],
    const char *what, const char *note, struct fault *f)
{
	char prompt[400];
	int i, n;

	snprintf(
	    prompt, sizeof(prompt), "new passphrase of %s%s: ", what, note);
	for (i = 0; i < TRIES; i++) {
		n = question(out, prompt, what, f);
		if (n < 0 || question(again, "again: ", what, f) < 0)
			return -1;
		if (strcmp(out, again) == 0)
			return n;
		strcpy(prompt, "these were not the same; new passphrase: ");
	}
	return fault(f, X_USE, "%s: the two passphrases differ", what);
}

int
pass_file(char out[static PASS_MAX], const char *path, int new,
    const char *what, struct fault *f)
{
	char *again;
	ssize_t n;
	int fd;

	if (strcmp(path, "-") == 0) {
		if (!new)
			return pass_ask(out, 0, what, f);
		again = secret_new(PASS_MAX);
		if (!again)
			return fault_sys(f, X_SYS, "no memory for keys");
		n = pass_new(out, again, what, "", f);
		secret_free(again);
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd == -1)
			return fault_sys(f, X_USE, "%s", path);
		n = io_read_full(fd, out, PASS_MAX);
		close(fd);
		if (n == -1)
			return fault_sys(f, X_USE, "%s", path);
		if (n == PASS_MAX)
			return fault(f, X_USE,
			    "%s: a passphrase has at most %d bytes", path,
			    PASS_MAX - 1);
		if (n > 0 && out[n - 1] == '\n')
			n--;
		out[n] = '\0';
	}
	if (n == 0)
		return fault(f, X_USE, "%s: an empty passphrase", path);
	return (int)n;
}

int
pass_sure(const char *text)
{
	char answer[8];

	return tty_ask(text, answer, sizeof(answer), 1, -1, INT64_MAX) > 0 &&
	       (*answer == 'y' || *answer == 'Y');
}

int
pass_cost(uint32_t *passes, uint32_t *kib)
{
	static const uint8_t salt[LOCK_SALT];
	uint8_t *key = secret_new(32);
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	int64_t took, n, most;

	if (!key)
		return -1;
	took = tick_us();
	if (lock_stretch(key, "", 0, salt, PASSES, KIB) == -1) {
		secret_free(key);
		return -1;
	}
	took = tick_us() - took;
	took = took > 0 ? took : 1;
	secret_free(key);

	most = pages > 0 && page > 0 ? (int64_t)pages * page / 1024 / 4 : KIB;
	most = most > LOCK_KIB ? LOCK_KIB : most < KIB ? KIB : most;
	n = KIB * (int64_t)AIM / took;
	*kib = (uint32_t)(n < KIB ? KIB : n > most ? most : n);
	/* Where memory is what is short, more passes make up for it. */
	n = PASSES * n / *kib;
	*passes = (uint32_t)(n < PASSES        ? PASSES
	                     : n > LOCK_PASSES ? LOCK_PASSES
	                                       : n);
	return 0;
}
