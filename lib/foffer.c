/* foffer: what the other side offers: its names, and the list that is shown.
 * SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "foffer.h"
#include "fprog.h"
#include "vis.h"

static __attribute__((format(printf, 2, 3))) void
list(struct foffer *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	o->len += (size_t)vsnprintf(
	    o->text + o->len, sizeof(o->text) - o->len, fmt, ap);
	va_end(ap);
}

int
foffer_add(struct foffer *o, const struct fwire *m, const struct fpipe *p,
    struct fault *f)
{
	char text[4 * FNAME_MAX + 1], size[24];
	char *name;

	if (!fname_good(m->rest, m->rest_len, 1) ||
	    fname_is_part(m->rest, m->rest_len))
		return fault(
		    f, X_PEER, "%s offers a name that is none", p->peer);
	if (o->items == FWIRE_ITEMS)
		return fault(
		    f, X_PEER, "%s offers too many names at once", p->peer);
	if (m->size > INT64_MAX - o->size)
		return fpipe_malformed(p, f);
	o->kind[o->items] = (char)m->kind;
	name = o->name[o->items++];
	fname_safe(name, m->rest, m->rest_len);
	o->size += m->size;
	o->atleast |= m->kind == FWIRE_ATLEAST;
	if (o->items > FOFFER_SHOWN)
		return 0;
	vis_text(text, sizeof(text), name, strlen(name));
	fprog_bytes(size, m->size);
	if (m->kind == FWIRE_PLAIN)
		list(o, "  %s  %s\n", text, size);
	else
		list(o, "  %s/  %s%llu file%s, %s\n", text,
		    m->kind == FWIRE_ATLEAST ? "at least " : "",
		    (unsigned long long)m->count, m->count == 1 ? "" : "s",
		    size);
	return 0;
}

const char *
foffer_list(struct foffer *o)
{
	char size[24];

	fprog_bytes(size, o->size);
	if (o->items > FOFFER_SHOWN)
		list(o, "  and %u more\n", (unsigned)(o->items - FOFFER_SHOWN));
	if (o->items > 1)
		list(o, "  in all %s%s\n", o->atleast ? "at least " : "", size);
	return o->text;
}
