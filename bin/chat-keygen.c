/* chat-keygen: make and show identities and codes, and edit peers.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"
#include "crypto/code.h"
#include "crypto/key.h"
#include "crypto/pairing.h"
#include "crypto/secret.h"
#include "peer/agent.h"
#include "peer/codefile.h"
#include "peer/identity.h"
#include "peer/peers.h"
#include "peer/trust.h"

static const char help[] = "chat-keygen [-p] [-f file]\n"
                           "chat-keygen -y [-f file]\n"
                           "chat-keygen -l [-f file | key | name]\n"
                           "chat-keygen -L\n"
                           "chat-keygen -c\n"
                           "chat-keygen -C codefile\n"
                           "chat-keygen -R name\n"
                           "chat-keygen -r [-k [-U]] [-u] [-d days] [-f file] "
                           "[-P port] [name ...]\n"
                           "chat-keygen -t [-f file]\n"
                           "chat-keygen -w host [-m relay]";

enum {
	DAY = 86400,
	HOUR = 3600,
	PAD = 8 /* a listener's rooms are padded to a multiple */
};

static const char *opt[128];
static const char *path; /* of the identity's file */
static struct fault f;

/* Print one line on stdout, and wipe the text. */
static void
print(char *text, const char *trouble)
{
	size_t n = strlen(text);

	text[n] = '\n';
	if (io_write(1, text, n + 1) == -1)
		die_sys(X_SYS, "%s", trouble);
	explicit_bzero(text, n);
}

static void
make(uint8_t *secret, int protect)
{
	uint8_t public[KEY_BYTES];
	char text[KEY_TEXT + 1];

	key_make(secret);
	key_public(public, secret);
	if (strcmp(path, "-") == 0) {
		key_text(text, secret);
		print(text, "standard output");
		key_text(text, public);
		say("public key: %s", text);
		return;
	}
	must(identity_create(path, secret, protect, &f), &f);
	say("made the identity %s", path);
	key_text(text, public);
	print(text, "the identity is made, but its public key cannot be "
	            "printed");
}

static void
protect(uint8_t *secret)
{
	int kept;

	if (strcmp(path, "-") == 0)
		die(X_USE, "-p needs a file");
	if (access(path, F_OK) == -1 && errno == ENOENT) {
		make(secret, 1);
		return;
	}
	kept = must(identity_protect(path, &f), &f);
	say(kept ? "left %s as it was" : "changed the passphrase of %s", path);
}

/* Print the public key as text, or as words. */
static void
show(const uint8_t *public, int words)
{
	char text[KEY_WORDS_MAX];

	if (words)
		key_words(text, public);
	else
		key_text(text, public);
	print(text, "standard output");
}

static void
code(void)
{
	uint8_t random[CODE_RANDOM];
	char text[CODE_TEXT];

	if (getentropy(random, sizeof(random)) == -1)
		die_sys(X_SYS, "cannot make a code");
	code_make(text, random);
	explicit_bzero(random, sizeof(random));
	print(text, "standard output");
}

/* Print the code that a call would take from there, and leave it there. */
static void
check_code(const char *where)
{
	char number[CODEFILE_NUMBER + 1], prs[CODE_PASS];
	char text[CODEFILE_NUMBER + 1 + CODE_PASS + 1];

	must(codefile_read(number, prs, where, &f), &f);
	snprintf(text, sizeof(text), "%s%s%s", number, *number ? "-" : "", prs);
	explicit_bzero(prs, sizeof(prs));
	print(text, "standard output");
}

/* The public key for a word: a KEY or a NAME. */
static void
find(uint8_t *public, const char *word)
{
	struct trust t;

	if (key_parse(public, word) == 0)
		return;
	must(trust_begin(&t, NULL, word, &f), &f);
	memcpy(public, t.key, KEY_BYTES);
	peers_free(&t.peers);
}

