/* probes: datagrams to the other side's addresses, and its own, until a path is
 * chosen.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "meet/streams.h"
#include "meet/place.h"
#include "meet/probes.h"

enum {
	PROBE_MS = 40, /* between two probes of an address */
	PROBES = 40, /* most for one address */
	HUB_MS = 50, /* between two through the relay */
	LOW_TTL = 2 /* dies between the two routers */
};

static struct probes_way *
find(struct probes *p, const struct addr *at)
{
	int i;

	for (i = 0; i < p->ways; i++)
		if (addr_same(&p->way[i].at, at))
			return &p->way[i];
	return NULL;
}

struct probes_way *
probes_add(struct probes *p, const struct addr *at, enum path path)
{
	struct probes_way *w = find(p, at);

	if (w || path == PATH_NONE || p->ways == PROBES_WAYS ||
	    (p->how->family != AF_UNSPEC && p->how->family != at->ss.ss_family))
		return w;
	w = &p->way[p->ways++];
	*w = (struct probes_way){.at = *at, .path = path};
	return w;
}

static void
probe(struct probes *p, struct probes_way *w, int low)
{
	struct probes_kept *k = &p->ours[p->ours_n++ % PROBES_KEPT];
	int fd = p->s->sock[w->at.ss.ss_family == AF_INET6];
	uint8_t m[MEET_PROBE];

	if (getrandom(k->nonce, MEET_NONCE, 0) != MEET_NONCE)
		return;
	k->way = (int)(w - p->way);
	k->at = clock_us();
	streams_message(m, 'p', p->token, k->nonce);
	if (low)
		(void)fd_option(fd, IPPROTO_IP, IP_TTL, LOW_TTL);
	seat_send(p->s, &w->at, m, sizeof(m));
	if (low)
		(void)fd_option(fd, IPPROTO_IP, IP_TTL, -1);
}

void
probes_open(struct probes *p)
{
	struct probes_way *w;

	for (w = p->way; w < p->way + p->ways; w++)
		if (w->path == PATH_FOUR) {
			probe(p, w, 1);
			probe(p, w, 1);
		}
}

void
probes_send(struct probes *p, int full)
{
	int64_t now = clock_us();
	struct probes_way *w;
	int hub;

	for (w = p->way; w < p->way + p->ways; w++) {
		hub = w->path == PATH_HUB;
		if (now < w->next ||
		    (w->path == PATH_FOUR && !w->heard && !full) ||
		    (hub ? !p->initiator || w->good : w->sent++ >= PROBES))
			continue;
		w->next = now + (hub ? HUB_MS : PROBE_MS) * 1000;
		probe(p, w, 0);
	}
}

/* A probe has come from that address: answer, and probe it at once. */
static void
probed(struct probes *p, const struct addr *from, const uint8_t *nonce)
{
	struct probes_way *w = find(p, from);
	struct probes_kept *k;
	struct meet_addr a;
	uint8_t m[MEET_PROBE];

	if (!w && !p->how->hidden) {
		place_get(&a, &from->ss);
		w = probes_add(
		    p, from, paths_of(&a, p->s->own, p->s->own_n, 1));
	}
	if (!w)
		return;
	k = &p->theirs[p->theirs_n++ % PROBES_KEPT];
	memcpy(k->nonce, nonce, MEET_NONCE);
	k->way = (int)(w - p->way);
	streams_message(m, 'a', p->token, nonce);
	seat_send(p->s, from, m, sizeof(m));
	if (!w->heard && w->path != PATH_HUB)
		w->next = 0;
	w->heard = 1;
}

static void
answered(struct probes *p, const struct addr *from, const uint8_t *nonce)
{
	unsigned i, n = p->ours_n < PROBES_KEPT ? p->ours_n : PROBES_KEPT;
	struct probes_way *w;

	for (i = 0; i < n; i++) {
		w = &p->way[p->ours[i].way];
		if (memcmp(p->ours[i].nonce, nonce, MEET_NONCE) != 0 ||
		    w->good || !addr_same(&w->at, from))
			continue;
		w->good = 1;
		w->rtt = clock_us() - p->ours[i].at;
		memcpy(w->nonce, nonce, MEET_NONCE);
		if (w->path < PATH_HUB && p->first == 0)
			p->first = clock_us();
	}
}

