/* A sealed file's records by one thread and by two: the same bytes, in order, over
 * an epoch's border, from files and from pipes that give a little at a time; and
 * what was changed or cut.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "crypto/aeadfast.h"
#include "sandbox/seccomp.h"
#include "session/batch.h"
#include "tap.h"

enum { SIZE = 5 << 20, TRIES = 60 };

static uint8_t plain[SIZE], sealed[2 * SIZE], got[2 * SIZE];

static void
begin(struct record *r, int cipher)
{
	static const uint8_t key[AEAD_KEY] = "a key";

	if (aead_init(&r->key, cipher, key) == -1)
		abort();
	r->n = RECORD_EPOCH - 20;
}

static int
file_of(const uint8_t *p, size_t n)
{
	int fd = memfd_create("in", 0);

	if (fd == -1 || io_write(fd, p, n) == -1 || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

/* A pipe into which a child writes pieces of all sizes. */
static int
pipe_of(const uint8_t *p, size_t n, unsigned seed)
{
	size_t part, at;
	int fd[2];

	if (pipe(fd) == -1)
		abort();
	if (fork() == 0) {
		close(fd[0]);
		for (at = 0; at < n; at += part) {
			part = 1 + (size_t)rand_r(&seed) % 100000;
			if (part > n - at)
				part = n - at;
			if (io_write(fd[1], p + at, part) == -1)
				break;
		}
		_exit(0);
	}
	close(fd[1]);
	return fd[0];
}

/* In a process of its own, with a filter around it: 0, or the fault's code. */
static int
run(int opens, int cipher, int threads, int in, int out)
{
	struct record r;
	struct batch *b;
	struct fault f;
	cpu_set_t one;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		CPU_ZERO(&one);
		CPU_SET(0, &one);
		if (threads == 1 && sched_setaffinity(0, sizeof(one), &one))
			_exit(1);
		(void)aeadfast_use(BATCH_THREADS);
		begin(&r, cipher);
		b = batch_new(in, "in", out, "out", &f);
		(void)seccomp_enter(0, -1);
		if (!b)
			_exit(2);
		_exit((opens ? batch_open : batch_seal)(b, &r, &f) == -1
		          ? f.code
		          : 0);
	}
	close(in);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* All that was written. */
static size_t
take(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || (size_t)st.st_size > sizeof(got) ||
	    pread(fd, got, (size_t)st.st_size, 0) != st.st_size)
		abort();
	close(fd);
	return (size_t)st.st_size;
}

/* The records of sealed, one after another by record.h alone: their plain bytes
 * into got. */
static size_t
by_hand(int cipher, size_t n)
{
	size_t at = 0, to = 0;
	struct record r;
	ssize_t len, part = 1;

	for (begin(&r, cipher); part > 0 && at < n; at += (size_t)len) {
		len = record_whole(sealed + at, n - at);
		if (len <= 0)
			return 0;
		part = record_open(&r, got + to, sealed + at, (size_t)len);
		if (part == -1)
			return 0;
		to += (size_t)part;
	}
	return part == 0 && at == n ? to : 0;
}

static void
there_and_back(int cipher, int threads, int piped)
{
	const char *how = piped ? "pipe" : "file";
	int out = memfd_create("out", 0);
	size_t n;

	ok(run(0, cipher, threads,
	       piped ? pipe_of(plain, SIZE, 1) : file_of(plain, SIZE),
	       out) == 0,
	    "%s, %d at a time: %s is sealed", aead_name(cipher), threads, how);
	n = take(out);
	memcpy(sealed, got, n);
	ok(by_hand(cipher, n) == SIZE && memcmp(got, plain, SIZE) == 0,
	    "in order, over the epoch's border");
	out = memfd_create("out", 0);
	ok(run(1, cipher, threads,
	       piped ? pipe_of(sealed, n, 2) : file_of(sealed, n), out) == 0,
	    "and opened");
	ok(take(out) == SIZE && memcmp(got, plain, SIZE) == 0, "the same");
}

/* What comes out is a beginning of the truth, and the code says so. */
static void
damaged(int threads, size_t n, unsigned seed)
{
	int i, out, code, bad = 0;
	size_t at, len;

	for (i = 0; i < TRIES; i++) {
		at = (size_t)rand_r(&seed) * 7 % n;
		out = memfd_create("out", 0);
		if (i % 3 == 0) {
			code = run(1, AEAD_CHACHAPOLY, threads,
			    file_of(sealed, at), out);
		} else if (i % 3 == 1) {
			sealed[at] ^= 1;
			code = run(1, AEAD_CHACHAPOLY, threads,
			    i & 1 ? file_of(sealed, n)
			          : pipe_of(sealed, n, seed),
			    out);
			sealed[at] ^= 1;
		} else {
			code = run(1, AEAD_CHACHAPOLY, threads,
			    file_of(sealed, n + 1 + at % 1000), out);
		}
		len = take(out);
		bad += code != X_PEER || len > SIZE ||
		       memcmp(got, plain, len) != 0;
		if (i % 3 == 2)
			bad += len != SIZE;
	}
	ok(bad == 0, "%d at a time: %d cut, changed or longer, all refused",
	    threads, TRIES);
}

int
main(void)
{
	static const int ciphers[] = {AEAD_CHACHAPOLY, AEAD_AESGCM};
	size_t i, n = 0;
	int threads, full, in[2];

	if (sodium_init() == -1)
		return 1;
	randombytes_buf(plain, SIZE);
	for (i = 0; i < 2; i++) {
		if (!(aead_offer() & ciphers[i]))
			continue;
		for (threads = 1; threads <= 2; threads++) {
			there_and_back(ciphers[i], threads, 0);
			there_and_back(ciphers[i], threads, 1);
		}
	}
	full = memfd_create("out", 0);
	ok(run(0, AEAD_CHACHAPOLY, 2, file_of(plain, SIZE), full) == 0,
	    "sealed, to be damaged");
	n = take(full);
	memcpy(sealed, got, n);
	damaged(1, n, 3);
	damaged(2, n, 4);
	full = open("/dev/full", O_WRONLY);
	if (pipe(in) == -1 || io_write(in[1], plain, 1000) == -1)
		return 1;
	ok(run(0, AEAD_CHACHAPOLY, 2, in[0], full) == X_SYS,
	    "a full disk ends it, though one thread waits for input");
	while (wait(NULL) > 0)
		;
	return done();
}