/* List each peer, the first two words of its key, and its host. */
static void
list(void)
{
	char file[PATH_MAX], words[KEY_WORDS_MAX];
	char line[PEER_NAME + KEY_WORDS_MAX + PEER_HOST + 4];
	struct peers all;
	size_t i;

	must(identity_path(file, "peers", 0, &f), &f);
	must(peers_load(&all, file, &f), &f);
	for (i = 0; i < all.n; i++) {
		key_words(words, all.all[i].key);
		strchr(strchr(words, ' ') + 1, ' ')[0] = '\0';
		snprintf(line, sizeof(line), "%s %s%s%s", all.all[i].name,
		    words, *all.all[i].host ? " " : "", all.all[i].host);
		print(line, "standard output");
	}
	peers_free(&all);
}

/* Remove a peer, and print its line. */
static void
forget(const char *name)
{
	char file[PATH_MAX], key[KEY_TEXT + 1];
	struct peer was;

	must(identity_path(file, "peers", 0, &f), &f);
	must(peers_forget(file, name, &was, &f), &f);
	key_text(key, was.key);
	say("forgot %s %s%s%s (%s, line %u)", was.name, key,
	    *was.host ? " " : "", was.host, file, was.line);
}

/* Print what a word means to a caller, a line each: the NAME to insist on, if
 * it is one, and the host to call.  Scripts run this, so messages are for their
 * user. */
static int
whom(const char *word, const char *relay)
{
	char text[PATH_MAX];
	const struct peer *p;
	struct trust t;

	if (trust_begin(&t, word, NULL, &f) == -1) {
		tell("%s", f.text);
		return f.code;
	}
	p = peers_find(&t.peers, word);
	if (p && relay && (!*p->host || *p->host == '@')) {
		snprintf(text, sizeof(text), "%s\n@%s", p->name,
		    *p->host ? p->host + 1 : relay);
		peers_free(&t.peers);
		print(text, "standard output");
		return 0;
	}
	if (p && !*p->host) {
		tell("%s has no host: add one as third word in %s, line %u",
		    p->name, t.path, p->line);
		peers_free(&t.peers);
		return X_USE;
	}
	snprintf(
	    text, sizeof(text), "%s\n%s", p ? p->name : "", p ? p->host : word);
	peers_free(&t.peers);
	print(text, "standard output");
	return 0;
}

/* Check what a call would refuse: owners, modes, a malformed peers file. */
static void
test(void)
{
	char known[PATH_MAX];
	struct peers p;

	must(identity_path(known, "peers", 0, &f), &f);
	must(peers_load(&p, known, &f), &f);
	peers_free(&p);
	must(identity_check(path, &f), &f);
}

/* Print one room of a day (UTC).  It is open from an hour before the day to an
 * hour after it: clocks that differ by less than 2 hours always share a
 * room. */
static void
room(char what, const struct pairing_at *at, const uint8_t *k, const char *name)
{
	uint8_t id[PAIRING_ROOM], lan[PAIRING_ROOM];
	char text[200];
	int n = 0, i;

	if (k)
		pairing_room(id, lan, k, at);
	else
		pairing_nobody(id, lan);
	/* With both kinds, datagram rooms have a capital letter. */
	if (opt['U'] && at->kind == 'u')
		what = (char)(what & ~0x20);
	n += sprintf(text, "%c ", what);
	for (i = 0; i < PAIRING_ROOM; i++)
		n += sprintf(text + n, "%02x", id[i]);
	text[n++] = ' ';
	for (i = 0; i < PAIRING_ROOM; i++)
		n += sprintf(text + n, "%02x", lan[i]);
	snprintf(text + n, sizeof(text) - (size_t)n, " %lld %lld %s",
	    (long long)at->day * DAY - HOUR,
	    (long long)(at->day + 1) * DAY + HOUR, name);
	print(text, "standard output");
}

/* Print the rooms of one peer on one day. */
static void
rooms_of(const struct own *own, const struct peer *p, struct pairing_at at)
{
	const uint8_t *ours = own->public;
	uint8_t k[KEY_BYTES];

	if (pairing_secret(k, own, p->key) == -1)
		die(X_USE, "the key of %s is of low order", p->name);
	if (opt['k']) {
		at.listener = ours;
		room('l', &at, k, p->name);
	} else {
		at.listener = p->key;
		room('c', &at, k, p->name);
		at.listener = NULL;
		room(pairing_first(ours, p->key) ? 'a' : 'b', &at, k, p->name);
	}
	explicit_bzero(k, sizeof(k));
}

