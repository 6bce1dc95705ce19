/* chat-handshake: verify the peer, agree on keys, then run a program.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"
#include "crypto/pairing.h"
#include "crypto/secret.h"
#include "net/child.h"
#include "peer/agent.h"
#include "peer/caged.h"
#include "peer/codefile.h"
#include "peer/identity.h"
#include "sandbox/seccomp.h"
#include "session/keypipe.h"
#include "term/tty.h"

#define USAGE                                                                  \
	"chat-handshake [-tu] [-a algorithm] [-c codefile] [-f purposes]\n"    \
	"               [-i id] [-n name] [-p peer] [-r role] [-w seconds]\n"  \
	"               program ..."

enum {
	WAIT_S = 20, /* for the machine at the other end */
	OPENING_S = 5 /* for a caller to begin */
};

static const char *opt[128];
static long wait_s = WAIT_S;
static struct fault f;

static int
is_initiator(void)
{
	const char *role = opt['r'] ? opt['r'] : getenv(CHAT_ROLE);

	if (role && strcmp(role, "initiator") == 0)
		return 1;
	if (role && strcmp(role, "responder") == 0)
		return 0;
	die(X_USE, "%s: say -r initiator (the caller) or -r responder",
	    role ? role : CHAT_ROLE " is not set");
}

static int
offer(void)
{
	int all = aead_offer(), one;

	if (!opt['a'])
		return all;
	one = aead_parse(opt['a']);
	if (one == 0)
		die(X_USE, "unknown algorithm: %s", opt['a']);
	if (!(all & one))
		die(X_USE, "this machine has no %s", opt['a']);
	return one;
}

/* The purpose to tell: -f; of a listener the whole list. */
static const char *
purposes(int initiator)
{
	const char *all = opt['f'] ? opt['f'] : "", *p = all;
	size_t n;

	while (opt['f']) {
		n = strcspn(p, initiator ? "" : ",");
		if (!handshake_purpose(p, n))
			die(X_USE, "-f %s: not %s of 1 to %d letters", all,
			    initiator ? "a word" : "words with commas, each",
			    HANDSHAKE_PURPOSE);
		p += n;
		if (*p++ == '\0')
			break;
	}
	return all;
}

/* The name to suggest: -n, else the login name. */
static const char *
own_name(void)
{
	struct passwd *pw;

	if (opt['n'])
		return opt['n'];
	pw = getpwuid(getuid());
	return pw ? pw->pw_name : "";
}

/* How the other side is called before it has a name. */
static const char *
stranger(int initiator)
{
	const char *ip = getenv(opt['u'] ? "UDPREMOTEIP" : "TCPREMOTEIP");
	const char *host = initiator ? getenv(CHAT_HOST) : NULL;

	return host ? host : ip ? ip : "the other side";
}

static int
take_code(char prs[static CODE_PASS], struct fault *why)
{
	if (codefile_claim(prs, opt['c'], why) == -1)
		return -1;
	/* The code is used up, so the listener can stop: later callers would
	 * have none to try. */
	child_ready();
	return 0;
}

/* Without chat-agent a listener asks for the passphrase at each call.  So wait
 * first until the caller has begun as chat does. */
static int
begins(struct fault *why)
{
	int64_t until = clock_ms() + 1000 * (opt['w'] ? wait_s : OPENING_S);
	char first;

	if (!fd_is_socket(CHAT_NET_IN) ||
	    (io_wait(CHAT_NET_IN, POLLIN, until) > 0 &&
	        recv(CHAT_NET_IN, &first, 1, MSG_PEEK) > 0 && first == 'c'))
		return 0;
	return fault(why, X_PEER, "%s does not speak chat", stranger(0));
}

/* Get our identity from chat-agent, or read it before any byte of the network.
 * 0 if nothing was asked for it. */
static int
identify(struct handshake *h)
{
	int asked;

	if (must(agent_take(&h->own, &f), &f) == 1)
		return 0;
	asked = must(identity_load(h->own.secret, opt['i'],
	                 h->initiator ? NULL : begins, &f),
	    &f);
	own_here(&h->own);
	return asked;
}

/* Tell the listener above that a person will be asked. */
static int
asks(void)
{
	if (child_busy())
		return -1;
	child_reached('q');
	return 0;
}

/* Say nothing on a terminal that another call has. */
static void
hush(void)
{
	if (child_busy() && isatty(2))
		close(2);
}

static void
complain(const struct fault *why)
{
	hush();
	say("%s", why->text);
}

/* exec does not remove a filter, so the child is confined, not we. */
static void
enter(void)
{
	prog_caged(seccomp_enter(MAY_TERMINAL, -1), "seccomp");
}

static struct caged way = {.code = take_code,
    .enter = enter,
    .reached = child_reached,
    .news = child_news,
    .say = complain};

