/* outfile: one file that appears under its name when it is whole.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/store.h"

enum { KEPT = 200 }; /* bytes of NAME used, so that the temporary name fits */

static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};

static int folder;
static char name[NAME_MAX + 1], sibling[NAME_MAX + 1];
static volatile sig_atomic_t begun;

void
outfile_drop(void)
{
	if (begun)
		(void)unlinkat(folder, sibling, 0);
	begun = 0;
}

static void
ended(int sig)
{
	outfile_drop();
	/* Again: SA_RESETHAND removed the handler, so this ends the process. */
	(void)raise(sig);
}

static void
catch_ends(void)
{
	struct sigaction sa = {
	    .sa_handler = ended, .sa_flags = (int)SA_RESETHAND};
	struct sigaction was;
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (sigaction(ends[i], NULL, &was) == 0 &&
		    was.sa_handler != SIG_IGN)
			(void)sigaction(ends[i], &sa, NULL);
}

/* Split path: name is its last part, the folder is opened.  0, or -1 and
 * errno. */
static int
find(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;
	size_t n = slash ? (size_t)(slash - path) : 0;
	char dir[PATH_MAX];

	if (*last == '\0' || strlen(last) > NAME_MAX || n + 2 > sizeof(dir)) {
		errno = *last ? ENAMETOOLONG : EISDIR;
		return -1;
	}
	strcpy(name, last);
	memcpy(dir, path, n);
	dir[n] = '\0';
	folder = open(n       ? dir
	              : slash ? "/"
	                      : ".",
	    O_PATH | O_DIRECTORY | O_CLOEXEC);
	return folder == -1 ? -1 : 0;
}

/* May the file at the name be replaced? */
static int
replaceable(const char *path, int in, struct fault *f)
{
	struct stat st, source;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0
		                       : fault_sys(f, store_code(), "%s", path);
	if (!S_ISREG(st.st_mode))
		return fault(f, X_USE,
		    "%s is not a regular file: write to standard output "
		    "instead",
		    path);
	if (fstat(in, &source) == 0 && source.st_dev == st.st_dev &&
	    source.st_ino == st.st_ino)
		return fault(f, X_USE, "%s is the input itself", path);
	return 0;
}

int
outfile_begin(struct outfile *o, const char *path, int in, struct fault *f)
{
	uint32_t some;

	if (find(path) == -1)
		return fault_sys(f, store_code(), "%s", path);
	if (replaceable(path, in, f) == -1)
		return -1;
	if (getrandom(&some, sizeof(some), 0) != sizeof(some))
		return fault_sys(f, X_SYS, "random bytes");
	snprintf(sibling, sizeof(sibling), ".%.*s.%08x", KEPT, name, some);
	catch_ends();
	o->dir = folder;
	o->fd = openat(
	    folder, sibling, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (o->fd == -1)
		return fault_sys(f, store_code(), "%s", path);
	begun = 1;
	return 0;
}

int
outfile_keep(struct outfile *o, struct fault *f)
{
	if (fsync(o->fd) == -1 || close(o->fd) == -1 ||
	    renameat(folder, sibling, folder, name) == -1)
		return fault_sys(f, X_SYS, "%s", name);
	begun = 0;
	return 0;
}
