/* Names and paths of a peer: which are taken, and what they become.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "file/name.h"
#include "tap.h"

static void
good(const char *path, int name, int want)
{
	ok(name_good(path, strlen(path), name) == want, "%s%s: %s", path,
	    name ? " as a name" : "", want ? "good" : "refused");
}

static void
number(const char *name, unsigned n, int folder, const char *want)
{
	char out[NAME_MOST + 1];

	name_number(out, name, n, folder);
	ok(strcmp(out, want) == 0, "%s, %u: %s", name, n, out);
}

static void
safe(const char *name, const char *want)
{
	char out[NAME_MOST + 1];

	name_safe(out, name, strlen(name));
	ok(strcmp(out, want) == 0, "becomes %s", want);
}

static void
links(const char *path, const char *target, int want)
{
	ok(name_link(path, strlen(path), target, strlen(target)) == want,
	    "%s -> %s: %s", path, target, want ? "kept" : "refused");
}

int
main(void)
{
	char name[NAME_MOST + 1], out[NAME_MOST + 1];

	good("a", 1, 1);
	good("...", 1, 1);
	good(".a", 1, 1);
	good("a/b", 1, 0);
	good("a/b", 0, 1);
	good("", 0, 0);
	good(".", 0, 0);
	good("..", 0, 0);
	good("/a", 0, 0);
	good("a/", 0, 0);
	good("a//b", 0, 0);
	good("a/./b", 0, 0);
	good("a/..", 0, 0);
	good("a/..b/c", 0, 1);
	ok(!name_good("a\0b", 3, 1), "a NUL: refused");
	memset(name, 'x', NAME_MOST);
	name[NAME_MOST] = '\0';
	good(name, 1, 1);
	ok(!name_good("", 0, 1), "nothing: refused");

	safe("plain name.txt", "plain name.txt");
	safe("gr\xc3\xbc\xc3\x9f \xff", "gr\xc3\xbc\xc3\x9f \xff");
	safe("a\n\033[1m\x7f", "a__[1m_");
	safe("\xc2\x9b x\xe2\x80\xaetxt.exe\xe2\x81\xa6", "_ x_txt.exe_");
	safe("\xef\xbb\xbf\xd8\x9c\xe2\x80\xa8", "___");
	safe("\xe2\x80", "\xe2\x80");
	safe("\xf3\xa0\x81\x81", "_");
	safe("\xf3\xa0xy", "\xf3\xa0xy");

	number("a.txt", 1, 0, "a.txt");
	number("a.txt", 2, 0, "a (2).txt");
	number("a.txt", 2, 1, "a.txt (2)");
	number(".bashrc", 3, 0, ".bashrc (3)");
	number("a.", 2, 0, "a (2).");
	number(
	    "a.not really an extension", 2, 0, "a.not really an extension (2)");
	name_number(out, name, 10, 0);
	ok(strlen(out) == NAME_MOST && strcmp(out + 250, " (10)") == 0,
	    "a long name is cut for its number");
	memcpy(name + 251, ".jpg", 4);
	name_number(out, name, 9999, 0);
	ok(strlen(out) == NAME_MOST && strcmp(out + 244, " (9999).jpg") == 0,
	    "and keeps its extension");

	name_part(out, "a.txt", 5, "k");
	ok(name_is_part(out, strlen(out)) && strncmp(out, ".a.txt.", 7) == 0,
	    "a part: %s", out);
	name_part(name, "a.txt", 6, "k");
	ok(strcmp(out, name) != 0, "another size, another part");
	name_part(name, "a.txt", 5, "l");
	ok(strcmp(out, name) != 0, "another peer, another part");
	memset(name, 'x', NAME_MOST);
	name_part(out, name, UINT64_MAX, "");
	ok(name_is_part(out, strlen(out)), "a part of a long name");
	ok(!name_is_part(".a.0123456789abcdeg.chat-part", 29) &&
	        !name_is_part("a.0123456789abcdef.chat-part", 28) &&
	        !name_is_part(".chat-part", 10),
	    "what is no part");

	links("l", "x", 1);
	links("l", "./x/y", 1);
	links("l", ".", 1);
	links("a/l", "../x", 1);
	links("a/b/l", "../..", 1);
	links("l", "..", 0);
	links("a/l", "../..", 0);
	links("a/l", "../../d/x", 0);
	links("l", "/etc", 0);
	links("l", "x/../y", 0);
	links("l", "./..", 0);
	links("l", "x//..//..", 0);
	links("l", "..x/y..", 1);
	return done();
}
