/* fget: the side of chat-file that receives.
 * SPDX-License-Identifier: ISC */
#include "fget.h"
#include "fkeep.h"

static int
offered(struct fkeep *k, const struct fwire *m, struct fault *f)
{
	uint32_t i = k->offer.items;

	if (foffer_add(&k->offer, m, &k->p, f) == -1)
		return -1;
	if (fstore_new(&k->s, k->offer.name[i], m->size))
		k->offer.fresh[i / 8] |= (uint8_t)(1 << i % 8);
	return 0;
}

/* The offer is complete: ask, and answer. */
static int
answer(struct fkeep *k, int (*ask)(const char *offer, struct fault *f),
    struct fault *f)
{
	struct foffer *o = &k->offer;
	struct fwire m = {.type = FWIRE_TAKE,
	    .rest = (char *)o->fresh,
	    .rest_len = (o->items + 7) / 8};
	int yes;

	if (o->items == 0)
		return fpipe_malformed(&k->p, f);
	yes = ask(foffer_list(o), f);
	if (yes != 1)
		return yes == -1 ? -1 : fault(f, X_PEER, "declined");
	fprog_begin(k->prog, o->atleast ? 0 : o->size);
	k->limit = o->atleast ? UINT64_MAX : o->size + o->size / 8 + (1 << 20);
	k->p.keeps = 1;
	return fpipe_put(&k->p, &m, f);
}

static int
receive(struct fkeep *k, int (*ask)(const char *offer, struct fault *f),
    struct fault *f)
{
	struct fwire m;
	int code;

	if (fpipe_hello(&k->p, 'g', f) == -1 ||
	    fpipe_met(&k->p, 'p', f) == -1 || fpipe_get(&k->p, &m, f) == -1)
		return -1;
	while (m.type == FWIRE_ITEM)
		if (offered(k, &m, f) == -1 || fpipe_get(&k->p, &m, f) == -1)
			return -1;
	if (m.type != FWIRE_LAST)
		return fpipe_malformed(&k->p, f);
	if (answer(k, ask, f) == -1)
		return -1;
	do {
		if (fpipe_get(&k->p, &m, f) == -1)
			return -1;
		code = fkeep_entry(k, &m, f);
	} while (code == 0);
	if (code == 1 && fdir_sync(&k->s.dir) == -1)
		return fault_sys(f, X_SYS, "cannot write to disk");
	return code == -1 ? -1 : 0;
}

int
fget_run(int root, const char *peer, struct fprog *prog,
    int (*ask)(const char *offer, struct fault *f), struct fault *f)
{
	static struct fkeep k;
	struct fwire m = {.type = FWIRE_KEEP};
	struct fault ignored;

	k.prog = prog;
	fpipe_start(&k.p, 0, 1, 1, peer);
	if (fstore_start(&k.s, root) == -1)
		return fault_sys(f, X_SYS, "cannot use the folder");
	if (receive(&k, ask, f) == -1) {
		fprog_clear(prog);
		fstore_drop(&k.s, 0);
		/* Tell the sender why, and give it time to hear it. */
		if (fkeep_text(&k, FWIRE_BROKEN, f->code, f->text, &ignored) ==
		    0)
			fpipe_part(&k.p, FPIPE_LONG, 0);
		return -1;
	}
	fprog_clear(prog);
	m.size = k.kept;
	m.count = k.lost;
	if (fpipe_put(&k.p, &m, f) == -1)
		return -1;
	fpipe_part(&k.p, FPIPE_LONG, 1);
	if (k.p.held > 0 || k.p.dead)
		return fault(f, X_PEER,
		    "the session was broken off: everything has arrived");
	return k.lost > 0;
}
