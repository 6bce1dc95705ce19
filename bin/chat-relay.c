/* chat-relay: where two people meet who cannot call each other.
 * SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/opt.h"
#include "base/prog.h"
#include "base/signals.h"
#include "meet/hub.h"
#include "net/addr.h"
#include "net/sock.h"
#include "sandbox/seccomp.h"

#define USAGE                                                                  \
	"chat-relay [-vx] [-a address] [-c connections] [-d MiB] [-n rooms]\n" \
	"           [-s address] [-t MiB] [port]"

enum {
	BACKLOG = 1024,
	ANY_PORTS = 16, /* tried for port 0 */
	SPARE = 1000 /* descriptors kept for pipes and all else */
};

static const char *opt[128];
static struct fault f;

/* Allow this process all descriptors that it may have.  How many. */
static long
descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		die_sys(X_SYS, "cannot learn the limit of descriptors");
	r.rlim_cur = r.rlim_max;
	if (r.rlim_cur > 1 << 20)
		r.rlim_cur = 1 << 20;
	(void)setrlimit(RLIMIT_NOFILE, &r);
	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		die_sys(X_SYS, "cannot learn the limit of descriptors");
	return (long)r.rlim_cur;
}

/* -a: what clients are told to send datagrams to. */
static void
public_address(struct meet_udp *m, const char *text)
{
	if (text && inet_pton(AF_INET, text, m->v4) != 1 &&
	    inet_pton(AF_INET6, text, m->v6) != 1)
		die(X_USE, "-a %s: an IPv4 or IPv6 address", text);
}

static int
signals(void)
{
	sigset_t set;

	/* splice(2) to a client that has reset its connection raises it. */
	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	signals_ends(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return fd_high(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

static void
line(const char *text)
{
	say("%s", text);
}

/* The two sockets, at one port; of port 0 at one that is free for both. */
static void
open_port(struct hub_how *how, int port)
{
	struct sock_how at = {.source = opt['s'], .numeric = 1};
	int tries = port ? 1 : ANY_PORTS;
	char text[ADDR_TEXT];
	struct addr own;

	do {
		how->tcp = must(sock_bind(&at, port, 0, &f), &f);
		if (addr_local(&own, how->tcp) == -1)
			die_sys(X_SYS, "cannot learn the port");
		at.udp = 1;
		how->udp = sock_bind(&at, addr_port(&own), 0, &f);
		at.udp = 0;
	} while (how->udp == -1 && --tries > 0 && fd_drop(how->tcp));
	must(how->udp, &f);
	if (listen(how->tcp, BACKLOG) == -1)
		die_sys(X_SYS, "cannot listen on port %d", addr_port(&own));
	how->told.port = (uint16_t)addr_port(&own);
	addr_text(text, &own);
	say("listening on %s port %d", text, addr_port(&own));
}

int
main(int argc, char **argv)
{
	struct hub_how how = {.hourly = line};
	long port = MEET_PORT, most;
	struct hub *h;
	int sig;

	prog_start(argv[0]);
	argv += prog_options(opt, argc, argv, "a:c:d:n:s:t:vx", USAGE);
	if (argv[0] && argv[1])
		usage(USAGE);
	if (*argv)
		port = prog_number(0, *argv, 0, 65535, "port number");
	how.per_address =
	    (int)prog_number_or('c', opt['c'], 300, 1, 1000000, "number");
	how.rate =
	    (uint64_t)prog_number_or('d', opt['d'], 0, 1, 1 << 20, "number")
	    << 20;
	how.rooms =
	    (int)prog_number_or('n', opt['n'], 20000, 1, 1000000, "number");
	how.stopped =
	    (uint64_t)prog_number_or('t', opt['t'], 256, 1, 1 << 20, "number")
	    << 20;
	how.proxied = opt['x'] != NULL;
	how.met = opt['v'] ? line : NULL;
	public_address(&how.told, opt['a']);
	most = descriptors();
	how.connections = (int)(most > 4 * SPARE ? most - SPARE : most * 3 / 4);
	how.signals = signals();
	if (how.signals == -1)
		die_sys(X_SYS, "signals");
	open_port(&how, (int)port);
	h = hub_new(&how, &f);
	if (!h)
		die_fault(&f);
	prog_caged(seccomp_enter(MAY_SERVE, -1), "seccomp");
	sig = must(hub_serve(h, &f), &f);
	die_as(sig, "chat-relay");
}
