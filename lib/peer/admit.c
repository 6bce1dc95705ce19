/* admit: decide about a key that has proved itself, exchange verdicts, and name
 * it.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/vis.h"
#include "peer/admit.h"
#include "term/tty.h"

enum {
	ASKED_MS = 1000, /* probably a person is asked after this */
	SOON_MS = 500 /* a caller's verdict follows its last message */
};

/* A question, and the fault that ended it. */
struct asked {
	struct admit *g;
	struct fault *f;
	int over;
	char refusal[256];
};

/* How the other side is called before it has a name. */
static void
who(char out[static 200], const struct admit *g)
{
	vis_text(out, 200, g->l->who, strlen(g->l->who));
}

/* The fault for a verdict that does not accept us.  -1. */
static int
unwelcome(const struct admit *g, const char *them, struct fault *f)
{
	if (g->theirs.busy && g->h->initiator)
		return fault(f, X_SYS, "%s is talking to somebody else", them);
	return fault(f, X_PEER, "%s does not know this key", them);
}

/* Read what the other side has sent, if anything.  0 to go on, -1 and a
 * fault. */
static int
overhear(struct admit *g, int *watch, struct fault *f)
{
	struct transport *l = g->l;
	int64_t until = l->until;
	char byte;
	ssize_t n;

	transport_repeat(l);
	if (io_wait(l->in, POLLIN, clock_ms()) == 0)
		return 0;
	if (!g->heard) {
		/* On a stream the message may arrive in parts. */
		l->until = clock_ms() + (l->datagrams ? 0 : 1000);
		g->heard = handshake_hear(g->h, l, &g->theirs, f) == 0;
		l->until = until;
		if (g->heard && !g->theirs.accepted)
			return unwelcome(g, l->who, f);
		return g->heard || (l->datagrams && f->code == X_TIME) ? 0 : -1;
	}
	n = recv(l->in, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (!l->datagrams &&
	    (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)))
		return fault(
		    f, X_PEER, "%s hung up during the handshake", l->who);
	if (l->datagrams && n != -1)
		(void)recv(l->in, &byte, 1, MSG_DONTWAIT);
	else
		*watch = -1;
	return 0;
}

/* Called while the person thinks. */
static int
meanwhile(struct tty_question *q)
{
	struct asked *a = q->arg;

	a->over = overhear(a->g, &q->watch, a->f) == -1;
	q->due = a->g->l->again;
	return a->over;
}

/* Ask, and listen to the other side meanwhile.  The answer's length; 0: no
 * answer, -2: no terminal to ask on; -1 and a fault. */
static int
ask(struct admit *g, struct fault *f, const char *prompt, char *answer,
    size_t cap,
    const char *(*refuse)(struct tty_question *q, const char *answer))
{
	struct asked a = {.g = g, .f = f};
	struct tty_question q = {.prompt = prompt,
	    .until = clock_ms() + ADMIT_MS,
	    .watch = g->l->in,
	    .due = g->l->again,
	    .hear = meanwhile,
	    .refuse = refuse,
	    .arg = &a};
	int n = tty_ask(&q, answer, cap);

	if (a.over)
		return -1;
	return n == TTY_NONE ? -2 : n < 0 ? 0 : n;
}

/* `bob is in PEERS, line 1, with another key`, and what to do about it. */
static void
another_key(char *out, size_t cap, const struct admit *g, const struct peer *p)
{
	snprintf(out, cap,
	    "%s is in %s, line %u, with another key.\n"
	    "If it is the same person on a new machine, end here and run:\n"
	    "    chat-keygen -R %s\n",
	    p->name, g->t->path, p->line, p->name);
}

