/* codefile: a spoken code is taken so that it serves once.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
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

int
codefile_claim(char prs[static CODE_PASS], const char *where, struct fault *f)
{
	char text[TEXT];
	int file = 0, bad;
	ssize_t n;

	n = strcmp(where, "-") == 0 ? ask(text, f)
	                            : take(text, where, &file, f);
	if (n == -1)
		return -1;
	bad = n > 0 ? code_normalise(prs, text, (size_t)n, f) : 0;
	explicit_bzero(text, sizeof(text));
	if (bad)
		return -1;
	if (n == 0 || (file && unlink(where) == -1))
		return fault(f, X_USE,
		    "%s: there is no code, or it has been used up", where);
	return 0;
}
