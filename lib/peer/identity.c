/* identity: the paths of the kit's files, and the file that holds an identity.
 * SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/io.h"
#include "base/store.h"
#include "crypto/keywrap.h"
#include "crypto/secret.h"
#include "peer/identity.h"
#include "peer/passphrase.h"

enum {
	FILE_MAX = 16384, /* bytes; longer is not an identity */
	TRIES = 3
};

/* A file that was read, and its one line that is not a comment.  All of it is
 * in one block of secret memory. */
struct file {
	char text[FILE_MAX + 1];
	size_t n, at, len; /* at: where that line begins */
	unsigned line;
	char key[KEYWRAP_TEXT]; /* a copy of that line */
	int once; /* it cannot be read a second time */
	char pass[PASSPHRASE_MAX];
	uint8_t secret[KEY_BYTES];
};

static const char *
env(const char *name)
{
	const char *s = getenv(name);

	return s && *s ? s : NULL;
}

/* Make the folder and its parents, 0700. */
static int
make_folder(char *path)
{
	char *p;

	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	for (p = path + 1; errno == ENOENT && (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(path, 0700) == 0 || errno == EEXIST)
			errno = ENOENT;
		*p = '/';
	}
	return errno == ENOENT ? mkdir(path, 0700) : -1;
}

/* Only the user may replace files in path's folder.  A folder that does
 * not exist passes. */
static int
check_folder(char *path, struct fault *f)
{
	char *end = strrchr(path, '/');
	struct stat st;
	int bad;

	*end = '\0';
	bad = stat(path, &st) == 0 && store_ours(&st, path, f) == -1;
	*end = '/';
	return bad ? -1 : 0;
}

int
identity_path(
    char out[static PATH_MAX], const char *file, int make, struct fault *f)
{
	const char *home = env(CHAT_HOME), *xdg = env("XDG_CONFIG_HOME");
	char *end;
	int n;

	if (home)
		n = snprintf(out, PATH_MAX, "%s/%s", home, file);
	else if (xdg && *xdg == '/') /* a relative one is ignored */
		n = snprintf(out, PATH_MAX, "%s/chat/%s", xdg, file);
	else if ((home = env("HOME")) != NULL)
		n = snprintf(out, PATH_MAX, "%s/.config/chat/%s", home, file);
	else
		return fault(f, X_USE,
		    "none of " CHAT_HOME ", XDG_CONFIG_HOME and HOME is set");
	if (n < 0 || n >= PATH_MAX)
		return fault(f, X_USE, "the path of %s is too long", file);
	if (make) {
		end = strrchr(out, '/');
		*end = '\0';
		if (make_folder(out) == -1)
			return fault_sys(f, store_code(), "%s", out);
		*end = '/';
	}
	return check_folder(out, f);
}

/* Find the line that holds the key. */
static int
find(struct file *file, const char *path, struct fault *f)
{
	const char *at, *end, *stop = file->text + file->n;
	size_t len;
	unsigned line = 1;

	for (at = file->text; at < stop; at = end + 1, line++) {
		end = memchr(at, '\n', (size_t)(stop - at));
		if (!end)
			end = stop;
		while (at < end && strchr(" \t\r", *at))
			at++;
		len = (size_t)(end - at);
		while (len > 0 && strchr(" \t\r", at[len - 1]))
			len--;
		if (len == 0 || *at == '#')
			continue;
		if (file->line)
			return fault(f, X_USE,
			    "%s:%u: a second key: the first is in line %u",
			    path, line, file->line);
		if (len >= KEYWRAP_TEXT)
			return fault(
			    f, X_USE, "%s:%u: not a secret key", path, line);
		memcpy(file->key, at, len);
		file->at = (size_t)(at - file->text);
		file->len = len;
		file->line = line;
	}
	if (!file->line)
		return fault(f, X_USE, "%s: holds no key", path);
	return 0;
}

/* May it hold a secret?  Only a file's mode matters, not a pipe's. */
static int
check_mode(const struct stat *st, const char *path, struct fault *f)
{
	if (!S_ISREG(st->st_mode))
		return 0;
	if (st->st_mode & 0066)
		return fault(f, X_USE, "%s: can be %s by others: chmod 600 %s",
		    path, st->st_mode & 0044 ? "read" : "changed", path);
	return store_ours(st, path, f);
}

static int
slurp(struct file *file, int fd, const char *path, struct fault *f)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) == -1)
		return fault_sys(f, X_SYS, "%s", path);
	if (check_mode(&st, path, f) == -1)
		return -1;
	file->once = fd == STDIN_FILENO || !S_ISREG(st.st_mode);
	got = store_read(file->text, FILE_MAX, fd, path, "an identity", f);
	if (got == -1)
		return -1;
	if (memchr(file->text, '\0', (size_t)got))
		return fault(f, X_USE, "%s: not text", path);
	file->n = (size_t)got;
	return find(file, path, f);
}

static void
lock_fault(const char *path, struct fault *f)
{
	if (errno == ENOMEM)
		fault(
		    f, X_SYS, "%s: not enough memory for the passphrase", path);
	else if (errno == EBADMSG)
		fault(f, X_USE, "%s: wrong passphrase, or the file was changed",
		    path);
	else
		fault_sys(f, X_SYS, "%s", path);
}

/* 1 if it is under a passphrase, else 0. */
static int
locked(const struct file *file)
{
	return strncmp(file->key, KEYWRAP_NAME, strlen(KEYWRAP_NAME)) == 0;
}

/* Get the secret key from the line.  Ask for no passphrase if before returns
 * 1. */
