/* codefile: a spoken code is taken so that it serves once.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/opt.h"
#include "peer/codefile.h"
#include "term/tty.h"

enum { TEXT = 128 }; /* bytes; more is no code */

/* Room for the reason why an answer was not taken, and for the rest of a word. */
struct asking {
	char again[sizeof(((struct fault *)0)->text) + 20];
	char rest[WORDS_LEN + 2];
};

static const char *
refuse(struct tty_question *q, const char *answer)
{
	struct asking *a = q->arg;
	char prs[CODE_PASS];
	struct fault f;

	if (!*answer || code_normalise(prs, answer, strlen(answer), &f) == 0) {
		explicit_bzero(prs, sizeof(prs));
		return NULL;
	}
	snprintf(a->again, sizeof(a->again), "%s\nthe code: ", f.text);
	return a->again;
}

static const char *
complete(struct tty_question *q, const char *answer)
{
	struct asking *a = q->arg;

	code_complete(a->rest, answer);
	return a->rest;
}

static ssize_t
ask(char text[static TEXT], struct fault *f)
{
	struct asking a;
	struct tty_question q = {.prompt = "the code: ",
	    .until = INT64_MAX,
	    .watch = -1,
	    .due = INT64_MAX,
	    .refuse = refuse,
	    .complete = complete,
	    .arg = &a};
	int n = tty_ask(&q, text, TEXT);

	explicit_bzero(&a, sizeof(a));
	if (n <= 0)
		return fault(f, X_USE,
		    n == TTY_NONE
		        ? "no terminal to ask for the code on: put it in a file"
		        : "no code was given");
	return n;
}

/* What is there, 0 also where nothing is; *file: it has a name. */
static ssize_t
take(char text[static TEXT], const char *where, int *file, struct fault *f)
{
	long number = -1;
	ssize_t n;
	int fd;

	*file = strncmp(where, "/dev/fd/", 8) != 0 ||
	        opt_parse(where + 8, 0, 1 << 20, &number) == -1;
	fd = *file ? open(where, O_RDONLY | O_CLOEXEC) : (int)number;
	if (fd == -1 && errno == ENOENT)
		return 0;
	n = fd == -1 ? -1 : io_read_full(fd, text, TEXT);
	if (n == -1)
		return fault_sys(f, X_USE, "%s", where);
	close(fd);
	return n;
}

static int
used_up(const char *where, struct fault *f)
{
	return fault(
	    f, X_USE, "%s: there is no code, or it has been used up", where);
}

/* *file: it has a name. */
static int
get(char prs[static CODE_PASS], const char *where, int *file, struct fault *f)
{
	char text[TEXT];
	ssize_t n;
	int bad;

	*file = 0;
	n = strcmp(where, "-") == 0 ? ask(text, f) : take(text, where, file, f);
	if (n == -1)
		return -1;
	bad = n > 0 ? code_normalise(prs, text, (size_t)n, f) : 0;
	explicit_bzero(text, sizeof(text));
	return n > 0 ? bad : used_up(where, f);
}

int
codefile_read(char prs[static CODE_PASS], const char *where, struct fault *f)
{
	int file;

	return get(prs, where, &file, f);
}

int
codefile_claim(char prs[static CODE_PASS], const char *where, struct fault *f)
{
	int file;

	if (get(prs, where, &file, f) == -1)
		return -1;
	return file && unlink(where) == -1 ? used_up(where, f) : 0;
}
