/* peers: the file of known keys, `NAME KEY [HOST]` a line, edited by hand.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/store.h"
#include "peer/peers.h"

#define ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define SUGGESTED ALPHABET "0123456789_-"
#define LETTERS SUGGESTED "."
#define BLANKS " \t\r"

enum {
	FILE_MAX = 256 << 20, /* bytes; longer is not a list of peers */
	LINE_MORE = PEER_NAME + KEY_TEXT + PEER_HOST + 8,
	ROOM = 64 /* lines at first; a power of two */
};

enum by { BY_NAME, BY_HOST, BY_KEY };

int
peers_valid(const char *name)
{
	size_t n = strspn(name, LETTERS);

	return n > 0 && n <= PEER_NAME && name[n] == '\0';
}

/* Parse the line at p into e: 1, or 0 if it is empty; or a fault.  The line is
 * cut into its fields. */
static int
parse(struct peer *e, char *p, const char *path, unsigned line, struct fault *f)
{
	const char *name, *key, *host;
	char *save;

	name = strtok_r(p, BLANKS, &save);
	if (!name || *name == '#')
		return 0;
	key = strtok_r(NULL, BLANKS, &save);
	host = strtok_r(NULL, BLANKS, &save);
	if (!key || strtok_r(NULL, BLANKS, &save))
		return fault(
		    f, X_USE, "%s:%u: this is not NAME KEY [HOST]", path, line);
	if (!peers_valid(name))
		return fault(f, X_USE,
		    "%s:%u: a name has at most %d letters, digits, '.', '_' "
		    "and '-': %.80s",
		    path, line, PEER_NAME, name);
	if (key_parse(e->key, key) == -1)
		return fault(
		    f, X_USE, "%s:%u: not a key: %.80s", path, line, key);
	if (host && strlen(host) > PEER_HOST)
		return fault(
		    f, X_USE, "%s:%u: the host is too long", path, line);
	snprintf(e->name, sizeof(e->name), "%s", name);
	snprintf(e->host, sizeof(e->host), "%s", host ? host : "");
	e->line = line;
	return 1;
}

/* FNV-1a, of a key or, without case, of text.  An attacker who chooses what is
 * added can fill one bucket with PEERS_LEARNED lines, no more. */
static uint32_t *
bucket(const struct peers *p, enum by by, const void *what)
{
	const uint8_t *c = what, *end = c + KEY_BYTES;
	uint32_t h = 2166136261u;

	for (; by == BY_KEY ? c < end : *c; c++)
		h = (h ^ (by == BY_KEY || *c < 'A' || *c > 'Z' ? *c
		                                               : *c + 32u)) *
		    16777619u;
	return &p->bucket[by * p->room + (h ^ h >> 15) % p->room];
}

/* Add the line at that place to the buckets. */
static void
enter(struct peers *p, uint32_t place)
{
	struct peer *e = &p->all[place];
	const void *what[PEERS_BY] = {e->name, e->host, e->key};
	uint32_t *b;
	enum by by;

	for (by = BY_NAME; by <= BY_KEY; by++) {
		if (by == BY_HOST && !*e->host)
			continue;
		b = bucket(p, by, what[by]);
		e->next[by] = *b;
		*b = place + 1;
	}
}

/* Make room for one more line.  0, or -1 and errno. */
static int
grow(struct peers *p)
{
	size_t room = p->room ? 2 * p->room : ROOM;
	struct peer *all;
	uint32_t *b, i;

	if (p->n < p->room)
		return 0;
	all = realloc(p->all, room * sizeof(*all));
	if (all)
		p->all = all;
	b = calloc(PEERS_BY * room, sizeof(*b));
	if (!all || !b) {
		free(b);
		return -1;
	}
	free(p->bucket);
	p->bucket = b;
	p->room = room;
	for (i = 0; i < p->n; i++)
		enter(p, i);
	return 0;
}

/* The bucket's next line after e; its last line if e is NULL. */
static const struct peer *
follow(
    const struct peers *p, enum by by, const void *what, const struct peer *e)
{
	uint32_t place = 0;

	if (e)
		place = e->next[by];
	else if (p->room)
		place = *bucket(p, by, what);
	return place ? &p->all[place - 1] : NULL;
}

/* Parse n bytes of text, which is changed. */
static int
take(struct peers *p, char *text, size_t n, const char *path, struct fault *f)
{
	const struct peer *same;
	unsigned line = 1;
	char *at, *end;
	int got;

	for (at = text; at < text + n; at = end + 1, line++) {
		end = memchr(at, '\n', (size_t)(text + n - at));
		if (!end)
			end = text + n;
		*end = '\0';
		if (strlen(at) < (size_t)(end - at))
			return fault(f, X_USE, "%s:%u: a NUL byte", path, line);
		if (grow(p) == -1)
			return fault_sys(f, X_SYS, "%s", path);
		got = parse(&p->all[p->n], at, path, line, f);
		if (got == -1)
			return -1;
		if (got == 0)
			continue;
		same = peers_name(p, p->all[p->n].name);
		if (same)
			return fault(f, X_USE,
			    "%s:%u: the name %s stands in line %u already",
			    path, line, same->name, same->line);
		enter(p, (uint32_t)p->n++);
	}
	return 0;
}

