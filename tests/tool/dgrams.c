/* dgrams: what the tests and the bench of sessions over UDP need: numbered
 * messages, floods, goodput and delay on loopback.
 * SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/be.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"
#include "wire/frame.h"

static const char help[] =
    "dgrams messages count most bytes-a-second >frames\n"
    "dgrams check count most loss-% <messages\n"
    "dgrams flood address port from-port a-second seconds random|opening\n"
    "dgrams goodput seconds\n"
    "dgrams delay count";

enum { HEAD = 8, LOT = 64, PAYLOAD = FRAME_DGRAM };

static long
number(const char *s, long most)
{
	long n;

	if (opt_parse(s, 0, most, &n) == -1)
		usage(help);
	return n;
}

/* splitmix64 */
static uint64_t
rnd(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* Message n: its number, its length, and what follows from both. */
static size_t
message(uint8_t *p, uint32_t n, size_t most)
{
	uint64_t state = n, word;
	size_t size = HEAD + 1 + rnd(&state) % (most - HEAD), i;

	be32_put(p, n);
	be32_put(p + 4, (uint32_t)size);
	for (i = HEAD; i < size; i += sizeof(word)) {
		word = rnd(&state);
		memcpy(p + i, &word, sizeof(word));
	}
	return size;
}

static void
nap(int64_t us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};

	if (us > 0)
		nanosleep(&t, NULL);
}

static int
messages(long count, size_t most, long rate)
{
	uint8_t *p = malloc(most + HEAD), frame[FRAME_MAX];
	struct message m = {.kind = FRAME_BYTES, .data = p};
	int64_t began = clock_us(), sent = 0;
	struct frame_cut c;
	size_t n;

	for (; m.number < (uint32_t)count; m.number++) {
		m.n = message(p, m.number, most);
		m.time = (uint64_t)clock_wall_us();
		frame_cut_begin(&c, &m, PAYLOAD);
		while ((n = frame_cut_next(&c, frame, sizeof(frame))) > 0) {
			if (io_write(1, frame, n) == -1)
				die_sys(X_SYS, "stdout");
			sent += (int64_t)n;
			nap(began + sent * 1000000 / rate - clock_us());
		}
	}
	m = (struct message){.kind = FRAME_END};
	frame_cut_begin(&c, &m, PAYLOAD);
	n = frame_cut_next(&c, frame, sizeof(frame));
	return io_write(1, frame, n);
}

static int
check(long count, size_t most, double loss)
{
	uint8_t *p = malloc(most + HEAD), *want = malloc(most + HEAD);
	long whole = 0, last = -1, n, i;
	double share = 0, all;
	size_t size, piece;

	for (i = 0; i < count; i++) {
		size = message(want, (uint32_t)i, most);
		for (all = 1, piece = 0; piece < size; piece += PAYLOAD)
			all *= 1 - loss / 100;
		share += all;
	}
	while (io_read_full(0, p, HEAD) == HEAD) {
		n = be32_get(p);
		if (n <= last || n >= count)
			die(X_PEER, "message %ld after %ld", n, last);
		last = n;
		size = message(want, (uint32_t)n, most);
		if (be32_get(p + 4) != size ||
		    io_read_full(0, p + HEAD, size - HEAD) !=
		        (ssize_t)(size - HEAD) ||
		    memcmp(p, want, size) != 0)
			die(X_PEER, "message %ld is altered", n);
		whole++;
	}
	printf("%ld of %ld, share %.4f, by arithmetic %.4f\n", whole, count,
	    (double)whole / (double)count, share / (double)count);
	return 0;
}

/* As from that port of the same address, so that a connected socket takes
 * them. */
