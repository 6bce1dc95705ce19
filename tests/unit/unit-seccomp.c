/* What a filter says to each deed, and what the kernel says to who tries it from
 * inside: the same.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "deeds.h"
#include "sandbox/seccomp.h"
#include "tap.h"

#define REFUSED(call) (errno = 0, (call) == -1 && errno == ENOSYS)

static const struct {
	unsigned may;
	const char *name;
} cages[] = {{0, "nothing more"}, {MAY_TERMINAL, "a terminal"},
    {MAY_FILES, "files"}, {MAY_FILES | MAY_TERMINAL, "files and a terminal"},
    {MAY_FOLDER, "a folder"}, {MAY_FOLDER | MAY_TERMINAL, "both"},
    {MAY_SENDMSG, "sendmsg"}, {MAY_RECVMSG, "recvmsg"}, {MAY_SERVE, "a server"},
    {MAY_CONTROL, "a device"}};

enum { FD = 77 }; /* is not open */

/* Try a deed: is there such a call? */
static int
there(const struct deed *d, int pid)
{
	errno = 0;
	(void)syscall(d->call, deed_arg(d, 0, FD, pid), deed_arg(d, 1, FD, pid),
	    deed_arg(d, 2, FD, pid), deed_arg(d, 3, FD, pid),
	    deed_arg(d, 4, FD, pid), deed_arg(d, 5, FD, pid));
	return errno != ENOSYS;
}

/* In a process of its own: how many deeds the kernel has otherwise than the
 * filter says; those are named. */
static int
compare(unsigned may)
{
	static struct sock_filter code[SECCOMP_MOST];
	int status = -1, wrong = 0, i, pid = fork();
	unsigned n;

	if (pid == 0) {
		pid = getpid();
		n = seccomp_filter(code, may, FD);
		if (n == 0 || n > SECCOMP_MOST || seccomp_enter(may, FD) == -1)
			_exit(100);
		for (i = 0; i < DEEDS; i++) {
			if (there(&deeds[i], pid) ==
			    deed_allowed(&deeds[i], code, n, FD, pid))
				continue;
			printf("# %s, system call %ld\n", deeds[i].name,
			    deeds[i].call);
			wrong++;
		}
		fflush(stdout);
		_exit(wrong < 99 ? wrong : 99);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 101;
}

/* How many calls the filter allows, with any arguments, that are not among the
 * deeds; those are named.  These cannot be tried: they end or go back. */
static int
unnamed(unsigned may)
{
	static const long ends[] = {
	    SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_restart_syscall};
	static struct sock_filter code[SECCOMP_MOST];
	unsigned n = seccomp_filter(code, may, FD), named;
	int count = 0;
	long call;
	size_t i;

	for (call = 0; call < 2048; call++) {
		if (!deed_somehow(code, n, 0, call, NULL))
			continue;
		for (i = named = 0; i < DEEDS; i++)
			named |= deeds[i].call == call;
		for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
			named |= ends[i] == call;
		if (named)
			continue;
		printf("# system call %ld\n", call);
		count++;
	}
	return count;
}

/* What one program can still do, as its filter has it. */
static void
print(unsigned may, const char *name)
{
	static struct sock_filter code[SECCOMP_MOST];
	unsigned n = seccomp_filter(code, may, FD);
	int i;

	printf("# %s:", name);
	for (i = 0; i < DEEDS; i++)
		if (deed_allowed(&deeds[i], code, n, FD, getpid()) &&
		    (i == 0 || strcmp(deeds[i].name, deeds[i - 1].name) != 0))
			printf(" %s;", deeds[i].name);
	printf("\n");
}

static int p[2], u, tty;
static struct termios mode;

static void
allowed(void)
{
	struct pollfd pfd = {.fd = p[0], .events = POLLIN};
	volatile char *m = malloc(3000000);
	struct timespec ms = {0, 1000000};
	time_t now = time(NULL);
	char c = 0;
	int i;

	ok(m && (m[0] = m[2999999] = 1), "memory");
	free((void *)m);
	ok(write(p[1], "x", 1) == 1 && poll(&pfd, 1, 1000) == 1 &&
	        read(p[0], &c, 1) == 1 && c == 'x',
	    "write, wait and read");
	ok(send(u, "y", 1, MSG_NOSIGNAL) == 1 && recv(u, &c, 1, 0) == 1 &&
	        c == 'y',
	    "a datagram to where the socket leads");
	ok(ioctl(p[0], FIONREAD, &i) == 0, "how much waits");
	ok(now > 1000000000 && nanosleep(&ms, NULL) == 0, "time");
	ok(signal(SIGUSR1, SIG_IGN) == SIG_DFL && raise(SIGUSR1) == 0,
	    "a signal to itself");
	ok(isatty(tty), "a terminal is seen to be one");
}

static void
refused(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t n = sizeof(at);
	char *argv[] = {(char[]){"true"}, NULL};
	void *m;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons(9);
	ok(REFUSED(open("/dev/null", O_RDONLY)), "no file");
	ok(REFUSED(open("/tmp", O_TMPFILE | O_RDWR, 0600)), "no new file");
	ok(REFUSED(unlink("/none")) && REFUSED(rename("/none", "/no")),
	    "no change of names");
	ok(REFUSED(socket(AF_INET, SOCK_STREAM, 0)), "no socket");
	ok(REFUSED(connect(u, (struct sockaddr *)&at, n)), "no other address");
	ok(REFUSED(sendto(u, "z", 1, 0, (struct sockaddr *)&at, n)),
	    "not for one datagram either");
	ok(REFUSED(getsockname(u, (struct sockaddr *)&at, &n)),
	    "not where a socket is");
	ok(REFUSED(execv("/bin/true", argv)), "no program");
	ok(REFUSED(fork()), "no process");
	ok(REFUSED(kill(getppid(), 0)), "no signal to another");
	ok(REFUSED(fcntl(p[0], F_SETOWN, getppid())) &&
	        REFUSED(fcntl(p[0], F_SETSIG, SIGKILL)) &&
	        REFUSED(fcntl(p[0], F_SETFL, O_ASYNC)),
	    "nor by the kernel, when something comes");
	ok(REFUSED(ioctl(tty, TIOCSTI, "x")), "nothing typed for the user");
	ok(REFUSED(tcgetpgrp(tty)) && REFUSED(tcsetattr(tty, TCSANOW, &mode)) &&
	        REFUSED(tcflush(tty, TCIFLUSH)),
	    "no terminal changed");
	m = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok(m != MAP_FAILED && REFUSED(mprotect(m, 4096, PROT_EXEC)),
	    "no code out of memory");
}

/* In a process of its own: 0 if a terminal's mode can be changed, and no more. */
static int
terminal(void)
{
	struct winsize w;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		(void)seccomp_enter(MAY_TERMINAL, -1);
		mode.c_lflag ^= ECHO;
		_exit(ioctl(tty, TIOCGWINSZ, &w) == -1 ||
		      tcsetattr(tty, TCSANOW, &mode) == -1 ||
		      tcflush(tty, TCIFLUSH) == -1 ||
		      !REFUSED(ioctl(tty, TIOCSTI, "x")) ||
		      !REFUSED(tcsetpgrp(tty, getpid())) ||
		      !REFUSED(open("/dev/null", O_RDONLY)));
	}
	waitpid(pid, &status, 0);
	return status;
}

