/* codefile: a spoken code is taken so that it serves once.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/opt.h"
#include "peer/codefile.h"
#include "term/tty.h"

enum { TEXT = 128 }; /* bytes; more is no code */

static ssize_t
ask(char text[static TEXT], struct fault *f)
{
	int n = tty_line("the code: ", text, TEXT, 0);

	if (n < 0)
		return fault(f, X_USE,
		    n == TTY_NONE ? "no terminal to ask for the code on"
		                  : "no code was given");
	return n;
}

static int
used_up(const char *where, struct fault *f)
{
	return fault(
	    f, X_USE, "%s: there is no code, or it has been used up", where);
}

/* The descriptor that a path stands for, or -1. */
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

/* Open a file that can be used up: what goes with its name is the code.  -1 and
 * errno, or a fault where it is not such a file. */
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

/* Remove the file that fd is open on, and no other. */
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

int
codefile_claim(char prs[static CODE_PASS], const char *where, struct fault *f)
{
	int typed = strcmp(where, "-") == 0, fd = named_descriptor(where);
	int file = fd == -1 && !typed, code = -1;
	char text[TEXT];
	ssize_t n;

	if (file && (fd = open_file(where, f)) == -1)
		return -1;
	n = typed ? ask(text, f) : io_read_full(fd, text, TEXT);
	if (n == -1 && !typed)
		(void)fault_sys(f, X_USE, "%s", where);
	else if (n == 0)
		(void)used_up(where, f);
	else if (n > 0)
		code = code_normalise(prs, text, (size_t)n, f);
	explicit_bzero(text, sizeof(text));
	if (code == 0 && file)
		code = remove_file(where, fd, f);
	if (fd > STDERR_FILENO)
		close(fd);
	return code == 0 ? 0 : -1;
}
