/* children: the child processes that answer calls.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/signals.h"
#include "net/children.h"

enum { PATIENCE = 3000, STOP = 500 }; /* ms */

static void
note(const struct children *k, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
note(const struct children *k, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	k->note(CHILDREN_MORE, k->picked, text);
}

/* Remember the children this process has already: a shell that became it by
 * exec may have started some, which must be left alone. */
static void
count_before(struct children *k)
{
	FILE *fp = fopen("/proc/thread-self/children", "re");
	long pid;

	while (
	    fp && k->nbefore < CHILDREN_BEFORE && fscanf(fp, "%ld", &pid) == 1)
		k->before_us[k->nbefore++] = (pid_t)pid;
	if (fp)
		fclose(fp);
}

static int
was_before(const struct children *k, pid_t pid)
{
	int i;

	for (i = 0; i < k->nbefore; i++)
		if (k->before_us[i] == pid)
			return 1;
	return 0;
}

int
children_init(struct children *k, int max)
{
	int i;

	count_before(k);
	k->all = calloc((size_t)max, sizeof(*k->all));
	if (!k->all)
		return -1;
	k->max = max;
	for (i = 0; i < max; i++)
		k->all[i].ready = -1;
	return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* The entry of that process, or NULL. */
static struct child *
place(const struct children *k, pid_t pid)
{
	int i;

	for (i = 0; i < k->max; i++)
		if (k->all[i].pid == pid)
			return &k->all[i];
	return NULL;
}

int
children_known(const struct children *k, const struct addr *peer)
{
	int i;

	for (i = 0; i < k->max; i++)
		if (k->all[i].pid && addr_same(&k->all[i].peer, peer))
			return 1;
	return 0;
}

/* A pair of sockets with high numbers; ours does not block. */
static int
high_pair(int p[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, p) == -1)
		return -1;
	p[0] = fd_high(p[0]);
	p[1] = fd_high(p[1]);
	return p[0] == -1 || p[1] == -1 ||
	               fcntl(p[0], F_SETFL, O_NONBLOCK) == -1
	           ? -1
	           : 0;
}

/* Answer y or b, unless b was said or the buffer is full. */
static void
answer(struct child *kid, const char *byte)
{
	if (!kid->busy && kid->ready != -1)
		(void)send(kid->ready, byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	kid->busy |= *byte == 'b';
}

int
children_begin(struct children *k, int sock, const struct addr *peer,
    void (*run)(int sock, int ready))
{
	char text[ADDR_TEXT];
	int p[2] = {-1, -1};
	struct child kid;
	pid_t pid = -1;
	int bad = k->pick && high_pair(p) == -1;

	kid = (struct child){.ready = p[0], .since = clock_ms(), .peer = *peer};
	if (k->picked)
		answer(&kid, "b");
	if (!bad)
		pid = fork();
	if (pid == 0) {
		signals_restore(&k->before);
		/* A killed listener takes its children along. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		/* Callers during a conversation must not slow it down. */
		if (k->picked)
			(void)!nice(10);
		run(sock, p[1]);
		abort();
	}
	(void)fd_drop(p[1]);
	if (pid == -1)
		return fd_drop(p[0]);
	kid.pid = pid;
	*place(k, 0) = kid;
	k->n++;
	addr_text(text, peer);
	note(k, "child %ld for %s port %d", (long)pid, text, addr_port(peer));
	return 0;
}

static void
send_to(pid_t pid, int sig)
{
	kill(pid, sig);
	kill(pid, SIGCONT); /* a stopped child would not get it */
}

static void
end_one(struct child *kid)
{
	kid->sent = SIGTERM;
	kid->since = clock_ms();
	send_to(kid->pid, SIGTERM);
}

int
children_near(const struct children *k, const struct addr *peer)
{
	int i, n = 0;

	for (i = 0; i < k->max; i++)
		n += k->all[i].pid && !k->all[i].asks &&
		     addr_near(&k->all[i].peer, peer);
	return n;
}

void
children_yield(struct children *k, int near)
{
	struct child *kid, *worst = NULL;
	int i, n, most = near > 0 ? near + 1 : 0;

	for (kid = k->all, i = 0; i < k->max; i++, kid++) {
		if (!kid->pid || kid->proved)
			continue;
		if (kid->sent) {
			if (clock_ms() >= kid->since + PATIENCE)
				send_to(kid->pid, SIGKILL);
			return;
		}
		n = children_near(k, &kid->peer);
		if (n < most || (n == most && worst == NULL))
			continue;
		if (n > most || kid->since < worst->since)
			worst = kid;
		most = n;
	}
	if (worst)
		end_one(worst);
}

/* The child is about to ask the person about its caller. */
static void
asks(struct children *k, struct child *kid)
{
	int i, n = 0;

	kid->proved = kid->asks = 1;
	for (i = 0; i < k->max; i++)
		n += k->all[i].pid && k->all[i].asks &&
		     addr_near(&k->all[i].peer, &kid->peer);
	/* One question on the screen and one waiting are allowed. */
	if (n > 2 || kid->busy)
		end_one(kid);
}

static void
claim(struct children *k, struct child *kid)
{
	kid->proved = 1;
	if (!k->claims && !k->picked && !kid->busy)
		k->claims = kid->pid;
	answer(kid, k->claims == kid->pid ? "y" : "b");
}

/* Was the person told of that caller already?  If not, note that. */
static int
told(struct children *k, const char *line)
{
	size_t n = strcspn(line, " ");
	int i;

	for (i = 0; i < k->callers_n; i++)
		if (strncmp(k->callers[i], line, n) == 0 &&
		    k->callers[i][n] == '\0')
			return 1;
	if (k->callers_n == CHILDREN_CALLERS)
		return 1;
	memcpy(k->callers[k->callers_n++], line, n);
	return 0;
}

/* n bytes came from the child.  1 if they say that it is ready. */
static int
take(struct children *k, struct child *kid, const char *p, size_t n)
{
	char line[CHILDREN_LINE];

	for (; n > 0; p++, n--)
		switch (*p) {
		case 'p':
			kid->proved = 1;
			break;
		case 'q':
			asks(k, kid);
			break;
		case 'c':
			claim(k, kid);
			break;
		case 'n':
			snprintf(line, sizeof(line), "%.*s", (int)n - 1, p + 1);
			line[strcspn(line, "\n")] = '\0';
			if (!told(k, line))
				k->note(CHILDREN_NEWS, k->picked, line);
			return 0;
		default:
			return 1;
		}
	return 0;
}

static void
hear(struct children *k, struct child *kid)
{
	char some[CHILDREN_LINE];
	ssize_t n;

	if (kid->ready == -1)
		return;
	do {
		n = read(kid->ready, some, sizeof(some));
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		/* It ended without reading our answer; what it said before that
		 * is read next. */
	} while ((n == -1 && errno == ECONNRESET) ||
	         (n > 0 && !take(k, kid, some, (size_t)n)));
	close(kid->ready);
	kid->ready = -1;
	if (n > 0 && !k->picked && !kid->busy)
		k->picked = kid->pid;
}

void
children_hear(struct children *k)
{
	int i;

	for (i = 0; i < k->max; i++)
		hear(k, &k->all[i]);
}

void
children_busy(struct children *k)
{
	struct child *kid;

	for (kid = k->all; kid < k->all + k->max; kid++) {
		if (!kid->pid || kid->pid == k->picked)
			continue;
		answer(kid, "b");
		if (kid->asks && !kid->sent)
			end_one(kid);
	}
}

void
children_again(struct children *k)
{
	k->picked = k->claims = 0;
	k->over = 0;
	k->callers_n = 0;
	memset(k->callers, 0, sizeof(k->callers));
}

/* Would every other child end like this one?  So say the codes for wrong usage,
 * a bad file, and a program that is missing. */
static int
hopeless(int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

	return code == X_USE || code == X_EXEC || code == X_NONE;
}

int
children_reap(struct children *k)
{
	int status, any = 0;
	struct child *kid;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		any = 1;
		kid = place(k, pid);
		if (!kid)
			continue; /* orphan of a child */
		/* Its last bytes may say that it was ready. */
		hear(k, kid);
		if (k->pick && !k->picked && !kid->busy && hopeless(status))
			k->picked = pid;
		if (pid == k->claims && pid != k->picked)
			k->claims = 0;
		if (pid == k->picked) {
			k->over = 1;
			k->status = status;
		}
		note(k, "child %ld %s %d", (long)pid,
		    WIFEXITED(status) ? "ended with" : "killed by signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
		(void)fd_drop(kid->ready);
		*kid = (struct child){.ready = -1};
		k->n--;
	}
	return any;
}

/* Send sig to all but one, once to each.  How many there are.  Orphans that
 * children left behind are found in /proc alone. */
static int
send_all(struct children *k, int sig, pid_t but)
{
	FILE *fp = fopen("/proc/thread-self/children", "re");
	int i, count = 0;
	long pid;

	for (i = 0; i < k->max; i++) {
		if (!k->all[i].pid || k->all[i].pid == but)
			continue;
		count++;
		if (k->all[i].sent != sig)
			send_to(k->all[i].pid, sig);
		k->all[i].sent = sig;
	}
	while (fp && fscanf(fp, "%ld", &pid) == 1) {
		if (place(k, (pid_t)pid) || was_before(k, (pid_t)pid))
			continue;
		count++;
		send_to((pid_t)pid, sig);
	}
	if (fp)
		fclose(fp);
	return count;
}

void
children_end(struct children *k, pid_t but)
{
	int64_t until = clock_ms() + PATIENCE;
	struct timespec left;
	int sig = SIGTERM;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	children_reap(k);
	while (send_all(k, sig, but) > 0) {
		while (!children_reap(k) && clock_ms() < until) {
			left.tv_sec = io_left(until) / 1000;
			left.tv_nsec = io_left(until) % 1000 * 1000000L;
			(void)sigtimedwait(&set, NULL, &left);
		}
		if (clock_ms() >= until) {
			sig = SIGKILL;
			until = clock_ms() + PATIENCE;
		}
	}
}

void
children_stop(pid_t first)
{
	int64_t until = clock_ms() + STOP;
	siginfo_t info;

	while (first > 0 && clock_ms() < until) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)first, &info,
		        WSTOPPED | WEXITED | WNOHANG | WNOWAIT) == -1 ||
		    info.si_pid != 0)
			break;
		(void)poll(NULL, 0, 2);
	}
	raise(SIGTSTP);
	signals_let(SIGTSTP);
}
