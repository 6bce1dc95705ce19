/* chat-handshake: find out who is there, agree on keys, then run a program.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "be.h"
#include "code.h"
#include "die.h"
#include "fds.h"
#include "greet.h"
#include "id.h"
#include "io.h"
#include "num.h"
#include "secret.h"
#include "session.h"
#include "tick.h"
#include "tty.h"

#define USAGE                                                                  \
	"chat-handshake [-tu] [-a algorithm] [-c codefile] [-i id] [-n "       \
	"name]\n"                                                              \
	"               [-p peer] [-r role] [-w seconds] program ..."

enum {
	IN = 6,
	OUT = 7,
	RECEIVING = 8,
	SENDING = 9,
	WAIT_S = 20, /* for the machine at the other side */
	ASKED_MS = 1000, /* after this a person is probably asked */
};

struct options {
	const char *id, *peer, *name, *code;
	int trust, datagrams, initiator, offer;
	long wait; /* seconds, 0: not given */
};

static int
parse_role(const char *role)
{
	if (role && strcmp(role, "initiator") == 0)
		return 1;
	if (role && strcmp(role, "responder") == 0)
		return 0;
	die(X_USE, "%s: say -r initiator (the caller) or -r responder",
	    role ? role : "CHAT_ROLE is not set");
}

static void
parse(struct options *o, int argc, char **argv)
{
	const char *role = getenv("CHAT_ROLE");
	int c;

	o->offer = aead_offer();
	while ((c = getopt(argc, argv, "+a:c:i:n:p:r:tuw:")) != -1)
		switch (c) {
		case 'a':
			c = aead_parse(optarg);
			if (c == 0)
				die(X_USE, "%s is no algorithm", optarg);
			if (!(aead_offer() & c))
				die(X_USE, "this machine has no %s", optarg);
			o->offer = c;
			break;
		case 'c':
			o->code = optarg;
			break;
		case 'i':
			o->id = optarg;
			break;
		case 'n':
			o->name = optarg;
			break;
		case 'p':
			o->peer = optarg;
			break;
		case 'r':
			role = optarg;
			break;
		case 't':
			o->trust = 1;
			break;
		case 'u':
			o->datagrams = 1;
			break;
		case 'w':
			if (num_parse(optarg, 1, 86400, &o->wait) == -1)
				die(X_USE, "-w %s: seconds, 1 to 86400",
				    optarg);
			break;
		default:
			usage(USAGE);
		}
	if (optind == argc)
		usage(USAGE);
	o->initiator = parse_role(role);
}

/* The name we go by: -n, else the login name. */
static const char *
own_name(const struct options *o)
{
	struct passwd *pw;

	if (o->name)
		return o->name;
	pw = getpwuid(getuid());
	return pw ? pw->pw_name : "";
}

/* Tell chat-net -lr that this is the one. */
static void
ready(void)
{
	const char *text = getenv("CHAT_READY_FD");
	long fd;

	if (text && num_parse(text, 3, 1 << 20, &fd) == 0) {
		(void)io_write((int)fd, "", 1);
		close((int)fd);
	}
	unsetenv("CHAT_READY_FD");
}

/* Take the code so that nobody else can: from the terminal, by reading up a
 * descriptor that is open already, or by removing its file. */
static int
claim(void *arg, char prs[static CODE_PASS], struct fault *f)
{
	const struct options *o = arg;
	int asked = strcmp(o->code, "-") == 0;
	char text[128];
	long number = -1;
	ssize_t n;
	int fd, bad;

	if (asked) {
		n = tty_ask("the code: ", text, sizeof(text), 1, -1, INT64_MAX);
		if (n < 0)
			return fault(f, X_USE,
			    n == TTY_NONE ? "no terminal to ask for the code on"
			                  : "no code was given");
	} else {
		if (strncmp(o->code, "/dev/fd/", 8) == 0 &&
		    num_parse(o->code + 8, 0, 1 << 20, &number) == 0)
			fd = (int)number;
		else
			fd = open(o->code, O_RDONLY | O_CLOEXEC);
		n = fd == -1 ? -1 : io_read_full(fd, text, sizeof(text));
		if (n == -1 && errno != ENOENT)
			return fault_sys(f, X_USE, "%s", o->code);
		close(fd);
	}
	bad = n > 0 ? code_normalise(prs, text, (size_t)n, f) : 0;
	explicit_bzero(text, sizeof(text));
	/* A slip of the pen does not spend it. */
	if (bad)
		return -1;
	if (n <= 0 || (number == -1 && !asked && unlink(o->code) == -1))
		return fault(f, X_USE,
		    "%s: there is no code, or it has been used up", o->code);
	/* Whoever comes next has nothing to try. */
	ready();
	return 0;
}

