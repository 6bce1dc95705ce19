/* greet: from a key that has proved itself to a name: is it welcome, what does
 * the other side say, what is it called.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "greet.h"
#include "io.h"
#include "tick.h"
#include "tty.h"
#include "vis.h"

enum { ASKED_MS = 1000 }; /* after this a person is probably asked */

/* Something came while the person thinks.  0 to go on, -1 and a fault. */
static int
overhear(struct greet *g, int *watch, struct fault *f)
{
	struct link *l = g->l;
	int64_t until = l->until;
	char byte;
	ssize_t n;

	if (!g->heard) {
		/* A message on a stream may come in parts. */
		l->until = tick_ms() + (l->datagrams ? 0 : 1000);
		g->accepted = handshake_hear(g->h, l, g->suggested, f);
		l->until = until;
		g->heard = g->accepted != -1;
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

/* Is the answer a name this key can have?  1, or 0 with the reason. */
static int
good(const struct greet *g, const char *name, const char **why)
{
	const struct peer *p = peers_name(&g->t->peers, name);

	*why = "a name is up to 32 letters, digits, '.', '_' or '-'; another: ";
	if (!peers_valid(name))
		return 0;
	*why = "that name has another key; another: ";
	return !p || memcmp(p->key, g->h->x.rs, KEY_BYTES) == 0;
}

/* The question about an unknown key. */
static void
question(char *out, size_t cap, const struct greet *g, const char *key)
{
	char words[KEY_WORDS_MAX], who[200], *half = words;
	int n;

	key_words(words, g->h->x.rs);
	/* Two lines, each short enough for any terminal. */
	for (n = 0; n < KEY_WORDS / 2; n++)
		half = strchr(half, ' ') + 1;
	half[-1] = '\0';
	vis_text(who, sizeof(who), g->l->who, strlen(g->l->who));
	snprintf(out, cap,
	    "%s %s and has a key that is not known here:\n"
	    "    %s\n    %s\n    %s\n"
	    "These are the words that chat-keygen -l shows there.\n"
	    "A name for this key (none: decline): ",
	    who, g->h->initiator ? "answers" : "calls", key, words, half);
}

/* Have a person decide: as greet_judge. */
static int
ask(struct greet *g, struct fault *f)
{
	char key[KEY_TEXT + 1], text[900], answer[PEER_NAME + 2];
	const char *prompt = text;
	int64_t until = tick_ms() + GREET_MS, due;
	int n, watch = g->l->in;

	key_text(key, g->h->x.rs);
	question(text, sizeof(text), g, key);
	/* If we are declined meanwhile, there is nothing to decide any more. */
	while (!g->heard || g->accepted) {
		due = g->l->again < until ? g->l->again : until;
		n = tty_ask(prompt, answer, sizeof(answer), 1, watch, due);
		prompt = "";
		if (n == TTY_NONE) {
			fault(f, X_PEER,
			    "%s has an unknown key, %s: declined (-p KEY "
			    "accepts this key, -t any)",
			    g->l->who, key);
			return 0;
		} else if (n == TTY_ALSO) {
			if (overhear(g, &watch, f) == -1)
				return -1;
		} else if (n == TTY_TIME && tick_ms() < until) {
			link_repeat(g->l);
		} else if (n <= 0) {
			fault(f, X_PEER, "%s was declined", g->l->who);
			return 0;
		} else if (good(g, answer, &prompt)) {
			strcpy(g->name, answer);
			break;
		}
	}
	return 1;
}

int
greet_judge(struct greet *g, struct fault *f)
{
	enum trust_verdict verdict;
	struct fault lost;

	verdict = trust_judge(g->t, g->h->x.rs, g->name, f);
	if (verdict == TRUST_WRONG && g->h->initiator)
		return -1;
	if (handshake_confirm(g->h, g->l, &lost) == -1) {
		*f = lost;
		return -1;
	}
	g->new = verdict == TRUST_UNKNOWN;
	return g->new && !g->any ? ask(g, f) : verdict != TRUST_WRONG;
}

int
greet_hear(struct greet *g, struct fault *f)
{
	const char *who = g->name[0] ? g->name : g->l->who;
	int64_t asked = tick_ms() + ASKED_MS;
	struct link *l = g->l;

	if (!g->heard) {
		l->quiet = 1;
		if (!l->datagrams && l->until > asked &&
		    io_wait(l->in, POLLIN, asked) == 0)
			g->tell("waiting for %s to accept", who);
		g->accepted = handshake_hear(g->h, l, g->suggested, f);
	}
	if (g->accepted == 0)
		return fault(f, X_PEER, "%s does not know this key", who);
	return g->accepted == -1 ? -1 : 0;
}

/* The name of a new key is another's: ask for one. */
static void
choose(struct greet *g)
{
	char prompt[128], answer[PEER_NAME + 2];

	snprintf(prompt, sizeof(prompt),
	    "another %s is known already; a name for this one: ", g->name);
	while (tty_ask(prompt, answer, sizeof(answer), 1, -1,
	           tick_ms() + GREET_MS) > 0)
		if (peers_valid(answer) && !peers_name(&g->t->peers, answer)) {
			strcpy(g->name, answer);
			return;
		}
}

int
greet_name(struct greet *g, struct fault *f)
{
	/* Where the verdict was lost, so was the name. */
	const char *from = g->suggested[0] ? g->suggested : g->l->who;
	char wanted[PEER_NAME + 1];

	if (g->name[0] == '\0')
		peers_clean(g->name, from, strlen(from));
	else if (!g->new)
		return 0;
	strcpy(wanted, g->name);
	if (!g->new) {
		peers_unique(&g->t->peers, g->name);
		return 0;
	}
	if (g->choose && peers_name(&g->t->peers, g->name))
		choose(g);
	if (peers_add(g->t->path, g->name, g->h->x.rs, g->t->host, f) == -1)
		return -1;
	if (strcmp(wanted, g->name) != 0)
		g->tell("another %s is known already: this one is %s", wanted,
		    g->name);
	g->tell("%s is remembered in %s", g->name, g->t->path);
	return 0;
}