/* Hand the keys on, and become the program. */
static _Noreturn void
run(struct handshake *h, const struct admit *g, char **argv)
{
	const char *purpose = h->initiator ? g->purposes : g->theirs.purpose;
	char key[KEY_TEXT + 1];
	int cipher = h->sending.cipher, caller = h->initiator;

	key_text(key, h->x.rs);
	agent_leave(&h->own);
	must(keypipe_give(CHAT_KEY_OPEN, &h->receiving, &f), &f);
	must(keypipe_give(CHAT_KEY_SEAL, &h->sending, &f), &f);
	secret_free(h);
	child_ready();
	/* Input for an earlier caller must not reach this one. */
	tty_discard(STDIN_FILENO);
	tell("connected to %s (%s)", g->name, aead_name(cipher));
	if (setenv(CHAT_PEER, g->name, 1) == -1 ||
	    setenv(CHAT_PEERKEY, key, 1) == -1 ||
	    setenv(CHAT_ROLE, caller ? "initiator" : "responder", 1) == -1 ||
	    setenv(CHAT_PURPOSE, purpose, 1) == -1)
		die_sys(X_SYS, "environment");
	unsetenv(CHAT_ROOM);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	die_sys(errno == ENOENT ? X_NONE : X_EXEC, "%s", argv[0]);
}

/* The NAME of the peer whose room this is (chat-meet); only that peer is
 * accepted. NULL: the connection is not from such a room. */
static const char *
in_room(void)
{
	const char *name = getenv(CHAT_ROOM);

	if (!name)
		return NULL;
	if (opt['c'])
		die(X_USE, "-c: the room of %s needs no code", name);
	if (!opt['p'])
		opt['p'] = name;
	return name;
}

/* Derive the psk of that room. */
static void
room_key(struct handshake *h, const struct trust *t, const char *room)
{
	const struct peer *p = peers_name(&t->peers, room);
	uint8_t k[KEY_BYTES];

	if (p && !key_same(p->key, t->key))
		die(X_PEER, "%s is met in this room, not %s", room, opt['p']);
	if (pairing_secret(k, &h->own, t->key) == -1)
		die(X_USE, "the key of %s in %s is of low order", opt['p'],
		    t->path);
	pairing_psk(h->psk, k);
	explicit_bzero(k, sizeof(k));
}

int
main(int argc, char **argv)
{
	struct admit g = {.tell = tell, .asks = asks};
	int64_t until, first;
	struct handshake *h;
	struct transport link;
	struct trust t;
	const char *room, *proto = getenv("PROTO");
	pid_t child;
	int bad, status = 0;

	prog_start(argv[0]);
	argv += prog_options(opt, argc, argv, "a:c:f:i:n:p:r:tuw:", USAGE);
	if (!*argv)
		usage(USAGE);
	if (proto && strcmp(proto, "UDP") == 0)
		opt['u'] = "";
	if (opt['w'])
		wait_s =
		    prog_number('w', opt['w'], 1, 86400, "number of seconds");
	h = secret_new(sizeof(*h));
	if (!h)
		die_memory();
	h->offer = offer();
	room = in_room();
	h->mode = opt['c'] ? HANDSHAKE_CODE
	          : room   ? HANDSHAKE_ROOM
	                   : HANDSHAKE_KEYS;
	h->initiator = is_initiator();
	g.purposes = purposes(h->initiator);
	if (!fd_open(CHAT_NET_IN) || !fd_open(CHAT_NET_OUT))
		die(X_USE, "descriptors 6 and 7 are not connected: run under "
		           "chat-net");
	must(trust_begin(
	         &t, h->initiator ? getenv(CHAT_HOST) : NULL, opt['p'], &f),
	    &f);
	t.initiator = h->initiator;
	/* Ask now, so that the other side need not wait for typing.  With a
	 * passphrase no calls are taken meanwhile: each would ask for it on
	 * this terminal. */
	if (identify(h) == 0)
		g.claim = child_claim;
	if (room)
		room_key(h, &t, room);
	if (h->initiator && opt['c'])
		must(take_code(h->prs, &f), &f);
	until = clock_ms() + 1000 * wait_s;
	first =
	    h->initiator || opt['w'] ? until : clock_ms() + 1000 * OPENING_S;
	signal(SIGPIPE, SIG_IGN);

	transport_init(&link, CHAT_NET_IN, CHAT_NET_OUT, opt['u'] != NULL,
	    first, stranger(h->initiator));
	link.later = until;
	g.h = h;
	g.l = &link;
	g.t = &t;
	g.any = opt['t'] || opt['c'];
	g.code = opt['c'] != NULL;
	g.own = own_name();
	(void)tty_hold();
	tzset(); /* reads files, so before the cage */
	if (!opt['w'])
		way.patience = ADMIT_MS + 1000 * WAIT_S;
	child = must(caged_run(&g, &way, &status, &f), &f);
	if (child == 0)
		die_as(status, "chat-handshake");
	must(admit_name(&g, &f), &f);
	bad = admit_purpose(&g, &f);
	if (bad)
		say("%s", f.text);
	(void)waitpid(child, NULL, 0);
	if (bad)
		exit(f.code);
	run(h, &g, argv);
}
