/* chat-handshake: find out who is there, agree on keys, then run a program.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
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
#include "base/signals.h"
#include "crypto/pairing.h"
#include "crypto/secret.h"
#include "net/exec.h"
#include "peer/admit.h"
#include "peer/agent.h"
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
	WAIT_S = 20, /* for the machine at the other side */
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
		die(X_USE, "%s is no algorithm", opt['a']);
	if (!(all & one))
		die(X_USE, "this machine has no %s", opt['a']);
	return one;
}

/* What the call is for: -f, one word, or of a listener some with commas. */
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

/* The name we go by: -n, else the login name. */
static const char *
own_name(void)
{
	struct passwd *pw;

	if (opt['n'])
		return opt['n'];
	pw = getpwuid(getuid());
	return pw ? pw->pw_name : "";
}

/* What the other side is called before it has a name. */
static const char *
stranger(int initiator)
{
	const char *ip = getenv(opt['u'] ? "UDPREMOTEIP" : "TCPREMOTEIP");
	const char *host = initiator ? getenv(CHAT_HOST) : NULL;

	return host ? host : ip ? ip : "the other side";
}

/* What the child asks for, by any byte, is the spoken code. */
struct code {
	int taken;
	char prs[CODE_PASS];
	struct fault why;
};

/* What the child has found out when it is done. */
struct result {
	uint8_t theirs[KEY_BYTES]; /* the key that has proved itself */
	uint8_t sending[AEAD_KEY], receiving[AEAD_KEY];
	int cipher;
	enum trust_verdict trust;
	char name[PEER_NAME + 1]; /* the person's choice; "": none */
	struct verdict said; /* by the other side */
};

static int parent = -1; /* in the child: where both go */

static int
take_code(char prs[static CODE_PASS], struct fault *why)
{
	if (codefile_claim(prs, opt['c'], why) == -1)
		return -1;
	/* Whoever comes next has nothing to try. */
	exec_ready();
	return 0;
}

/* In the child, which can open no file. */
static int
claim(char prs[static CODE_PASS], struct fault *why)
{
	struct code c;

	if (send(parent, "c", 1, MSG_NOSIGNAL) != 1 ||
	    recv(parent, &c, sizeof(c), 0) != sizeof(c))
		return fault_sys(why, X_SYS, "the code cannot be had");
	if (!c.taken) {
		*why = c.why;
		return -1;
	}
	memcpy(prs, c.prs, sizeof(c.prs));
	explicit_bzero(c.prs, sizeof(c.prs));
	unsetenv(CHAT_READY_FD);
	return 0;
}

/* A listener that nobody has put behind chat-agent asks for the passphrase for
 * each call, so at least the caller must have begun as chat does. */
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

/* Our identity: chat-agent has it, or it is read before a byte of the network
 * is.  0 where nothing was asked for it. */
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

/* A listener above learns that a person is to be asked. */
static int
asks(void)
{
	if (exec_busy())
		return -1;
	exec_reached('q');
	return 0;
}

/* Where another call has the terminal, nothing is said there. */
static void
hush(void)
{
	if (exec_busy() && isatty(2))
		close(2);
}

/* must, for what depends on the other side. */
static int
need(int r)
{
	if (r == -1)
		hush();
	return must(r, &f);
}

/* The other side was told that we talk to somebody else; the person is told by
 * whoever listens. */
static _Noreturn void
leave(const struct admit *g)
{
	time_t now = time(NULL);
	char text[PEER_NAME + HANDSHAKE_PURPOSE + 80], at[8] = "";
	const char *who = g->name[0] ? g->name : g->l->who;
	const char *purpose = g->theirs.purpose;
	struct tm tm;

	if (localtime_r(&now, &tm))
		(void)strftime(at, sizeof(at), "%H:%M", &tm);
	if (strcmp(purpose, g->purposes) == 0)
		purpose = "";
	snprintf(text, sizeof(text), "%.64s called at %s%s%s%s", who, at,
	    *purpose ? " (" : "", purpose, *purpose ? ")" : "");
	exec_news(text);
	transport_last(g->l);
	exit(f.code);
}

/* The other side is told that it is not welcome. */
static _Noreturn void
decline(struct handshake *h, struct transport *l)
{
	const struct verdict no = {.accepted = 0};
	struct fault ignored;

	hush();
	say("%s", f.text);
	/* A lost refusal would leave it waiting. */
	if (handshake_tell(h, l, &no, &ignored) == 0)
		transport_last(l);
	exit(f.code);
}

/* Hand everything on. */
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
	exec_ready();
	/* Typed while nobody was there, or for somebody who left. */
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

/* The NAME of whoever is met in this room (chat-meet), and nobody else is wanted
 * then; NULL: the connection is no room's. */
static const char *
in_room(void)
{
	const char *name = getenv(CHAT_ROOM);

	if (!name)
		return NULL;
	if (opt['c'])
		die(X_USE, "-c: in the room of %s there is no code", name);
	if (!opt['p'])
		opt['p'] = name;
	return name;
}

/* The key of that room. */
static void
room_key(struct handshake *h, const struct trust *t, const char *room)
{
	const struct peer *p = peers_name(&t->peers, room);
	uint8_t k[KEY_BYTES];

	if (p && memcmp(p->key, t->key, KEY_BYTES) != 0)
		die(X_PEER, "%s is met in this room, not %s", room, opt['p']);
	if (pairing_secret(k, &h->own, t->key) == -1)
		die(X_USE, "the key of %s in %s is of low order", opt['p'],
		    t->path);
	pairing_psk(h->psk, k);
	explicit_bzero(k, sizeof(k));
}

