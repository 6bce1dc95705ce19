/* trust: is a key the one we want to talk to (chat(7), WHOM TO TRUST)?
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "peer/identity.h"
#include "peer/trust.h"

const char *
trust_host(const struct trust *t)
{
	return t->host && *t->host != '@' ? t->host : NULL;
}

/* A word that is one key's NAME and another's HOST is ambiguous. */
static int
clash(const struct trust *t, struct fault *f)
{
	const struct peer *name, *host, *end = t->peers.all + t->peers.n;
	const char *called = trust_host(t);

	for (name = t->peers.all; called && name < end; name++) {
		if (strcasecmp(name->name, called) != 0)
			continue;
		for (host = t->peers.all; host < end; host++)
			if (strcasecmp(host->host, called) == 0 &&
			    !key_same(name->key, host->key))
				return fault(f, X_PEER,
				    "%s is a NAME in %s, line %u, and the HOST "
				    "of another key in line %u: not called",
				    called, t->path, name->line, host->line);
	}
	return 0;
}

int
trust_begin(
    struct trust *t, const char *host, const char *wanted, struct fault *f)
{
	memset(t, 0, sizeof(*t));
	t->host = host;
	t->wanted = wanted;
	if (identity_path(t->path, "peers", 0, f) == -1 ||
	    peers_load(&t->peers, t->path, f) == -1)
		return -1;
	if (!wanted)
		return clash(t, f);
	t->named = peers_name(&t->peers, wanted);
	if (t->named)
		memcpy(t->key, t->named->key, KEY_BYTES);
	else if (key_parse(t->key, wanted) == -1)
		return fault(f, X_USE, "%s is neither a key nor a name in %s",
		    wanted, t->path);
	return 0;
}

static enum trust_verdict
known(const struct peer *p, char name[static PEER_NAME + 1])
{
	memcpy(name, p->name, sizeof(p->name));
	return TRUST_KNOWN;
}

static enum trust_verdict
wrong(const struct trust *t, const struct peer *p, const char *who,
    const uint8_t key[static KEY_BYTES], struct fault *f)
{
	char text[KEY_TEXT + 1];

	key_text(text, key);
	if (p)
		fault(f, X_PEER,
		    "WRONG KEY: %s has the key %s, not the one in %s:%u; "
		    "somebody may stand in between (a new key that %s "
		    "confirms by telephone: chat-keygen -R %s)",
		    who, text, t->path, p->line, p->name, p->name);
	else
		fault(f, X_PEER,
		    "WRONG KEY: %s has the key %s, not the one of -p; "
		    "somebody may stand in between",
		    who, text);
	return TRUST_WRONG;
}

enum trust_verdict
trust_judge(const struct trust *t, const uint8_t key[static KEY_BYTES],
    char name[static PEER_NAME + 1], struct fault *f)
{
	const struct peer *p, *bound = NULL;
	const char *called = trust_host(t);
	size_t i;

	p = peers_key(&t->peers, key);
	if (t->wanted) {
		if (!key_same(key, t->key))
			return wrong(t, t->named,
			    t->host ? t->host : "the caller", key, f);
		if (t->named)
			return known(t->named, name);
		return p ? known(p, name) : TRUST_WANTED;
	}
	for (i = 0; called && i < t->peers.n; i++) {
		if (strcasecmp(t->peers.all[i].name, called) != 0 &&
		    strcasecmp(t->peers.all[i].host, called) != 0)
			continue;
		bound = &t->peers.all[i];
		if (key_same(bound->key, key))
			return known(bound, name);
		p = bound;
	}
	if (bound)
		return wrong(t, p, called, key, f);
	if (!p)
		return TRUST_UNKNOWN;
	(void)known(p, name);
	return t->initiator && (called || !t->host) ? TRUST_ELSEWHERE
	                                            : TRUST_KNOWN;
}
