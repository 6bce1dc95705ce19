/* chat-meet: a connection to somebody who cannot be called, for the program
 * that follows.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"
#include "meet/lobby.h"
#include "meet/pump.h"
#include "meet/punch.h"
#include "meet/rooms.h"
#include "net/addr.h"
#include "net/exec.h"
#include "net/listen.h"
#include "net/server.h"

#define SYNOPSIS                                                               \
	"chat-meet [-46LRuv] [-s address] [-w seconds] room@relay program "    \
	"...\n"                                                                \
	"chat-meet -l [-46LRUkruv] [-c max] [-d text] [-p port] [-s "          \
	"address]\n"                                                           \
	"          [-w seconds] room@relay program ...\n"                      \
	"chat-meet [-l] ... -f file @relay program ...\n"                      \
	"chat-meet -q relay"

enum {
	CALLER_S = 120, /* for the other side to come */
	TELL_MS = 2000, /* until a caller is told that it is not there */
	QUERY_MS = 20000,
	FILE_MOST = 1 << 18 /* bytes of a file of rooms */
};

static const char *opt[128];
static struct exec_next next;
static struct lobby *lobby;
static struct lobby_how how;
static struct lobby_met somebody;
static struct room rooms[ROOMS_MOST];
static char relay_name[300]; /* as it was given, behind an @ */
static struct fault f;

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

/* `room@relay`, the relay being host, host:port or [v6]:port: the relay's part
 * is cut off.  How long the room is. */
static size_t
split(char *text)
{
	char *at = strrchr(text, '@'), *host = at ? at + 1 : text, *port;
	char *end = NULL;
	long n = MEET_PORT;

	snprintf(relay_name, sizeof(relay_name), "@%s", host);
	if (*host == '[') {
		host++;
		end = strchr(host, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			die(X_USE, "%s: expected [address]:port", text);
		*end++ = '\0';
		port = *end ? end + 1 : NULL;
	} else {
		port = strchr(host, ':');
		/* More than one: an IPv6 address as it is. */
		if (port && strchr(port + 1, ':'))
			port = NULL;
		else if (port)
			*port++ = '\0';
	}
	if (port)
		n = prog_number(0, port, 1, 65535, "port number");
	if (*host == '\0')
		die(X_USE, "no relay is named");
	how.relay = host;
	how.port = (int)n;
	return at ? (size_t)(at - text) : 0;
}

/* -f: the rooms of a file that may be a pipe. */
static int
read_rooms(const char *path)
{
	static char text[FILE_MOST];
	long number;
	int fd = strcmp(path, "-") == 0
	             ? 0
	             : open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC),
	    n;
	ssize_t got = fd == -1 ? -1 : io_read_full(fd, text, sizeof(text));

	if (got == -1)
		die_sys(X_USE, "%s", path);
	if ((size_t)got == sizeof(text))
		die(X_USE, "%s: too long for a list of rooms", path);
	close(fd);
	/* Close what a shell opened for us: the program has no use for it. */
	if (strncmp(path, "/dev/fd/", 8) == 0 &&
	    opt_parse(path + 8, 3, 1 << 20, &number) == 0)
		close((int)number);
	n = must(rooms_parse(rooms, ROOMS_MOST, text, (size_t)got,
	             opt['U']   ? "lL"
	             : opt['l'] ? "l"
	                        : "cab",
	             path, &f),
	    &f);
	if (n == 0)
		die(X_USE, "%s: no rooms", path);
	return n;
}

static const char *
path_word(const struct punched *p)
{
	return p->path == PATH_LAN  ? "lan"
	       : p->punched         ? "punched"
	       : p->path < PATH_HUB ? "direct"
	                            : "relayed";
}

/* Say how they are connected. */
static void
tell_path(const struct punched *p)
{
	const char *word = path_word(p);
	char more[12] = "";
	struct addr remote;

	if (*word == 'd' && addr_remote(&remote, p->fd) == 0)
		snprintf(more, sizeof(more), " %s%c", next.udp ? "udp" : "tcp",
		    remote.ss.ss_family == AF_INET ? '4' : '6');
	else if (p->pump)
		snprintf(more, sizeof(more), " (no UDP)");
	/* The side that did not decide may not have measured it. */
	if (p->rtt > 0)
		say("%s%s %ld ms", word, more, (long)((p->rtt + 500) / 1000));
	else
		say("%s%s", word, more);
}

