/* get: the side of chat-file that receives.
 * SPDX-License-Identifier: ISC */
#include "file/get.h"
#include "file/receive.h"

static int
offered(struct receive *k, const struct filemsg *m, struct fault *f)
{
	uint32_t i = k->offer.items;
	const char *name = k->offer.name[i];

	if (offer_add(&k->offer, m, &k->p, f) == -1)
		return -1;
	offer_show(
	    &k->offer, m, m->kind != FILEMSG_PLAIN && disk_folder(&k->s, name));
	if (disk_new(&k->s, name, m->size))
		k->offer.fresh[i / 8] |= (uint8_t)(1 << i % 8);
	return 0;
}

/* The offer is complete: ask, and answer. */
static int
answer(struct receive *k, int (*ask)(const char *offer, struct fault *f),
    struct fault *f)
{
	struct offer *o = &k->offer;
	struct filemsg m = {.type = FILEMSG_TAKE,
	    .rest = (char *)o->fresh,
	    .rest_len = (o->items + 7) / 8};
	int yes;

	if (o->items == 0)
		return channel_malformed(&k->p, f);
	yes = ask(offer_list(o), f);
	if (yes != 1)
		return yes == -1 ? -1 : fault(f, X_PEER, "declined");
	progress_begin(k->prog, o->atleast ? 0 : o->size);
	receive_limit(k);
	k->p.keeps = 1;
	return channel_put(&k->p, &m, f);
}

static int
receive(struct receive *k, int (*ask)(const char *offer, struct fault *f),
    struct fault *f)
{
	struct filemsg m;
	int code;

	if (channel_hello(&k->p, 'g', f) == -1 ||
	    channel_met(&k->p, 'p', f) == -1 || channel_get(&k->p, &m, f) == -1)
		return -1;
	while (m.type == FILEMSG_ITEM)
		if (offered(k, &m, f) == -1 || channel_get(&k->p, &m, f) == -1)
			return -1;
	if (m.type != FILEMSG_LAST)
		return channel_malformed(&k->p, f);
	if (answer(k, ask, f) == -1)
		return -1;
	do {
		if (channel_get(&k->p, &m, f) == -1)
			return -1;
		code = receive_entry(k, &m, f);
	} while (code == 0);
	if (code == 1 && dir_sync(&k->s.dir) == -1)
		return fault_sys(f, X_SYS, "cannot write to disk");
	return code == -1 ? -1 : 0;
}

int
get_run(int root, mode_t mask, const char *peer, const char *key,
    struct progress *prog, int (*ask)(const char *offer, struct fault *f),
    struct fault *f)
{
	static struct receive k;
	struct filemsg m = {.type = FILEMSG_KEEP};
	struct fault ignored;

	k.prog = prog;
	channel_start(&k.p, 0, 1, 1, peer);
	if (disk_start(&k.s, root, mask, key) == -1)
		return fault_sys(f, X_SYS, "cannot use the folder");
	if (receive(&k, ask, f) == -1) {
		progress_clear(prog);
		disk_drop(&k.s, 0);
		/* Tell the sender why, and give it time to hear it. */
		if (receive_text(
		        &k, FILEMSG_BROKEN, f->code, f->text, &ignored) == 0)
			channel_part(&k.p, CHANNEL_LONG, 0);
		return -1;
	}
	progress_clear(prog);
	m.size = k.kept;
	m.count = k.lost;
	if (channel_put(&k.p, &m, f) == -1)
		return -1;
	channel_part(&k.p, CHANNEL_LONG, 1);
	if (k.p.held > 0 || k.p.dead)
		return fault(f, X_PEER,
		    "the session was broken off: everything has arrived");
	return k.lost > 0;
}
