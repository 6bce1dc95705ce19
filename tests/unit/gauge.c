/* gauge: what scripts/bench needs in C: the bare ciphers, round trips, and
 * their echo.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "io.h"
#include "num.h"
#include "tick.h"

static const char help[] = "gauge cipher aes256gcm|chacha20poly1305 mebibytes\n"
                           "gauge trip count program ...\n"
                           "gauge echo";

enum { PIECE = 65536 };

/* Encrypt so much, 64 KiB at a time, in memory. */
static void
cipher(const char *name, long mebibytes)
{
	static crypto_aead_aes256gcm_state state;
	static uint8_t in[PIECE], out[PIECE + 16], key[32], nonce[12];
	int aes = strcmp(name, "aes256gcm") == 0;

	if (sodium_init() < 0)
		die(X_SYS, "libsodium does not start");
	if (aes && !crypto_aead_aes256gcm_is_available())
		die(X_USE, "this machine has no AES in hardware");
	randombytes_buf(key, sizeof key);
	if (aes)
		crypto_aead_aes256gcm_beforenm(&state, key);
	for (long i = 0; i < mebibytes * (1048576 / PIECE); i++) {
		memcpy(nonce, &i, sizeof i);
		if (aes)
			crypto_aead_aes256gcm_encrypt_afternm(
			    out, NULL, in, PIECE, NULL, 0, NULL, nonce, &state);
		else
			crypto_aead_chacha20poly1305_ietf_encrypt(
			    out, NULL, in, PIECE, NULL, 0, NULL, nonce, key);
	}
}

static int
order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* One line to the program, one line back, count times; prints the median and
 * the 99th percentile in microseconds. */
static int
trip(long count, char **program)
{
	int to[2], from[2], status;
	int64_t *took = calloc((size_t)count, sizeof *took), start;
	char buf[4096];
	ssize_t n;
	pid_t pid;

	if (took == NULL || pipe(to) == -1 || pipe(from) == -1 ||
	    (pid = fork()) == -1)
		die_sys(X_SYS, "fork");
	if (pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		close(to[0]);
		close(to[1]);
		close(from[0]);
		close(from[1]);
		execvp(program[0], program);
		die_sys(X_EXEC, "%s", program[0]);
	}
	close(to[0]);
	close(from[1]);
	/* The first, which waits for the connection, is not counted. */
	for (long i = -1; i < count; i++) {
		start = tick_us();
		if (io_write(to[1], "x\n", 2) == -1)
			die_sys(X_SYS, "writing");
		do {
			if ((n = io_read(from[0], buf, sizeof buf)) <= 0)
				die(X_SYS, "the echo has ended");
		} while (buf[n - 1] != '\n');
		if (i >= 0)
			took[i] = tick_us() - start;
	}
	close(to[1]);
	while (io_read(from[0], buf, sizeof buf) > 0)
		;
	waitpid(pid, &status, 0);
	qsort(took, (size_t)count, sizeof *took, order);
	printf("%lld %lld\n", (long long)took[count / 2],
	    (long long)took[count * 99 / 100]);
	return status == 0 ? 0 : X_SYS;
}

/* One line out for each line in. */
static void
echo(void)
{
	char buf[4096];
	ssize_t n;

	while ((n = io_read(0, buf, sizeof buf)) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] == '\n' && io_write(1, "x\n", 2) == -1)
				die_sys(X_SYS, "stdout");
}

int
main(int argc, char **argv)
{
	long n;

	prog_start(argv[0]);
	if (argc == 2 && strcmp(argv[1], "echo") == 0)
		echo();
	else if (argc == 4 && strcmp(argv[1], "cipher") == 0 &&
	         num_parse(argv[3], 1, 1 << 20, &n) == 0)
		cipher(argv[2], n);
	else if (argc > 3 && strcmp(argv[1], "trip") == 0 &&
	         num_parse(argv[2], 1, 1 << 20, &n) == 0)
		return trip(n, argv + 3);
	else
		usage(help);
	return 0;
}
