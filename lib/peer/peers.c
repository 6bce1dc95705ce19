/* peers: the file of known keys, `NAME KEY [HOST]` a line, edited by hand.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/store.h"
#include "peer/peers.h"

#define ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define SUGGESTED ALPHABET "0123456789_-"
#define LETTERS SUGGESTED "."
#define BLANKS " \t\r"

enum { FILE_MAX = 4 << 20 }; /* bytes; more is no list of peers */

int
peers_valid(const char *name)
{
	size_t n = strspn(name, LETTERS);

	return n > 0 && n <= PEER_NAME && name[n] == '\0';
}

/* Read the line at p into e: 1, or 0 if there is nothing on it; or a fault.
 * The line is cut into its fields. */
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
		    f, X_USE, "%s:%u: this is no key: %.80s", path, line, key);
	if (host && strlen(host) > PEER_HOST)
		return fault(
		    f, X_USE, "%s:%u: the host is too long", path, line);
	snprintf(e->name, sizeof(e->name), "%s", name);
	snprintf(e->host, sizeof(e->host), "%s", host ? host : "");
	e->line = line;
	return 1;
}

/* Take the n bytes at text; they are changed. */
static int
take(struct peers *p, char *text, size_t n, const char *path, struct fault *f)
{
	const struct peer *same;
	struct peer *all;
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
		if (p->n % 64 == 0) {
			all = realloc(p->all, (p->n + 64) * sizeof(*all));
			if (!all)
				return fault_sys(f, X_SYS, "%s", path);
			p->all = all;
		}
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
		p->n++;
	}
	return 0;
}

/* All of fd, and room for one line more behind it, which a host fits into. */
static char *
slurp(int fd, size_t *n, const char *path, struct fault *f)
{
	char *text =
	    malloc(FILE_MAX + 1 + PEER_NAME + KEY_TEXT + PEER_HOST + 8);
	ssize_t got;

	if (!text) {
		fault_sys(f, X_SYS, "%s", path);
		return NULL;
	}
	got = io_read_full(fd, text, FILE_MAX + 1);
	if (got == -1)
		fault_sys(f, store_code(), "%s", path);
	else if (got > FILE_MAX)
		fault(f, X_USE, "%s: too long for a list of peers", path);
	if (got == -1 || got > FILE_MAX) {
		free(text);
		return NULL;
	}
	*n = (size_t)got;
	return text;
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
	memset(p, 0, sizeof(*p));
}

const struct peer *
peers_key(const struct peers *p, const uint8_t key[static KEY_BYTES])
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (memcmp(p->all[i].key, key, KEY_BYTES) == 0)
			return &p->all[i];
	return NULL;
}

const struct peer *
peers_name(const struct peers *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (strcmp(p->all[i].name, name) == 0)
			return &p->all[i];
	return NULL;
}

const struct peer *
peers_find(const struct peers *p, const char *name)
{
	const struct peer *found = peers_name(p, name);
	size_t i;

	for (i = 0; !found && i < p->n; i++)
		if (strcasecmp(p->all[i].name, name) == 0)
			found = &p->all[i];
	return found;
}

const struct peer *
peers_taken(const struct peers *p, const char *name,
    const uint8_t key[static KEY_BYTES])
{
	const struct peer *e;

	for (e = p->all; e < p->all + p->n; e++)
		if ((strcasecmp(e->name, name) == 0 ||
		        strcasecmp(e->host, name) == 0) &&
		    memcmp(e->key, key, KEY_BYTES) != 0)
			return e;
	return NULL;
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

/* A file that is locked to be changed, and what stands in it. */
struct edit {
	struct store s;
	struct peers p;
	char *text; /* with room for a line more, or for a host */
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

/* Where that line begins, the first being 1; *n is its length, its newline
 * included. */
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

/* What could not be read again is not written. */
static int
writable(const char *host)
{
	return *host && strlen(host) <= PEER_HOST &&
	       !strpbrk(host, BLANKS "\n");
}

/* A line more at the end. */
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
		if (memcmp(p->key, key, KEY_BYTES) != 0)
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
		return fault(f, X_USE, "there is no %s in %s", name, path);
	}
	*was = *p;
	at = line_at(&e, p->line, &n);
	memmove(e.text + at, e.text + at + n, e.n - at - n);
	bad = store_put(&e.s, e.text, e.n - n, f);
	edit_end(&e);
	return bad;
}