static int
flood(const char *to, int port, int from, long rate, long seconds, int opening)
{
	static uint8_t packet[LOT][1300];
	struct sockaddr_in at = {.sin_family = AF_INET};
	struct mmsghdr m[LOT];
	struct iovec v[LOT];
	int s = socket(AF_INET, SOCK_RAW, IPPROTO_RAW), i, size = 4 << 20;
	int64_t began = clock_us(), end = began + seconds * 1000000, sent = 0;
	uint64_t state = 1, word;
	struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = 17};
	struct udphdr udp = {.dest = htons((uint16_t)port)};
	size_t n, at_byte, bytes = 0;

	if (s == -1 || inet_pton(AF_INET, to, &at.sin_addr) != 1)
		die_sys(X_SYS, "a raw socket");
	(void)setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	ip.saddr = ip.daddr = at.sin_addr.s_addr;
	while (clock_us() < end) {
		for (i = 0; i < LOT; i++) {
			n = opening ? 1200 : rnd(&state) % 200;
			udp.source = htons((
			    uint16_t)(from
			                  ? from
			                  : 1024 + (int)(rnd(&state) % 60000)));
			udp.len = htons((uint16_t)(sizeof(udp) + n));
			for (at_byte = 0; at_byte < n; at_byte += 8) {
				word =
				    at_byte < 40 || !opening ? rnd(&state) : 0;
				memcpy(packet[i] + 28 + at_byte, &word, 8);
			}
			if (opening)
				memcpy(packet[i] + 28, "chat1\3", 7);
			memcpy(packet[i], &ip, sizeof(ip));
			memcpy(packet[i] + sizeof(ip), &udp, sizeof(udp));
			v[i] = (struct iovec){packet[i], 28 + n};
			m[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &at,
			                            .msg_namelen = sizeof(at),
			                            .msg_iov = &v[i],
			                            .msg_iovlen = 1}};
			bytes += 28 + n;
		}
		i = sendmmsg(s, m, LOT, 0);
		if (i == -1 && errno != ENOBUFS)
			die_sys(X_SYS, "flood");
		sent += i > 0 ? i : 0;
		nap(began + sent * 1000000 / rate - clock_us());
	}
	printf("%lld datagrams, %.0f a second, %zu bytes\n", (long long)sent,
	    (double)sent / (double)seconds, bytes);
	return 0;
}

