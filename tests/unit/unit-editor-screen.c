/* The line editor against a model of a terminal (libvterm): keys, pastes, lines
 * that arrive, other programs' words, ^Z and resizing, at random; after each
 * step every row and the cursor are where a model of the line has them.
 * EDITOR_STEPS, EDITOR_SEED: how many, and which.
 * SPDX-License-Identifier: ISC */
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vis.h"
#include "tap.h"
#include "term/editor.h"

#ifdef VTERM
#include <vterm.h>

enum { ROWS = 12, COLS = 120, LINE = 400, PAST = 4096, TEXT = 8192 };

/* What a person types: bytes, how they are shown, how wide that is. */
static const struct atom {
	const char *bytes, *shown;
	int wide, paste; /* paste: only a paste can have it */
} atoms[] = {
    {"a", "a", 1, 0}, {"Q", "Q", 1, 0}, {" ", " ", 1, 0}, {"~", "~", 1, 0},
    {"\xc3\xa9", "\xc3\xa9", 1, 0}, {"e\xcc\x81", "e\xcc\x81", 1, 0},
    {"o\xcc\x88\xcc\xa3", "o\xcc\x88\xcc\xa3", 1, 0},
    {"\xd8\xa8", "\xd8\xa8", 1, 0}, /* Arabic */
    {"\xd8\xa8\xd9\x8e", "\xd8\xa8\xd9\x8e", 1, 0},
    {"\xd7\xa9", "\xd7\xa9", 1, 0}, /* Hebrew */
    {"\xe6\x97\xa5", "\xe6\x97\xa5", 2, 0}, /* CJK */
    {"\xed\x95\x9c", "\xed\x95\x9c", 2, 0}, /* Hangul */
    {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 2, 0}, /* emoji */
    {"\xe2\x80\xae", "<U+202E>", 8, 0}, {"\xff", "\\xff", 4, 0},
    {"\x01", "^A", 2, 1}, {"\x1b", "^[", 2, 1}, {"\x7f", "^?", 2, 1},
    {"\0\0", "^@", 2, 1}, /* one byte */
};
enum { ATOMS = sizeof(atoms) / sizeof(*atoms) };

struct line {
	unsigned char a[LINE]; /* atoms */
	int n;
};

/* The model. */
static struct line line, draft, past[PAST];
static int at, npast, recalled, sent, shown, cols = 40;
static char rows[ROWS][TEXT]; /* the last ones above, in turn */
static int nrows, fresh; /* all; those since the window changed */

static struct editor e;
static VTerm *vt;
static VTermScreen *screen;
static uint64_t seed;

