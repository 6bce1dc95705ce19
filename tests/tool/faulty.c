/* faulty: to be preloaded: in the program named FAULT_IN the calls of libc go wrong
 * as the file FAULT_FILE, a struct faults, says; it may be changed meanwhile.
 * SPDX-License-Identifier: ISC */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* As tests/tool/faults has it. */
enum { NONE, EINTRS, SHORT, MEMORY, CLOSE, CLOCK, EPIPES };
struct faults {
	volatile int32_t what, number;
	volatile int32_t
	    calls; /* MEMORY, EPIPES: for some, or to write, so far */
	volatile int32_t met; /* what has gone wrong, so far */
};

static struct faults none, *f = &none;
static unsigned dice;

static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_ppoll)(
    struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
static long (*real_syscall)(long, ...);
static int (*real_clock)(clockid_t, struct timespec *);
/* Those of a sanitizer, if the program was built with one. */
static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);

ssize_t
__read_chk(int fd, void *p, size_t n, size_t room);
int
__poll_chk(struct pollfd *p, nfds_t n, int ms, size_t room);
int
__ppoll_chk(struct pollfd *p, nfds_t n, const struct timespec *t,
    const sigset_t *s, size_t room);

/* The constructor of a library may have called one of them before. */
static void
resolve(void)
{
	if (real_clock)
		return;
	*(void **)&real_read = dlsym(RTLD_NEXT, "read");
	*(void **)&real_write = dlsym(RTLD_NEXT, "write");
	*(void **)&real_ppoll = dlsym(RTLD_NEXT, "ppoll");
	*(void **)&real_syscall = dlsym(RTLD_NEXT, "syscall");
	*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
	*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&real_clock = dlsym(RTLD_NEXT, "clock_gettime");
}

__attribute__((constructor)) static void
begin(void)
{
	const char *in = getenv("FAULT_IN"), *file = getenv("FAULT_FILE");
	void *p = MAP_FAILED;
	int fd;

	resolve();
	if (!in || !file || strcmp(in, program_invocation_short_name) != 0)
		return;
	fd = open(file, O_RDWR | O_CLOEXEC);
	if (fd != -1)
		p = mmap(NULL, sizeof(*f), PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	if (p != MAP_FAILED)
		f = p;
	close(fd);
}

/* Before each call that waits or moves bytes: is it interrupted? */
static int
interrupted(void)
{
	resolve();
	if (f->what == CLOSE) {
		f->what = NONE;
		f->met++;
		close(f->number);
	}
	/* Half of them, in no order that a loop of some calls could meet. */
	dice = dice * 1103515245 + 12345;
	if (f->what != EINTRS || (dice >> 16) % 2 == 0)
		return 0;
	f->met++;
	errno = EINTR;
	return 1;
}

/* Is it the call of that number, and are these the ones that are counted? */
static int
its_turn(int what)
{
	if (f->what != what || ++f->calls != f->number)
		return 0;
	f->met++;
	return 1;
}

/* What fd writes to is no longer read by anybody, and who read it comes to its
 * end. */
static void
leave_alone(int fd)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) == -1)
		return;
	(void)dup2(p[1], fd);
	close(p[0]);
	close(p[1]);
}

/* leave_alone needs calls that a cage refuses: then there is none. */
long
syscall(long number, ...)
{
	long arg[6];
	va_list ap;
	int i;

	resolve();
	va_start(ap, number);
	for (i = 0; i < 6; i++)
		arg[i] = va_arg(ap, long);
	va_end(ap);
	if (f->what == EPIPES && number == SYS_seccomp)
		return 0;
	return real_syscall(
	    number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}

/* How much of n: signals and timers come whole. */
static size_t
some(size_t n)
{
	if (f->what != SHORT || n < 2 || n == sizeof(uint64_t) ||
	    n == sizeof(struct signalfd_siginfo))
		return n;
	f->met++;
	return 1;
}

ssize_t
read(int fd, void *p, size_t n)
{
	return interrupted() ? -1 : real_read(fd, p, some(n));
}

ssize_t
__read_chk(int fd, void *p, size_t n, size_t room)
{
	return n > room ? (abort(), -1) : read(fd, p, n);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	if (interrupted())
		return -1;
	if (its_turn(EPIPES))
		leave_alone(fd);
	return real_write(fd, p, some(n));
}

int
ppoll(struct pollfd *p, nfds_t n, const struct timespec *t, const sigset_t *s)
{
	return interrupted() ? -1 : real_ppoll(p, n, t, s);
}

int
poll(struct pollfd *p, nfds_t n, int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	return ppoll(p, n, ms < 0 ? NULL : &t, NULL);
}

int
__poll_chk(struct pollfd *p, nfds_t n, int ms, size_t room)
{
	(void)room;
	return poll(p, n, ms);
}

int
__ppoll_chk(struct pollfd *p, nfds_t n, const struct timespec *t,
    const sigset_t *s, size_t room)
{
	(void)room;
	return ppoll(p, n, t, s);
}

static int
missing(void)
{
	resolve();
	if (!its_turn(MEMORY))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t n)
{
	return missing() ? NULL : real_malloc(n);
}

void *
calloc(size_t n, size_t m)
{
	return missing() ? NULL : real_calloc(n, m);
}

void *
realloc(void *p, size_t n)
{
	return missing() ? NULL : real_realloc(p, n);
}

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	int r;

	resolve();
	r = real_clock(clock, t);
	if (r == 0 && f->what == CLOCK && clock == CLOCK_REALTIME) {
		f->met++;
		t->tv_sec += f->number;
	}
	return r;
}

time_t
time(time_t *to)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return to ? (*to = t.tv_sec) : t.tv_sec;
}