/* What the other side is called before it has a name. */
static const char *
stranger(const struct options *o)
{
	const char *ip = getenv(o->datagrams ? "UDPREMOTEIP" : "TCPREMOTEIP");
	const char *host = o->initiator ? getenv("CHAT_HOST") : NULL;

	return host ? host : ip ? ip : "the other side";
}

/* Has the caller, if there is one, begun as chat does?  Nobody is asked for a
 * passphrase because of a port scan. */
static int
begins(int64_t until)
{
	uint8_t first[HANDSHAKE_OPEN];

	return io_wait(IN, POLLIN, until) > 0 &&
	       recv(IN, first, sizeof(first), MSG_PEEK) > 0 && first[0] == 'c';
}

/* A datagram that opens under the session's key shows that the other side has
 * accepted us, though its verdict was lost. */
static int
is_session(void *arg, const uint8_t *dgram, size_t n)
{
	const struct handshake *h = arg;
	uint8_t forget[LINK_DGRAM + 1];

	/* Without a key nothing is the session's: a zero key is anybody's. */
	return h->session.cipher != 0 && n >= 8 + AEAD_TAG &&
	       aead_open(&h->session, be64_get(dgram), NULL, 0, forget,
	           dgram + 8, n - 8) == 0;
}

static void
decline(struct handshake *h, struct link *l, const struct fault *f)
{
	struct fault ignored;

	say("%s", f->text);
	/* A lost refusal would leave the other side waiting. */
	if (handshake_tell(h, l, 0, "", &ignored) == 0)
		link_last(l);
	exit(f->code);
}

/* Is the key that has proved itself welcome?  If so, name is set, or empty for
 * the one it will suggest; else this does not return.  1 if it is new. */
static int
judge(const struct options *o, struct handshake *h, struct link *l,
    const struct trust *t, struct greet *g, char name[static PEER_NAME + 1])
{
	enum trust_verdict verdict;
	char key[KEY_TEXT + 1];
	struct fault f, other;

	verdict = trust_judge(t, h->x.rs, name, &f);
	/* To the wrong listener a caller does not even say who it is. */
	if (verdict == TRUST_WRONG && o->initiator)
		die_fault(&f);
	if (handshake_confirm(h, l, &other) == -1)
		die_fault(&other);
	if (verdict == TRUST_WRONG)
		decline(h, l, &f);
	if (verdict != TRUST_UNKNOWN)
		return 0;
	if (o->trust || o->code)
		return 1;
	if (!tty_there()) {
		key_text(key, h->x.rs);
		fault(&f, X_PEER,
		    "%s has an unknown key, %s: declined (-p KEY accepts this "
		    "key, -t any)",
		    l->who, key);
		decline(h, l, &f);
	}
	switch (greet_ask(g, h, l, t, name, &f)) {
	case -1:
		die_fault(&f);
	case 0:
		fault(&f, X_PEER, "%s was declined", l->who);
		decline(h, l, &f);
	}
	return 1;
}

/* Wait for the other side's verdict, if it is not there yet. */
static void
hear(const struct options *o, struct handshake *h, struct link *l,
    struct greet *g, const char *who)
{
	int64_t now = tick_ms();
	struct fault f;

	if (!g->heard) {
		if (o->wait == 0)
			l->until = now + GREET_MS + 1000 * WAIT_S;
		l->quiet = 1;
		if (!l->datagrams && l->until > now + ASKED_MS &&
		    io_wait(l->in, POLLIN, now + ASKED_MS) == 0)
			tell("waiting for %s to accept", who);
		g->accepted = handshake_hear(h, l, g->name, &f);
		if (g->accepted == -1)
			die_fault(&f);
	}
	if (!g->accepted)
		die(X_PEER, "%s does not know this key", who);
}