/* Read all of fd, with room after it for one more line or a host. */
static char *
slurp(int fd, size_t *n, const char *path, struct fault *f)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t got = 1;

	for (*n = 0; got > 0 && *n <= FILE_MAX; *n += (size_t)got) {
		if (buf_grow(&text, &room, *n + (*n / 2) + 2 * LINE_MORE) == -1)
			break;
		got = io_read_full(fd, text + *n, room - *n - LINE_MORE);
		if (got == -1)
			break;
	}
	if (got == 0)
		return text;
	if (*n > FILE_MAX)
		fault(f, X_USE, "%s: too long for a list of peers", path);
	else
		fault_sys(f, got == -1 ? store_code() : X_SYS, "%s", path);
	free(text);
	return NULL;
}

int
peers_load(struct peers *p, const char *path, struct fault *f)
{
	struct stat st;
	char *text = NULL;
	size_t n;
	int fd, bad;

	memset(p, 0, sizeof(*p));
	fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		return fault_sys(f, store_code(), "%s", path);
	if (fstat(fd, &st) == -1)
		fault_sys(f, X_SYS, "%s", path);
	else if (store_ours(&st, path, f) == 0)
		text = slurp(fd, &n, path, f);
	close(fd);
	if (!text)
		return -1;
	bad = take(p, text, n, path, f);
	free(text);
	if (bad)
		peers_free(p);
	return bad;
}

void
peers_free(struct peers *p)
{
	free(p->all);
	free(p->bucket);
	memset(p, 0, sizeof(*p));
}

/* A bucket has the last line first. */
const struct peer *
peers_key(const struct peers *p, const uint8_t key[static KEY_BYTES])
{
	const struct peer *e = NULL, *found = NULL;

	while ((e = follow(p, BY_KEY, key, e)) != NULL)
		if (key_same(e->key, key))
			found = e;
	return found;
}

const struct peer *
peers_name(const struct peers *p, const char *name)
{
	const struct peer *e = NULL;

	while ((e = follow(p, BY_NAME, name, e)) != NULL)
		if (strcmp(e->name, name) == 0)
			break;
	return e;
}

const struct peer *
peers_find(const struct peers *p, const char *name)
{
	const struct peer *found = peers_name(p, name), *e = NULL;

	if (found)
		return found;
	while ((e = follow(p, BY_NAME, name, e)) != NULL)
		if (strcasecmp(e->name, name) == 0)
			found = e;
	return found;
}

const struct peer *
peers_taken(const struct peers *p, const char *name,
    const uint8_t key[static KEY_BYTES])
{
	const struct peer *e, *found = NULL;
	enum by by;

	for (by = BY_NAME; by <= BY_HOST; by++)
		for (e = NULL; (e = follow(p, by, name, e)) != NULL;)
			if (strcasecmp(
			        by == BY_NAME ? e->name : e->host, name) == 0 &&
			    !key_same(e->key, key) && (!found || e < found))
				found = e;
	return found;
}

int
peers_full(const struct peers *p, const char *path, struct fault *f)
{
	if (p->n < PEERS_LEARNED)
		return 0;
	fault(f, X_PEER, "%s has %zu lines: no key is added to it but by hand",
	    path, p->n);
	return 1;
}

void
peers_clean(char name[static PEER_NAME + 1], const char *text, size_t n)
{
	size_t i, at = 0;
	char c;

	for (i = 0; i < n && at < PEER_NAME; i++) {
		c = text[i];
		if (((unsigned char)c & 0xc0) == 0x80)
			continue; /* the rest of a UTF-8 character */
		if (c == '\0' || !strchr(SUGGESTED, c))
			c = '-';
		if (at > 0 || strchr(ALPHABET, c))
			name[at++] = c;
	}
	while (at > 0 && name[at - 1] == '-')
		at--;
	name[at] = '\0';
	if (at == 0)
		strcpy(name, "peer");
}

void
peers_unique(const struct peers *p, char name[static PEER_NAME + 1],
    const uint8_t key[static KEY_BYTES])
{
	char stem[PEER_NAME + 1], end[16];
	unsigned i;

	memcpy(stem, name, sizeof(stem));
	for (i = 2; peers_taken(p, name, key); i++) {
		snprintf(end, sizeof(end), "%u", i);
		snprintf(name, PEER_NAME + 1, "%.*s%s",
		    PEER_NAME - (int)strlen(end), stem, end);
	}
}

