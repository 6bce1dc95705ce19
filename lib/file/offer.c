/* offer: what the other side offers: its names, and the list that is shown.
 * SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/vis.h"
#include "file/offer.h"
#include "term/progress.h"

static __attribute__((format(printf, 2, 3))) void
list(struct offer *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	o->len += (size_t)vsnprintf(
	    o->text + o->len, sizeof(o->text) - o->len, fmt, ap);
	va_end(ap);
}

int
offer_add(struct offer *o, const struct filemsg *m, const struct channel *p,
    struct fault *f)
{
	char *name;

	if (!name_good(m->rest, m->rest_len, 1) ||
	    name_is_part(m->rest, m->rest_len))
		return fault(
		    f, X_PEER, "%s offers a name that is none", p->peer);
	if (o->items == FILEMSG_ITEMS)
		return fault(
		    f, X_PEER, "%s offers too many names at once", p->peer);
	if (m->size > INT64_MAX - o->size ||
	    m->count > INT64_MAX / FILEMSG_ITEMS ||
	    m->entries > INT64_MAX / FILEMSG_ITEMS / 2)
		return channel_malformed(p, f);
	o->kind[o->items] = (char)m->kind;
	name = o->name[o->items++];
	name_safe(name, m->rest, m->rest_len);
	o->size += m->size;
	/* A folder is one itself. */
	o->entries +=
	    1 + (m->kind == FILEMSG_PLAIN ? 0 : m->count + m->entries);
	o->atleast |= m->kind == FILEMSG_ATLEAST;
	return 0;
}

static void
list_folder(struct offer *o, const struct filemsg *m, const char *text,
    const char *size, int here)
{
	list(o, "  %s/%s  %s%llu file%s, ", text,
	    here ? " (is here already)" : "",
	    m->kind == FILEMSG_ATLEAST ? "at least " : "",
	    (unsigned long long)m->count, m->count == 1 ? "" : "s");
	if (m->entries > 0)
		list(o, "%llu folder%s or link%s, ",
		    (unsigned long long)m->entries, m->entries == 1 ? "" : "s",
		    m->entries == 1 ? "" : "s");
	list(o, "%s\n", size);
}

void
offer_show(struct offer *o, const struct filemsg *m, int here)
{
	const char *name = o->name[o->items - 1];
	char text[4 * NAME_MOST + 1], size[24];

	if (o->items > OFFER_SHOWN)
		return;
	vis_text(text, sizeof(text), name, strlen(name));
	progress_bytes(size, m->size);
	if (m->kind == FILEMSG_PLAIN)
		list(o, "  %s  %s\n", text, size);
	else
		list_folder(o, m, text, size, here);
}

const char *
offer_list(struct offer *o)
{
	char size[24];

	progress_bytes(size, o->size);
	if (o->items > OFFER_SHOWN)
		list(o, "  and %u more\n", (unsigned)(o->items - OFFER_SHOWN));
	if (o->items > 1)
		list(o, "  in all %s%s\n", o->atleast ? "at least " : "", size);
	return o->text;
}