static unsigned
pick(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static size_t
atom_bytes(int a)
{
	size_t n = strlen(atoms[a].bytes);

	return n > 0 ? n : 1;
}

/* Keys, in reads of any size. */
static void
type(const char *p, size_t n)
{
	size_t some;

	for (; n > 0; p += some, n -= some) {
		some = pick(3) ? n : 1 + pick((unsigned)n);
		if (editor_keys(&e, p, some, 7) == -1)
			exit(1);
	}
}

/* As the driver of a terminal gives it on. */
static void
feed(const char *p, size_t n)
{
	static char all[2 * EDITOR_OUT];
	size_t at_all = 0;

	for (; n > 0; p++, n--) {
		if (*p == '\n')
			all[at_all++] = '\r';
		all[at_all++] = *p;
	}
	vterm_input_write(vt, all, at_all);
}

static void
flush(void)
{
	const char *p;
	size_t n;

	while ((p = editor_out(&e, &n))) {
		feed(p, n);
		editor_wrote(&e, n);
	}
}

static void
new_row(void)
{
	*rows[nrows++ % ROWS] = '\0';
	fresh++;
}

/* Text above the row, as a terminal wraps it.  Characters are those of atoms. */
static void
expect_above(const char *p)
{
	int col = 0, wide, i;
	char *row;
	size_t n;

	new_row();
	while (*p) {
		for (i = 0; i < ATOMS; i++) {
			n = strlen(atoms[i].shown);
			/* The longer ones come after those they begin with. */
			if (strncmp(p, atoms[i].shown, n) == 0 &&
			    (p[n] & 0xff) != 0xcc && (p[n] & 0xff) != 0xd9)
				break;
		}
		if (i == ATOMS || atoms[i].wide > 2 ||
		    atoms[i].shown[0] == '^') {
			n = 1;
			wide = 1;
		} else {
			wide = atoms[i].wide;
		}
		if (col + wide > cols) {
			new_row();
			col = 0;
		}
		row = rows[(nrows - 1) % ROWS];
		strncat(row, p, n);
		col += wide;
		p += n;
	}
}

static void
above(const char *text)
{
	size_t n = strlen(text), some;
	char all[TEXT];

	snprintf(all, sizeof(all), "%s\n", text);
	expect_above(text);
	some = pick(2) ? n + 1 : 1 + pick((unsigned)n);
	while (some < n && (all[some] & 0x80))
		some++; /* show.h cuts between characters, too */
	editor_above(&e, all, some);
	editor_draw(&e);
	flush();
	if (some < n + 1)
		editor_above(&e, all + some, n + 1 - some);
	flush();
}

/* What was ended comes to its readers, in order, whole. */
static int
readers(void)
{
	char want[TEXT], text[TEXT];
	const struct past_line *l;
	size_t n;
	int i, k;

	for (k = 0; k < PAST_READERS; k++)
		while ((k == PAST_SENDER ? sent : shown) < npast) {
			const struct line *m =
			    &past[(k == PAST_SENDER ? sent++ : shown++) % PAST];

			for (n = 0, i = 0; i < m->n; i++) {
				memcpy(want + n, atoms[m->a[i]].bytes,
				    atom_bytes(m->a[i]));
				n += atom_bytes(m->a[i]);
			}
			want[n++] = '\n';
			l = editor_next(&e, (enum past_reader)k);
			if (!l || l->n != n || memcmp(l->text, want, n) != 0) {
				printf("# not the line that was typed: %.*s",
				    l ? (int)l->n : 0, l ? l->text : "");
				printf("# but %.*s", (int)n, want);
				return 0;
			}
			if (k == PAST_SENDER)
				continue;
			memcpy(text, "> ", 3);
			vis_text(text + 2, sizeof(text) - 2, l->text, n - 1);
			above(text);
		}
	return 1;
}

/* The characters of a row of the screen, without blanks at its end. */
static void
row_text(int row, char *out)
{
	VTermScreenCell cell;
	VTermPos pos = {.row = row};
	char *p = out;
	uint32_t c;
	int i;

	for (pos.col = 0; pos.col < cols; pos.col += cell.width) {
		vterm_screen_get_cell(screen, pos, &cell);
		if (cell.chars[0] == 0)
			*p++ = ' ';
		for (i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i];
		     i++) {
			c = cell.chars[i];
			if (c >= 0x10000)
				*p++ = (char)(0xf0 | c >> 18);
			if (c >= 0x10000)
				*p++ = (char)(0x80 | (c >> 12 & 0x3f));
			else if (c >= 0x800)
				*p++ = (char)(0xe0 | c >> 12);
			if (c >= 0x800)
				*p++ = (char)(0x80 | (c >> 6 & 0x3f));
			else if (c >= 0x80)
				*p++ = (char)(0xc0 | c >> 6);
			*p++ = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
		}
	}
	while (p > out && p[-1] == ' ')
		p--;
	*p = '\0';
}

/* The row of the line, from the atom that the editor chose to begin with, and
 * the cursor's column; 0 if that choice is wrong. */
static int
expect_row(char *out, int *col)
{
	int first = 0, room = cols > 3 ? cols - 3 : 1, used = 0, i;
	size_t bytes = 0;

	while (first < line.n && bytes < e.left)
		bytes += atom_bytes(line.a[first++]);
	if (bytes != e.left || first > at ||
	    (first == at && first > 0 && room > 24))
		return 0;
	strcpy(out, first > 0 ? "< " : "> ");
	*col = 2;
	for (i = first; i < line.n; i++) {
		used += atoms[line.a[i]].wide;
		if (used > room)
			break;
		strcat(out, atoms[line.a[i]].shown);
		if (i < at)
			*col = 2 + used;
	}
	/* The cursor is not where nothing is shown. */
	return at <= i;
}

