/* fuzz/fileget: chat-file get, with a peer that says anything.
 * SPDX-License-Identifier: ISC */
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <errno.h>

#include "file/get.h"
#include "file/name.h"
#include "fuzz.h"
#include "scratch.h"

enum {
	PART = 4,
	PARTED = 9,
	SMALL = 5,
	ASKED = 1, /* of the first byte: what the person says */
	RAW = 2 /* the rest is said as it is */
};

static const char *const names[] = {"a", "b", "c", "d", "l", "p", "x", "e",
    "..", "a\033[2J", "n/n", ".", "\xc2\x9b", "\xe2\x80\xae", "d (2)", "a (2)"};
static const char *const paths[] = {"", "x", "s", "s/y", "s/t", "s/t/z", "k",
    "k/y", "x/y", "../a", "s/../../a", "/a", "s//y", "x\n", "s/.", "k (2)"};
static const char *const targets[] = {"x", "s/y", "../x", "../../a", "/etc",
    "s/../..", "k", ".", "..", "../../../out/o", "s/t", "../s/t", "", "k/..",
    "x\nx", "s//y"};

static int first; /* byte of the input */
static int root;
static struct fault f;

static int
ask(const char *offer, int doubt, struct fault *why)
{
	MUST(*offer);
	if (first & 4)
		return fault(why, X_USE, "there is nobody");
	return (first & ASKED) && !doubt;
}

static int
run(void)
{
	struct progress prog;

	progress_start(&prog, 1);
	f = (struct fault){0};
	return get_run(root, 022, "in", "peer", "key", &prog, ask, &f);
}

/* What is there before, so that each way to go on is there. */
static void
prepare(void)
{
	char part[NAME_MOST + 1];
	int d;

	scratch_clear(scratch_fd);
	MUST(mkdirat(scratch_fd, "in", 0700) == 0 &&
	     mkdirat(scratch_fd, "out", 0700) == 0);
	d = scratch_folder(scratch_fd, "out");
	scratch_file(d, "o", SMALL);
	close(d);
	root = scratch_folder(scratch_fd, "in");
	scratch_file(root, "a", SMALL);
	name_part(part, "b", PARTED, "key");
	scratch_file(root, part, PART);
	MUST(mkdirat(root, "d", 0700) == 0);
	d = scratch_folder(root, "d");
	scratch_file(d, "x", SMALL);
	close(d);
	MUST(symlinkat("../out", root, "l") == 0);
	MUST(mkfifoat(root, "p", 0600) == 0);
}

static void
text(const char **p, size_t *n, const char *const *of, unsigned i,
    struct scratch_input *in)
{
	*p = of[i % 16];
	*n = strlen(*p);
	if (i < 240)
		return;
	/* Its own, up to 255 bytes of it. */
	*n = scratch_byte(in);
	*n = *n < in->n ? *n : in->n;
	*p = (const char *)in->p;
	in->p += *n;
	in->n -= *n;
}

/* A file: all messages of it, as they should be. */
static void
whole_file(struct filemsg *m)
{
	m->type = FILEMSG_NEW;
	m->size %= 200000;
	m->count = m->count < m->size ? m->count : m->size;
	(void)scratch_say(m, 0);
	m->type = FILEMSG_DATA;
	m->size -= m->count;
	if (m->size > 0)
		(void)scratch_say(m, m->count);
	m->type = FILEMSG_CLOSE;
	m->kind = 0;
	(void)scratch_say(m, 0);
}

/* The next message that the peer says.  *at: how far its file is. */
static void
say(struct scratch_input *in, uint64_t *at)
{
	static const char types[] = "FIOMELQWNDZCXBAHSPK";
	static const char kinds[] = {'f', 'd', 'D', 'p', 'g', 0, 1, 2};
	uint8_t hash[HASH_BYTES];
	unsigned type = scratch_byte(in) % (sizeof(types) + 1);
	unsigned what = scratch_byte(in);
	struct filemsg m = {.item = what >> 6, .mode = 0644};

	m.kind = (uint8_t)kinds[what & 7];
	text(&m.path, &m.path_len, paths, scratch_byte(in), in);
	m.size = scratch_number(in);
	m.count = what & 8 ? scratch_number(in) : 0;
	if (what & 16) {
		m.mode = scratch_byte(in) << 2 | 3;
		m.sec = (int64_t)scratch_number(in);
		m.nsec = scratch_number(in);
	}
	m.entries = m.count;
	if (type >= sizeof(types) - 1) {
		if (type == sizeof(types))
			m.count = PART; /* and the part is gone on with */
		whole_file(&m);
		return;
	}
	m.type = (uint8_t)types[type];
	switch (m.type) {
	case FILEMSG_FIRST:
		m.kind = what & 32 ? 'g' : 'p';
		m.rest = FILEMSG_HELLO;
		m.rest_len = strlen(m.rest) - (what >> 7);
		break;
	case FILEMSG_ITEM:
		text(&m.rest, &m.rest_len, names, scratch_byte(in), in);
		break;
	case FILEMSG_LINK:
		text(&m.rest, &m.rest_len, targets, scratch_byte(in), in);
		break;
	case FILEMSG_NEW:
		*at = m.count;
		break;
	case FILEMSG_DATA:
		m.size %= FILEMSG_PIECE / 2;
		m.size += m.size == 0;
		break;
	case FILEMSG_QUESTION:
	case FILEMSG_SUM:
		scratch_sum(hash, m.size % 64);
		m.rest = (const char *)hash;
		m.rest_len = HASH_BYTES;
		break;
	case FILEMSG_CLOSE:
		m.kind &= 1;
		break;
	case FILEMSG_EXIT:
		m.size = what & 8 ? m.size : 0;
		break;
	case FILEMSG_BROKEN:
	case FILEMSG_PROBLEM:
	case FILEMSG_ACCEPT:
		text(&m.rest, &m.rest_len, names, scratch_byte(in), in);
		break;
	}
	if (scratch_say(&m, *at) &&
	    (m.type == FILEMSG_DATA || m.type == FILEMSG_ZEROS))
		*at += m.size;
}

