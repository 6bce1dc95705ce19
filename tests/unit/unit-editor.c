/* The line editor: what keys make of a line, what its bounds are, what is
 * written.  How it looks, unit-editor-screen tells.
 * SPDX-License-Identifier: ISC */
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "term/editor.h"

static struct editor e;
static char out[EDITOR_OUT + 1];

static void
begin(unsigned columns, size_t most)
{
	editor_free(&e);
	memset(&e, 0, sizeof(e));
	editor_begin(&e, columns, most);
}

static int
type(const char *p)
{
	return editor_keys(&e, p, strlen(p), 1234);
}

/* What is written now, and then nothing waits. */
static const char *
written(void)
{
	const char *p;
	size_t n;

	editor_draw(&e);
	p = editor_out(&e, &n);
	if (n > 0)
		memcpy(out, p, n);
	out[n] = '\0';
	editor_wrote(&e, n);
	return out;
}

/* Is this the line, with the cursor before byte at? */
static int
is(const char *want, size_t at)
{
	return e.n == strlen(want) &&
	       (e.n == 0 || memcmp(e.line, want, e.n) == 0) && e.at == at;
}

/* Is this the next line that is sent? */
static int
sends(const char *want)
{
	const struct past_line *l = editor_next(&e, PAST_SENDER);

	return !want ? !l
	             : l && l->n == strlen(want) && l->time == 1234 &&
	                   memcmp(l->text, want, l->n) == 0;
}

static void
test_keys(void)
{
	static const struct {
		const char *keys, *line;
		size_t at;
	} t[] = {
	    {"abc", "abc", 3},
	    {"abc\002\002X", "aXbc", 2},
	    {"abc\001X\005Y", "XabcY", 5},
	    {"abc\033[DX", "abXc", 3},
	    {"abc\033OD\033OD\033OCX", "abXc", 3},
	    {"abc\033[HX\033[FY", "XabcY", 5},
	    {"abc\033[1~X\033[4~Y\033[7~Z\033[8~", "ZXabcY", 6},
	    {"abc\001\033[3~", "bc", 0},
	    {"abc\001\004", "bc", 0},
	    {"abc\004", "abc", 3},
	    {"abc\177\010", "a", 1},
	    {"abc\002\013", "ab", 2},
	    {"abc\002\025", "c", 0},
	    {"one two  \027X", "one X", 5},
	    {"one\027", "", 0},
	    {"a\tb", "a\tb", 3},
	    /* Keys that mean nothing leave nothing behind. */
	    {"a\033[5~b\033xc\033[200;1Hd\030\026", "dabc", 1},
	    {"a\033[99999999999999999999~b", "ab", 2},
	    {"a\033[\033[Db", "ba", 1},
	    {"a\033[12\177b", "b", 1},
	    {"\033\n", "", 0},
	    /* Characters of several bytes, and what joins them. */
	    {"\xc3\xa9\xe6\x97\xa5\002X", "\xc3\xa9X\xe6\x97\xa5", 3},
	    {"e\xcc\x81\177", "", 0},
	    {"ae\xcc\x81\002\002X", "Xae\xcc\x81", 1},
	    {"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\177", "", 0},
	    {"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\177", "\xf0\x9f\x98\x80", 4},
	    /* A mark joins what comes to stand before it. */
	    {"\xcc\x81\001e", "e\xcc\x81", 3},
	    {"x\001\xcc\x81\001y", "y\xcc\x81x", 3},
	    /* Not UTF-8. */
	    {"\xff\xc3z\177\177", "\xff", 1},
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		begin(80, 1000);
		ok(type(t[i].keys) == 0 && is(t[i].line, t[i].at),
		    "keys %zu: <%.*s> at %zu", i, (int)e.n, e.line, e.at);
	}
}

