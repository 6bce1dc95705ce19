/* wire: two network namespaces joined by a link that loses, delays, doubles
 * and reorders; tests/tool/lab says how to use it.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <net/if.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/opt.h"
#include "base/prog.h"

static const char help[] = "lab [-v] [-s seed] [-w seconds] [key=value ...] "
                           "-- 'command on a' 'command on b'";

static const char *const ip4[2] = {"10.77.0.1", "10.77.0.2"};
static const char *const ip6[2] = {"fd77::1", "fd77::2"};

/* One direction: what it shall do to packets, and what it did. */
struct way {
	double delay, jitter, loss, burst, dup, reorder, late, rate, queue;
	int down;
	uint64_t rng;
	int bad; /* in a run of losses */
	double busy, last; /* until when: the rate; the newest in order */
	unsigned long in, lost, full, twice, behind;
};

static struct way ways[2]; /* from a to b, from b to a */
static double mtu = 1500;

static const struct {
	const char *name;
	size_t at;
	double most;
} keys[] = {
    {"delay", offsetof(struct way, delay), 1e6},
    {"jitter", offsetof(struct way, jitter), 1e6},
    {"loss", offsetof(struct way, loss), 100},
    {"burst", offsetof(struct way, burst), 1e6},
    {"dup", offsetof(struct way, dup), 100},
    {"reorder", offsetof(struct way, reorder), 100},
    {"late", offsetof(struct way, late), 1e6},
    {"rate", offsetof(struct way, rate), 1e9},
    {"queue", offsetof(struct way, queue), 1e6},
};

/* A packet under way; the earliest first in a heap. */
struct datagram {
	double due;
	unsigned long number;
	int to;
	size_t len;
	uint8_t data[];
};

enum { HELD = 1 << 16 };
static struct datagram *heap[HELD];
static size_t held;

static volatile sig_atomic_t ended;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
max(double a, double b)
{
	return a > b ? a : b;
}

/* The next of 2^64 numbers (splitmix64), as a part of 1. */
static double
draw(struct way *w)
{
	uint64_t z = w->rng += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (double)((z ^ (z >> 31)) >> 11) / 0x1p53;
}

/* `key=value`, `ab.key=value`, `down`, `up`.  0, or -1: it is none of them. */
static int
set(const char *word)
{
	int first = 0, end = 2;
	char *rest;
	size_t n;
	double v;

	if (strncmp(word, "ab.", 3) == 0)
		end = 1, word += 3;
	else if (strncmp(word, "ba.", 3) == 0)
		first = 1, word += 3;
	if (strcmp(word, "down") == 0 || strcmp(word, "up") == 0) {
		for (int i = first; i < end; i++)
			ways[i].down = word[0] == 'd';
		return 0;
	}
	n = strcspn(word, "= ");
	v = word[n] == '\0' ? -1 : strtod(word + n + 1, &rest);
	if (!(v >= 0) || rest == word + n + 1 || *rest != '\0')
		return -1;
	if (n == 3 && strncmp(word, "mtu", 3) == 0 && v >= 1280 && v <= 65535)
		mtu = v;
	else {
		size_t k = 0;
		while (k < sizeof keys / sizeof keys[0] &&
		       (strlen(keys[k].name) != n ||
		           strncmp(keys[k].name, word, n) != 0))
			k++;
		if (k == sizeof keys / sizeof keys[0] || v > keys[k].most)
			return -1;
		for (int i = first; i < end; i++)
			memcpy((char *)&ways[i] + keys[k].at, &v, sizeof v);
	}
	return 0;
}

