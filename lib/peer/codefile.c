/* codefile: take a spoken code so that it serves only once.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/opt.h"
#include "peer/codefile.h"
#include "term/tty.h"

enum { TEXT = 128 }; /* bytes; longer is not a code */

/* For tty_ask: why an answer was refused, and the rest of a word. */
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

static int
used_up(const char *where, struct fault *f)
{
	return fault(f, X_USE, "%s: no code, or it has been used up", where);
}

/* The descriptor that a path stands for (/dev/fd/N), or -1. */
static int
named_descriptor(const char *where)
{
	long number;

	if (strcmp(where, "/dev/stdin") == 0)
		return STDIN_FILENO;
	if (strncmp(where, "/dev/fd/", 8) == 0 &&
	    opt_parse(where + 8, 0, 1 << 20, &number) == 0)
		return (int)number;
	return -1;
}

/* Open a code's file; removing its name uses it up.  -1 and errno, or a fault
 * if the file does not allow that. */
static int
open_file(const char *where, struct fault *f)
{
	int fd = open(where, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd == -1)
		return errno == ENOENT ? used_up(where, f)
		       : errno == ELOOP
		           ? fault(f, X_USE, "%s: a symbolic link", where)
		           : fault_sys(f, X_USE, "%s", where);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		return fd;
	close(fd);
	return fault(f, X_USE, "%s: not a regular file with one name", where);
}

/* Remove the file that is open on fd, not another of that name. */
static int
remove_file(const char *where, int fd, struct fault *f)
{
	struct stat st, there;

	if (fstat(fd, &st) == -1 || lstat(where, &there) == -1 ||
	    st.st_dev != there.st_dev || st.st_ino != there.st_ino ||
	    unlink(where) == -1 || fstat(fd, &st) == -1 || st.st_nlink > 0)
		return used_up(where, f);
	return 0;
}

/* The digits at the beginning of text: the number of the meeting place. */
static void
take_number(char out[static CODEFILE_NUMBER + 1], const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && i < CODEFILE_NUMBER && text[i] >= '0' && text[i] <= '9')
		i++;
	memcpy(out, text, i);
	out[i] = '\0';
}

/* *file: the open file if it has a name, else -1. */
static int
get(char number[static CODEFILE_NUMBER + 1], char prs[static CODE_PASS],
    const char *where, int *file, struct fault *f)
{
	int typed = strcmp(where, "-") == 0, fd = named_descriptor(where);
	char text[TEXT];
	ssize_t n;
	int bad = -1;

	*file = -1;
	if (fd == -1 && !typed) {
		fd = *file = open_file(where, f);
		if (fd == -1)
			return -1;
	}
	n = typed ? ask(text, f) : io_read_full(fd, text, TEXT);
	if (n == -1 && !typed)
		(void)fault_sys(f, X_USE, "%s", where);
	else if (n == 0)
		(void)used_up(where, f);
	else if (n > 0)
		bad = code_normalise(prs, text, (size_t)n, f);
	take_number(number, text, bad == 0 ? (size_t)n : 0);
	explicit_bzero(text, sizeof(text));
	if (fd > STDERR_FILENO && *file == -1)
		close(fd);
	return bad;
}

int
codefile_read(char number[static CODEFILE_NUMBER + 1],
    char prs[static CODE_PASS], const char *where, struct fault *f)
{
	int file, bad = get(number, prs, where, &file, f);

	if (file != -1)
		close(file);
	return bad;
}

int
codefile_claim(char prs[static CODE_PASS], const char *where, struct fault *f)
{
	char number[CODEFILE_NUMBER + 1];
	int file, bad = get(number, prs, where, &file, f);

	if (bad == 0 && file != -1)
		bad = remove_file(where, file, f);
	if (file != -1)
		close(file);
	return bad;
}
