/* landlock: keep a process to some files, by Landlock.
 * SPDX-License-Identifier: ISC */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "sandbox/landlock.h"

#if !defined(NO_SANDBOX) && __has_include(<linux/landlock.h>)
#include <linux/landlock.h>

enum {
	REFER = 1 << 13, /* since version 2; the headers may be older */
	TRUNCATE = 1 << 14, /* since 3 */
	READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	CHANGE = READ | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE | REFER |
	         LANDLOCK_ACCESS_FS_REMOVE_DIR |
	         LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
	         LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM,
	ALL = CHANGE | LANDLOCK_ACCESS_FS_EXECUTE |
	      LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |
	      LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK,
	OF_FILES = LANDLOCK_ACCESS_FS_READ_FILE |
	           LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE
};

static uint64_t known; /* the rights that this kernel knows */

int
landlock_begin(void)
{
	struct landlock_ruleset_attr all;
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	if (version < 2)
		return -1; /* too few to rename by */
	known = version < 3 ? ALL & ~TRUNCATE : ALL;
	all = (struct landlock_ruleset_attr){.handled_access_fs = known};
	return (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
}

void
landlock_add(int fence, const char *path, int change)
{
	struct landlock_path_beneath_attr rule = {
	    .parent_fd = open(path, O_PATH | O_CLOEXEC),
	    .allowed_access = (change ? CHANGE : READ) & known};
	struct stat st;

	if (fstat(rule.parent_fd, &st) == -1)
		return;
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= OF_FILES;
	(void)syscall(
	    SYS_landlock_add_rule, fence, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

void
landlock_close(int fence)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		(void)syscall(SYS_landlock_restrict_self, fence, 0);
	if (fence != -1)
		close(fence);
}

#else

int
landlock_begin(void)
{
	return -1;
}

void
landlock_add(int fence, const char *path, int change)
{
	(void)fence;
	(void)path;
	(void)change;
}

void
landlock_close(int fence)
{
	(void)fence;
}

#endif