static void
test_paste(void)
{
	begin(80, 1000);
	type("a\033[200~x\001\033[A\033y\033[201\tz\033[20");
	type("1~b\001");
	ok(is("ax\001\033[A\033y\033[201\tzb", 0),
	    "a paste is text, whatever it holds, and ends in two reads");
	type("\025\013\033[200~one\r\ntwo\n\nthree\rfo\033[201~ur\r");
	ok(sends("one\n") && sends("two\n") && sends("\n") &&
	        sends("three\n") && sends("four\n") && sends(NULL),
	    "its lines are messages, the last is typed on");
	type("\033[200~\033\033\033[201~\r");
	ok(sends("\033\033\n"), "an escape just before its end");
}

static void
test_past(void)
{
	begin(80, 1000);
	type("one\r\rtwo\rdraft\033[A");
	ok(is("two", 3), "the line before");
	type("\033[A");
	ok(is("one", 3), "the one before that; an empty one is passed over");
	type("\033[A");
	ok(is("one", 3), "there is none before that");
	type("X\033[B");
	ok(is("two", 3), "down again");
	type("\016");
	ok(is("draft", 5), "what was being typed");
	type("\016\020\020");
	ok(is("one", 3), "and up");
	type("!\r\020");
	ok(is("one!", 4), "what was changed is a line of its own");
	ok(sends("one\n") && sends("\n") && sends("two\n") && sends("one!\n") &&
	        sends(NULL),
	    "all were sent");
}

static void
test_end(void)
{
	begin(80, 1000);
	type("a\004");
	ok(!editor_ended(&e), "^D in a line is not the end");
	type("\177\004more\r");
	ok(editor_ended(&e) && is("", 0) && sends(NULL),
	    "on an empty one it is, and what follows is ignored");
}

static void
test_bounds(void)
{
	static char much[1 << 20];
	size_t i, n = 0;

	begin(80, 11);
	type("0123456789X");
	ok(sends("0123456789") && is("X", 1),
	    "a line that is full is ended, and goes on as the next");
	type("\025"
	     "01234567\xe6\x97\xa5");
	ok(sends("01234567") && is("\xe6\x97\xa5", 3), "between characters");
	type("\001");
	type("abcdefghij");
	ok(sends("abcdefg\xe6\x97\xa5") && is("hij", 3),
	    "also when it is full in its middle");

	begin(80, 1 << 24);
	for (i = 0; i < PAST_LINES && !editor_full(&e); i++)
		type("x\r");
	ok(i == PAST_LINES, "%zu lines may wait", i);
	type("x\r");
	ok(editor_full(&e), "and then no keys are to be read");
	while (editor_next(&e, PAST_SENDER))
		n++;
	ok(n == i + 1 && editor_full(&e), "the other reader has not had them");
	while (editor_next(&e, PAST_SCREEN))
		;
	ok(!editor_full(&e), "until it has");
	for (i = 0; i < 3000; i++) {
		type("x\r");
		editor_next(&e, PAST_SENDER);
		editor_next(&e, PAST_SCREEN);
	}
	ok(e.past.lines <= PAST_LINES + 1, "the history has %zu lines",
	    e.past.lines);
	memset(much, 'm', sizeof(much) - 1);
	type("\033[200~");
	for (i = 0; i < 15; i++)
		type(much);
	type("\033[201~");
	ok(e.n == 15 * (sizeof(much) - 1), "15 MiB in a line");
	ok(strlen(written()) < 300, "are not written to the screen");
	type("\r");
	ok(editor_full(&e), "and wait for their readers");
	editor_next(&e, PAST_SENDER);
	editor_next(&e, PAST_SENDER);
	editor_next(&e, PAST_SCREEN);
	editor_next(&e, PAST_SCREEN);
	type("x\r");
	ok(e.past.bytes < PAST_BYTES && e.cap < 1000, "what is too long is not "
	                                              "kept");
}

