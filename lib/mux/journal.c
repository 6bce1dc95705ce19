/* journal: write what both sides say to a file, line by line.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "mux/journal.h"

int
journal_open(
    struct journal *j, const char *path, const char *name, struct fault *f)
{
	struct stat st;
	int i;

	/* O_NONBLOCK: opening a FIFO would block. */
	j->fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
	        O_CLOEXEC,
	    0600);
	if (j->fd == -1 && errno == ELOOP)
		return fault(f, X_USE, "%s: a symbolic link", path);
	if (j->fd == -1 || fstat(j->fd, &st) == -1)
		return fault_sys(f, X_USE, "%s", path);
	if (!S_ISREG(st.st_mode))
		return fault(f, X_USE, "%s: not a regular file", path);
	if (st.st_uid != geteuid() || st.st_mode & 077)
		return fault(f, X_USE,
		    "%s: others may read or change it (chmod 600)", path);
	for (i = 0; i < 2; i++) {
		j->how[i].format = "%F %T";
		j->how[i].own = i;
		render_name(&j->how[i], name);
	}
	return 0;
}

int
journal_line(struct journal *j, int own, const struct message *m)
{
	struct render r = {0};
	char text[8192];
	size_t n;

	if (j->bad)
		return 0;
	render_begin(&r, &j->how[own], m);
	while ((n = render_next(&r, text, sizeof(text))) > 0)
		if (io_write(j->fd, text, n) == -1) {
			j->bad = 1;
			return -1;
		}
	return 0;
}
