/* prog: a program's start, its messages and its exit codes.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"
#include "base/vis.h"

static const char *name = "chat";
static int over; /* see prog_over */

void
prog_start(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
	int fd, mode;

	if (argv0)
		name = slash ? slash + 1 : argv0;
	if (getenv(CHAT_PROGRESS))
		prog_over(1);
	for (fd = 0; fd <= 2; fd++) {
		vis_terminal(fd);
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		mode = fd == 0 ? O_WRONLY : fd == 1 ? O_RDONLY : O_RDWR;
		if (open("/dev/null", mode) != fd)
			_exit(X_SYS);
	}
}

void
prog_over(int on)
{
	const char *term = getenv("TERM");

	over = on && isatty(2) && term && *term && strcmp(term, "dumb") != 0;
}

__attribute__((format(printf, 2, 0))) static void
line(const char *prefix, const char *fmt, va_list ap, int err)
{
	char raw[1024], out[4 * sizeof(raw) + 80];
	size_t n;

	vsnprintf(raw, sizeof(raw), fmt, ap);
	n = (size_t)snprintf(out, 8, "%s", over ? "\r\033[K" : "");
	if (prefix)
		n += (size_t)snprintf(out + n, 64, "%.60s: ", prefix);
	n += vis_text(out + n, sizeof(out) - n, raw, strlen(raw));
	if (err && n < sizeof(out))
		n += (size_t)snprintf(
		    out + n, sizeof(out) - n, ": %s", strerror(err));
	if (n >= sizeof(out))
		n = sizeof(out) - 1;
	out[n++] = '\n';
	(void)io_write(2, out, n);
}

void
say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line(name, fmt, ap, 0);
	va_end(ap);
}

void
tell(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line(NULL, fmt, ap, 0);
	va_end(ap);
}

void
die(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line(name, fmt, ap, 0);
	va_end(ap);
	exit(code);
}

void
die_sys(int code, const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	line(name, fmt, ap, err);
	va_end(ap);
	exit(code);
}

void
die_memory(void)
{
	die(X_SYS, "not enough memory");
}

void
die_fault(const struct fault *f)
{
	die(f->code, "%s", f->text);
}

int
must(int r, const struct fault *f)
{
	if (r == -1)
		die_fault(f);
	return r;
}

void
prog_caged(int r, const char *by)
{
	/* Sanitizer builds run unconfined on purpose. */
#ifdef NO_SANDBOX
	r = 0;
#endif
	if (r == -1 && getenv(CHAT_VERBOSE))
		say("not confined by %s: %s", by, strerror(errno));
}

void
die_as(int status, const char *what)
{
	int sig = WTERMSIG(status);
	sigset_t set;

	if (WIFEXITED(status))
		exit(WEXITSTATUS(status));
	if (sig != SIGHUP && sig != SIGINT && sig != SIGQUIT &&
	    sig != SIGPIPE && sig != SIGTERM)
		die(128 + sig, "%s: killed by signal %d", what, sig);
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
	exit(128 + sig);
}

/* Print text on fd, `usage: ` before its first line. */
static void
synopsis(int fd, const char *text)
{
	const char *p = text, *end;

	while (*p) {
		end = strchr(p, '\n');
		end = end ? end : p + strlen(p);
		(void)dprintf(fd, "%s%.*s\n", p == text ? "usage: " : "       ",
		    (int)(end - p), p);
		p = *end ? end + 1 : end;
	}
}

void
usage(const char *text)
{
	synopsis(2, text);
	exit(X_USE);
}

/* Print on stdout; a failed write is an error (full disk). */
static _Noreturn void
answer(const char *text)
{
	if (io_write(1, text, strlen(text)) == -1)
		die_sys(X_SYS, "stdout");
	exit(0);
}

static struct given {
	int letter;
	const char *value;
} * given;
static size_t ngiven;

int
prog_options(const char *opt[static 128], int argc, char **argv,
    const char *letters, const char *text)
{
	char all[64], man[64];
	int c;

	given = calloc((size_t)argc + 1, sizeof(*given));
	if (!given)
		die_memory();
	/* Without this getopt(3) would print the program's whole path. */
	snprintf(all, sizeof(all), "+:hV%s", letters);
	while ((c = getopt(argc, argv, all)) != -1) {
		if (c == 'h') {
			synopsis(1, text);
			snprintf(man, sizeof(man), "man %s\n", name);
			answer(man);
		}
		if (c == 'V')
			answer("chat " VERSION "\n");
		if (c == '?')
			say("invalid option -- '%c'", optopt);
		if (c == ':')
			say("option requires an argument -- '%c'", optopt);
		if (c == '?' || c == ':')
			usage(text);
		opt[c] = optarg ? optarg : "";
		/* -vvv are three in one word. */
		if (optarg)
			given[ngiven++] = (struct given){c, optarg};
	}
	return optind;
}

const char *
prog_again(int letter, size_t *at)
{
	while (*at < ngiven && given[*at].letter != letter)
		++*at;
	return *at < ngiven ? given[(*at)++].value : NULL;
}

long
prog_number(int letter, const char *value, long lo, long hi, const char *what)
{
	char option[8] = "";
	long n;

	if (opt_parse(value, lo, hi, &n) == 0)
		return n;
	if (letter)
		snprintf(option, sizeof(option), "-%c ", letter);
	die(X_USE, "%s%s: not a %s (%ld to %ld)", option, value, what, lo, hi);
}

long
prog_number_or(
    int letter, const char *value, long def, long lo, long hi, const char *what)
{
	return value ? prog_number(letter, value, lo, hi, what) : def;
}

int
prog_fd(int letter, const char *value)
{
	int fd = (int)prog_number(letter, value, 0, 65535, "descriptor");

	if (!fd_open(fd))
		die(X_USE, "-%c %d: descriptor is not open", letter, fd);
	return fd;
}
