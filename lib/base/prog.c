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

#include "base/io.h"
#include "base/prog.h"
#include "base/vis.h"

static const char *name = "chat";

void
prog_start(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
	int fd, mode;

	if (argv0)
		name = slash ? slash + 1 : argv0;
	for (fd = 0; fd <= 2; fd++) {
		vis_terminal(fd);
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		mode = fd == 0 ? O_WRONLY : fd == 1 ? O_RDONLY : O_RDWR;
		if (open("/dev/null", mode) != fd)
			_exit(X_SYS);
	}
}

__attribute__((format(printf, 2, 0))) static void
line(const char *prefix, const char *fmt, va_list ap, int err)
{
	char raw[1024], out[4 * sizeof(raw) + 64];
	size_t n;

	vsnprintf(raw, sizeof(raw), fmt, ap);
	n = 0;
	if (prefix)
		n = (size_t)snprintf(out, 64, "%.60s: ", prefix);
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

void
prog_ends(sigset_t *set)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGTERM};
	struct sigaction now;
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (sigaction(ends[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaddset(set, ends[i]);
}

int
prog_options(const char *opt[static 128], int argc, char **argv,
    const char *letters, const char *text)
{
	int c;

	while ((c = getopt(argc, argv, letters)) != -1) {
		if (c == '?')
			usage(text);
		opt[c] = optarg ? optarg : "";
	}
	return optind;
}

void
usage(const char *text)
{
	const char *p = text, *end;
	char out[256];
	int n;

	while (*p) {
		end = strchr(p, '\n');
		end = end ? end : p + strlen(p);
		n = snprintf(out, sizeof(out), "%s%.*s\n",
		    p == text ? "usage: " : "       ", (int)(end - p), p);
		(void)io_write(2, out, (size_t)n);
		p = *end ? end + 1 : end;
	}
	exit(X_USE);
}
