/* chat-net: a connection for the program that follows, or netcat.
 * SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "addr.h"
#include "die.h"
#include "fds.h"
#include "listen.h"
#include "net.h"
#include "num.h"
#include "relay.h"
#include "serve.h"
#include "tick.h"

#define SYNOPSIS                                                               \
	"chat-net [-46nv] [-w seconds] [-s address] [-p port] host port "      \
	"[program ...]\n"                                                      \
	"chat-net -l [-46knrv] [-w seconds] [-s address] [-c max] [-d text] "  \
	"port [program ...]"

static int lflag, kflag, rflag, vflag;
static const char *host, *dictated;
static char **program; /* none: netcat */
static struct net_how how;

static void
note(int loud, const char *text)
{
	if (loud || vflag)
		say("%s", text);
}

/* `WHAT ADDRESS port PORT`, for -v. */
static void
note_end(const char *what, const struct addr *a)
{
	char text[ADDR_TEXT];

	addr_text(text, a);
	if (vflag)
		say("%s %s port %d", what, text, addr_port(a));
}

/* Hand the socket on: to the program, or between it and 0 and 1. */
static void
go(int sock, int ready)
{
	struct fault f;
	char number[12];
	int fd;

	if (!*program) {
		if (relay_stream(sock, &f) == -1)
			die_fault(&f);
		exit(0);
	}
	if (addr_env(sock, how.udp) == -1)
		die_sys(X_SYS, "the connection is lost");
	setenv("CHAT_ROLE", lflag ? "responder" : "initiator", 1);
	if (host)
		setenv("CHAT_HOST", host, 1);
	if (ready != -1) {
		/* One digit, if any is free: dash takes no more. */
		for (fd = 5; fd >= 3 && fds_open(fd); fd--)
			;
		if (fds_move(fd >= 3 ? fd : ready, ready) == -1)
			die_sys(X_SYS, "cannot make a descriptor");
		snprintf(number, sizeof(number), "%d", fd >= 3 ? fd : ready);
		setenv("CHAT_READY_FD", number, 1);
	}
	net_exec(sock, program, &f);
	die_fault(&f);
}

/* Calls can come: say where, once. */
static void
opened(const struct listener *l)
{
	char own[ADDR_OWN][ADDR_TEXT], text[512];
	int i, n;

	note_end("listening on", &l->at);
	n = dictated ? addr_own(own, &l->at, l->how.family) : 0;
	for (i = 0; i < n; i++) {
		addr_fill(text, sizeof(text), dictated, own[i], l->port);
		tell("%s: %s", i ? "or" : "the other side types", text);
	}
	dictated = NULL;
}

/* End as the child did. */
static _Noreturn void
leave(int status)
{
	int sig = WTERMSIG(status);
	sigset_t set;

	if (WIFEXITED(status))
		exit(WEXITSTATUS(status));
	if (sig != SIGHUP && sig != SIGINT && sig != SIGQUIT &&
	    sig != SIGTERM && sig != SIGPIPE)
		die(128 + sig, "%s was killed by signal %d", program[0], sig);
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	exit(128 + sig);
}

static _Noreturn void
answer(int port, int max, int64_t until)
{
	struct listener l = {.how = how, .port = port, .fd = -1};
	struct serve s = {.at = &l,
	    .max = max,
	    .pick = rflag,
	    .again = kflag,
	    .until = until,
	    .run = go,
	    .note = note,
	    .opened = opened};
	struct addr peer;
	struct fault f;
	int got;

	if (listen_bind(&l, &f) == -1)
		die_fault(&f);
	if (kflag || rflag) {
		got = serve_calls(&s, &f);
		if (got == -1)
			die_fault(&f);
		leave(got);
	}
	if (listen_open(&l, &f) == -1)
		die_fault(&f);
	opened(&l);
	got = listen_wait(&l, &peer, until, &f);
	if (got == -1)
		die_fault(&f);
	listen_close(&l);
	note_end("call from", &peer);
	go(got, -1);
	exit(X_SYS);
}

static long
number(const char *text, long lo, long hi, const char *what)
{
	long n;

	if (num_parse(text, lo, hi, &n) == -1)
		die(X_USE, "%s: no %s from %ld to %ld", text, what, lo, hi);
	return n;
}

int
main(int argc, char *argv[])
{
	static const char *const foreign[] = {
	    "CHAT_READY_FD", "CHAT_HOST", "CHAT_PEER", "CHAT_PEERKEY"};
	long max = 0, wait = 0;
	struct addr peer;
	struct fault f;
	int64_t until;
	size_t i;
	int c, fd, port;

	prog_start(argv[0]);
	while ((c = getopt(argc, argv, "+46c:d:klnp:rs:vw:")) != -1) {
		switch (c) {
		case '4':
			how.family = AF_INET;
			break;
		case '6':
			how.family = AF_INET6;
			break;
		case 'c':
			max = number(optarg, 1, 1000, "number of children");
			break;
		case 'd':
			dictated = optarg;
			break;
		case 'k':
			kflag = 1;
			break;
		case 'l':
			lflag = 1;
			break;
		case 'n':
			how.numeric = 1;
			break;
		case 'p':
			how.source_port = (int)number(optarg, 1, 65535, "port");
			break;
		case 'r':
			rflag = 1;
			break;
		case 's':
			how.source = optarg;
			break;
		case 'v':
			vflag = 1;
			break;
		case 'w':
			wait = number(optarg, 1, 1000000, "seconds");
			break;
		default:
			usage(SYNOPSIS);
		}
	}
	argc -= optind;
	argv += optind;
	if (argc < (lflag ? 1 : 2) || (lflag && how.source_port) ||
	    (!lflag && (kflag || rflag || max || dictated)))
		usage(SYNOPSIS);
	program = argv + (lflag ? 1 : 2);
	if ((kflag || rflag) && !*program)
		die(X_USE, "-k and -r need a program");
	if (max && !kflag && !rflag)
		die(X_USE, "-c needs -k or -r");
	for (i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		unsetenv(foreign[i]);
	until = wait ? tick_ms() + wait * 1000 : INT64_MAX;
	port = (int)number(argv[!lflag], lflag ? 0 : 1, 65535, "port");
	if (lflag)
		answer(port, max ? (int)max : 40, until);
	host = argv[0];
	fd = net_call(&how, host, port, until, &f);
	if (fd == -1)
		die_fault(&f);
	if (addr_remote(&peer, fd) == 0)
		note_end("connected to", &peer);
	go(fd, -1);
	return X_SYS;
}
