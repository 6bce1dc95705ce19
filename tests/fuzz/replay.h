/* replay: what a fuzzer started from or has found, once more, without libFuzzer;
 * REPLAY is its folder.
 * SPDX-License-Identifier: ISC */
#ifndef REPLAY_H
#define REPLAY_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int
replay(int folder, const char *name)
{
	static uint8_t all[1 << 20];
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, all, sizeof(all));
	uint8_t *input;

	close(fd);
	/* In a block of its own, beyond which a sanitizer sees. */
	input = n < 0 ? NULL : (uint8_t *)malloc(n > 0 ? (size_t)n : 1);
	if (!input)
		return -1;
	for (fd = 0; fd < n; fd++)
		input[fd] = all[fd];
	LLVMFuzzerTestOneInput(input, (size_t)n);
	free(input);
	return 0;
}

/* TAP: the name stands there before the input is tried, so that the last one
 * before an abort is the one. */
int
main(void)
{
	DIR *d = opendir(REPLAY);
	FILE *tap = fdopen(dup(1), "w"); /* a fuzzer may take 1 */
	const struct dirent *e;
	int n = 0, bad = 0;

	if (!d || !tap)
		return 1;
	while ((e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		n++;
		fprintf(tap, "# %s\n", e->d_name);
		fflush(tap);
		bad += replay(dirfd(d), e->d_name) == -1;
	}
	closedir(d);
	fprintf(tap, "%sok 1 - %d inputs of %s\n1..1\n",
	    bad || n == 0 ? "not " : "", n, REPLAY);
	return fclose(tap) == 0 && !bad && n > 0 ? 0 : 1;
}

#endif
