/* What is within the fence, and what is not.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/landlock.h"
#include "sandbox/seccomp.h"
#include "tap.h"

#define DENIED(call) (errno = 0, (call) == -1 && errno == EACCES)
#define REFUSED(call) (errno = 0, (call) == -1 && errno == ENOSYS)

static int
opens(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd == -1)
		return -1;
	close(fd);
	return 0;
}

/* The folders in, read and out, a file x in each. */
static int
prepare(char *top)
{
	static const char *const paths[] = {
	    "in", "in/sub", "read", "read/sub", "out"};
	size_t i;

	if (!mkdtemp(top) || chdir(top) == -1)
		return -1;
	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (mkdir(paths[i], 0700) == -1)
			return -1;
	return opens("in/x", O_CREAT | O_WRONLY) == -1 ||
	               opens("read/x", O_CREAT | O_WRONLY) == -1 ||
	               opens("out/x", O_CREAT | O_WRONLY) == -1 ||
	               opens("one", O_CREAT | O_WRONLY) == -1 ||
	               opens("two", O_CREAT | O_WRONLY) == -1
	           ? -1
	           : 0;
}

static void
within(void)
{
	ok(opens("in/x", O_RDWR | O_TRUNC) == 0, "a file is written");
	ok(opens("in/sub/y", O_CREAT | O_EXCL | O_WRONLY) == 0, "made");
	ok(rename("in/sub/y", "in/z") == 0, "moved from folder to folder");
	ok(unlink("in/z") == 0, "removed");
	ok(mkdir("in/d", 0700) == 0 && rmdir("in/d") == 0, "a folder");
	ok(symlink("/etc/passwd", "in/l") == 0, "a link");
	ok(DENIED(opens("in/l", O_RDONLY)), "which leads nowhere");
	ok(DENIED(mkfifo("in/p", 0600)), "no pipe");
	ok(opens("read/x", O_RDONLY) == 0 &&
	        opens("read/sub", O_RDONLY | O_DIRECTORY) == 0 &&
	        opens("one", O_RDONLY) == 0,
	    "what is to be read is");
	ok(DENIED(opens("read/x", O_WRONLY)) &&
	        DENIED(opens("one", O_WRONLY)) &&
	        DENIED(opens("read/new", O_CREAT | O_WRONLY)) &&
	        DENIED(unlink("read/x")),
	    "and not changed");
}

static void
outside(void)
{
	ok(DENIED(opens("out/x", O_RDONLY)) && DENIED(opens("two", O_RDONLY)) &&
	        DENIED(opens("/etc/passwd", O_RDONLY)),
	    "no other file");
	ok(DENIED(opens("out", O_RDONLY | O_DIRECTORY)) &&
	        DENIED(opens(".", O_RDONLY | O_DIRECTORY)) &&
	        DENIED(opens("in/..", O_RDONLY | O_DIRECTORY)),
	    "no other folder");
	ok(DENIED(opens("out/new", O_CREAT | O_WRONLY)) &&
	        DENIED(unlink("out/x")) && DENIED(mkdir("out/d", 0700)),
	    "nothing changed there");
	errno = 0;
	ok(rename("in/x", "out/y") == -1 && (errno == EACCES || errno == EXDEV),
	    "nothing moved there");
	ok(DENIED(execl("/bin/true", "true", (char *)NULL)), "no program");
}

static int
fenced(int fence)
{
	landlock_add(fence, "in", 1);
	landlock_add(fence, "read", 0);
	landlock_add(fence, "one", 0);
	landlock_add(fence, "none", 0);
	ok(landlock_close(fence) == 0, "in it");
	within();
	outside();
	ok(seccomp_enter(MAY_FILES, -1) == 0, "in the sandbox, too");
	ok(opens("in/x", O_RDWR) == 0, "in the sandbox: files");
	ok(REFUSED(execl("/bin/true", "true", (char *)NULL)) &&
	        REFUSED(socket(AF_UNIX, SOCK_STREAM, 0)) && REFUSED(fork()),
	    "nothing else");
	return done();
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR");
	char top[4096];
	int fence = landlock_begin(0), status = 111 << 8;
	pid_t pid;

	if (fence == -1) {
		printf("1..0 # SKIP no Landlock here, or built without\n");
		return 0;
	}
	snprintf(top, sizeof(top), "%s/fence.XXXXXX", tmp ? tmp : "/tmp");
	if (prepare(top) == 0 && (pid = fork()) != -1) {
		if (pid == 0)
			return fenced(fence);
		waitpid(pid, &status, 0);
	}
	/* Who is within could not clear it away. */
	setenv("top", top, 1);
	return system("rm -rf \"$top\"") != 0 || status;
}
