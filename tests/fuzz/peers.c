/* fuzz/peers: a peers file that somebody edited, then a line more.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "peer/peers.h"

static char path[64];

static void
put(const uint8_t *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	MUST(fd != -1 && write(fd, data, n) == (ssize_t)n);
	close(fd);
}

static void
gone(void)
{
	unlink(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t key[KEY_BYTES] = "a key that nobody has, or so?!";
	char name[PEER_NAME + 1];
	struct peers p, q;
	struct fault f;
	size_t i;

	if (!path[0]) {
		snprintf(path, sizeof(path), "/tmp/fuzz-peers-%d", getpid());
		atexit(gone);
	}
	put(data, n);
	peers_clean(name, (const char *)data, n < 80 ? n : 80);
	MUST(peers_valid(name));
	if (peers_load(&p, path, &f) == -1) {
		MUST(f.code == X_USE &&
		     strncmp(f.text, path, strlen(path)) == 0);
		MUST(peers_add(path, name, key, NULL, &f) == -1);
		return 0;
	}
	for (i = 0; i < p.n; i++) {
		MUST(peers_valid(p.all[i].name));
		MUST(strlen(p.all[i].host) <= PEER_HOST);
		MUST(peers_name(&p, p.all[i].name) == &p.all[i]);
	}
	/* The name given is what then stands there, and all else stays. */
	MUST(peers_add(path, name, key, "host.example", &f) == 0);
	MUST(peers_load(&q, path, &f) == 0);
	MUST(q.n == p.n + !peers_key(&p, key));
	MUST(peers_key(&p, key) || !peers_taken(&q, name, key));
	MUST(memcmp(peers_name(&q, name)->key, key, KEY_BYTES) == 0);
	for (i = 0; i < p.n; i++)
		MUST(memcmp(&p.all[i], &q.all[i], sizeof(*p.all)) == 0 ||
		     strcmp(p.all[i].host, q.all[i].host) == 0);
	peers_free(&p);
	peers_free(&q);
	return 0;
}