/* NULL if the answer may name this key, else the reason. */
static const char *
refuse_name(struct tty_question *q, const char *answer)
{
	struct asked *a = q->arg;
	const struct peer *p;

	if (*answer == '\0')
		return NULL; /* declines */
	if (!peers_valid(answer))
		return "a name is up to 32 letters, digits, '.', '_' or '-'; "
		       "another: ";
	p = peers_taken(&a->g->t->peers, answer, a->g->h->x.rs);
	if (!p)
		return NULL;
	snprintf(a->refusal, sizeof(a->refusal),
	    strcasecmp(p->name, answer) == 0
	        ? "%s has another key (line %u; chat-keygen -R %s forgets it); "
	          "another name: "
	        : "%s is known already (line %u, %s); another name: ",
	    answer, p->line, p->name);
	return a->refusal;
}

/* The words of a key in two lines, each short enough for any terminal. */
static void
words(char out[static KEY_WORDS_MAX + 16], const uint8_t *key)
{
	char text[KEY_WORDS_MAX], *half = text;
	int n;

	key_words(text, key);
	for (n = 0; n < KEY_WORDS / 2; n++)
		half = strchr(half, ' ') + 1;
	half[-1] = '\0';
	snprintf(out, KEY_WORDS_MAX + 16, "    %s\n    %s\n", text, half);
}

/* The line of another key with the name that the other side suggests, or
 * NULL. */
static const struct peer *
suggests_known(const struct admit *g)
{
	char name[PEER_NAME + 1];

	if (!g->heard || !g->theirs.name[0])
		return NULL;
	peers_clean(name, g->theirs.name, strlen(g->theirs.name));
	return peers_find(&g->t->peers, name);
}

/* An unknown key: a person decides.  Returns as admit_judge. */
static int
ask_name(struct admit *g, struct fault *f)
{
	char theirs[KEY_WORDS_MAX + 16], ours[KEY_WORDS_MAX + 16], peer[200];
	char known[PATH_MAX + 300] = "", answer[PEER_NAME + 2], *text;
	char key[KEY_TEXT + 1];
	const struct peer *p;
	int n;

	p = suggests_known(g);
	if (p)
		another_key(known, sizeof(known), g, p);
	key_text(key, g->h->x.rs);
	words(theirs, g->h->x.rs);
	words(ours, g->h->own.public);
	who(peer, g);
	n = asprintf(&text,
	    "%s %s and has a key that is not known here:\n"
	    "    %s\n%s"
	    "Ask them by telephone to read these words; if they differ, press "
	    "Enter.\n"
	    "Yours, to read to them:\n%s%s"
	    "A name for this key (none: decline): ",
	    peer, g->h->initiator ? "answers" : "calls", key, theirs, ours,
	    known);
	if (n == -1)
		return fault_memory(f);
	n = g->asks() == -1
	        ? -2
	        : ask(g, f, text, answer, sizeof(answer), refuse_name);
	free(text);
	if (n == -1)
		return -1;
	if (n > 0) {
		strcpy(g->name, answer);
		return 1;
	}
	if (n == 0)
		fault(f, X_PEER, "%s was declined", g->l->who);
	else if (p)
		fault(f, X_PEER,
		    "%s has an unknown key, %s: declined (%s is in %s, line "
		    "%u, with another key; chat-keygen -R %s forgets that one)",
		    g->l->who, key, p->name, g->t->path, p->line, p->name);
	else
		fault(f, X_PEER,
		    "%s has an unknown key, %s: declined (-p KEY accepts this "
		    "key, -t any)",
		    g->l->who, key);
	return 0;
}

/* A known key at a host that no line has.  Returns as admit_judge. */
static int
ask_host(struct admit *g, struct fault *f)
{
	char prompt[400], peer[200], answer[8];
	int n;

	who(peer, g);
	snprintf(prompt, sizeof(prompt),
	    "%s answers, who is not known to be at %s.\n"
	    "this is %s: go on? [y/N] ",
	    g->name, peer, g->name);
	n = ask(g, f, prompt, answer, sizeof(answer), NULL);
	if (n == -1)
		return -1;
	if (n > 0 && tty_yes(answer))
		return 1;
	if (n == -2)
		fault(f, X_PEER,
		    "%s is %s, who is not known to be there: declined (-p %s "
		    "accepts it)",
		    g->l->who, g->name, g->name);
	else
		fault(f, X_PEER, "%s was declined", g->name);
	return 0;
}

