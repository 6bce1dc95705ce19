/* cage PID: what that process can still do, one deed a line, as its threads'
 * filters have it; 1: a thread is not confined, or differs from the first; 77: the
 * kernel does not tell (needs CAP_SYS_ADMIN).  cage: all deeds and their calls.
 * SPDX-License-Identifier: ISC */
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "deeds.h"

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

enum { FDS = 64, FILTERS = 8, MOST = 4096 };

static struct sock_filter code[FILTERS][MOST];
static size_t length[FILTERS];
static int filters;

/* Is it so in the thread's status? */
static int
status(int pid, int tid, const char *line)
{
	char path[64], text[256];
	int found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", pid, tid);
	f = fopen(path, "r");
	while (f && fgets(text, sizeof(text), f))
		found |= strcmp(text, line) == 0;
	if (f)
		fclose(f);
	return found;
}

static void
fetch(int tid)
{
	long n;

	if (ptrace(PTRACE_SEIZE, tid, 0, 0) == -1 ||
	    ptrace(PTRACE_INTERRUPT, tid, 0, 0) == -1 ||
	    waitpid(tid, NULL, __WALL) == -1)
		exit(77);
	for (filters = 0; filters < FILTERS; filters++) {
		errno = 0;
		n = ptrace(PTRACE_SECCOMP_GET_FILTER, tid,
		    (void *)(long)filters, NULL);
		if (n <= 0 || n > MOST)
			break;
		length[filters] = (size_t)n;
		(void)ptrace(PTRACE_SECCOMP_GET_FILTER, tid,
		    (void *)(long)filters, code[filters]);
	}
	if (errno == EACCES || errno == EPERM || errno == EIO ||
	    errno == EINVAL)
		exit(77);
	(void)ptrace(PTRACE_DETACH, tid, 0, 0);
}

/* Do all filters allow it, with the best descriptor for it? */
static int
can(const struct deed *d, int pid)
{
	int fd, i, all;

	for (fd = -1; fd < FDS; fd++) {
		all = 1;
		for (i = 0; i < filters; i++)
			all &= deed_allowed(d, code[i], length[i], fd, pid);
		if (all)
			return 1;
	}
	return 0;
}

/* Stands that name, or that call of it, before the deed i? */
static int
before(int i, int call)
{
	int j;

	for (j = i; j-- > 0 && strcmp(deeds[j].name, deeds[i].name) == 0;)
		if (!call || strcmp(deeds[j].called, deeds[i].called) == 0)
			return 1;
	return 0;
}

static void
list(void)
{
	int i;

	for (i = 0; i < DEEDS; i++)
		if (!before(i, 0))
			printf("%s%s: %s", i ? "\n" : "", deeds[i].name,
			    deeds[i].called);
		else if (!before(i, 1))
			printf(", %s", deeds[i].called);
	printf("\n");
}

int
main(int argc, char **argv)
{
	char first[DEEDS], now[DEEDS];
	int pid = argc > 1 ? atoi(argv[1]) : 0, tid, threads = 0, i;
	int printed = -1;
	const struct dirent *e;
	char path[64];
	DIR *d;

	if (argc == 1) {
		list();
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		tid = atoi(e->d_name);
		if (tid == 0)
			continue;
		if (!status(pid, tid, "NoNewPrivs:\t1\n") ||
		    !status(pid, tid, "Seccomp:\t2\n")) {
			printf("thread %d is not confined\n", tid);
			return 1;
		}
		fetch(tid);
		for (i = 0; i < DEEDS; i++)
			now[i] = (char)can(&deeds[i], pid);
		if (threads++ == 0)
			memcpy(first, now, sizeof(now));
		if (filters == 0 || memcmp(first, now, sizeof(now)) != 0) {
			printf("thread %d differs\n", tid);
			return 1;
		}
	}
	if (threads == 0)
		return 1;
	for (i = 0; i < DEEDS; i++)
		if (first[i] &&
		    (printed == -1 ||
		        strcmp(deeds[i].name, deeds[printed].name) != 0))
			printf("%s\n", deeds[printed = i].name);
	return 0;
}