static int
unlock(struct file *file, const char *path, int (*before)(struct fault *f),
    struct fault *f)
{
	struct keywrap l;
	int i, n;

	if (!locked(file)) {
		if (key_parse(file->secret, file->key) == -1)
			return fault(f, X_USE, "%s:%u: not a secret key", path,
			    file->line);
		return 0;
	}
	if (keywrap_parse(&l, file->key) == -1)
		return fault(f, X_USE, "%s:%u: %s", path, file->line,
		    errno == ERANGE
		        ? "the costs of its passphrase are beyond the limits"
		        : "not a key under a passphrase");
	file->once = 1;
	n = before ? before(f) : 0;
	if (n != 0)
		return n == -1 ? -1 : 0;
	for (i = 0; i < TRIES; i++) {
		n = passphrase_ask(file->pass, i > 0, path, f);
		if (n < 0)
			return -1;
		if (keywrap_open(file->secret, &l, file->pass, (size_t)n) == 0)
			return 0;
		lock_fault(path, f);
		if (errno != EBADMSG)
			break;
	}
	return -1;
}

/* Read and parse the file at path.  NULL and a fault. */
static struct file *
load(const char *path, int (*before)(struct fault *f), struct fault *f)
{
	struct file *file = secret_new(sizeof(*file));
	int fd = 0, bad;

	if (!file) {
		fault_memory(f);
		return NULL;
	}
	if (strcmp(path, "-") == 0)
		path = "standard input";
	else
		fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		bad = fault(f, X_USE,
		    "%s: no such file: chat-keygen makes an identity", path);
	else if (fd == -1)
		bad = fault_sys(f, store_code(), "%s", path);
	else
		bad = slurp(file, fd, path, f);
	if (fd > 0)
		close(fd);
	if (bad || unlock(file, path, before, f) == -1) {
		secret_free(file);
		return NULL;
	}
	return file;
}

static int
only_look(struct fault *f)
{
	(void)f;
	return 1;
}

int
identity_check(const char *path, struct fault *f)
{
	struct file *file;
	struct stat st;

	if (strcmp(path, "-") == 0 || stat(path, &st) == -1)
		return 0;
	if (!S_ISREG(st.st_mode))
		return check_mode(&st, path, f);
	file = load(path, only_look, f);
	if (!file)
		return -1;
	secret_free(file);
	return 0;
}

int
identity_load(uint8_t secret[static KEY_BYTES], const char *path,
    int (*before)(struct fault *f), struct fault *f)
{
	char own[PATH_MAX];
	struct file *file;
	int once;

	if (!path && identity_path(own, "id", 0, f) == -1)
		return -1;
	file = load(path ? path : own, before, f);
	if (!file)
		return -1;
	memcpy(secret, file->secret, KEY_BYTES);
	once = file->once;
	secret_free(file);
	return once;
}

/* Write a new line for the secret and the n bytes of passphrase. */
static int
make_line(struct file *file, int n, const char *path, struct fault *f)
{
	struct keywrap l;

	if (n == 0) {
		key_text(file->key, file->secret);
	} else if (passphrase_cost(&l.passes, &l.kib) == -1 ||
	           keywrap_seal(&l, file->secret, file->pass, (size_t)n) ==
	               -1) {
		lock_fault(path, f);
		return -1;
	} else {
		keywrap_text(file->key, &l);
	}
	return 0;
}

int
identity_create(const char *path, const uint8_t secret[static KEY_BYTES],
    int ask, struct fault *f)
{
	struct file *file = secret_new(sizeof(*file));
	int n = 0, bad = -1;

	if (!file)
		return fault_sys(f, X_SYS, "%s", path);
	memcpy(file->secret, secret, KEY_BYTES);
	if (ask) {
		n = passphrase_new(file->pass, path, "", f);
		if (n == 0)
			fault(f, X_USE, "%s: no passphrase was given", path);
	}
	if ((!ask || n > 0) && make_line(file, n, path, f) == 0) {
		strcat(file->key, "\n");
		bad = store_new(path, file->key, strlen(file->key), f);
	}
	secret_free(file);
	return bad;
}

/* Replace the old line by the new one, if the file has not changed
 * meanwhile. */
static int
replace(struct file *file, const char *path, struct fault *f)
{
	char *text = secret_new(FILE_MAX + KEYWRAP_TEXT);
	size_t n = strlen(file->key), rest = file->at + file->len;
	struct store s;
	int bad = -1;

	if (!text)
		return fault_sys(f, X_SYS, "%s", path);
	if (store_lock(&s, path, 0, f) == 0) {
		if (io_read_full(s.fd, text, FILE_MAX + 1) !=
		        (ssize_t)file->n ||
		    memcmp(text, file->text, file->n) != 0) {
			fault(f, X_SYS,
			    "%s: changed meanwhile, nothing was done", path);
		} else {
			memcpy(text + file->at, file->key, n);
			memcpy(text + file->at + n, file->text + rest,
			    file->n - rest);
			bad = store_put(&s, text, file->n - file->len + n, f);
		}
		store_unlock(&s);
	}
	secret_free(text);
	return bad;
}

int
identity_protect(const char *path, struct fault *f)
{
	struct file *file = load(path, NULL, f);
	int n, bad, asked;

	if (!file)
		return -1;
	asked = locked(file);
	n = bad =
	    passphrase_new(file->pass, path, asked ? " (empty: none)" : "", f);
	if (n == 0 &&
	    (!asked || !passphrase_sure("remove the passphrase? [y/N] ")))
		bad = 1;
	else if (n >= 0 && (bad = make_line(file, n, path, f)) == 0)
		bad = replace(file, path, f);
	secret_free(file);
	return bad;
}
