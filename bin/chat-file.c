/* chat-file: send or receive files, between chat-open and chat-seal.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/prog.h"
#include "file/get.h"
#include "file/put.h"
#include "sandbox/landlock.h"
#include "sandbox/seccomp.h"
#include "term/tty.h"

#define USAGE                                                                  \
	"chat-file put [-q] [-N name] file|folder ...\n"                       \
	"chat-file get [-aBqy] directory"

enum { RING_MS = 60000, BELL_MS = 2000, LOOK_MS = 500 };

static const char *opt[128];
static const char *peer = "the other side";

/* While the call rings: check that the session is still there. */
static int
heard(struct tty_question *q)
{
	struct pollfd p = {.fd = 0};

	q->due = clock_ms() + LOOK_MS;
	return io_poll(&p, 1, clock_ms()) > 0;
}

/* -a: the offer may be long; show it once the call is answered. */
static int
answered(struct fault *f)
{
	struct tty_question q = {.until = clock_ms() + RING_MS,
	    .watch = -1,
	    .due = clock_ms() + LOOK_MS,
	    .hear = heard,
	    .bell = opt['B'] ? 0 : BELL_MS};
	char answer[8], at[8], *prompt = NULL;
	time_t now = time(NULL);
	int n;

	if (asprintf(&prompt, "%s wants to send files: list them? [y/N] ",
	        peer) == -1)
		return fault_memory(f);
	q.prompt = prompt;
	n = tty_ask(&q, answer, sizeof(answer));
	free(prompt);
	if (n == TTY_TIME || n == TTY_ALSO) {
		strftime(at, sizeof(at), "%H:%M", localtime(&now));
		tell("%s called at %s (files)", peer, at);
	}
	switch (n) {
	case TTY_TIME:
		return fault(f, X_TIME, "nobody answered");
	case TTY_ALSO:
		return fault(f, X_PEER, "the session was broken off");
	case TTY_NONE:
		return fault(f, X_USE, "no terminal to ask on");
	}
	return n > 0 && tty_yes(answer);
}

static int
ask(const char *offer, int doubt, struct fault *f)
{
	struct tty_question q = {
	    .until = INT64_MAX, .watch = 0, .due = INT64_MAX};
	char answer[8], *prompt = NULL;
	int n;

	if (opt['y'])
		return !doubt;
	n = opt['a'] ? answered(f) : 1;
	if (n != 1)
		return n;
	if (asprintf(&prompt, "%s sends\n%stake it? [y/N] ", peer, offer) == -1)
		return fault_memory(f);
	q.prompt = prompt;
	n = tty_ask(&q, answer, sizeof(answer));
	free(prompt);
	if (n == TTY_ALSO)
		return fault(f, X_PEER, "the session was broken off");
	if (n == TTY_NONE)
		return fault(
		    f, X_USE, "no terminal to ask on: -y takes what is sent");
	return n > 0 && tty_yes(answer);
}

/* Make writes to the pipe nonblocking, so that the progress line can say
 * stalled. Open the pipe anew for that: O_NONBLOCK would affect all that share
 * the old one. */
static void
reopen_pipe(void)
{
	int own = -1;

	if (fd_is_pipe(1))
		own =
		    open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (own != -1)
		(void)fd_move(1, own);
}

/* Parse the peer's messages only after all other files are out of reach. */
static void
enclose(char *const *paths, int n, int change, int asks)
{
	int fence = landlock_begin(0);
	char own[TTY_PATH];

	for (; n > 0; paths++, n--)
		landlock_add(fence,
		    !change && strcmp(*paths, "-") == 0 ? CHAT_USER_FILE
		                                        : *paths,
		    change);
	if (asks) {
		tty_path(own);
		landlock_add(fence, "/dev/tty", 1);
		landlock_add(fence, own, 0);
	}
	prog_caged(landlock_close(fence), "Landlock");
	prog_caged(seccomp_enter(MAY_FILES | (asks ? MAY_TERMINAL : 0), -1),
	    "seccomp");
}

static int
get(const char *directory, struct progress *prog, struct fault *f)
{
	const char *key = getenv(CHAT_PEERKEY);
	int root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root == -1)
		return fault_sys(f, X_USE, "%s", directory);
	if (faccessat(root, ".", W_OK | X_OK, AT_EACCESS) == -1)
		return fault_sys(f, X_USE, "cannot write to %s", directory);
	/* Files get the sender's modes, less the umask. */
	return get_run(
	    root, umask(0), directory, peer, key ? key : "", prog, ask, f);
}

int
main(int argc, char **argv)
{
	struct progress prog;
	struct fault f;
	int n, sends, code;

	prog_start(argv[0]);
	sends = argc > 1 && strcmp(argv[1], "put") == 0;
	if (!sends && (argc < 2 || strcmp(argv[1], "get") != 0)) {
		(void)prog_options(opt, argc, argv, "", USAGE);
		usage(USAGE);
	}
	argv++;
	argc--;
	n = prog_options(opt, argc, argv, sends ? "N:q" : "aBqy", USAGE);
	argv += n;
	argc -= n;
	if (sends ? argc < 1 : argc != 1)
		usage(USAGE);
	if (isatty(0) || isatty(1))
		die(X_USE, "stands between chat-open and chat-seal; see "
		           "chat-send and chat-recv");
	if (getenv(CHAT_PEER) && *getenv(CHAT_PEER))
		peer = getenv(CHAT_PEER);
	signal(SIGPIPE, SIG_IGN);
	progress_start(&prog, opt['q'] != NULL);
	if (prog.on)
		reopen_pipe();
	tzset(); /* reads files, so before the cage */
	enclose(argv, argc, !sends, !sends && !opt['y']);
	code = sends ? put_run(argv, (size_t)argc,
	                   opt['N'] ? opt['N'] : "stdin", peer, &prog, &f)
	             : get(*argv, &prog, &f);
	progress_clear(&prog);
	if (must(code, &f) == 1)
		die(X_SYS, "not all of it has arrived");
	return 0;
}