/* The other side is there: find a path, and become the program. */
static void
go_meet(int ready)
{
	static struct addr local, remote;
	struct punched p;
	int sock;

	next.udp = somebody.seat.kind == 'u';
	must(punch(&somebody.seat, &how.seat,
	         somebody.on_lan ? &somebody.lan : NULL, &p, &f),
	    &f);
	tell_path(&p);
	sock = p.fd;
	if (p.pump) {
		if (addr_local(&local, sock) == 0 &&
		    addr_remote(&remote, sock) == 0) {
			next.local = &local;
			next.remote = &remote;
		}
		sock = must(pump_begin(sock, &f), &f);
	}
	next.listener = !p.initiator;
	if (!opt['l'])
		next.host =
		    *somebody.room.name ? somebody.room.name : relay_name;
	if (setenv(CHAT_PATH, path_word(&p), 1) == -1 ||
	    (*somebody.room.name &&
	        setenv(CHAT_ROOM, somebody.room.name, 1) == -1))
		die_sys(X_SYS, "environment");
	exec_next(&next, sock, ready, &f);
	die_fault(&f);
}

/* A call at the port, or (sock -1) a meeting. */
static void
go(int sock, int ready)
{
	if (lobby)
		lobby_close(lobby);
	if (sock == -1)
		go_meet(ready);
	next.listener = 1;
	next.udp = fd_is_datagrams(sock);
	exec_next(&next, sock, ready, &f);
	die_fault(&f);
}

static void
opened(const struct listener *l)
{
	char text[ADDR_TEXT];

	addr_text(text, &l->at);
	if (opt['v'])
		say("listening on %s port %d", text, l->port);
}

/* Tell the person, once, what the other side types. */
static void
dictate(void)
{
	char text[512];

	if (opt['d']) {
		addr_fill(text, sizeof(text), opt['d'], relay_name,
		    (int)prog_number_or('p', opt['p'], 0, 0, 65535, "number"));
		tell("the other side types: %s", text);
	}
	opt['d'] = NULL;
}

/* The lobby as a place where calls come in. */
static int
lobby_call(void *arg, struct addr *peer, struct fault *why)
{
	int got = lobby_turn(arg, &somebody, why);

	/* A relay could name any address, so that limits count calls by their
	 * room: it stands in the place of an address of no family. */
	memset(peer, 0, sizeof(*peer));
	if (got == 1)
		memcpy(&((struct sockaddr_in6 *)&peer->ss)->sin6_addr,
		    somebody.room.id, MEET_ROOM);
	return got;
}

static void
lobby_begun(void *arg)
{
	(void)arg;
	seat_close(&somebody.seat);
}

static void
lobby_enter(void *arg)
{
	lobby_reopen(arg);
	dictate();
}

static void
serve(struct listener *l, int64_t until)
{
	struct server_also also = {.arg = lobby,
	    .fds = lobby_fds(lobby),
	    .watch = lobby_watch,
	    .turn = lobby_call,
	    .begun = lobby_begun,
	    .close = lobby_close,
	    .open = lobby_enter};
	struct listener too = *l;
	struct server s = {
	    .at = {opt['p'] ? l : NULL, opt['p'] && opt['U'] ? &too : NULL},
	    .also = &also,
	    .max = (int)prog_number_or('c', opt['c'], 40, 1, 1000, "number"),
	    .pick = opt['r'] != NULL,
	    .again = opt['k'] != NULL,
	    .until = until,
	    .run = go,
	    .note = note,
	    .opened = opened};
	int got;

	too.how.udp = 1;
	got = server_calls(&s, &f);
	if (got == -1 && f.code == X_TIME)
		die(X_TIME, "nobody came");
	die_as(must(got, &f), *next.program);
}

/* Wait for one, at the port too if there is a listener there. */
static void
wait_for_one(struct listener *l, int64_t until)
{
	struct pollfd *p = calloc(1 + (size_t)lobby_fds(lobby), sizeof(*p));
	int64_t wake, quiet = opt['l'] ? INT64_MAX : clock_ms() + TELL_MS;
	struct addr peer;
	int n, sock;

	if (!p)
		die_sys(X_SYS, "cannot begin");
	for (;;) {
		if (must(lobby_turn(lobby, &somebody, &f), &f) == 1)
			go(-1, -1);
		if (clock_ms() >= quiet) {
			tell("waiting for %s",
			    *rooms->name ? rooms->name : "the other side");
			quiet = INT64_MAX;
		}
		wake = until < quiet ? until : quiet;
		p[0] = (struct pollfd){.fd = l->fd, .events = POLLIN};
		n = lobby_watch(lobby, p + 1, &wake);
		(void)poll(p, 1 + (nfds_t)n, io_left(wake));
		if (p[0].revents && (sock = listen_take(l, &peer)) != -1)
			go(sock, -1);
		if (clock_ms() >= until)
			must(lobby_late(lobby, &f), &f);
	}
}