/* A file locked for a change, and its contents. */
struct edit {
	struct store s;
	struct peers p;
	char *text; /* with room for one more line, or for a host */
	size_t n;
};

static void
edit_end(struct edit *e)
{
	store_unlock(&e->s);
	peers_free(&e->p);
	free(e->text);
}

static int
edit_begin(struct edit *e, const char *path, int make, struct fault *f)
{
	char *copy = NULL;
	int bad = -1;

	memset(&e->p, 0, sizeof(e->p));
	if (store_lock(&e->s, path, make, f) == -1)
		return -1;
	e->text = slurp(e->s.fd, &e->n, path, f);
	copy = e->text ? malloc(e->n + 1) : NULL;
	if (e->text && !copy)
		fault_sys(f, X_SYS, "%s", path);
	if (copy) {
		memcpy(copy, e->text, e->n);
		bad = take(&e->p, copy, e->n, path, f);
	}
	free(copy);
	if (bad)
		edit_end(e);
	return bad;
}

/* Where that line begins, counted from 1; *n is its length with its newline. */
static size_t
line_at(const struct edit *e, unsigned line, size_t *n)
{
	const char *p = e->text, *end = e->text + e->n, *next;

	for (;; p = next) {
		next = memchr(p, '\n', (size_t)(end - p));
		next = next ? next + 1 : end;
		if (--line == 0 || next == end)
			break;
	}
	*n = (size_t)(next - p);
	return (size_t)(p - e->text);
}

/* Only write hosts that can be read again. */
static int
writable(const char *host)
{
	return *host && strlen(host) <= PEER_HOST &&
	       !strpbrk(host, BLANKS "\n");
}

/* Append a line. */
static void
append(struct edit *e, const char *name, const uint8_t key[static KEY_BYTES],
    const char *host)
{
	char b64[KEY_TEXT + 1];

	if (!host || !writable(host))
		host = "";
	key_text(b64, key);
	if (e->n > 0 && e->text[e->n - 1] != '\n')
		e->text[e->n++] = '\n';
	e->n += (size_t)sprintf(
	    e->text + e->n, "%s %s%s%s\n", name, b64, *host ? " " : "", host);
}

int
peers_add(const char *path, char name[static PEER_NAME + 1],
    const uint8_t key[static KEY_BYTES], const char *host, struct fault *f)
{
	const struct peer *known;
	struct edit e;
	int bad = 0;

	if (edit_begin(&e, path, 1, f) == -1)
		return -1;
	known = peers_key(&e.p, key);
	if (known) {
		memcpy(name, known->name, PEER_NAME + 1);
	} else if (peers_full(&e.p, path, f)) {
		bad = -1;
	} else {
		if (!peers_valid(name))
			peers_clean(name, name, strlen(name));
		peers_unique(&e.p, name, key);
		append(&e, name, key, host);
		bad = store_put(&e.s, e.text, e.n, f);
	}
	edit_end(&e);
	return bad;
}

int
peers_bind(const char *path, const uint8_t key[static KEY_BYTES],
    const char *host, struct peer *line, struct fault *f)
{
	const struct peer *p, *free_one = NULL;
	size_t at, n;
	struct edit e;
	int bad;

	if (edit_begin(&e, path, 0, f) == -1)
		return -1;
	memset(line, 0, sizeof(*line));
	for (p = e.p.all; p < e.p.all + e.p.n; p++) {
		if (!key_same(p->key, key))
			continue;
		if (!*line->name)
			*line = *p;
		if (!*p->host && !free_one)
			free_one = p;
	}
	if (!free_one || !writable(host)) {
		edit_end(&e);
		return *line->name ? PEERS_OTHER : PEERS_NONE;
	}
	*line = *free_one;
	at = line_at(&e, line->line, &n);
	while (n > 0 && strchr(BLANKS "\n", e.text[at + n - 1]))
		n--;
	at += n;
	n = strlen(host);
	memmove(e.text + at + 1 + n, e.text + at, e.n - at);
	e.text[at] = ' ';
	memcpy(e.text + at + 1, host, n);
	e.n += 1 + n;
	bad = store_put(&e.s, e.text, e.n, f);
	edit_end(&e);
	return bad ? -1 : PEERS_BOUND;
}

int
peers_forget(
    const char *path, const char *name, struct peer *was, struct fault *f)
{
	const struct peer *p;
	size_t at, n;
	struct edit e;
	int bad;

	if (edit_begin(&e, path, 0, f) == -1)
		return -1;
	p = peers_name(&e.p, name);
	if (!p) {
		edit_end(&e);
		return fault(f, X_USE, "%s is not in %s", name, path);
	}
	*was = *p;
	at = line_at(&e, p->line, &n);
	memmove(e.text + at, e.text + at + n, e.n - at - n);
	bad = store_put(&e.s, e.text, e.n - n, f);
	edit_end(&e);
	return bad;
}
