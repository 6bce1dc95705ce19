/* chat-net: connect, then run a program with the connection, or be netcat.
 * SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/opt.h"
#include "base/prog.h"
#include "net/addr.h"
#include "net/call.h"
#include "net/exec.h"
#include "net/listen.h"
#include "net/netcat.h"
#include "net/server.h"

#define SYNOPSIS                                                               \
	"chat-net [-46nuv] [-w seconds] [-s address] [-p port] [-d text] "     \
	"host port\n"                                                          \
	"         [program ...]\n"                                             \
	"chat-net -l [-46Uknruv] [-w seconds] [-s address] [-c max] "          \
	"[-m prefix]\n"                                                        \
	"            [-d text] port [program ...]"

static const char *opt[128]; /* each option's last value; "" without one */
static struct exec_next next;
static long seconds; /* 0: for ever */

static void
note(enum children_note what, pid_t talking, const char *text)
{
	if (what == CHILDREN_MORE && !opt['v'])
		return;
	prog_over(talking != 0);
	if (what == CHILDREN_NEWS)
		tell("%s", text);
	else
		say("%s", text);
	if (talking)
		kill(talking, SIGWINCH);
}

/* Print `WHAT ADDRESS port PORT`, for -v. */
static void
note_end(const char *what, const struct addr *a)
{
	char text[ADDR_TEXT];

	addr_text(text, a);
	if (opt['v'])
		say("%s %s port %d", what, text, addr_port(a));
}

/* Use the socket: run the program, or copy between it and 0 and 1. */
static void
go(int sock, int ready)
{
	unsigned long refused = 0;
	struct fault f;
	int bad;

	next.udp = fd_is_datagrams(sock);
	if (*next.program) {
		exec_next(&next, sock, ready, &f);
		die_fault(&f);
	}
	bad = next.udp ? netcat_datagrams(sock,
	                     seconds ? (int)seconds * 1000 : -1, &refused, &f)
	               : netcat_stream(sock, &f);
	if (refused)
		say("refused at times: %lu", refused);
	must(bad, &f);
	exit(0);
}

/* Make or take the one connection. */
static void
met(const char *what, int sock)
{
	struct addr peer;

	if (addr_remote(&peer, sock) == 0)
		note_end(what, &peer);
	go(sock, -1);
}

/* Calls can come in: print where and, once, the lines to dictate. */
static void
opened(const struct listener *l)
{
	char own[ADDR_OWN][ADDR_TEXT], text[512];
	int i, n;

	note_end("listening on", &l->at);
	n = opt['d'] ? addr_own(own, &l->at, l->how.family) : 0;
	for (i = 0; i < n; i++) {
		addr_fill(text, sizeof(text), opt['d'], own[i], l->port);
		tell("%s: %s", i ? "or" : "the other side types", text);
	}
	opt['d'] = NULL;
}

static void
answer(struct listener *l, int max, int64_t until)
{
	struct listener too = *l;
	struct server s = {.at = {l, opt['U'] ? &too : NULL},
	    .max = max,
	    .pick = opt['r'] != NULL,
	    .again = opt['k'] != NULL,
	    .until = until,
	    .run = go,
	    .note = note,
	    .opened = opened};
	struct fault f;
	int got;

	too.how.udp = 1;
	if (opt['k'] || opt['r']) {
		got = server_calls(&s, &f);
		if (got != -1)
			die_as(got, *next.program);
	} else {
		got = listen_once(l, opened, until, &f);
		if (got != -1)
			met("call from", got);
	}
	die_fault(&f);
}

int
main(int argc, char *argv[])
{
	struct listener l = {.fd = -1};
	struct fault f;
	int64_t until;
	int fd, max, n, port;

	prog_start(argv[0]);
	n = prog_options(opt, argc, argv, "46c:d:klm:np:rs:Uuvw:", SYNOPSIS);
	argv += n;
	argc -= n;
	if (opt['4'] || opt['6'])
		l.how.family = opt['4'] ? AF_INET : AF_INET6;
	if (argc < (opt['l'] ? 1 : 2) || (opt['l'] && opt['p']) ||
	    (!opt['l'] &&
	        (opt['k'] || opt['r'] || opt['c'] || opt['m'] || opt['U'])))
		usage(SYNOPSIS);
	next.program = argv + (opt['l'] ? 1 : 2);
	l.how.udp = opt['u'] != NULL;
	next.listener = opt['l'] != NULL;
	if ((opt['k'] || opt['r']) && !*next.program)
		die(X_USE, "-k and -r need a program");
	if (opt['c'] && !opt['k'] && !opt['r'])
		die(X_USE, "-c needs -k or -r");
	if (opt['U'] && (opt['u'] || !(opt['k'] || opt['r'])))
		die(X_USE, "-U needs -k or -r, and no -u");
	if (opt['m'] && !opt['u'] && !opt['U'])
		die(X_USE, "-m needs -u or -U");
	l.how.numeric = opt['n'] != NULL;
	l.how.source = opt['s'];
	l.prefix = opt['m'];
	l.how.source_port =
	    (int)prog_number_or('p', opt['p'], 0, 1, 65535, "port number");
	seconds =
	    prog_number_or('w', opt['w'], 0, 1, 1000000, "number of seconds");
	max = (int)prog_number_or(
	    'c', opt['c'], 0, 1, 1000, "number of children");
	port = (int)prog_number(
	    0, argv[!opt['l']], !opt['l'], 65535, "port number");
	until = seconds ? clock_ms() + seconds * 1000 : INT64_MAX;
	exec_forget();
	if (opt['l']) {
		l.port = port;
		answer(&l, max ? max : 40, until);
	}
	next.host = argv[0];
	fd = call_to(&l.how, argv[0], port, until, &f);
	if (fd == -1 && f.code == X_USE && opt['d'])
		die(X_USE, "%s%s", f.text, opt['d']);
	must(fd, &f);
	met("connected to", fd);
}
