/* gauge: what scripts/bench needs in C: the bare ciphers, round trips and
 * their echo, datagrams and frames in numbers, ages of lines.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"
#include "crypto/aead.h"
#include "crypto/aeadfast.h"
#include "wire/frame.h"

static const char help[] = "gauge cipher aes256gcm|chacha20poly1305 mebibytes\n"
                           "gauge pieces bytes count\n"
                           "gauge trip count program ...\n"
                           "gauge echo\n"
                           "gauge send count\n"
                           "gauge recv\n"
                           "gauge frames count\n"
                           "gauge count\n"
                           "gauge ticks count\n"
                           "gauge ages";

enum {
	PIECE = 65536,
	FRAME = FRAME_HEAD + FRAME_DGRAM,
	SEALED = 8 + FRAME + 16 /* the datagram that carries it */
};

/* Encrypt so much, 64 KiB at a time, in memory, by what chat-lock uses. */
static void
cipher(const char *name, long mebibytes)
{
	static uint8_t in[PIECE], out[PIECE + AEAD_TAG], key[AEAD_KEY];
	static struct aead a;

	if (sodium_init() < 0)
		die(X_SYS, "libsodium does not start");
	(void)aeadfast_use(1);
	if (aead_init(&a, aead_parse(name), key) == -1)
		die(X_USE, "this machine has no %s", name);
	for (long i = 0; i < mebibytes * (1048576 / PIECE); i++)
		aead_seal(&a, (uint64_t)i, NULL, 0, out, in, PIECE);
}

static int
order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* One line to the program, one line back, count times; prints the median and
 * the 99th percentile in microseconds.  Then the program is ended. */
static void
trip(long count, char **program)
{
	int to[2], from[2];
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
		start = clock_us();
		if (io_write(to[1], "x\n", 2) == -1)
			die_sys(X_SYS, "writing");
		do {
			if ((n = io_read(from[0], buf, sizeof buf)) <= 0)
				die(X_SYS, "the echo has ended");
		} while (buf[n - 1] != '\n');
		if (i >= 0)
			took[i] = clock_us() - start;
	}
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	qsort(took, (size_t)count, sizeof *took, order);
	printf("%lld %lld\n", (long long)took[count / 2],
	    (long long)took[count * 99 / 100]);
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

/* Datagrams to descriptor 7, each as long as a sealed frame. */
static void
sends(long count)
{
	static uint8_t buf[SEALED];

	for (long i = 0; i < count; i++)
		if (send(7, buf, sizeof buf, 0) == -1)
			die_sys(X_SYS, "sending");
}

/* Read 6 until half a second without data; prints how many bytes, and in
 * how many microseconds. */
static void
receives(void)
{
	static uint8_t buf[PIECE];
	const struct timeval pause = {.tv_usec = 500000};
	const int room = 8 << 20;
	int64_t first = 0, last = 0;
	long n = 0;

	setsockopt(6, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	while (recv(6, buf, sizeof buf, 0) > 0) {
		last = clock_us();
		if (n++ > 0)
			continue;
		first = last;
		setsockopt(6, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof pause);
	}
	printf("%ld %lld\n", n, (long long)(last - first));
}

static void
frames(long count)
{
	uint8_t buf[FRAME] = {0};
	struct frame f = {.kind = FRAME_BYTES, .len = FRAME_DGRAM, .pieces = 1};

	for (long i = 0; i < count; i++) {
		f.number = (uint32_t)i;
		f.time = (uint64_t)clock_wall_us();
		frame_put(buf, &f);
		if (io_write(1, buf, sizeof buf) == -1)
			die_sys(X_SYS, "stdout");
	}
	f = (struct frame){.kind = FRAME_END, .pieces = 1};
	frame_put(buf, &f);
	if (io_write(1, buf, FRAME_HEAD) == -1)
		die_sys(X_SYS, "stdout");
}

/* As receives, for frames on standard input. */
static void
counts(void)
{
	static uint8_t buf[PIECE];
	int64_t first = 0, last = 0;
	long bytes = 0;
	ssize_t n;

	while ((n = io_read(0, buf, sizeof buf)) > 0) {
		if (n <= FRAME_HEAD) /* the end by itself */
			continue;
		last = clock_us();
		if (bytes == 0)
			first = last;
		bytes += n;
	}
	printf("%ld %lld\n", bytes / FRAME, (long long)(last - first));
}

/* Print the clock, a line every two milliseconds; then an empty one. */
static void
ticks(long count)
{
	char line[32];

	for (; count >= 0; count--) {
		usleep(2000);
		snprintf(line, sizeof line, "%lld\n", (long long)clock_us());
		if (io_write(1, count > 0 ? line : "\n",
		        count > 0 ? strlen(line) : 1) == -1)
			die_sys(X_SYS, "stdout");
	}
}

/* So many pieces of so many bytes, such that a read gives one of them: by a pipe
 * in packet mode where a piece fits into one. */
static void
pieces(long size, long count)
{
	static uint8_t piece[PIECE];

	if (size <= PIPE_BUF && fcntl(1, F_SETFL, O_DIRECT) == -1)
		die_sys(X_SYS, "stdout");
	for (; count > 0; count--)
		if (io_write(1, piece, (size_t)size) == -1)
			die_sys(X_SYS, "stdout");
}

/* How old such lines are here: the median and the 99th percentile. */
static void
ages(void)
{
	enum { MOST = 100000 };
	static int64_t age[MOST];
	char line[64];
	size_t n = 0;

	while (n < MOST && fgets(line, sizeof line, stdin) != NULL &&
	       line[0] != '\n')
		age[n++] = clock_us() - atoll(line);
	if (n < 100)
		die(X_SYS, "%zu lines came", n);
	qsort(age, n, sizeof age[0], order);
	printf(
	    "%lld %lld\n", (long long)age[n / 2], (long long)age[n * 99 / 100]);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
		void (*times)(long);
	} modes[] = {{"echo", echo, NULL}, {"recv", receives, NULL},
	    {"count", counts, NULL}, {"ages", ages, NULL},
	    {"send", NULL, sends}, {"frames", NULL, frames},
	    {"ticks", NULL, ticks}};
	long n, m;

	prog_start(argv[0]);
	if (argc == 4 && strcmp(argv[1], "cipher") == 0 &&
	    opt_parse(argv[3], 1, 1 << 20, &n) == 0) {
		cipher(argv[2], n);
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "pieces") == 0 &&
	    opt_parse(argv[2], 1, PIECE, &m) == 0 &&
	    opt_parse(argv[3], 1, 1 << 30, &n) == 0) {
		pieces(m, n);
		return 0;
	}
	if (argc > 3 && strcmp(argv[1], "trip") == 0 &&
	    opt_parse(argv[2], 1, 1 << 20, &n) == 0) {
		trip(n, argv + 3);
		return 0;
	}
	for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof modes[0];
	     i++) {
		if (strcmp(argv[1], modes[i].name) != 0)
			continue;
		if (modes[i].run != NULL && argc == 2) {
			modes[i].run();
			return 0;
		}
		if (modes[i].times != NULL && argc == 3 &&
		    opt_parse(argv[2], 1, 1 << 30, &n) == 0) {
			modes[i].times(n);
			return 0;
		}
	}
	usage(help);
}