/* -q: a number at which nobody waits. */
static void
query(void)
{
	static const struct {
		unsigned long from, many;
	} of[] = {{1000, 9000}, {100000, 900000}};
	unsigned long random;
	char text[16];
	int i;

	for (i = 0; i < 6; i++) {
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			die_sys(X_SYS, "cannot choose a number");
		snprintf(text, sizeof(text), "%lu",
		    of[i / 3].from + random % of[i / 3].many);
		if (must(lobby_query(&how, text, clock_ms() + QUERY_MS, &f),
		        &f) == 1) {
			strcat(text, "\n");
			if (io_write(1, text, strlen(text)) == -1)
				die_sys(X_SYS, "standard output");
			exit(0);
		}
	}
	die(X_SYS, "%s: no number is free", how.relay);
}

int
main(int argc, char **argv)
{
	struct listener l = {.fd = -1, .how.numeric = 1};
	static struct addr from;
	int64_t until;
	long seconds;
	size_t n;
	int count, i;

	prog_start(argv[0]);
	argv +=
	    prog_options(opt, argc, argv, "46c:d:f:klLp:qrRs:uUvw:", SYNOPSIS);
	if (!*argv || (opt['q'] ? argv[1] != NULL : !argv[1]) ||
	    (!opt['l'] &&
	        (opt['k'] || opt['r'] || opt['c'] || opt['d'] || opt['p'])))
		usage(SYNOPSIS);
	if (!opt['k'] && !opt['r'] && (opt['c'] || opt['U']))
		die(X_USE, "-%c needs -k or -r", opt['c'] ? 'c' : 'U');
	if (opt['U'] && opt['u'])
		usage(SYNOPSIS);
	n = split(argv[0]);
	how.seat.family = opt['4'] ? AF_INET : opt['6'] ? AF_INET6 : AF_UNSPEC;
	l.how.udp = opt['u'] != NULL;
	how.seat.hidden = opt['R'] != NULL;
	how.seat.nolan = how.nolan = opt['L'] || opt['R'];
	how.listener = opt['l'] != NULL;
	how.tell = say;
	l.how.family = how.seat.family;
	l.prefix = opt['u'] || opt['U'] ? "chat1" : NULL;
	l.port = (int)prog_number_or('p', opt['p'], 0, 0, 65535, "number");
	l.how.source = opt['s'];
	if (opt['s'] && must(addr_parse(&from, opt['s'], &f), &f) == 0)
		how.seat.source = &from;
	if (opt['q'])
		query();
	next.program = argv + 1;
	if (opt['f'] && n > 0)
		usage(SYNOPSIS);
	if (opt['f'])
		count = read_rooms(opt['f']);
	else if ((count = 1) &&
	         rooms_one(rooms, opt['l'] ? 'l' : 'c', argv[0], n) == -1)
		die(X_USE, "%.*s: a room is 1 to 9 digits, or 32 of 0-9a-f",
		    (int)n, argv[0]);
	for (i = 0; opt['u'] && i < count; i++)
		rooms[i].udp = 1;
	if (opt['U'] && !opt['f']) {
		rooms[1] = rooms[0];
		rooms[count++].udp = 1;
	}
	exec_forget();
	seconds = prog_number_or(
	    'w', opt['w'], opt['l'] ? 0 : CALLER_S, 1, 1000000, "number");
	until = seconds ? clock_ms() + seconds * 1000 : INT64_MAX;
	lobby = lobby_new(&how, rooms, count, &f);
	if (!lobby)
		die_fault(&f);
	if (opt['k'] || opt['r'])
		serve(&l, until);
	if (opt['p']) {
		must(listen_bind(&l, &f), &f);
		must(listen_open(&l, &f), &f);
		opened(&l);
	}
	dictate();
	wait_for_one(&l, until);
}
