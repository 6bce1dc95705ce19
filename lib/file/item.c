/* item: what is offered: a file or folder of the command line.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "file/item.h"
#include "wire/filemsg.h"

/* The last name of a path, slashes after it left out; or that of what it leads
 * to, as of `.`. */
static int
named(char out[static NAME_MOST + 1], const char *path, struct fault *f)
{
	char real[PATH_MAX];
	const char *name;
	size_t n;
	int again;

	for (again = 0;; again = 1) {
		n = strlen(path);
		while (n > 0 && path[n - 1] == '/')
			n--;
		name = memrchr(path, '/', n);
		name = name ? name + 1 : path;
		n -= (size_t)(name - path);
		if (name_good(name, n, 1))
			break;
		if (again || !realpath(path, real))
			return fault(
			    f, X_USE, "%s: has no name to send it under", path);
		path = real;
	}
	if (name_is_part(name, n))
		return fault(f, X_USE,
		    "%s: the part of a file that has not arrived whole", path);
	memcpy(out, name, n);
	out[n] = '\0';
	return 0;
}

int
item_look(struct item *i, const char *path, struct fault *f)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return fault_sys(f, X_USE, "%s", path);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return fault(f, X_USE, "%s: neither a file nor a folder", path);
	*i = (struct item){.path = path, .kind = FILEMSG_FOLDER};
	if (S_ISREG(st.st_mode)) {
		i->kind = FILEMSG_PLAIN;
		i->size = (uint64_t)st.st_size;
	}
	return named(i->name, path, f);
}

void
item_count(struct item *i, struct tree *w, int64_t until)
{
	struct stat st;
	unsigned n;

	if (tree_start(w, i->path) == -1)
		return;
	for (n = 0; tree_next(w) != TREE_END; n++) {
		if (n % 256 == 255 && clock_ms() > until) {
			i->kind = FILEMSG_ATLEAST;
			break;
		}
		i->entries += w->kind == TREE_IN || w->kind == TREE_LINK;
		if (w->kind != TREE_FILE ||
		    fstatat(w->dir, w->name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		i->count++;
		i->size += (uint64_t)st.st_size;
	}
	tree_stop(w);
}
