/* peers: the file of known keys, `NAME KEY [HOST]` a line, edited by hand.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "peers.h"
#include "store.h"

#define LETTERS                                                                \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
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

/* All of fd, and room for one line more behind it. */
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

void
peers_clean(char name[static PEER_NAME + 1], const char *text, size_t n)
{
	size_t i, at = 0;
	char c;

	for (i = 0; i < n && at < PEER_NAME; i++) {
		c = text[i];
		if (((unsigned char)c & 0xc0) == 0x80)
			continue; /* the rest of a UTF-8 character */
		if (c == '\0' || !strchr(LETTERS, c))
			c = '-';
		if (c != '-' || at > 0)
			name[at++] = c;
	}
	while (at > 0 && name[at - 1] == '-')
		at--;
	name[at] = '\0';
	if (at == 0)
		strcpy(name, "peer");
}

void
peers_unique(const struct peers *p, char name[static PEER_NAME + 1])
{
	char stem[PEER_NAME + 1], end[16];
	unsigned i;

	memcpy(stem, name, sizeof(stem));
	for (i = 2; peers_name(p, name); i++) {
		snprintf(end, sizeof(end), "%u", i);
		snprintf(name, PEER_NAME + 1, "%.*s%s",
		    PEER_NAME - (int)strlen(end), stem, end);
	}
}

/* Text with a line for the peer behind it; its length. */
static size_t
append(char *text, size_t n, const char *name,
    const uint8_t key[static KEY_BYTES], const char *host)
{
	char b64[KEY_TEXT + 1];

	/* What could not be read again is left out. */
	if (!host || strlen(host) > PEER_HOST || strpbrk(host, BLANKS "\n"))
		host = "";
	key_text(b64, key);
	if (n > 0 && text[n - 1] != '\n')
		text[n++] = '\n';
	return n + (size_t)sprintf(text + n, "%s %s%s%s\n", name, b64,
	               *host ? " " : "", host);
}

int
peers_add(const char *path, char name[static PEER_NAME + 1],
    const uint8_t key[static KEY_BYTES], const char *host, struct fault *f)
{
	const struct peer *known;
	struct peers p = {NULL, 0};
	struct store s;
	char *text, *copy;
	size_t n;
	int bad = -1;

	if (store_lock(&s, path, 1, f) == -1)
		return -1;
	text = slurp(s.fd, &n, path, f);
	copy = text ? malloc(n + 1) : NULL;
	if (text && !copy)
		fault_sys(f, X_SYS, "%s", path);
	if (copy) {
		memcpy(copy, text, n);
		bad = take(&p, copy, n, path, f);
	}
	if (bad == 0 && (known = peers_key(&p, key)) != NULL) {
		memcpy(name, known->name, PEER_NAME + 1);
	} else if (bad == 0) {
		if (!peers_valid(name))
			peers_clean(name, name, strlen(name));
		peers_unique(&p, name);
		n = append(text, n, name, key, host);
		bad = store_put(&s, text, n, f);
	}
	store_unlock(&s);
	peers_free(&p);
	free(copy);
	free(text);
	return bad;
}