/* Likewise: names in a folder can be changed by its descriptor, by no other, and
 * no file opened. */
static int
folder(void)
{
	char path[] = "/tmp/unit-sandbox.XXXXXX";
	int status = -1, dir, other, file;
	pid_t pid;

	if (!mkdtemp(path) || (dir = open(path, O_PATH | O_CLOEXEC)) == -1 ||
	    (other = dup(dir)) == -1 ||
	    (file = openat(dir, "a", O_CREAT | O_WRONLY, 0600)) == -1)
		return -1;
	pid = fork();
	if (pid == 0) {
		(void)seccomp_enter(MAY_FOLDER, dir);
		_exit(fsync(file) == -1 ||
		      !REFUSED(renameat(other, "a", other, "b")) ||
		      !REFUSED(renameat(dir, "a", other, "b")) ||
		      !REFUSED(unlinkat(other, "a", 0)) ||
		      !REFUSED(unlinkat(dir, "a", AT_REMOVEDIR)) ||
		      !REFUSED(openat(dir, "a", O_RDONLY)) ||
		      renameat(dir, "a", dir, "b") == -1 ||
		      unlinkat(dir, "b", 0) == -1);
	}
	waitpid(pid, &status, 0);
	rmdir(path);
	return status;
}

static int go[2], back[2];

static void *
other_thread(void *arg)
{
	char c = 'n';

	(void)arg;
	if (write(back[1], "b", 1) == 1 && read(go[0], &c, 1) == 1)
		c = REFUSED(open("/dev/null", O_RDONLY)) ? 'y' : 'n';
	(void)!write(back[1], &c, 1);
	return NULL;
}

/* A thread that was there before is confined too. */
static int
threads(void)
{
	int status = -1;
	pthread_t t;
	char c = 0;
	pid_t pid;

	if (pipe(go) == -1 || pipe(back) == -1)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (pthread_create(&t, NULL, other_thread, NULL) != 0 ||
		    read(back[0], &c, 1) != 1 || seccomp_enter(0, -1) == -1)
			_exit(2);
		_exit(write(go[1], "g", 1) != 1 || read(back[0], &c, 1) != 1 ||
		      c != 'y');
	}
	waitpid(pid, &status, 0);
	return status;
}

int
main(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t n = sizeof(at);
	struct sock_filter code[SECCOMP_MOST];
	size_t i;
	int p2;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	u = socket(AF_INET, SOCK_DGRAM, 0);
	if (pipe(p) == -1 || u == -1 ||
	    bind(u, (struct sockaddr *)&at, n) == -1 ||
	    getsockname(u, (struct sockaddr *)&at, &n) == -1 ||
	    connect(u, (struct sockaddr *)&at, n) == -1)
		return 111;
	if (openpty(&tty, &p2, NULL, NULL, NULL) == -1 ||
	    tcgetattr(tty, &mode) == -1)
		return 111;
	if (seccomp_filter(code, 0, -1) == 0) {
		ok(seccomp_enter(0, -1) == -1 && errno == ENOSYS,
		    "built without, and that is told");
		return done();
	}
	for (i = 0; i < sizeof(cages) / sizeof(*cages); i++) {
		print(cages[i].may, cages[i].name);
		fflush(stdout);
		ok(compare(cages[i].may) == 0,
		    "%s: the kernel does as the filter says", cages[i].name);
		ok(unnamed(cages[i].may) == 0, "%s: all of it is in the list",
		    cages[i].name);
		fflush(stdout);
	}
	printf("# tries %zu\n", (size_t)i * DEEDS);
	ok(terminal() == 0, "a terminal's mode, where that is asked for");
	ok(folder() == 0, "names in one folder, where that is asked for");
	ok(threads() == 0, "all threads");
	fflush(stdout);
	ok(seccomp_enter(0, -1) == 0, "in it");
	allowed();
	refused();
	return done();
}