/* Two UDP sockets on loopback, connected to each other. */
static void
pair(int s[2])
{
	struct sockaddr_in at[2] = {0};
	socklen_t n = sizeof(*at);
	int i;

	for (i = 0; i < 2; i++) {
		at[i].sin_family = AF_INET;
		at[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		s[i] = socket(AF_INET, SOCK_DGRAM, 0);
		if (s[i] == -1 ||
		    bind(s[i], (struct sockaddr *)&at[i], sizeof(*at)) == -1 ||
		    getsockname(s[i], (struct sockaddr *)&at[i], &n) == -1)
			die_sys(X_SYS, "socket");
	}
	for (i = 0; i < 2; i++)
		if (connect(s[i], (struct sockaddr *)&at[!i], sizeof(*at)) ==
		    -1)
			die_sys(X_SYS, "connect");
}

/* Run a program between two descriptors, with a session key on 9. */
static pid_t
run(int in, int out, const char *const *argv)
{
	static const char line[] =
	    "aes256gcm "
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	    "\n";
	static const char other[] = "chacha20poly1305 "
	                            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	                            "A=\n";
	const char *key = getenv("CHACHA") ? other : line;
	int k[2], fd;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (pipe(k) == -1 || io_write(k[1], key, strlen(key)) == -1 ||
	    dup2(in, 200) == -1 || dup2(out, 201) == -1 ||
	    dup2(k[0], 202) == -1)
		die_sys(X_SYS, "pipe");
	dup2(200, 0);
	dup2(201, 1);
	dup2(202, 9);
	for (fd = 3; fd < 256; fd++)
		if (fd != 9)
			close(fd);
	execvp(argv[0], (char *const *)argv);
	die_sys(X_EXEC, "%s", argv[0]);
}

static const char *const seal[] = {"chat-seal", "-uk", "9", NULL};
static const char *const open_[] = {"chat-open", "-uk", "9", NULL};
static const char *const frame[] = {
    "chat-frame", "-k", "bytes", "-m", "1184", NULL};
static const char *const unframe[] = {
    "chat-frame", "-d", "-k", "bytes", "-m", "1184", NULL};

/* Frames as fast as they are taken, in a child, until it is ended. */
static pid_t
pour(int out)
{
	static uint8_t buf[15 * (FRAME_HEAD + PAYLOAD)];
	struct frame f = {.kind = 'b', .len = PAYLOAD, .pieces = 1};
	pid_t pid = fork();
	int i;

	if (pid != 0)
		return pid;
	for (;;) {
		f.time = (uint64_t)clock_wall_us();
		for (i = 0; i < 15; i++, f.number++)
			frame_put(buf + i * (FRAME_HEAD + PAYLOAD), &f);
		if (io_write(out, buf, sizeof(buf)) == -1)
			_exit(0);
	}
}

static double
sealed(double seconds)
{
	static uint8_t buf[1 << 16];
	int s[2], in[2], out[2];
	int64_t began, now;
	pid_t pid[3];
	size_t n = 0;
	int i;

	pair(s);
	if (pipe(in) == -1 || pipe(out) == -1)
		die_sys(X_SYS, "pipe");
	pid[0] = run(s[0], out[1], open_);
	pid[1] = run(in[0], s[1], seal);
	pid[2] = pour(in[1]);
	if (io_read(out[0], buf, sizeof(buf)) <= 0)
		die(X_SYS, "nothing came");
	began = clock_us();
	do {
		n += (size_t)io_read(out[0], buf, sizeof(buf));
		now = clock_us();
	} while ((double)(now - began) < seconds * 1e6);
	for (i = 2; i >= 0; i--) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	for (i = 0; i < 2; i++) {
		close(s[i]);
		close(in[i]);
		close(out[i]);
	}
	return (double)n / (FRAME_HEAD + PAYLOAD) / (double)(now - began) * 1e6;
}

static double
plain(double seconds)
{
	static uint8_t buf[1 << 16];
	struct iovec v = {buf, PAYLOAD};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	int64_t began, now;
	size_t n = 0;
	pid_t pid;
	int s[2];

	pair(s);
	pid = fork();
	if (pid == 0)
		for (;;)
			(void)sendmsg(s[1], &m, 0);
	(void)recv(s[0], buf, sizeof(buf), 0);
	began = clock_us();
	do {
		n += recv(s[0], buf, sizeof(buf), 0) == PAYLOAD;
		now = clock_us();
	} while ((double)(now - began) < seconds * 1e6);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(s[0]);
	close(s[1]);
	return (double)n / (double)(now - began) * 1e6;
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Messages of 1,000 bytes, one each 5 ms, each with the time it set out. */
static void
trips(const char *what, int in, int out, long count)
{
	int64_t *took = malloc((size_t)count * sizeof(*took)), when;
	uint8_t buf[1000] = {0};
	long i;

	for (i = 0; i < count; i++) {
		nap(5000);
		when = clock_us();
		memcpy(buf, &when, sizeof(when));
		if (io_write(in, buf, sizeof(buf)) == -1 ||
		    io_read_full(out, buf, sizeof(buf)) != sizeof(buf))
			die(X_SYS, "a message was lost");
		memcpy(&when, buf, sizeof(when));
		took[i] = clock_us() - when;
	}
	qsort(took, (size_t)count, sizeof(*took), by_value);
	printf("%s: median %lld us, 99th percentile %lld us\n", what,
	    (long long)took[count / 2], (long long)took[count * 99 / 100]);
}

static void
delay(long count)
{
	static const char *const cat[] = {"cat", NULL};
	const char *const *programs[2][4] = {
	    {cat, cat, cat, cat}, {frame, seal, open_, unframe}};
	const char *names[] = {"four cats", "frame, seal, open, frame"};
	int s[2], p[4][2], i, j;
	pid_t pid[4];

	for (j = 0; j < 2; j++) {
		pair(s);
		for (i = 0; i < 4; i++)
			if (pipe(p[i]) == -1)
				die_sys(X_SYS, "pipe");
		pid[0] = run(p[0][0], p[1][1], programs[j][0]);
		pid[1] = run(p[1][0], s[0], programs[j][1]);
		pid[2] = run(s[1], p[2][1], programs[j][2]);
		pid[3] = run(p[2][0], p[3][1], programs[j][3]);
		nap(500000);
		trips(names[j], p[0][1], p[3][0], count);
		for (i = 0; i < 4; i++) {
			kill(pid[i], SIGKILL);
			waitpid(pid[i], NULL, 0);
			close(p[i][0]);
			close(p[i][1]);
		}
		close(s[0]);
		close(s[1]);
	}
}

int
main(int argc, char **argv)
{
	double a, b;

	prog_start("dgrams");
	/* A program that is not there must not be waited for. */
	if (argc == 3)
		alarm((unsigned)(60 + atoi(argv[2])));
	if (argc == 5 && strcmp(argv[1], "messages") == 0)
		return messages(number(argv[2], 1 << 30),
		           (size_t)number(argv[3], 1 << 24),
		           number(argv[4], 1L << 40)) == -1;
	if (argc == 5 && strcmp(argv[1], "check") == 0)
		return check(number(argv[2], 1 << 30),
		    (size_t)number(argv[3], 1 << 24),
		    (double)number(argv[4], 100));
	if (argc == 8 && strcmp(argv[1], "flood") == 0)
		return flood(argv[2], (int)number(argv[3], 65535),
		    (int)number(argv[4], 65535), number(argv[5], 1 << 30),
		    number(argv[6], 86400), argv[7][0] == 'o');
	if (argc == 3 && strcmp(argv[1], "goodput") == 0) {
		a = sealed((double)number(argv[2], 3600));
		b = plain((double)number(argv[2], 3600));
		printf("sealed %.0f a second, plain %.0f, ratio %.2f\n", a, b,
		    a / b);
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "delay") == 0) {
		delay(number(argv[2], 1 << 20));
		return 0;
	}
	usage(help);
}