static int
sooner(const struct datagram *a, const struct datagram *b)
{
	return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void
push(double due, int to, const uint8_t *data, size_t len)
{
	static unsigned long number;
	struct datagram *p;
	size_t i = held;

	if (held == HELD || (p = malloc(sizeof *p + len)) == NULL) {
		ways[!to].full++;
		return;
	}
	p->due = due;
	p->number = number++;
	p->to = to;
	p->len = len;
	memcpy(p->data, data, len);
	for (held++; i > 0 && sooner(p, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = p;
}

static struct datagram *
pop(void)
{
	struct datagram *first = heap[0], *p = heap[--held];
	size_t i = 0, c;

	for (; (c = 2 * i + 1) < held; i = c) {
		if (c + 1 < held && sooner(heap[c + 1], heap[c]))
			c++;
		if (!sooner(heap[c], p))
			break;
		heap[i] = heap[c];
	}
	heap[i] = p;
	return first;
}

/* One packet enters.  Every chance is drawn for every packet, so that what
 * becomes of the nth does not depend on what the keys were before. */
static void
enter(int from, const uint8_t *data, size_t len, double t)
{
	struct way *w = &ways[from];
	double chance = draw(w), swing = draw(w) * 2 - 1, twice = draw(w);
	double behind = draw(w), late = draw(w), loss = w->loss / 100, due;

	w->in++;
	/* In runs: left with 1 / burst, entered so that the share is right. */
	if (w->burst > 1 && loss < 1)
		w->bad = chance < (w->bad ? 1 - 1 / w->burst
		                          : loss / (1 - loss) / w->burst);
	else
		w->bad = chance < loss;
	if (w->bad || w->down) {
		w->lost++;
		return;
	}
	due = t;
	if (w->rate > 0) {
		if (w->busy < t)
			w->busy = t;
		if (w->busy - t > w->queue / 1e3) {
			w->full++;
			return;
		}
		w->busy += (double)len * 8 / (w->rate * 1e3);
		due = w->busy;
	}
	due += (w->delay + max(swing * w->jitter, -w->delay)) / 1e3;
	if (behind * 100 < w->reorder) {
		due += late * w->late / 1e3;
		w->behind++;
	} else {
		due = w->last = max(due, w->last);
	}
	push(due, !from, data, len);
	if (twice * 100 < w->dup) {
		push(due, !from, data, len);
		w->twice++;
	}
}

static void
up(int s, const char *name)
{
	struct ifreq r = {0};

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	if (ioctl(s, SIOCGIFFLAGS, &r) < 0)
		die_sys(X_SYS, "%s", name);
	r.ifr_flags |= IFF_UP;
	if (ioctl(s, SIOCSIFFLAGS, &r) < 0)
		die_sys(X_SYS, "%s", name);
}

/* Enter a new namespace and set it up as host n; its end of the link. */
static int
host(int n, int *ns)
{
	struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	struct sockaddr_in a = {.sin_family = AF_INET};
	struct in6_ifreq r6 = {.ifr6_prefixlen = 64};
	int fd, s;

	if (unshare(CLONE_NEWNET) < 0)
		die_sys(X_SYS, "a network namespace");
	*ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(r.ifr_name, sizeof r.ifr_name, "lab0");
	if (*ns < 0 || s < 0 || fd < 0 || ioctl(fd, TUNSETIFF, &r) < 0)
		die_sys(X_SYS, "/dev/net/tun");
	up(s, "lo");
	r.ifr_mtu = (int)mtu;
	if (ioctl(s, SIOCSIFMTU, &r) < 0)
		die_sys(X_SYS, "mtu=%d", r.ifr_mtu);
	r.ifr_qlen = 2000;
	if (ioctl(s, SIOCSIFTXQLEN, &r) < 0)
		die_sys(X_SYS, "lab0");
	inet_pton(AF_INET, ip4[n], &a.sin_addr);
	memcpy(&r.ifr_addr, &a, sizeof a);
	if (ioctl(s, SIOCSIFADDR, &r) < 0)
		die_sys(X_SYS, "%s", ip4[n]);
	inet_pton(AF_INET, "255.255.255.0", &a.sin_addr);
	memcpy(&r.ifr_netmask, &a, sizeof a);
	if (ioctl(s, SIOCSIFNETMASK, &r) < 0)
		die_sys(X_SYS, "%s", ip4[n]);
	up(s, "lab0");
	close(s);
	/* A kernel without IPv6 has hosts without it. */
	s = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	r6.ifr6_ifindex = (int)if_nametoindex("lab0");
	inet_pton(AF_INET6, ip6[n], &r6.ifr6_addr);
	if (s >= 0 && ioctl(s, SIOCSIFADDR, &r6) < 0)
		die_sys(X_SYS, "%s", ip6[n]);
	if (s >= 0)
		close(s);
	return fd;
}

static pid_t
start(int n, int ns, const char *command)
{
	static const char *const names[2] = {"a", "b"};
	sigset_t none;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (setns(ns, CLONE_NEWNET) < 0)
		die_sys(X_SYS, "setns");
	if (n == 1) {
		int null = open("/dev/null", O_RDONLY);
		if (null < 0 || dup2(null, 0) < 0)
			die_sys(X_SYS, "/dev/null");
		if (null > 0)
			close(null);
	}
	setenv("LAB_HOST", names[n], 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	die_sys(X_EXEC, "/bin/sh");
}

static void
on_child(int sig)
{
	(void)sig;
	ended = 1;
}

/* Lines of the control pipe. */
static void
control(int fd)
{
	static char line[256];
	static size_t n;
	char c;

	while (read(fd, &c, 1) == 1) {
		if (c != '\n') {
			line[n < sizeof line - 1 ? n++ : n] = c;
			continue;
		}
		line[n] = '\0';
		n = 0;
		if (line[0] != '\0' && set(line) < 0)
			say("no such key or value: %s", line);
	}
}

/* What kernels say to nobody in particular (routers, groups) would make the
 * nth packet another one each time; it does not cross. */
static int
multicast(const uint8_t *ip)
{
	return ip[0] >> 4 == 6 ? ip[24] == 0xff : ip[16] >> 4 == 14;
}

/* Move what is due, and whatever comes in on both ends. */
static void
carry(struct pollfd p[static 2])
{
	static uint8_t buf[65536];
	double t = now();
	ssize_t n;

	while (held > 0 && heap[0]->due <= t) {
		struct datagram *q = pop();
		/* An end that takes no packet has lost it. */
		n = write(p[q->to].fd, q->data, q->len);
		free(q);
	}
	for (int s = 0; s < 2; s++) {
		if (p[s].revents == 0)
			continue;
		t = now();
		for (int k = 0; k < 64; k++) {
			if ((n = read(p[s].fd, buf, sizeof buf)) <= 0)
				break;
			if (n >= 20 && !multicast(buf))
				enter(s, buf, (size_t)n, t);
		}
	}
}

/* Process 1 of the lab: the link, until both commands have ended; the exit
 * code.  When life is closed the one outside is gone. */
static int
inside(char **commands, int life, long seconds, int verbose)
{
	static const char *const arrows[2] = {"a to b", "b to a"};
	struct sigaction sa = {.sa_handler = on_child};
	struct pollfd p[4];
	int ns[2], ctl[2], codes[2] = {-1, -1}, status;
	double end = seconds > 0 ? now() + (double)seconds : INFINITY;
	char path[32];
	sigset_t mask, none;
	pid_t pids[2], pid;

	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	        NULL) < 0)
		die_sys(X_SYS, "/proc");
	for (int i = 0; i < 2; i++)
		p[i] = (struct pollfd){.fd = host(i, &ns[i]), .events = POLLIN};
	if (pipe2(ctl, O_CLOEXEC | O_NONBLOCK) < 0)
		die_sys(X_SYS, "pipe");
	p[2] = (struct pollfd){.fd = ctl[0], .events = POLLIN};
	p[3] = (struct pollfd){.fd = life, .events = POLLIN};
	snprintf(path, sizeof path, "/proc/1/fd/%d", ctl[1]);
	setenv("LAB_CTL", path, 1);
	setenv("LAB_A", ip4[0], 1);
	setenv("LAB_B", ip4[1], 1);
	sigemptyset(&none);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGCHLD, &sa, NULL);
	prctl(PR_SET_TIMERSLACK, 1);
	for (int i = 0; i < 2; i++)
		if ((pids[i] = start(i, ns[i], commands[i])) < 0)
			die_sys(X_SYS, "fork");
	while (codes[0] < 0 || codes[1] < 0) {
		double left =
		    held > 0 && heap[0]->due < end ? heap[0]->due : end;
		struct timespec wait = {.tv_sec = 3600};

		left = max(left - now(), 0);
		if (left < 3600) {
			wait.tv_sec = (time_t)left;
			wait.tv_nsec =
			    (long)((left - (double)wait.tv_sec) * 1e9);
		}
		for (int i = 0; i < 4; i++)
			p[i].revents = 0;
		if (ppoll(p, 4, &wait, &none) < 0 && errno != EINTR)
			die_sys(X_SYS, "poll");
		carry(p);
		if (p[2].revents != 0)
			control(p[2].fd);
		if (p[3].revents != 0)
			return X_SYS;
		if (now() >= end)
			die(X_TIME, "timed out after %ld s", seconds);
		while (ended && (pid = waitpid(-1, &status, WNOHANG)) != 0) {
			if (pid < 0)
				break;
			for (int i = 0; i < 2; i++)
				if (pid == pids[i])
					codes[i] = WIFEXITED(status)
					               ? WEXITSTATUS(status)
					               : 128 + WTERMSIG(status);
		}
		ended = 0;
	}
	for (int i = 0; verbose && i < 2; i++)
		say("%s: %lu in, %lu lost, %lu too many, %lu doubled, %lu late",
		    arrows[i], ways[i].in, ways[i].lost, ways[i].full,
		    ways[i].twice, ways[i].behind);
	say("a %d, b %d", codes[0], codes[1]);
	return codes[0] != 0 ? codes[0] : codes[1];
}

int
main(int argc, char **argv)
{
	long seed = 1, seconds = 0;
	int c, verbose = 0, life[2], status, sig;
	sigset_t mask, old;
	pid_t pid;

	prog_start("lab");
	for (int i = 0; i < 2; i++)
		ways[i].late = 20, ways[i].queue = 200;
	while ((c = getopt(argc, argv, "+s:vw:")) != -1)
		if (c == 'v')
			verbose = 1;
		else if ((c != 's' || opt_parse(optarg, 0, LONG_MAX, &seed)) &&
		         (c != 'w' || opt_parse(optarg, 1, 86400, &seconds)))
			usage(help);
	/* getopt has read past `--` where nothing stood before it. */
	for (; optind < argc && argc - optind > 2; optind++)
		if (strcmp(argv[optind], "--") != 0 && set(argv[optind]) < 0)
			die(X_USE, "no such key or value: %s", argv[optind]);
	if (argc - optind != 2)
		usage(help);
	for (int i = 0; i < 2; i++)
		ways[i].rng = (uint64_t)seed * 2 + (uint64_t)i;
	if (geteuid() != 0)
		die(X_USE, "only root can make hosts");
	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, &old);
	if (pipe2(life, O_CLOEXEC) < 0)
		die_sys(X_SYS, "pipe");
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
		die_sys(X_SYS, "namespaces");
	if ((pid = fork()) < 0)
		die_sys(X_SYS, "fork");
	if (pid == 0) {
		close(life[1]);
		exit(inside(argv + optind, life[0], seconds, verbose));
	}
	/* The end of process 1 is the end of all in there. */
	while ((sig = sigwaitinfo(&mask, NULL)) != SIGCHLD)
		if (sig > 0) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			signal(sig, SIG_DFL);
			raise(sig);
			sigprocmask(SIG_SETMASK, &old, NULL);
			return 128 + sig;
		}
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return X_SYS;
	return WEXITSTATUS(status);
}
