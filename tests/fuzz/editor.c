/* What a terminal may send, a paste of anybody's bytes among it: no fault, the
 * cursor between two glyphs, every byte of a line sent, and nothing on the screen
 * but what the editor means.
 * SPDX-License-Identifier: ISC */
#include <locale.h>
#include <string.h>

#include "base/vis.h"
#include "fuzz.h"
#include "term/editor.h"
#include "term/glyph.h"

static struct editor e;

/* What is drawn has no controls but ours. */
static void
look(void)
{
	static const char *const ours[] = {"\r\033[J", "\033[?7l", "\033[?7h",
	    "\0337", "\0338", "\033[?2004h", "\033[?2004l", "\033[?1004h",
	    "\033[?1004l", "\033[22;2t", "\033[23;2t", "\033]2;alice wrote\a",
	    "\a", "\033[H\033[2J", "\r\n", "\n"};
	const char *p;
	size_t n, i, len;
	uint32_t c;

	editor_draw(&e);
	p = editor_out(&e, &n);
	MUST(n <= EDITOR_OUT - 2 * EDITOR_ABOVE);
	editor_wrote(&e, n);
	for (; n > 0; p += len, n -= len) {
		len = 0;
		for (i = 0; i < sizeof(ours) / sizeof(*ours); i++)
			if (n >= strlen(ours[i]) &&
			    memcmp(p, ours[i], strlen(ours[i])) == 0)
				len = strlen(ours[i]);
		if (len > 0)
			continue;
		MUST(vis_harm(p, n) == 0);
		len = vis_char(p, n, &c);
		MUST(len > 0);
	}
}

static void
line(void)
{
	struct glyph g;
	size_t p = 0;

	MUST(e.at <= e.n && e.left <= e.n && e.n < e.most);
	MUST(!e.line || !memchr(e.line, '\n', e.n));
	/* A cut before the nearest ASCII character may be anywhere. */
	while (p < e.at && e.n < 1000)
		p = glyph_after(e.line, e.n, p, &g);
	MUST(e.n >= 1000 || p == e.at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct past_line *sent, *shown;
	size_t k;

	setlocale(LC_CTYPE, "C.UTF-8");
	memset(&e, 0, sizeof(e));
	editor_begin(&e, 40, 200);
	editor_enter(&e);
	for (; n > 1; data += k, n -= k) {
		k = 1 + *data % 32;
		k = k < n ? k : n - 1;
		switch (*data++ >> 5) {
		case 0:
			editor_resize(&e, k * 3);
			break;
		case 1:
			editor_above(&e, "text above", k < 10 ? k : 10);
			editor_above(&e, "\n", 1);
			editor_call(&e, "alice", k % 2);
			break;
		case 2:
			editor_leave(&e);
			editor_enter(&e);
			break;
		default:
			MUST(editor_keys(&e, (const char *)data, k, k) == 0);
			line();
		}
		n--;
		do {
			sent = editor_next(&e, PAST_SENDER);
			shown = editor_next(&e, PAST_SCREEN);
			MUST(sent == shown);
		} while (sent);
		if (k % 2)
			look();
	}
	look();
	editor_free(&e);
	return 0;
}
