/* The file of known keys: what is malformed, what is kept, many at once.
 * SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "peer/peers.h"
#include "tap.h"

#define A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define B "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);

	if (fd == -1 || io_write(fd, text, strlen(text)) == -1)
		exit(1);
	close(fd);
}

static int
holds(const char *path, const char *want)
{
	static char text[65536];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd == -1 ? 0 : io_read_full(fd, text, sizeof(text) - 1);

	close(fd);
	text[n] = '\0';
	if (strcmp(text, want) == 0)
		return 1;
	printf("# <%s> instead of <%s>\n", text, want);
	return 0;
}

static unsigned
files(void)
{
	DIR *d = opendir(".");
	unsigned n = 0;

	while (d && readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void
test_load(void)
{
	static const struct {
		const char *text, *want;
	} bad[] = {
	    {"alice\n", "p:1: this is not NAME KEY [HOST]"},
	    {"# \n\nalice " A " host more\n", "p:3: this is not"},
	    {"al/ice " A "\n", "p:1: a name has at most 32 letters"},
	    {"al\xc3\xaf"
	     "ce " A "\n",
	        "p:1: a name has"},
	    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa " A "\n", "p:1: a name has"},
	    {"alice AAAA\n", "p:1: not a key: AAAA"},
	    {A " alice\n", "p:1: a name has"},
	    {"alice AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
	        "p:1: not a key"},
	    {"a " A "\nb " B "\na " B "\n",
	        "p:3: the name a stands in line 1 already"},
	};
	struct peers p;
	struct fault f;
	char text[600];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		put("p", bad[i].text);
		ok(peers_load(&p, "p", &f) == -1 && f.code == X_USE &&
		        strncmp(f.text, bad[i].want, strlen(bad[i].want)) == 0,
		    "%s", f.text);
	}
	memset(text, 'h', sizeof(text));
	memcpy(text, "a " A " ", 47);
	strcpy(text + 47 + 256, "\n");
	put("p", text);
	ok(peers_load(&p, "p", &f) == -1 && strstr(f.text, "p:1: the host"),
	    "a host of 256: %s", f.text);
	strcpy(text + 47 + 255, "\n");
	put("p", text);
	ok(peers_load(&p, "p", &f) == 0 && strlen(p.all[0].host) == 255,
	    "a host of 255");
	peers_free(&p);

	ok(peers_load(&p, "nothing", &f) == 0 && p.n == 0,
	    "no file is an empty one");
	ok(peers_load(&p, ".", &f) == -1 && f.code == X_USE, "%s", f.text);

	put("p", "# friends\n\n  alice\t" A "  ::1 \r\n\n#b " A "\nb-o.b_2 " B);
	ok(peers_load(&p, "p", &f) == 0 && p.n == 2 &&
	        strcmp(p.all[0].name, "alice") == 0 &&
	        strcmp(p.all[0].host, "::1") == 0 && p.all[0].line == 3 &&
	        strcmp(p.all[1].name, "b-o.b_2") == 0 && p.all[1].line == 6 &&
	        !*p.all[1].host,
	    "comments, blanks, CR LF, no last newline");
	ok(peers_name(&p, "alice") == &p.all[0] && !peers_name(&p, "bob") &&
	        peers_key(&p, p.all[1].key) == &p.all[1],
	    "found by name and key");
	peers_free(&p);
	unlink("p");
}

static void
test_nul(void)
{
	struct peers p;
	struct fault f;
	int fd = open("p", O_WRONLY | O_CREAT, 0600);

	if (fd == -1 || io_write(fd, "a " A "\0\n", 48) == -1)
		exit(1);
	close(fd);
	ok(peers_load(&p, "p", &f) == -1 &&
	        strcmp(f.text, "p:1: a NUL byte") == 0,
	    "%s", f.text);
	unlink("p");
}

static void
clean(const char *text, const char *want)
{
	char name[PEER_NAME + 1];

	peers_clean(name, text, strlen(text));
	ok(strcmp(name, want) == 0 && peers_valid(name), "a suggestion: %s",
	    name);
}

static void
test_names(void)
{
	clean("bob", "bob");
	clean("", "peer");
	clean(" !? ", "peer");
	clean("  Bob Smith ", "Bob-Smith");
	clean("j\xc3\xbcrgen", "j-rgen");
	clean("../../etc/passwd", "etc-passwd");
	clean("\033[2Jevil\n", "Jevil");
	clean("192.0.2.1", "peer");
	clean("::1", "peer");
	clean("bob.example", "bob-example");
	clean("-_4bob", "bob");
	clean("a123456789012345678901234567890123456789",
	    "a1234567890123456789012345678901");
	clean("a123456789012345678901234567890 x",
	    "a123456789012345678901234567890");
	ok(!peers_valid("") && !peers_valid("a b") &&
	        !peers_valid("\xc3\xa4") &&
	        !peers_valid("012345678901234567890123456789012") &&
	        peers_valid("A.z_0-9"),
	    "what is a name");
}

static void
add(const char *name, int key, const char *host, const char *want)
{
	uint8_t k[KEY_BYTES] = {(uint8_t)key};
	char got[PEER_NAME + 1];
	struct fault f = {0, ""};

	strcpy(got, name);
	ok(peers_add("p", got, k, host, &f) == 0 && strcmp(got, want) == 0,
	    "%s is added as %s %s", name, got, f.text);
}

static void
test_add(void)
{
	static const char long_name[] = "0123456789012345678901234567890x";
	uint8_t key[KEY_BYTES] = {9};
	char name[PEER_NAME + 1] = "x";
	struct stat st;
	struct fault f;

	add("alice", 0, NULL, "alice");
	ok(stat("p", &st) == 0 && (st.st_mode & 07777) == 0600, "made 0600");
	add("someone", 0, "host", "alice");
	add("bob", 1, "2001:db8::1", "bob");
	ok(holds("p", "alice " A "\nbob " B " 2001:db8::1\n"), "the lines");

	put("real", "# mine\nalice " A " # no");
	unlink("p");
	if (symlink("real", "p") == -1)
		exit(1);
	ok(peers_add("p", name, key, NULL, &f) == -1 &&
	        strncmp(f.text, "p:2: ", 5) == 0 &&
	        holds("real", "# mine\nalice " A " # no"),
	    "a malformed file is left as it is: %s", f.text);
	put("real", "# mine\n\nalice " A);
	chmod("real", 0640);
	add("alice", 1, "a b", "alice2");
	ok(holds("real", "# mine\n\nalice " A "\nalice2 " B "\n"),
	    "comments stay, a newline is added, no host that is none");
	ok(lstat("p", &st) == 0 && S_ISLNK(st.st_mode) && stat("p", &st) == 0 &&
	        (st.st_mode & 07777) == 0640,
	    "the link and the mode stay");
	add("alice", 2, "", "alice3");
	add("bob!", 3, NULL, "bob");
	add(long_name, 4, NULL, long_name);
	add(long_name, 5, NULL, "01234567890123456789012345678902");
	ok(files() == 2, "nothing is left behind");
	unlink("p");
	put("real.new", "of one that was killed");
	ok(symlink("real", "p") == 0, "a new link");
	add("carol", 6, NULL, "carol");
	ok(files() == 2, "what a killed one left is cleared away");
	unlink("p");
	unlink("real");

	ok(peers_add("no/p", name, key, NULL, &f) == -1 && f.code == X_USE,
	    "no folder: %s", f.text);
	ok(symlink("/dev/null", "p") == 0 &&
	        peers_add("p", name, key, NULL, &f) == -1,
	    "not a file: %s", f.text);
	unlink("p");
}

static void
bind_host(const char *before, const char *host, int want, const char *after)
{
	uint8_t key[KEY_BYTES] = {1};
	struct peer line;
	struct fault f;

	put("p", before);
	ok(peers_bind("p", key, host, &line, &f) == want && holds("p", after),
	    "a host for a line: %s", host);
	unlink("p");
}

static void
test_bind(void)
{
	struct peer was;
	struct fault f;

	bind_host("# b\nbob " B " \r\nalice " A, "h.example", PEERS_BOUND,
	    "# b\nbob " B " h.example \r\nalice " A);
	bind_host("bob " B, "::1", PEERS_BOUND, "bob " B " ::1");
	bind_host("bob " B " far\nb2 " B "\n", "near", PEERS_BOUND,
	    "bob " B " far\nb2 " B " near\n");
	bind_host("bob " B " far\n", "near", PEERS_OTHER, "bob " B " far\n");
	bind_host("bob " B "\n", "a b", PEERS_OTHER, "bob " B "\n");
	bind_host("al " A "\n", "near", PEERS_NONE, "al " A "\n");

	put("p", "# x\nalice " A "\n#\nbob " B " far");
	ok(peers_forget("p", "bob", &was, &f) == 0 && was.line == 4 &&
	        strcmp(was.host, "far") == 0 &&
	        holds("p", "# x\nalice " A "\n#\n"),
	    "the last line is forgotten");
	ok(peers_forget("p", "alice", &was, &f) == 0 && was.line == 2 &&
	        holds("p", "# x\n#\n"),
	    "a line in the middle is forgotten");
	ok(peers_forget("p", "alice", &was, &f) == -1 && f.code == X_USE,
	    "nobody is forgotten twice: %s", f.text);
	unlink("p");
}

static void
test_taken(void)
{
	struct peers p;
	struct fault f;
	uint8_t c[KEY_BYTES] = {7};

	put("p", "Bob " A "\nalice " B " Carol.example\n");
	ok(peers_load(&p, "p", &f) == 0, "loaded");
	ok(peers_taken(&p, "bOB", c) == &p.all[0] &&
	        peers_taken(&p, "carol.EXAMPLE", c) == &p.all[1] &&
	        !peers_taken(&p, "bob", p.all[0].key) &&
	        !peers_taken(&p, "dave", c),
	    "a name is taken by a NAME or HOST of another key, in any case");
	ok(peers_find(&p, "BOB") == &p.all[0] && !peers_name(&p, "BOB"),
	    "found in any case");
	peers_free(&p);
	unlink("p");
}

/* Fifty at once, by two for each key, all by the same name. */
static void
test_many(void)
{
	uint8_t key[KEY_BYTES] = {0};
	char name[PEER_NAME + 1] = "bob";
	struct peers p;
	struct fault f;
	int i, status, bad = 0;
	size_t j, k;

	for (i = 0; i < 50; i++) {
		if (fork() > 0)
			continue;
		key[0] = (uint8_t)(i / 2);
		_exit(peers_add("p", name, key, "host", &f) == -1);
	}
	for (i = 0; i < 50; i++)
		bad += wait(&status) == -1 || status != 0;
	ok(bad == 0, "fifty at once");
	ok(peers_load(&p, "p", &f) == 0 && p.n == 25, "nothing is lost");
	for (j = 0; j < p.n; j++)
		for (k = 0; k < j; k++)
			bad +=
			    memcmp(p.all[j].key, p.all[k].key, KEY_BYTES) == 0;
	ok(bad == 0, "every key once");
	peers_free(&p);
	ok(files() == 1, "no litter");
	unlink("p");
}

int
main(void)
{
	char dir[] = "/tmp/unit-peers.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) == -1)
		return 1;
	umask(022);
	test_load();
	test_nul();
	test_names();
	test_add();
	test_bind();
	test_taken();
	test_many();
	ok(rmdir(dir) == 0, "tidy");
	return done();
}