/* Wait a little for the caller's verdict: the name in it helps the person here.
 * It is late if a person is asked there.  0, or -1 and a fault. */
static int
overhear_soon(struct admit *g, struct fault *f)
{
	int64_t until = clock_ms() + SOON_MS, when;
	int watch = g->l->in;

	while (!g->heard && clock_ms() < until) {
		when = g->l->again < until ? g->l->again : until;
		(void)io_wait(watch, POLLIN, when);
		if (overhear(g, &watch, f) == -1)
			return -1;
	}
	return 0;
}

int
admit_judge(struct admit *g, struct fault *f)
{
	struct fault lost;

	g->trust = trust_judge(g->t, g->h->x.rs, g->name, f);
	if (g->trust == TRUST_WRONG && g->h->initiator)
		return -1;
	if (handshake_confirm(g->h, g->l, &lost) == -1) {
		*f = lost;
		return -1;
	}
	if (g->trust == TRUST_ELSEWHERE && !g->any)
		return ask_host(g, f);
	if (g->trust == TRUST_UNKNOWN &&
	    peers_full(&g->t->peers, g->t->path, f))
		return 0;
	if (g->trust != TRUST_UNKNOWN || g->any)
		return g->trust != TRUST_WRONG;
	if (!g->h->initiator && overhear_soon(g, f) == -1)
		return -1;
	return ask_name(g, f);
}

/* Wait for the other side's verdict, unless it is here. */
static int
hear(struct admit *g, struct fault *f)
{
	const char *them = g->name[0] ? g->name : g->l->who;
	int64_t asked = clock_ms() + ASKED_MS;
	struct transport *l = g->l;

	if (!g->heard) {
		l->quiet = 1;
		if (!l->datagrams && l->until > asked &&
		    io_wait(l->in, POLLIN, asked) == 0)
			g->tell("waiting for %s to accept", them);
		if (handshake_hear(g->h, l, &g->theirs, f) == -1)
			return -1;
		g->heard = 1;
	}
	return g->theirs.accepted ? 0 : unwelcome(g, them, f);
}

/* 1 if word is in a list with commas, where "" matches any; else 0. */
static int
among(const char *list, const char *word)
{
	size_t n = strlen(word), all;

	for (;; list += all + 1) {
		all = strcspn(list, ",");
		if (all == n && memcmp(list, word, n) == 0)
			return 1;
		if (list[all] == '\0')
			return 0;
	}
}

static int
agrees(const struct admit *g)
{
	return !*g->purposes || !*g->theirs.purpose ||
	       among(g->purposes, g->theirs.purpose);
}

static int
tell(struct admit *g, struct fault *f)
{
	const char *word = g->purposes;
	struct verdict v = {.accepted = 1};

	/* A listener answers with the caller's purpose if it agrees. */
	if (!g->h->initiator && *g->theirs.purpose && agrees(g))
		word = g->theirs.purpose;
	snprintf(v.purpose, sizeof(v.purpose), "%.*s", (int)strcspn(word, ","),
	    word);
	snprintf(v.name, sizeof(v.name), "%s", g->own);
	return handshake_tell(g->h, g->l, &v, f);
}

/* The listener is talking to another caller, and says so only to known keys. */
static int
tell_busy(struct admit *g, struct fault *f)
{
	struct verdict v = {.busy = g->trust != TRUST_UNKNOWN};

	if (handshake_tell(g->h, g->l, &v, f) == -1)
		return -1;
	g->busy = v.busy;
	return fault(f, X_SYS, "%s called during a conversation",
	    g->name[0] ? g->name : g->l->who);
}

