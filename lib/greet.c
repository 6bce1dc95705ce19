/* greet: a person is asked whether an unknown key is welcome.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "greet.h"
#include "tick.h"
#include "tty.h"
#include "vis.h"

/* Something came while the person thinks.  1 to go on, -1 and a fault. */
static int
hear(struct greet *g, struct handshake *h, struct link *l, int *watch,
    struct fault *f)
{
	int64_t until = l->until;
	char byte;
	ssize_t n;

	if (!g->heard) {
		/* A message on a stream may come in parts. */
		l->until = tick_ms() + (l->datagrams ? 0 : 1000);
		g->accepted = handshake_hear(h, l, g->name, f);
		l->until = until;
		if (g->accepted == -1)
			return l->datagrams && f->code == X_TIME ? 1 : -1;
		g->heard = 1;
		return 1;
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
	return 1;
}

/* Is the answer a name this key can have?  1, or 0 with the reason. */
static int
good(const struct trust *t, const struct handshake *h, const char *name,
    const char **why)
{
	const struct peer *p;

	*why = "a name is up to 32 letters, digits, '.', '_' or '-'; another: ";
	if (!peers_valid(name))
		return 0;
	*why = "that name has another key; another: ";
	p = peers_name(&t->peers, name);
	return !p || memcmp(p->key, h->x.rs, KEY_BYTES) == 0;
}

int
greet_ask(struct greet *g, struct handshake *h, struct link *l,
    const struct trust *t, char name[static PEER_NAME + 1], struct fault *f)
{
	char words[KEY_WORDS_MAX], key[KEY_TEXT + 1], who[200], text[900];
	char *half;
	char answer[PEER_NAME + 2];
	const char *prompt = text;
	int64_t until = tick_ms() + GREET_MS, due;
	int n, watch = l->in;

	key_words(words, h->x.rs);
	key_text(key, h->x.rs);
	/* Two lines, each short enough for any terminal. */
	for (n = 0, half = words; n < KEY_WORDS / 2; n++)
		half = strchr(half, ' ') + 1;
	half[-1] = '\0';
	vis_text(who, sizeof(who), l->who, strlen(l->who));
	snprintf(text, sizeof(text),
	    "%s %s and has a key that is not known here:\n"
	    "    %s\n    %s\n    %s\n"
	    "These are the words that chat-keygen -l shows there.\n"
	    "A name for this key (none: decline): ",
	    who, h->initiator ? "answers" : "calls", key, words, half);
	for (;;) {
		due = link_due(l);
		n = tty_ask(prompt, answer, sizeof(answer), 1, watch,
		    due < until ? due : until);
		prompt = "";
		if (n == TTY_ALSO) {
			if (hear(g, h, l, &watch, f) == -1)
				return -1;
			if (g->heard && !g->accepted)
				return 1; /* nothing to decide any more */
		} else if (n == TTY_TIME && tick_ms() < until) {
			link_repeat(l);
		} else if (n <= 0) {
			return 0;
		} else if (good(t, h, answer, &prompt)) {
			memcpy(name, answer, (size_t)n + 1);
			return 1;
		}
	}
}