const struct probes_way *
probes_chosen(const struct probes *p, const uint8_t nonce[static MEET_NONCE])
{
	unsigned i, n = p->theirs_n < PROBES_KEPT ? p->theirs_n : PROBES_KEPT;

	for (i = 0; i < n && !p->initiator; i++)
		if (memcmp(p->theirs[i].nonce, nonce, MEET_NONCE) == 0)
			return &p->way[p->theirs[i].way];
	return NULL;
}

static int
is_ours(const uint8_t *m, ssize_t n)
{
	return n >= 5 && memcmp(m, "meet1", 5) == 0;
}

/* Read those of one family. */
static const struct probes_way *
read_family(struct probes *p, int six)
{
	int fd = p->s->sock[six];
	uint8_t in[MEET_PROBE + 1];
	struct probes_way *w;
	const struct probes_way *use = NULL;
	struct meet_probe m;
	struct addr from;
	ssize_t n;

	while (fd != -1 && !use) {
		from = (struct addr){.len = sizeof(from.ss)};
		n = recvfrom(fd, in, sizeof(in), MSG_DONTWAIT | MSG_PEEK,
		    (struct sockaddr *)&from.ss, &from.len);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			continue; /* an ICMP error, which that has cleared */
		if (n == -1)
			return NULL;
		w = find(p, &from);
		/* The initiator's program may be heard before its U. */
		if (!p->initiator && w && (w->heard || w->good) &&
		    !is_ours(in, n))
			return w;
		(void)recv(fd, in, sizeof(in), MSG_DONTWAIT);
		if (seat_registered(p->s, six, in, (size_t)n, &from) ||
		    meet_probe_get(&m, in, (size_t)n) == -1 ||
		    memcmp(m.token, p->s->card.token, MEET_TOKEN) != 0)
			continue;
		if (m.type == 'p')
			probed(p, &from, m.nonce);
		else if (m.type == 'a')
			answered(p, &from, m.nonce);
		else if (m.type == 'U')
			use = probes_chosen(p, m.nonce);
	}
	return use;
}

const struct probes_way *
probes_read(struct probes *p)
{
	const struct probes_way *w = read_family(p, 0);

	return w ? w : read_family(p, 1);
}

const struct probes_way *
probes_best(const struct probes *p)
{
	const struct probes_way *w, *best = NULL;

	for (w = p->way; w < p->way + p->ways; w++)
		if (w->good &&
		    (!best || w->path < best->path ||
		        (w->path == best->path && w->rtt < best->rtt)))
			best = w;
	return best;
}

void
probes_use(const struct probes *p, const struct probes_way *w)
{
	uint8_t m[MEET_PROBE];

	streams_message(m, 'U', p->token, w->nonce);
	seat_send(p->s, &w->at, m, sizeof(m));
	seat_send(p->s, &w->at, m, sizeof(m));
}

/* Have the kernel drop late probes (`meet1`), so that the program does not get
 * them.  A filter sees the UDP header, 8 bytes, too. */
static void
drop_late(int fd)
{
	static struct sock_filter code[] = {
	    {BPF_LD | BPF_W | BPF_LEN, 0, 0, 0},
	    /* Pass shorter ones: a load beyond the end would drop. */
	    {BPF_JMP | BPF_JGE | BPF_K, 0, 4, 8 + 5},
	    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 8},
	    {BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0x6d656574},
	    {BPF_LD | BPF_B | BPF_ABS, 0, 0, 12},
	    {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, '1'},
	    {BPF_RET | BPF_K, 0, 0, 0xffffffff},
	    {BPF_RET | BPF_K, 0, 0, 0},
	};
	struct sock_fprog program = {
	    .len = sizeof(code) / sizeof(*code), .filter = code};
	struct addr peer, from;
	uint8_t p[5];
	ssize_t n;

	(void)setsockopt(
	    fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	if (addr_remote(&peer, fd) == -1)
		return;
	/* Discard what came before the filter, or from elsewhere. */
	for (;;) {
		from = (struct addr){.len = sizeof(from.ss)};
		n = recvfrom(fd, p, sizeof(p), MSG_DONTWAIT | MSG_PEEK,
		    (struct sockaddr *)&from.ss, &from.len);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			continue;
		if (n == -1 || (addr_same(&from, &peer) && !is_ours(p, n)))
			return;
		(void)recv(fd, p, sizeof(p), MSG_DONTWAIT);
	}
}

int
probes_connect(const struct probes *p, const struct probes_way *w)
{
	int fd = p->s->sock[w->at.ss.ss_family == AF_INET6];

	if (connect(fd, (const struct sockaddr *)&w->at.ss, w->at.len) == -1)
		return -1;
	drop_late(fd);
	return fd;
}
