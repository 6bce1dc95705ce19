/* What a filter can still do in its seccomp_enter, and what it cannot.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/seccomp.h"
#include "tap.h"

#define REFUSED(call) (errno = 0, (call) == -1 && errno == ENOSYS)

static int p[2], u, tty;
static struct termios mode;

static void
allowed(void)
{
	struct pollfd pfd = {.fd = p[0], .events = POLLIN};
	struct sockaddr_in at;
	socklen_t n = sizeof(at);
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
	ok(REFUSED(getsockname(u, (struct sockaddr *)&at, &n)),
	    "not where a socket is");
}

static void
refused(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	struct stat st;
	char *argv[] = {(char[]){"true"}, NULL};
	void *m;

	ok(REFUSED(open("/dev/null", O_RDONLY)), "no file");
	ok(REFUSED(open("/tmp", O_TMPFILE | O_RDWR, 0600)), "no new file");
	ok(REFUSED(stat("/", &st)), "no look at one");
	ok(REFUSED(unlink("/none")) && REFUSED(rename("/none", "/no")),
	    "no change of names");
	ok(REFUSED(socket(AF_INET, SOCK_STREAM, 0)), "no socket");
	ok(REFUSED(connect(u, (struct sockaddr *)&at, sizeof(at))),
	    "no other address");
	ok(REFUSED(bind(u, (struct sockaddr *)&at, sizeof(at))), "none bound");
	ok(REFUSED(execv("/bin/true", argv)), "no program");
	ok(REFUSED(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)), "no process");
	ok(REFUSED(kill(getppid(), 0)), "no signal to another");
	ok(REFUSED(syscall(SYS_tgkill, getppid(), getppid(), 0)),
	    "nor to a thread of another");
	ok(REFUSED(ptrace(PTRACE_ATTACH, 1, 0, 0)), "no look into another");
	ok(REFUSED(ioctl(0, TIOCSTI, "x")), "nothing typed for the user");
	ok(REFUSED(tcgetpgrp(tty)) && REFUSED(tcsetattr(tty, TCSANOW, &mode)) &&
	        REFUSED(tcflush(tty, TCIFLUSH)),
	    "no terminal changed");
	ok(isatty(tty), "but seen to be one");
	m = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);
	ok(m == MAP_FAILED && errno == ENOSYS, "no new code");
	m = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok(m != MAP_FAILED && REFUSED(mprotect(m, 4096, PROT_EXEC)),
	    "none out of memory");
	ok(setsockopt(u, SOL_SOCKET, SO_RCVBUF, &(int){4096}, 4) == 0 &&
	        REFUSED(setsockopt(u, IPPROTO_IP, IP_TTL, &(int){9}, 4)),
	    "a socket's buffer, not its route");
}

/* In a process of its own: 0 if seccomp_enter_terminal allows what it is for, and no
 * more than the other. */
static int
terminal(void)
{
	struct winsize w;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		seccomp_enter_terminal();
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

/* Likewise for seccomp_enter_folder: names in that folder can be changed, by
 * no other descriptor, and no file opened. */
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
		seccomp_enter_folder(dir);
		_exit(fsync(file) == -1 ||
		      !REFUSED(renameat(other, "a", other, "b")) ||
		      !REFUSED(unlinkat(other, "a", 0)) ||
		      !REFUSED(openat(dir, "a", O_RDONLY)) ||
		      renameat(dir, "a", dir, "b") == -1 ||
		      unlinkat(dir, "b", 0) == -1);
	}
	waitpid(pid, &status, 0);
	rmdir(path);
	return status;
}

int
main(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t n = sizeof(at);
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
#ifndef NO_SANDBOX
	ok(terminal() == 0, "a terminal's mode, where that is asked for");
	ok(folder() == 0, "names in one folder, where that is asked for");
#endif
	seccomp_enter();
#ifdef NO_SANDBOX
	printf("1..0 # SKIP built without\n");
	(void)terminal;
	(void)folder;
	(void)allowed;
	(void)refused;
	return 0;
#endif
	allowed();
	refused();
	return done();
}
