/* caged: a confined child reads all that a stranger sends, and hands back a
 * result of fixed size.
 * SPDX-License-Identifier: ISC */
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
#include "base/signals.h"
#include "crypto/secret.h"
#include "peer/caged.h"

enum { GRACE_MS = 2000 }; /* for the child to end by a signal */

/* The answer to the child's request, any byte, for the spoken code. */
struct code {
	int taken;
	char prs[CODE_PASS];
	struct fault why;
};

/* The child's result. */
struct result {
	uint8_t theirs[KEY_BYTES]; /* the key that was proved */
	uint8_t sending[AEAD_KEY], receiving[AEAD_KEY];
	int cipher;
	enum trust_verdict trust;
	char name[PEER_NAME + 1]; /* chosen by the person; "": not */
	struct verdict said; /* of the other side */
};

static int parent = -1; /* in the child: where both go */

/* In the child, which cannot open the code's file. */
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

/* The other side was told that we are busy; the listener tells the person. */
static void
leave(const struct admit *g, const struct caged *c)
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
	c->news(text);
	transport_last(g->l);
}

/* Up to both verdicts.  -1 and a fault; said: the person knows of it. */
static int
converse(struct admit *g, const struct caged *c, int *said, struct fault *f)
{
	const struct verdict no = {.accepted = 0};
	struct fault ignored;
	int r;

	if (handshake_meet(g->h, g->l, f) == -1)
		return -1;
	c->reached('p');
	if ((r = admit_judge(g, f)) == -1)
		return -1;
	if (r == 0) {
		c->say(f);
		*said = 1;
		/* Repeat the refusal, or the other side would wait for it. */
		if (handshake_tell(g->h, g->l, &no, &ignored) == 0)
			transport_last(g->l);
		return -1;
	}
	if (c->patience)
		g->l->until = clock_ms() + c->patience;
	r = admit_exchange(g, f);
	*said = g->busy;
	if (g->busy)
		leave(g, c);
	return g->busy ? -1 : r;
}

/* The child: it reads all that a stranger sends. */
static _Noreturn void
child(struct admit *g, const struct caged *c)
{
	struct handshake *h = g->h;
	struct result r = {0};
	struct fault f;
	int said = 0, bad;

	if (converse(g, c, &said, &f) == -1) {
		if (!said)
			c->say(&f);
		_exit(f.code);
	}
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
	/* The parent reports this fault. */
	bad = admit_purpose(g, &f);
	secret_free(h);
	if (bad == -1)
		transport_last(g->l);
	_exit(0);
}

/* Answer the child until it is done: 1 and r; 0 when it has ended, by wait(2)'s
 * *status.  A stranger may have taken it over, so it is not trusted to end by a
 * signal that comes for us. */
static int
serve(const struct caged *c, int from, int pid, int signals, struct result *r,
    int *status)
{
	int64_t until = INT64_MAX;
	struct pollfd p[2] = {
	    {.fd = from, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
	struct code code;
	ssize_t n;
	int sig, last = 0, late;

	while (!(late = io_poll(p, 2, until) == 0)) {
		for (; (sig = signals_read(signals)) != 0; last = sig) {
			kill(pid, sig);
			until = last ? until : clock_ms() + GRACE_MS;
		}
		if (!p[0].revents)
			continue;
		n = recv(from, r, sizeof(*r), MSG_DONTWAIT);
		if (n == sizeof(*r)) {
			/* Blocked until the caller restores the mask. */
			if (last)
				raise(last);
			return 1;
		}
		if (n != 1)
			break;
		memset(&code, 0, sizeof(code));
		code.taken = c->code(code.prs, &code.why) == 0;
		(void)send(from, &code, sizeof(code), MSG_NOSIGNAL);
		explicit_bzero(&code, sizeof(code));
	}
	/* An honest one closes its socket by ending: its status stays. */
	kill(pid, SIGKILL);
	(void)waitpid(pid, status, 0);
	if (late)
		*status = last;
	return 0;
}

/* Could an honest child have sent this? */
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

/* Take over the child's result, and wipe r. */
static int
take(struct admit *g, struct result *r, struct fault *f)
{
	struct handshake *h = g->h;

	if (!plausible(r, h))
		return fault(
		    f, X_PEER, "the result of the handshake is malformed");
	memcpy(h->x.rs, r->theirs, sizeof(r->theirs));
	if (aead_init(&h->sending, r->cipher, r->sending) == -1 ||
	    aead_init(&h->receiving, r->cipher, r->receiving) == -1)
		return fault(f, X_SYS, "this machine lacks the cipher");
	g->trust = r->trust;
	g->theirs = r->said;
	strcpy(g->name, r->name);
	explicit_bzero(r, sizeof(*r));
	return 0;
}

pid_t
caged_run(struct admit *g, const struct caged *c, int *status, struct fault *f)
{
	struct handshake *h = g->h;
	struct result r;
	sigset_t set, before;
	int pair[2], signals, done;
	pid_t pid, above = getpid();

	if (!h->initiator)
		h->claim = claim;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return fault_sys(f, X_SYS, "cannot make a socket");
	pair[0] = fd_high(pair[0]);
	pair[1] = fd_high(pair[1]);
	sigemptyset(&set);
	signals_ends(&set);
	(void)signals_hold(&set, &before);
	signals = signals_fd(&set);
	pid = pair[0] == -1 || pair[1] == -1 || signals == -1 ? -1 : fork();
	if (pid == -1)
		return fault_sys(f, X_SYS, "cannot begin");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != above)
			_exit(X_SYS);
		signals_restore(&before);
		close(pair[0]);
		close(signals);
		parent = pair[1];
		(void)mlock(h, sizeof(*h));
		c->enter();
		child(g, c);
	}
	close(pair[1]);
	explicit_bzero(h->own.secret, sizeof(h->own.secret));
	done = serve(c, pair[0], pid, signals, &r, status);
	close(pair[0]);
	close(signals);
	signals_restore(&before);
	if (done)
		return take(g, &r, f) == -1 ? -1 : pid;
	return *status ? 0 : fault(f, X_SYS, "the handshake broke off");
}