/* The name of a key that a code has brought is another's: ask for one. */
static void
ask_other(const struct trust *t, char name[static PEER_NAME + 1])
{
	char prompt[128], answer[PEER_NAME + 2];

	snprintf(prompt, sizeof(prompt),
	    "another %s is known already; a name for this one: ", name);
	while (tty_ask(prompt, answer, sizeof(answer), 1, -1,
	           tick_ms() + GREET_MS) > 0)
		if (peers_valid(answer) && !peers_name(&t->peers, answer)) {
			strcpy(name, answer);
			return;
		}
}

/* Name a new key, or one that -p gave, and write the new one down. */
static void
remember(struct trust *t, const struct handshake *h, const char *suggested,
    char name[static PEER_NAME + 1], int new, int ask)
{
	char wanted[PEER_NAME + 1];
	struct fault f;

	if (name[0] == '\0')
		peers_clean(name, suggested, strlen(suggested));
	memcpy(wanted, name, sizeof(wanted));
	if (ask && new &&peers_name(&t->peers, name) && tty_there())
		ask_other(t, name);
	if (!new) {
		peers_unique(&t->peers, name);
		return;
	}
	if (peers_add(t->path, name, h->x.rs, t->host, &f) == -1)
		die_fault(&f);
	if (strcmp(wanted, name) != 0)
		tell("another %s is known already: this one is %s", wanted,
		    name);
	tell("%s is remembered in %s", name, t->path);
}

/* Hand everything on. */
static void
run(struct handshake *h, const char *name, char **argv)
{
	char key[KEY_TEXT + 1];
	struct fault f;
	int cipher = h->sending.cipher;

	key_text(key, h->x.rs);
	handshake_keys(h);
	if (session_give(RECEIVING, &h->receiving, &f) == -1 ||
	    session_give(SENDING, &h->sending, &f) == -1)
		die_fault(&f);
	secret_free(h);
	ready();
	tell("connected to %s (%s)", name, aead_name(cipher));
	if (setenv("CHAT_PEER", name, 1) == -1 ||
	    setenv("CHAT_PEERKEY", key, 1) == -1)
		die_sys(X_SYS, "environment");
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	die_sys(errno == ENOENT ? X_NONE : X_EXEC, "%s", argv[0]);
}

int
main(int argc, char **argv)
{
	struct options o = {0};
	struct handshake *h;
	struct link link;
	struct trust t;
	struct greet g = {0};
	struct fault f;
	char name[PEER_NAME + 1] = "";
	int64_t until, asked;
	int new;

	prog_start(argv[0]);
	h = secret_new(sizeof(*h));
	if (!h)
		die_sys(X_SYS, "no memory for keys");
	parse(&o, argc, argv);
	if (!fds_open(IN) || !fds_open(OUT))
		die(X_USE, "descriptors 6 and 7 are no connection: run me by "
		           "chat-net");
	must(trust_begin(
	         &t, o.initiator ? getenv("CHAT_HOST") : NULL, o.peer, &f),
	    &f);
	until = tick_ms() + 1000 * (o.wait ? o.wait : WAIT_S);
	if (o.initiator || !fds_is_socket(IN) || begins(until)) {
		asked = tick_ms();
		must(id_load(h->id, o.id, &f), &f);
		until += tick_ms() - asked; /* for a passphrase */
	}
	signal(SIGPIPE, SIG_IGN);

	h->initiator = o.initiator;
	h->offer = o.offer;
	h->mode = o.code ? HANDSHAKE_CODE : HANDSHAKE_KEYS;
	h->claim = claim;
	h->arg = &o;
	/* A caller may have to type it: that takes none of the listener's
	 * time. */
	if (o.code && o.initiator) {
		asked = tick_ms();
		if (claim(&o, h->prs, &f) == -1)
			die_fault(&f);
		h->claim = NULL;
		until += tick_ms() - asked;
	}
	link_init(&link, IN, OUT, o.datagrams, until, stranger(&o));
	link.session = is_session;
	link.arg = h;
	if (handshake_meet(h, &link, &f) == -1)
		die_fault(&f);
	new = judge(&o, h, &link, &t, &g, name);
	if (handshake_tell(h, &link, 1, own_name(&o), &f) == -1)
		die_fault(&f);
	hear(&o, h, &link, &g, name[0] ? name : link.who);
	if (new || name[0] == '\0')
		remember(&t, h, g.name, name, new, o.code != NULL);
	run(h, name, argv + optind);
}