static void
trim(char *p)
{
	size_t n = strlen(p);

	while (n > 0 && p[n - 1] == ' ')
		p[--n] = '\0';
}

/* Does everything agree?  Says what does not. */
static int
agree(int step)
{
	char got[TEXT], want[TEXT];
	int col = 0, row = nrows < ROWS - 1 ? nrows : ROWS - 1, i, fine;
	VTermPos pos;

	editor_draw(&e);
	flush();
	fine = expect_row(want, &col);
	trim(want);
	row_text(row, got);
	vterm_state_get_cursorpos(vterm_obtain_state(vt), &pos);
	if (!fine || strcmp(got, want) != 0 || pos.row != row ||
	    pos.col != col) {
		printf("# step %d, %d columns, left %zu: <%s> at %d %d is not "
		       "<%s> at %d %d\n",
		    step, cols, e.left, got, pos.row, pos.col, want, row, col);
		return 0;
	}
	for (i = 1; i <= row && i <= fresh; i++) {
		row_text(row - i, got);
		snprintf(want, sizeof(want), "%s", rows[(nrows - i) % ROWS]);
		trim(want);
		if (strcmp(got, want) != 0) {
			printf("# step %d, %d columns: row %d <%s> is not "
			       "<%s>\n",
			    step, cols, row - i, got, want);
			return 0;
		}
	}
	return 1;
}

static void
insert(int a)
{
	if (line.n == LINE)
		return;
	memmove(line.a + at + 1, line.a + at, (size_t)(line.n - at));
	line.a[at++] = (unsigned char)a;
	line.n++;
}

static void
cut(int from, int to)
{
	memmove(line.a + from, line.a + to, (size_t)(line.n - to));
	line.n -= to - from;
	at = from;
}

static void
finish(void)
{
	past[npast++ % PAST] = line;
	line.n = at = 0;
	draft.n = 0;
	recalled = -1;
}

/* Some atoms, typed or pasted. */
static void
text(void)
{
	static const char *const newline[] = {"\r", "\n", "\r\n"};
	char keys[TEXT];
	size_t n = 0, k;
	int paste = pick(4) == 0, many = (int)(paste ? pick(60) : 1 + pick(3));
	int a;

	if (line.n + many >= LINE)
		return;
	if (paste)
		n = (size_t)sprintf(keys, "\033[200~");
	for (; many > 0; many--) {
		if (paste && pick(20) == 0) {
			k = pick(3);
			n += (size_t)sprintf(keys + n, "%s", newline[k]);
			finish();
			if (k == 0) /* or LF after it would belong to it */
				keys[n++] = 'a', insert(0);
			continue;
		}
		do
			a = (int)pick(ATOMS);
		while (atoms[a].paste && !paste);
		memcpy(keys + n, atoms[a].bytes, atom_bytes(a));
		n += atom_bytes(a);
		insert(a);
	}
	if (paste)
		n += (size_t)sprintf(keys + n, "\033[201~");
	type(keys, n);
}

/* A line of the past, or the draft. */
static void
recall(int older)
{
	int oldest = npast > PAST_LINES ? npast - PAST_LINES : 0;
	int to = recalled;

	do
		to = to < 0  ? (older ? npast - 1 : npast)
		     : older ? to - 1
		             : to + 1;
	while (to >= oldest && to < npast && past[to % PAST].n == 0);
	if (to < oldest || (to >= npast && recalled < 0))
		return;
	if (recalled < 0)
		draft = line;
	recalled = to < npast ? to : -1;
	line = to < npast ? past[to % PAST] : draft;
	at = line.n;
}

/* Blanks, then others. */
static int
word(void)
{
	int to = at;

	while (to > 0 && line.a[to - 1] == 2)
		to--;
	while (to > 0 && line.a[to - 1] != 2)
		to--;
	return to;
}

