/* keypipe: a session key as a line of text in a pipe (chat-wire(5), SESSION
 * KEYS).
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/opt.h"
#include "crypto/key.h"
#include "session/keypipe.h"

enum { LINE = 80 }; /* bytes; the longest cipher name, a key, separators */

int
keypipe_give(int fd, const struct aead *key, struct fault *f)
{
	char line[LINE], text[KEY_TEXT + 1];
	int p[2], n, bad;

	if (pipe2(p, O_CLOEXEC) == -1)
		return fault_sys(f, X_SYS, "no pipe for a session key");
	key_text(text, key->key);
	n = snprintf(
	    line, sizeof(line), "%s %s\n", aead_name(key->cipher), text);
	bad = io_write(p[1], line, (size_t)n) == -1;
	/* Close it before the move: it may have the number fd itself. */
	close(p[1]);
	bad = bad || fd_move(fd, p[0]) == -1;
	explicit_bzero(text, sizeof(text));
	explicit_bzero(line, sizeof(line));
	return bad ? fault_sys(f, X_SYS, "a session key cannot be handed on")
	           : 0;
}

static int
parse(
    struct aead *key, char *line, ssize_t n, const char *where, struct fault *f)
{
	uint8_t raw[AEAD_KEY];
	int cipher = 0, bad;
	char *space;

	if (n <= 0)
		return fault(f, X_USE,
		    n == 0 ? "the session key on %s has been used up"
		           : "the session key on %s cannot be read",
		    where);
	line[n] = '\0';
	space = strchr(line, ' ');
	if (space && line[n - 1] == '\n' && strlen(line) == (size_t)n) {
		line[n - 1] = *space = '\0';
		cipher = aead_parse(line);
	}
	if (cipher == 0 || key_parse(raw, space + 1) == -1)
		return fault(f, X_USE, "%s holds no session key", where);
	bad = aead_init(key, cipher, raw);
	explicit_bzero(raw, sizeof(raw));
	return bad ? fault(f, X_USE, "this machine has no %s", line) : 0;
}

int
keypipe_take(struct aead *key, const char *where, struct fault *f)
{
	char line[LINE + 1];
	long number;
	ssize_t n;
	int fd, bad;

	if (opt_parse(where, 0, 1 << 20, &number) == 0)
		fd = (int)number;
	else
		fd = open(where, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return fault_sys(f, X_USE, "%s", where);
	if (!fd_open(fd))
		return fault(f, X_USE, "descriptor %s is not open", where);
	if (!fd_is_pipe(fd))
		return fault(f, X_USE,
		    "the session key on %s is in no pipe: it could be used "
		    "twice",
		    where);
	n = io_read_full(fd, line, LINE);
	close(fd);
	bad = parse(key, line, n, where, f);
	explicit_bzero(line, sizeof(line));
	return bad;
}
