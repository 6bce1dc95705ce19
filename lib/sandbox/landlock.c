/* landlock: restrict a process to some files, by Landlock.
 * SPDX-License-Identifier: ISC */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "sandbox/landlock.h"

#if !defined(NO_SANDBOX) && __has_include(<linux/landlock.h>)
#include <linux/landlock.h>

enum {
	/* Rights added by versions 2, 3 and 5; the headers may be older. */
	REFER = 1 << 13,
	TRUNCATE = 1 << 14,
	IOCTL_DEV = 1 << 15,
	READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	NAMES = LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG,
	CHANGE = READ | NAMES | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE |
	         REFER | IOCTL_DEV | LANDLOCK_ACCESS_FS_REMOVE_DIR |
	         LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SYM,
	ALL = CHANGE | LANDLOCK_ACCESS_FS_EXECUTE |
	      LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |
	      LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK,
	OF_FILES = LANDLOCK_ACCESS_FS_READ_FILE |
	           LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE | IOCTL_DEV,
	NET = 3, /* TCP bind and connect, since version 4 */
	ABSTRACT = 1, /* scopes since version 6: sockets; and this one */
	SIGNALS = 2
};

static uint64_t known; /* the rights that this kernel knows */

int
landlock_begin(int connects)
{
	/* The struct of version 6. */
	struct {
		uint64_t files, net, scope;
	} all = {0};
	size_t n = sizeof(all.files);
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	if (version < 2)
		return -1; /* version 1 forbids renaming between folders */
	known = ALL & ~(uint64_t)(version < 3   ? TRUNCATE | IOCTL_DEV
	                          : version < 5 ? IOCTL_DEV
	                                        : 0);
	all.files = known;
	if (version >= 4) {
		all.net = connects ? 0 : NET;
		n += sizeof(all.net);
	}
	if (version >= 6) {
		all.scope = connects ? SIGNALS : SIGNALS | ABSTRACT;
		n += sizeof(all.scope);
	}
	return (int)syscall(SYS_landlock_create_ruleset, &all, n, 0);
}

static void
rule(int fence, int fd, uint64_t rights)
{
	struct landlock_path_beneath_attr r = {
	    .parent_fd = fd, .allowed_access = rights & known};

	(void)syscall(
	    SYS_landlock_add_rule, fence, LANDLOCK_RULE_PATH_BENEATH, &r, 0);
}

void
landlock_add(int fence, const char *path, int change)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	uint64_t rights = change ? CHANGE : READ;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return;
	rule(fence, fd, S_ISDIR(st.st_mode) ? rights : rights & OF_FILES);
	close(fd);
}

int
landlock_close(int fence)
{
	int r = -1, err;

	errno = ENOSYS;
	if (fence != -1 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		r = (int)syscall(SYS_landlock_restrict_self, fence, 0);
	err = errno;
	if (fence != -1)
		close(fence);
	errno = err;
	return r;
}

int
landlock_names(int folder)
{
	int fence = landlock_begin(0);

	rule(fence, folder, NAMES);
	return landlock_close(fence);
}

#else

int
landlock_begin(int connects)
{
	(void)connects;
	return -1;
}

void
landlock_add(int fence, const char *path, int change)
{
	(void)fence;
	(void)path;
	(void)change;
}

int
landlock_close(int fence)
{
	(void)fence;
	errno = ENOSYS;
	return -1;
}

int
landlock_names(int folder)
{
	return landlock_close(folder);
}

#endif