/* Each byte of a file is what was sent for its place, or of a hole. */
static void
check_content(int dir, const char *name, off_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	uint8_t b[4096];
	ssize_t got, i;
	off_t at = 0;

	/* A hole of terabytes is not read. */
	if (fd == -1 || size > SCRATCH_MOST) {
		close(fd);
		return;
	}
	while ((got = pread(fd, b, sizeof(b), at)) > 0)
		for (i = 0; i < got; i++, at++)
			MUST(
			    b[i] == 0 || b[i] == scratch_content((uint64_t)at));
	close(fd);
}

/* From the folder that was sent, top, the link at path leads nowhere else. */
static void
check_link(int top, const char *path)
{
	struct open_how how = {
	    .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH};
	long fd = syscall(SYS_openat2, top, path, &how, sizeof(how));

	MUST(fd != -1 || errno != EXDEV);
	close((int)fd);
}

/* What a peer could make is harmless.  top: the folder that was sent, and path,
 * where dir is in it; -1: dir is where all that was sent is. */
static void
check(int dir, int top, const char *path)
{
	char safe[NAME_MOST + 1], *sub;
	DIR *d = fdopendir(dup(dir));
	const struct dirent *e;
	struct stat st;
	int fd;

	MUST(d);
	rewinddir(d);
	while ((e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		name_safe(safe, e->d_name, strlen(e->d_name));
		MUST(strcmp(safe, e->d_name) == 0);
		MUST(fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0);
		MUST(asprintf(&sub, "%s%s%s", path, *path ? "/" : "",
		         e->d_name) != -1);
		if (S_ISDIR(st.st_mode)) {
			MUST((st.st_mode & 07022) == 0);
			MUST(fchmodat(dir, e->d_name, 0700, 0) == 0);
			fd = scratch_folder(dir, e->d_name);
			check(fd, top == -1 ? fd : top, top == -1 ? "" : sub);
			close(fd);
		} else if (S_ISREG(st.st_mode)) {
			MUST((st.st_mode & 07022) == 0);
			if (!(first & RAW))
				check_content(dir, e->d_name, st.st_size);
		} else if (top == -1) {
			/* The link and the FIFO that were there. */
			MUST(strcmp(sub, S_ISLNK(st.st_mode) ? "l" : "p") == 0);
		} else {
			MUST(S_ISLNK(st.st_mode));
			check_link(top, sub);
		}
		free(sub);
	}
	closedir(d);
}

static int
entries(int dir, const char *name)
{
	int fd = scratch_folder(dir, name), n = 0;
	DIR *d = fdopendir(fd);

	MUST(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

/* Nothing is beside the folder, or was changed there. */
static void
check_outside(void)
{
	struct stat st;

	MUST(entries(scratch_fd, ".") == 2 && entries(scratch_fd, "out") == 1);
	MUST(fstatat(scratch_fd, "out", &st, 0) == 0 &&
	     st.st_mode == (S_IFDIR | 0700));
	MUST(fstatat(scratch_fd, "out/o", &st, 0) == 0 && st.st_size == SMALL &&
	     st.st_mode == (S_IFREG | 0600) && st.st_nlink == 1);
}

/* All that was said is a message, and the last one is the receipt, of as many
 * entries as the peer sent, or the reason. */
static void
check_said(int r)
{
	struct filemsg m = {0}, theirs;
	size_t at = 0;
	uint64_t n = 0;

	while (scratch_heard(&m, scratch_own, scratch_own_len, &at) == 0)
		;
	MUST(at == scratch_own_len);
	MUST(m.type == (r == -1 ? FILEMSG_BROKEN : FILEMSG_KEPT));
	if (r != 0)
		return;
	MUST(m.count == 0);
	for (at = 0; scratch_heard(
	                 &theirs, scratch_peer, scratch_peer_len, &at) == 0;) {
		if (theirs.type == FILEMSG_EXIT)
			break;
		n += theirs.type == FILEMSG_WHOLE ||
		     theirs.type == FILEMSG_LINK ||
		     (theirs.type == FILEMSG_CLOSE && theirs.kind == 0);
	}
	MUST(theirs.type == FILEMSG_EXIT && theirs.size == 0 && m.size == n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct scratch_input in = {data, n};
	uint64_t at = 0;
	int r;

	(void)scratch_begin();
	prepare();
	first = (int)scratch_byte(&in);
	scratch_peer_len = 0;
	if (first & RAW)
		scratch_raw(&in);
	while (in.n > 0)
		say(&in, &at);
	r = scratch_session(run);
	MUST(r != -1 || (f.code && f.text[0]));
	check(root, -1, "");
	check_outside();
	check_said(r);
	close(root);
	return 0;
}
