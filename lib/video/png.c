/* png: write a picture to a PNG file, by libpng.
 * SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <png.h>

#include "base/store.h"
#include "video/png.h"

int
png_can_save(const char *path, struct fault *f)
{
	char copy[PATH_MAX];
	struct stat st;

	errno = ENAMETOOLONG;
	if (snprintf(copy, sizeof(copy), "%s.XXXXXX", path) >=
	    (int)sizeof(copy))
		return fault_sys(f, X_USE, "%s", path);
	errno = EISDIR;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return fault_sys(f, X_USE, "%s", path);
	if (access(dirname(copy), W_OK | X_OK) == -1)
		return fault_sys(f, X_USE, "%s", path);
	return 0;
}

/* The file's bytes, from malloc. */
static void *
pack(unsigned w, unsigned h, const uint8_t *rgb, size_t *n)
{
	png_image im = {.version = PNG_IMAGE_VERSION,
	    .width = w,
	    .height = h,
	    .format = PNG_FORMAT_RGB};
	png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(im);
	void *p = malloc(size);

	if (p && !png_image_write_to_memory(&im, p, &size, 0, rgb, 0, NULL)) {
		free(p);
		p = NULL;
	}
	*n = size;
	return p;
}

int
png_save(const char *path, unsigned w, unsigned h, const uint8_t *rgb,
    struct fault *f)
{
	size_t n;
	void *p = pack(w, h, rgb, &n);
	int bad;

	if (!p)
		return fault_memory(f);
	bad = store_over(path, p, n, f);
	free(p);
	return bad;
}