static void
key(void)
{
	static const char *const keys[][4] = {
	    {"\001", "\033[H", "\033[1~", "\033OH"},
	    {"\005", "\033[F", "\033[4~", "\033[8~"},
	    {"\002", "\033[D", "\033OD", "\033[1;5D"},
	    {"\006", "\033[C", "\033OC", "\006"},
	    {"\177", "\010", "\177", "\010"},
	    {"\033[3~", "\004", "\033[3~", "\004"}, {"\013"}, {"\025"},
	    {"\027"}, {"\r", "\n", "\r", "\r"},
	    {"\020", "\033[A", "\033OA", "\020"},
	    {"\016", "\033[B", "\033OB", "\016"}, {"\014"},
	    {"\033[5~", "\033x", "\030", "\033[?1;2c"}};
	static const int often[] = {0, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 7,
	    8, 8, 9, 10, 10, 11, 12, 13};
	int k = often[pick(sizeof(often) / sizeof(*often))];
	unsigned i = pick(4);
	const char *p = keys[k][i] ? keys[k][i] : keys[k][0];

	if (k == 5 && *p == '\004' && line.n == 0)
		return;
	type(p, strlen(p));
	switch (k) {
	case 0:
		at = 0;
		break;
	case 1:
		at = line.n;
		break;
	case 2:
		at -= at > 0;
		break;
	case 3:
		at += at < line.n;
		break;
	case 4:
		if (at > 0)
			cut(at - 1, at);
		break;
	case 5:
		if (at < line.n)
			cut(at, at + 1);
		break;
	case 6:
		cut(at, line.n);
		break;
	case 7:
		cut(0, at);
		break;
	case 8:
		cut(word(), at);
		break;
	case 9:
		finish();
		break;
	case 10:
	case 11:
		recall(k == 10);
		break;
	case 12:
		editor_draw(&e);
		flush();
		nrows = fresh = 0;
		break;
	}
}

/* Lines that arrive: some of the atoms, as they are shown. */
static void
arrive(void)
{
	char all[TEXT] = "bob: ";
	int n = (int)pick(pick(3) ? 20 : 150);

	while (n-- > 0)
		strcat(all, atoms[pick(ATOMS)].shown);
	above(all);
}

/* chat-join passes on another program's words. */
static void
words(void)
{
	static const char said[] = "\r\033[Kchat-open: a\n";

	flush();
	feed(said, sizeof(said) - 1);
	expect_above("chat-open: a");
	editor_resize(&e, (unsigned)cols);
}

static void
resize(void)
{
	int now = 4 + (int)pick(COLS - 4);

	vterm_set_size(vt, ROWS, now);
	cols = now;
	fresh = 0;
	editor_resize(&e, (unsigned)cols);
}

/* ^Z, and fg. */
static void
stop(void)
{
	char row[TEXT];
	int col;

	editor_leave(&e);
	if (line.n > 0) {
		flush();
		if (!expect_row(row, &col))
			strcpy(row, "a row that begins nowhere");
		new_row();
		strcat(rows[(nrows - 1) % ROWS], row);
	}
	flush();
	feed("stopped\n", 8);
	expect_above("stopped");
	editor_enter(&e);
}

static int
act(void)
{
	unsigned what = pick(100);

	if (what < 45)
		text();
	else if (what < 85)
		key();
	else if (what < 92)
		arrive();
	else if (what < 95)
		words();
	else if (what < 98)
		resize();
	else
		stop();
	return readers();
}

/* One thing after the other, as it is when a terminal is slow. */
static int
step(int n)
{
	int more = pick(2) ? 0 : (int)pick(4);

	while (more-- > 0)
		if (!act())
			return 0;
	return act() && agree(n);
}

int
main(void)
{
	const char *steps = getenv("EDITOR_STEPS"),
	           *first = getenv("EDITOR_SEED");
	int n = steps ? atoi(steps) : 50000, i;

	setlocale(LC_CTYPE, "C.UTF-8");
	seed = first ? strtoull(first, NULL, 10) : 1;
	vt = vterm_new(ROWS, cols);
	vterm_set_utf8(vt, 1);
	screen = vterm_obtain_screen(vt);
	vterm_screen_reset(screen, 1);
	recalled = -1;
	editor_begin(&e, (unsigned)cols, 1 << 20);
	editor_enter(&e);
	for (i = 0; i < n && step(i); i++)
		;
	ok(i == n, "the screen and the line agree %d times, of %d", i, n);
	editor_free(&e);
	vterm_free(vt);
	return done();
}

#else

int
main(void)
{
	printf("1..0 # SKIP no libvterm\n");
	return 0;
}

#endif