/* Print the day's rooms of the named peers.  A listener that names none gets
 * all peers, and random rooms besides, so that the relay cannot count them. */
static void
rooms_day(const struct own *own, char **names, const struct peers *all,
    const struct pairing_at *at)
{
	size_t i, n = 0;

	for (i = 0; i < (*names ? 0 : all->n); i++)
		if (peers_key(all, all->all[i].key) == &all->all[i]) {
			rooms_of(own, &all->all[i], *at);
			n++;
		}
	for (; *names; names++, n++)
		rooms_of(own, peers_find(all, *names), *at);
	for (; opt['k'] && (n == 0 || n % PAD); n++)
		room('l', at, NULL, "-");
}

static void
print_rooms(struct own *own, char **names)
{
	struct pairing_at at = {.kind = opt['u'] ? 'u' : 't'};
	long days = prog_number_or('d', opt['d'], 8, 1, 366, "number");
	char file[PATH_MAX];
	struct peers all;
	char **name;

	at.port =
	    (uint16_t)prog_number_or('P', opt['P'], 2428, 1, 65535, "number");
	must(identity_path(file, "peers", 0, &f), &f);
	must(peers_load(&all, file, &f), &f);
	for (name = names; *name; name++)
		if (!peers_find(&all, *name))
			die(X_USE, "%s is not in %s", *name, file);
	if (must(agent_take(own, &f), &f) == 0) {
		must(identity_load(own->secret, path, NULL, &f), &f);
		own_here(own);
	}
	at.day = (clock_wall_us() / 1000000 - HOUR) / DAY;
	for (; days > 0; days--, at.day++) {
		rooms_day(own, names, &all, &at);
		if (!opt['U'])
			continue;
		at.kind = 'u';
		rooms_day(own, names, &all, &at);
		at.kind = 't';
	}
	peers_free(&all);
}

int
main(int argc, char **argv)
{
	uint8_t public[KEY_BYTES], *secret;
	struct own *own;
	char where[PATH_MAX];
	int make_home;

	prog_start(argv[0]);
	argv += prog_options(opt, argc, argv, "cC:d:f:klLm:P:pR:rtuUw:y", help);
	if (!!opt['c'] + !!opt['C'] + !!opt['l'] + !!opt['L'] + !!opt['p'] +
	            !!opt['R'] + !!opt['t'] + !!opt['r'] + !!opt['w'] +
	            !!opt['y'] >
	        1 ||
	    (!opt['r'] && (opt['d'] || opt['k'] || opt['P'] || opt['u'])) ||
	    (opt['U'] && (!opt['k'] || opt['u'])) ||
	    (opt['r'] && !opt['k'] && !*argv) || (opt['m'] && !opt['w']) ||
	    (*argv && !opt['r'] && (!opt['l'] || opt['f'] || argv[1])) ||
	    (opt['f'] &&
	        (opt['c'] || opt['C'] || opt['L'] || opt['R'] || opt['w'])))
		usage(help);
	if (opt['w'])
		return whom(opt['w'], opt['m']);
	if (opt['C'] || opt['L'] || opt['R']) {
		if (opt['C'])
			check_code(opt['C']);
		else if (opt['L'])
			list();
		else
			forget(opt['R']);
		return 0;
	}
	path = opt['f'];
	if (!path && !*argv && !opt['c']) {
		make_home = !opt['l'] && !opt['r'] && !opt['t'] && !opt['y'];
		must(identity_path(where, "id", make_home, &f), &f);
		path = where;
	}
	if (opt['t']) {
		test();
		return 0;
	}

	own = secret_new(sizeof(*own));
	if (!own)
		die_memory();
	secret = own->secret;
	if (opt['c']) {
		code();
	} else if (opt['r']) {
		print_rooms(own, argv);
	} else if (*argv) {
		find(public, *argv);
		show(public, 1);
	} else if (opt['l'] || opt['y']) {
		must(identity_load(secret, path, NULL, &f), &f);
		key_public(public, secret);
		show(public, opt['l'] != NULL);
	} else if (opt['p']) {
		protect(secret);
	} else {
		make(secret, 0);
	}
	secret_free(own);
	return 0;
}
