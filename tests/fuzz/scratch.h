/* scratch: for the fuzzers of chat-file: a folder, and a session with a peer that
 * has said all it will say.
 * SPDX-License-Identifier: ISC */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/filemsg.h"

enum { SCRATCH_MOST = 1 << 20 }; /* bytes that a side says */

static char scratch_path[PATH_MAX];
static int scratch_fd = -1; /* the folder */
static int scratch_null;
/* What the two sides say. */
static uint8_t scratch_peer[SCRATCH_MOST], scratch_own[SCRATCH_MOST];
static size_t scratch_peer_len, scratch_own_len;

/* The next byte of a fuzzer's input, or 0. */
struct scratch_input {
	const uint8_t *p;
	size_t n;
};

static unsigned
scratch_byte(struct scratch_input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

/* Small numbers, and such as are near a limit. */
static uint64_t
scratch_number(struct scratch_input *in)
{
	unsigned b = scratch_byte(in);

	if (b < 180)
		return b;
	if (b < 192)
		return (uint64_t)65536 * (b - 179);
	return ((uint64_t)1 << (b - 192)) - (b & 1);
}

/* The byte at that place in every file, which is not 0. */
static uint8_t
scratch_content(uint64_t at)
{
	return (uint8_t)(1 + at % 251);
}

/* The hash of n bytes of it, from its beginning on. */
static void
scratch_sum(uint8_t out[static HASH_BYTES], size_t n)
{
	struct hash h;
	uint8_t b;
	size_t i;

	hash_begin(&h);
	for (i = 0; i < n; i++) {
		b = scratch_content(i);
		hash_add(&h, &b, 1);
	}
	hash_end(&h, out);
}

/* The peer says the rest of the input, as it is. */
static void
scratch_raw(struct scratch_input *in)
{
	scratch_peer_len = in->n;
	if (in->n)
		memcpy(scratch_peer, in->p, in->n);
	in->n = 0;
}

/* The peer says m, and of a FILEMSG_DATA the bytes, the first at that place.  0
 * where it has said too much already. */
static int
scratch_say(const struct filemsg *m, uint64_t at)
{
	size_t n = m->type == FILEMSG_DATA ? m->size : 0, i;

	if (scratch_peer_len + FILEMSG_HEAD + FILEMSG_BODY + n > SCRATCH_MOST)
		return 0;
	scratch_peer_len += filemsg_put(scratch_peer + scratch_peer_len, m);
	for (i = 0; i < n; i++)
		scratch_peer[scratch_peer_len++] = scratch_content(at + i);
	return 1;
}

/* The message at *at of what a side said, *at going behind it and the bytes of a
 * FILEMSG_DATA.  0, or -1 at the end and at what is not one. */
static int
scratch_heard(struct filemsg *m, const uint8_t *p, size_t n, size_t *at)
{
	int32_t body;
	size_t more;

	if (n - *at < FILEMSG_HEAD || (body = filemsg_body(p + *at)) == -1 ||
	    n - *at - FILEMSG_HEAD < (size_t)body ||
	    filemsg_get(m, p + *at, p + *at + FILEMSG_HEAD, (size_t)body) == -1)
		return -1;
	*at += FILEMSG_HEAD + (size_t)body;
	more = m->type == FILEMSG_DATA ? m->size : 0;
	if (n - *at < more)
		return -1;
	*at += more;
	return 0;
}

static int
scratch_folder(int dir, const char *name)
{
	int fd =
	    openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	MUST(fd != -1);
	return fd;
}

/* Everything below the folder that dir is open on is removed. */
static void
scratch_clear(int dir)
{
	DIR *d = fdopendir(dup(dir));
	const struct dirent *e;
	int sub;

	MUST(d);
	rewinddir(d);
	while ((e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (e->d_type != DT_DIR) {
			MUST(unlinkat(dir, e->d_name, 0) == 0);
			continue;
		}
		/* Its mode may be a peer's. */
		MUST(fchmodat(dir, e->d_name, 0700, 0) == 0);
		sub = scratch_folder(dir, e->d_name);
		scratch_clear(sub);
		close(sub);
		MUST(unlinkat(dir, e->d_name, AT_REMOVEDIR) == 0);
	}
	closedir(d);
}

static void
scratch_end(void)
{
	scratch_clear(scratch_fd);
	(void)rmdir(scratch_path);
}

/* Make the folder, in memory where that is possible.  1 at the first call. */
static int
scratch_begin(void)
{
	extern void __sanitizer_set_report_fd(void *) __attribute__((weak));
	const char *in = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	if (scratch_fd != -1)
		return 0;
	/* What the session says is not wanted, but a sanitizer's report is. */
	if (__sanitizer_set_report_fd)
		__sanitizer_set_report_fd(
		    (void *)(uintptr_t)fcntl(2, F_DUPFD_CLOEXEC, 3));
	snprintf(scratch_path, sizeof(scratch_path), "%s/fuzz-XXXXXX", in);
	MUST(mkdtemp(scratch_path));
	scratch_fd = open(scratch_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scratch_null = open("/dev/null", O_RDWR | O_CLOEXEC);
	MUST(scratch_fd > 2 && scratch_null > 2);
	atexit(scratch_end);
	signal(SIGPIPE, SIG_IGN);
	umask(0);
	return 1;
}

/* The file of that name in the folder dir: n bytes. */
static void
scratch_file(int dir, const char *name, size_t n)
{
	int fd =
	    openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	uint8_t b[4096];
	size_t i;

	MUST(fd != -1);
	for (i = 0; i < n; i++) {
		b[i % sizeof(b)] = scratch_content(i);
		if (i + 1 == n || (i + 1) % sizeof(b) == 0)
			MUST(write(fd, b, i % sizeof(b) + 1) ==
			     (ssize_t)(i % sizeof(b) + 1));
	}
	close(fd);
}

/* Run a session, by descriptors 0 and 1, with what the peer says.  It leaves no
 * descriptor open. */
static int
scratch_session(int (*run)(void))
{
	int in[2], out[2], err = fcntl(2, F_DUPFD_CLOEXEC, 3), free, r;
	ssize_t got;

	MUST(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	if (scratch_peer_len > 60000)
		MUST(fcntl(in[1], F_SETPIPE_SZ, SCRATCH_MOST) != -1);
	MUST(write(in[1], scratch_peer, scratch_peer_len) ==
	     (ssize_t)scratch_peer_len);
	MUST(dup2(in[0], 0) == 0 && dup2(out[1], 1) == 1 &&
	     dup2(scratch_null, 2) == 2);
	close(in[0]);
	close(in[1]);
	close(out[1]);
	free = fcntl(2, F_DUPFD, 3);
	close(free);
	r = run();
	MUST(fcntl(scratch_null, F_DUPFD, 3) == free);
	close(free);
	dup2(err, 2);
	close(err);
	dup2(scratch_null, 0);
	dup2(scratch_null, 1);
	scratch_own_len = 0;
	while ((got = read(out[0], scratch_own + scratch_own_len,
	            SCRATCH_MOST - scratch_own_len)) > 0)
		scratch_own_len += (size_t)got;
	MUST(got == 0);
	close(out[0]);
	return r;
}

#endif