static void
test_screen(void)
{
	begin(20, 1000);
	type("x");
	ok(strcmp(written(), "") == 0,
	    "nothing is drawn before it is asked for");
	editor_enter(&e);
	ok(strcmp(written(), "\033[?2004h\033[?1004h\033[22;2t\r\033[J\033[?7l>"
	                     " x\0337\0338\033[?7h") == 0,
	    "the row");
	ok(strcmp(written(), "") == 0, "once");
	type("y\002");
	ok(strcmp(written(), "\r\033[J\033[?7l> x\0337y\0338\033[?7h") == 0,
	    "the cursor in it");
	editor_above(&e, "bob: a", 6);
	ok(strcmp(written(), "\r\033[Jbob: a") == 0, "half a line above");
	type("z");
	ok(strcmp(written(), "") == 0, "the row waits for the rest");
	editor_above(&e, "b\n", 2);
	ok(strcmp(written(), "b\n\r\033[J\033[?7l> xz\0337y\0338\033[?7h") == 0,
	    "and is drawn after it");
	type("\025\033[200~\xcc\x81\t\033\xe2\x80\xae\033[201~");
	editor_resize(&e, 60);
	(void)written();
	ok(strstr(out, "<U+0301>^I^[<U+202E>") != NULL, "what is not harmless");
	type("\025\013");
	editor_leave(&e);
	ok(strcmp(written(),
	       "\r\033[J\033[?7h\033[?2004l\033[?1004l\033[23;2t") == 0,
	    "the row is taken away");
	editor_enter(&e);
	type("half");
	(void)written();
	editor_leave(&e);
	ok(strcmp(written(), "\r\033[J\033[?7l> "
	                     "half\0337\0338\033[?7h\r\n\033[?7h\033[?2004l"
	                     "\033[?1004l\033[23;2t") == 0,
	    "or left, where something is typed");
}

/* The title and the bell follow what the terminal says of its focus. */
static void
test_focus(void)
{
	begin(20, 1000);
	editor_call(&e, "alice", 1);
	ok(strcmp(written(), "") == 0, "nothing before the row");
	editor_enter(&e);
	(void)written();
	editor_call(&e, "alice", 1);
	ok(strcmp(written(), "\a") == 0, "a terminal that says nothing rings");
	type("\033[O");
	(void)written();
	editor_call(&e, "alice", 0);
	editor_call(&e, "alice", 0);
	ok(strcmp(written(), "\033]2;alice wrote\a") == 0, "the title, once");
	type("\033[I");
	ok(strstr(written(), "\033[23;2t\033[22;2t") != NULL, "and as it was");
	editor_call(&e, "alice", 1);
	ok(strcmp(written(), "") == 0 && is("", 0),
	    "nothing where it has the focus");
	type("\033[200~\033[O\033[201~\033OIx");
	(void)written();
	editor_call(&e, "alice", 1);
	ok(strcmp(written(), "") == 0, "a paste is not the terminal's word");
}

/* However much is in a row, it fits, and the terminal wraps again after it. */
static void
test_widest(void)
{
	char keys[64000];
	size_t n = 0;
	int i;

	begin(60000, 1 << 24);
	editor_enter(&e);
	while (n + 40 < sizeof(keys)) {
		keys[n++] = 'a';
		for (i = 0; i < 8; i++)
			n += (size_t)sprintf(keys + n, "\xf3\xa0\x84\x80");
	}
	keys[n] = '\0';
	type("\014");
	type(keys);
	type("\001");
	(void)written();
	n = strlen(out);
	ok(n > 30000 && n < EDITOR_OUT - 2 * EDITOR_ABOVE &&
	        strcmp(out + n - 5, "\033[?7h") == 0,
	    "%zu bytes of a row", n);
}

int
main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_keys();
	test_paste();
	test_past();
	test_end();
	test_bounds();
	test_screen();
	test_focus();
	test_widest();
	setlocale(LC_CTYPE, "C");
	begin(20, 1000);
	type("\xc3\xa9\xe6\x97\xa5\002X");
	ok(is("\xc3\xa9X\xe6\x97\xa5", 3), "in a locale that knows no widths");
	editor_free(&e);
	return done();
}