/* The child: all that reads what a stranger sends. */
static _Noreturn void
converse(struct handshake *h, struct admit *g)
{
	struct result r = {0};
	int bad;

	need(handshake_meet(h, g->l, &f));
	exec_reached('p');
	if (need(admit_judge(g, &f)) == 0)
		decline(h, g->l);
	if (!opt['w'])
		g->l->until = clock_ms() + ADMIT_MS + 1000 * WAIT_S;
	bad = admit_exchange(g, &f);
	if (g->busy)
		leave(g);
	need(bad);
	strcpy(r.name, g->name);
	handshake_keys(h);
	memcpy(r.theirs, h->x.rs, sizeof(r.theirs));
	memcpy(r.sending, h->sending.key, sizeof(r.sending));
	memcpy(r.receiving, h->receiving.key, sizeof(r.receiving));
	r.cipher = h->sending.cipher;
	r.trust = g->trust;
	r.said = g->theirs;
	if (send(parent, &r, sizeof(r), MSG_NOSIGNAL) != sizeof(r))
		_exit(X_SYS);
	explicit_bzero(&r, sizeof(r));
	/* The parent says so. */
	bad = admit_purpose(g, &f);
	secret_free(h);
	if (bad == -1)
		transport_last(g->l);
	_exit(0);
}

/* Serve the child until it is done: 1 and r, or 0 when it has ended. */
static int
serve(int child, int pid, int signals, struct result *r)
{
	struct pollfd p[2] = {
	    {.fd = child, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
	struct code c;
	ssize_t n;
	int sig;

	for (;;) {
		(void)io_poll(p, 2, INT64_MAX);
		while ((sig = signals_read(signals)) != 0)
			kill(pid, sig);
		if (!p[0].revents)
			continue;
		n = recv(child, r, sizeof(*r), MSG_DONTWAIT);
		if (n == sizeof(*r))
			return 1;
		if (n != 1)
			return 0;
		memset(&c, 0, sizeof(c));
		c.taken = take_code(c.prs, &c.why) == 0;
		(void)send(child, &c, sizeof(c), MSG_NOSIGNAL);
		explicit_bzero(&c, sizeof(c));
	}
}

/* Is it what an honest child would say? */
static int
plausible(const struct result *r, const struct handshake *h)
{
	const struct verdict *v = &r->said;

	return memchr(r->name, '\0', sizeof(r->name)) &&
	       memchr(v->name, '\0', sizeof(v->name)) &&
	       memchr(v->purpose, '\0', sizeof(v->purpose)) &&
	       (!*r->name || peers_valid(r->name)) &&
	       (!*v->purpose ||
	           handshake_purpose(v->purpose, strlen(v->purpose))) &&
	       (r->cipher & h->offer) && r->trust != TRUST_WRONG;
}

/* A filter cannot be taken off before exec: so a child is confined, and hands back
 * what the program needs.  The child, which may still have to repeat its last
 * datagram. */
static pid_t
split(struct handshake *h, struct admit *g)
{
	struct result r;
	sigset_t set, before;
	int pair[2], signals, status = 0, done;
	pid_t pid, above = getpid();

	(void)tty_hold();
	tzset(); /* reads files */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		die_sys(X_SYS, "cannot make a socket");
	pair[0] = fd_high(pair[0]);
	pair[1] = fd_high(pair[1]);
	sigemptyset(&set);
	signals_ends(&set);
	(void)signals_hold(&set, &before);
	signals = signals_fd(&set);
	pid = pair[0] == -1 || pair[1] == -1 || signals == -1 ? -1 : fork();
	if (pid == -1)
		die_sys(X_SYS, "cannot begin");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != above)
			_exit(X_SYS);
		signals_restore(&before);
		close(pair[0]);
		close(signals);
		parent = pair[1];
		(void)mlock(h, sizeof(*h));
		prog_caged(seccomp_enter(MAY_TERMINAL, -1), "seccomp");
		converse(h, g);
	}
	close(pair[1]);
	explicit_bzero(h->own.secret, sizeof(h->own.secret));
	done = serve(pair[0], pid, signals, &r);
	close(pair[0]);
	close(signals);
	if (!done)
		(void)waitpid(pid, &status, 0);
	signals_restore(&before);
	if (!done && status == 0)
		die(X_SYS, "the handshake broke off");
	if (!done)
		die_as(status, "chat-handshake");
	if (!plausible(&r, h))
		die(X_PEER, "what the handshake gave is not plausible");
	memcpy(h->x.rs, r.theirs, sizeof(r.theirs));
	if (aead_init(&h->sending, r.cipher, r.sending) == -1 ||
	    aead_init(&h->receiving, r.cipher, r.receiving) == -1)
		die(X_SYS, "the cipher is not there");
	g->trust = r.trust;
	g->theirs = r.said;
	strcpy(g->name, r.name);
	explicit_bzero(&r, sizeof(r));
	return pid;
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
	int bad;

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
	if (!h->initiator)
		h->claim = claim;
	if (!fd_open(CHAT_NET_IN) || !fd_open(CHAT_NET_OUT))
		die(X_USE, "descriptors 6 and 7 are no connection: run me by "
		           "chat-net");
	must(trust_begin(
	         &t, h->initiator ? getenv(CHAT_HOST) : NULL, opt['p'], &f),
	    &f);
	t.initiator = h->initiator;
	/* What is typed takes none of the other side's time.  One with a
	 * passphrase would ask for it in a conversation. */
	if (identify(h) == 0)
		g.claim = exec_claim;
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
	child = split(h, &g);
	must(admit_name(&g, &f), &f);
	bad = admit_purpose(&g, &f);
	if (bad)
		say("%s", f.text);
	(void)waitpid(child, NULL, 0);
	if (bad)
		exit(f.code);
	run(h, &g, argv);
}
