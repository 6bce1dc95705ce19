/* Messages of chat-file: written and read back, cut, lengthened, out of bounds.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/be.h"
#include "tap.h"
#include "wire/filemsg.h"

static int
same(const struct filemsg *a, const struct filemsg *b)
{
	return a->type == b->type && a->kind == b->kind && a->mode == b->mode &&
	       a->item == b->item && a->sec == b->sec && a->nsec == b->nsec &&
	       a->size == b->size && a->count == b->count &&
	       a->entries == b->entries && a->path_len == b->path_len &&
	       a->rest_len == b->rest_len &&
	       memcmp(a->path ? a->path : "", b->path ? b->path : "",
	           a->path_len) == 0 &&
	       memcmp(a->rest ? a->rest : "", b->rest ? b->rest : "",
	           a->rest_len) == 0;
}

/* As it comes back; with one byte less or more it must not. */
static void
around(const char *name, struct filemsg m, int fixed)
{
	uint8_t b[FILEMSG_HEAD + FILEMSG_BODY + 1];
	struct filemsg back;
	size_t n = filemsg_put(b, &m);
	int32_t body = filemsg_body(b);

	ok(body == (int32_t)(n - FILEMSG_HEAD) &&
	        filemsg_get(&back, b, b + FILEMSG_HEAD, (size_t)body) == 0 &&
	        same(&m, &back),
	    "%s: %u bytes", name, (unsigned)n);
	if (!fixed)
		return;
	ok(body == 0 ||
	        filemsg_get(&back, b, b + FILEMSG_HEAD, (size_t)body - 1) == -1,
	    "%s: cut", name);
	ok(filemsg_get(&back, b, b + FILEMSG_HEAD, (size_t)body + 1) == -1,
	    "%s: too long", name);
}

static void
refused(const char *name, struct filemsg m)
{
	uint8_t b[2 * FILEMSG_BODY];
	struct filemsg back;
	size_t n = filemsg_put(b, &m);

	ok(filemsg_body(b) == -1 ||
	        filemsg_get(&back, b, b + FILEMSG_HEAD, n - FILEMSG_HEAD) == -1,
	    "%s: refused", name);
}

int
main(void)
{
	static char path[FILEMSG_PATH + 1], large[FILEMSG_BODY];
	uint8_t head[FILEMSG_HEAD] = {'D', 0, 0x10, 0, 0};
	struct filemsg m, file = {.type = FILEMSG_NEW,
	                      .item = 7,
	                      .mode = 0640,
	                      .sec = -5,
	                      .nsec = 999999999,
	                      .size = 1ull << 40,
	                      .count = 3,
	                      .path = "a/b",
	                      .path_len = 3};

	memset(path, 'x', sizeof(path));
	around("file", file, 1);
	m = file;
	m.path = path;
	m.path_len = FILEMSG_PATH;
	around("long path", m, 1);
	around("open",
	    (struct filemsg){
	        .type = FILEMSG_FIRST, .kind = 'p', .rest = "x", .rest_len = 1},
	    0);
	around("item",
	    (struct filemsg){.type = FILEMSG_ITEM,
	        .kind = 'D',
	        .size = 9,
	        .count = 2,
	        .entries = 3,
	        .rest = "n",
	        .rest_len = 1},
	    0);
	around("last", (struct filemsg){.type = FILEMSG_OFFERED}, 1);
	around("ask",
	    (struct filemsg){.type = FILEMSG_QUESTION,
	        .item = 1,
	        .size = 2,
	        .path = "p",
	        .path_len = 1,
	        .rest = path,
	        .rest_len = 32},
	    1);
	around("hole", (struct filemsg){.type = FILEMSG_ZEROS, .size = 1}, 1);
	around("close", (struct filemsg){.type = FILEMSG_CLOSE, .kind = 1}, 1);
	around("enter", (struct filemsg){.type = FILEMSG_MAKE, .path = ""}, 1);
	around("leave",
	    (struct filemsg){.type = FILEMSG_END,
	        .mode = 0777,
	        .sec = 1,
	        .path = "p",
	        .path_len = 1},
	    1);
	around("link",
	    (struct filemsg){.type = FILEMSG_LINK,
	        .path = "p",
	        .path_len = 1,
	        .rest = path,
	        .rest_len = FILEMSG_PATH},
	    0);
	around("done", (struct filemsg){.type = FILEMSG_EXIT, .size = 4}, 1);
	around("have",
	    (struct filemsg){.type = FILEMSG_HAVE, .kind = 2, .size = 3}, 1);
	around("sum",
	    (struct filemsg){.type = FILEMSG_SUM, .rest = path, .rest_len = 32},
	    1);
	around("keep",
	    (struct filemsg){.type = FILEMSG_KEPT, .size = 1, .count = 2}, 1);

	m = file;
	m.mode = 01777;
	refused("a sticky bit", m);
	m = file;
	m.nsec = 1000000000;
	refused("nanoseconds", m);
	m = file;
	m.size = 2;
	refused("more kept than there is", m);
	m.count = m.size = UINT64_MAX;
	refused("a size over the signed ones", m);
	refused("kind of open",
	    (struct filemsg){.type = FILEMSG_FIRST, .kind = 'x'});
	refused("kind of item",
	    (struct filemsg){.type = FILEMSG_ITEM, .kind = 'x'});
	refused("kind of close",
	    (struct filemsg){.type = FILEMSG_CLOSE, .kind = 2});
	refused("link to nothing",
	    (struct filemsg){.type = FILEMSG_LINK, .path = ""});
	refused("no bit", (struct filemsg){.type = FILEMSG_ACCEPT});
	refused("a whole file with a length",
	    (struct filemsg){.type = FILEMSG_HAVE, .kind = 1, .size = 1});
	refused(
	    "an empty part", (struct filemsg){.type = FILEMSG_HAVE, .kind = 2});
	refused("long sentence", (struct filemsg){.type = FILEMSG_PROBLEM,
	                             .rest = path,
	                             .rest_len = FILEMSG_TEXT + 1});
	refused("long body", (struct filemsg){.type = FILEMSG_FIRST,
	                         .kind = 'p',
	                         .rest = large,
	                         .rest_len = FILEMSG_BODY});

	ok(filemsg_body(head) == 0, "a MiB of data");
	head[4] = 1;
	ok(filemsg_body(head) == -1, "a byte more");
	be32_put(head + 1, 0);
	ok(filemsg_body(head) == -1, "no data");
	head[0] = '?';
	ok(filemsg_body(head) == -1, "an unknown type");
	return done();
}