int
admit_exchange(struct admit *g, struct fault *f)
{
	if (g->h->initiator)
		return tell(g, f) == -1 ? -1 : hear(g, f);
	if (hear(g, f) == -1)
		return -1;
	if (agrees(g) && g->claim && !g->claim())
		return tell_busy(g, f);
	return tell(g, f);
}

int
admit_purpose(const struct admit *g, struct fault *f)
{
	if (agrees(g))
		return 0;
	if (g->h->initiator)
		return fault(f, X_USE, "%s waits for %s, this is %s", g->name,
		    g->theirs.purpose, g->purposes);
	return fault(f, X_PEER, "%s calls for %s, this is %s", g->name,
	    g->theirs.purpose, g->purposes);
}

/* The name of a new key is taken: ask for another. */
static void
choose(struct admit *g, const struct peer *p)
{
	char prompt[PATH_MAX + 400], answer[PEER_NAME + 2];
	struct asked a = {.g = g};
	struct tty_question q = {.prompt = prompt,
	    .until = clock_ms() + ADMIT_MS,
	    .watch = -1,
	    .due = INT64_MAX,
	    .refuse = refuse_name,
	    .arg = &a};
	size_t n;

	another_key(prompt, sizeof(prompt), g, p);
	n = strlen(prompt);
	snprintf(prompt + n, sizeof(prompt) - n, "A name for this one: ");
	if (tty_ask(&q, answer, sizeof(answer)) > 0)
		strcpy(g->name, answer);
}

/* Add a new key to peers. */
static int
remember(struct admit *g, struct fault *f)
{
	char wanted[PEER_NAME + 1], text[KEY_WORDS_MAX];
	const struct peer *p;

	p = peers_taken(&g->t->peers, g->name, g->h->x.rs);
	if (p && g->code)
		choose(g, p);
	strcpy(wanted, g->name);
	if (peers_add(g->t->path, g->name, g->h->x.rs, g->t->host, f) == -1)
		return -1;
	if (strcmp(wanted, g->name) != 0)
		g->tell("another %s is known already: this one is %s", wanted,
		    g->name);
	if (g->any && !g->code) {
		key_words(text, g->h->x.rs);
		g->tell(
		    "the words of %s's key, not compared: %s", g->name, text);
	}
	g->tell("%s is remembered in %s", g->name, g->t->path);
	return 0;
}

/* A caller found a known key at a host: add it to peers, unless it is there. */
static int
remember_host(const struct admit *g, struct fault *f)
{
	const char *host = g->h->initiator ? trust_host(g->t) : NULL;
	const struct peers *all = &g->t->peers;
	struct peer line;
	size_t i;

	if (!host)
		return 0;
	for (i = 0; i < all->n; i++)
		if (key_same(all->all[i].key, g->h->x.rs) &&
		    (strcasecmp(all->all[i].name, host) == 0 ||
		        strcasecmp(all->all[i].host, host) == 0))
			return 0;
	switch (peers_bind(g->t->path, g->h->x.rs, host, &line, f)) {
	case -1:
		return -1;
	case PEERS_BOUND:
		g->tell("%s is remembered at %s in %s, line %u", line.name,
		    host, g->t->path, line.line);
		break;
	case PEERS_OTHER:
		if (g->trust == TRUST_ELSEWHERE)
			g->tell("%s has another host in %s, line %u: to call "
			        "%s, too, add a line",
			    line.name, g->t->path, line.line, host);
		break;
	}
	return 0;
}

int
admit_name(struct admit *g, struct fault *f)
{
	/* Empty if the verdict was lost. */
	const char *from = g->theirs.name;

	if (g->name[0] == '\0')
		peers_clean(g->name, from, strlen(from));
	else if (g->trust != TRUST_UNKNOWN)
		return remember_host(g, f);
	if (g->trust == TRUST_UNKNOWN)
		return remember(g, f);
	peers_unique(&g->t->peers, g->name, g->h->x.rs);
	return 0;
}
