/* fuzz/fileput: chat-file put, with a peer that says anything.
 * SPDX-License-Identifier: ISC */
#include "file/put.h"
#include "fuzz.h"
#include "scratch.h"

enum {
	SMALL = 5,
	LARGE = 100000, /* goes by way of the kernel */
	HOLE = 300000, /* and SMALL bytes more */
	RAW = 2 /* of the first byte: the rest is said as it is */
};

static struct fault f;
static char paths[4][PATH_MAX + 8];
static int which; /* of the paths, by bits */

static int
run(void)
{
	struct progress prog;
	char *path[4];
	size_t n = 0, i;

	for (i = 0; i < 4; i++)
		if (which >> i & 1)
			path[n++] = paths[i];
	progress_start(&prog, 1);
	f = (struct fault){0};
	return put_run(path, n, "stdin", "peer", &prog, &f);
}

/* What is sent stays the same. */
static void
prepare(void)
{
	static const char *const name[4] = {"a", "large", "holes", "f"};
	int i, d, fd;

	for (i = 0; i < 4; i++)
		snprintf(
		    paths[i], sizeof(paths[i]), "%s/%s", scratch_path, name[i]);
	scratch_file(scratch_fd, "a", SMALL);
	scratch_file(scratch_fd, "large", LARGE);
	fd = openat(
	    scratch_fd, "holes", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	for (i = 0; i < SMALL; i++)
		MUST(pwrite(fd, &(uint8_t){scratch_content(HOLE + (uint64_t)i)},
		         1, HOLE + i) == 1);
	close(fd);
	MUST(mkdirat(scratch_fd, "f", 0700) == 0);
	d = scratch_folder(scratch_fd, "f");
	MUST(mkdirat(d, "s", 0700) == 0 && mkfifoat(d, "p", 0600) == 0);
	MUST(symlinkat("s/y", d, "k") == 0);
	scratch_file(d, ".x.0000000000000000.chat-part", SMALL);
	close(d);
	d = scratch_folder(scratch_fd, "f/s");
	scratch_file(d, "y", SMALL);
	close(d);
}

/* The next message that the peer says. */
static void
say(struct scratch_input *in)
{
	static const char types[] = "FAHHSPKXBIOMELQWNDZC";
	static const char kinds[] = {0, 1, 2, 'g', 'p', 111, 98, 'f'};
	uint8_t rest[HASH_BYTES];
	unsigned what = scratch_byte(in);
	struct filemsg m = {.type = (uint8_t)types[what % (sizeof(types) - 1)]};

	what = scratch_byte(in);
	m.kind = (uint8_t)kinds[what & 7];
	m.path = "x";
	m.path_len = 1;
	m.size = what & 8 ? scratch_number(in) : 0;
	m.count = what & 16 ? scratch_number(in) : 0;
	memset(rest, what & 32 ? (int)scratch_byte(in) : 0, sizeof(rest));
	m.rest = (const char *)rest;
	m.rest_len = m.type == FILEMSG_ACCEPT ? 1 : HASH_BYTES;
	if (m.type == FILEMSG_FIRST) {
		m.kind = what & 32 ? 'p' : 'g';
		m.rest = FILEMSG_HELLO;
		m.rest_len = strlen(m.rest) - (what >> 7);
	}
	/* What is right of a file's beginning. */
	if (m.type == FILEMSG_SUM && !(what & 64))
		scratch_sum(rest, m.size < LARGE ? m.size : LARGE);
	if (m.type == FILEMSG_HAVE && !(what & 64))
		m.size = m.kind == FILEMSG_PART ? 1 + m.size : 0;
	if (m.type == FILEMSG_DATA)
		m.size %= 1000;
	(void)scratch_say(&m, 0);
}

/* A file in what we say, at *at after its FILEMSG_NEW: its bytes are those of the
 * file on disk, from m->count on.  1 if it is whole. */
static int
check_file(const struct filemsg *n, size_t *at)
{
	uint64_t place = n->count, i, to;
	struct filemsg m;
	size_t body;

	while (scratch_heard(&m, scratch_own, scratch_own_len, at) == 0) {
		if (m.type == FILEMSG_CLOSE) {
			MUST(m.kind == 1 || place == n->size);
			return m.kind == 0;
		}
		MUST(m.type == FILEMSG_DATA || m.type == FILEMSG_ZEROS);
		to = place + m.size;
		MUST(to > place && to <= n->size);
		body = *at - m.size;
		for (i = place; i < to && m.type == FILEMSG_DATA; i++, body++)
			MUST(scratch_own[body] == scratch_content(i) ||
			     (n->size == HOLE + SMALL &&
			         scratch_own[body] == 0));
		MUST(m.type == FILEMSG_DATA || n->size == HOLE + SMALL);
		place = to;
	}
	return 0;
}

/* What we say is messages, but for the last one where the session broke off; and
 * if all went well, of all that there is, and the peer has a receipt for it. */
static void
check_said(int r)
{
	unsigned files = 0, want = 0;
	struct filemsg m = {0};
	size_t at = 0;
	int all = 0;

	while (scratch_heard(&m, scratch_own, scratch_own_len, &at) == 0) {
		MUST(m.type != FILEMSG_BROKEN && m.type != FILEMSG_KEPT);
		if (m.type == FILEMSG_NEW)
			files += (unsigned)check_file(&m, &at);
		files += m.type == FILEMSG_WHOLE || m.type == FILEMSG_LINK;
		all += m.type == FILEMSG_EXIT;
	}
	MUST(at == scratch_own_len || r == -1);
	if (r != 0)
		return;
	want = (unsigned)__builtin_popcount((unsigned)which & 7) +
	       (which & 8 ? 2 : 0);
	MUST(all == 2 && files == want);
	at = 0;
	while (scratch_heard(&m, scratch_peer, scratch_peer_len, &at) == 0 &&
	       m.type != FILEMSG_KEPT)
		;
	MUST(m.type == FILEMSG_KEPT && m.count == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct scratch_input in = {data, n};
	unsigned first;
	int r;

	if (scratch_begin())
		prepare();
	first = scratch_byte(&in);
	which = first >> 2 & 15;
	which += which == 0;
	scratch_peer_len = 0;
	if (first & RAW)
		scratch_raw(&in);
	while (in.n > 0)
		say(&in);
	r = scratch_session(run);
	MUST(r != -1 || (f.code && f.text[0]));
	check_said(r);
	return 0;
}
