/* chat-open: sealed records from stdin, verified, to bytes on stdout.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <unistd.h>

#include "die.h"
#include "secret.h"
#include "session.h"
#include "stream.h"
#include "tcp.h"
#include "tick.h"

#define USAGE "chat-open -k key"

enum { DRAIN_MS = 1000 };

/* All that must stay secret. */
struct secrets {
	struct record record;
};

static void
session(const char *key)
{
	struct secrets *s = secret_new(sizeof(*s));
	const char *who = getenv("CHAT_PEER");
	struct fault f;
	int bad;

	if (!s)
		die_sys(X_SYS, "no memory for keys");
	if (session_take(&s->record.key, key, &f) == -1)
		die_fault(&f);
	bad = stream_open(
	    &s->record, STREAM_SESSION, 0, 1, who ? who : "the other side", &f);
	secret_free(s);
	if (!bad)
		return;
	/* The reader is told at once, and the other side still hears what
	 * ours has to say. */
	say("%s", f.text);
	close(1);
	tcp_drain(0, tick_ms() + (f.code == X_PEER ? DRAIN_MS : 0));
	exit(f.code);
}

int
main(int argc, char **argv)
{
	const char *key = NULL;
	int c;

	prog_start(argv[0]);
	while ((c = getopt(argc, argv, "k:")) != -1)
		switch (c) {
		case 'k':
			key = optarg;
			break;
		default:
			usage(USAGE);
		}
	if (optind < argc || !key)
		usage(USAGE);
	session(key);
	if (close(1) == -1)
		die_sys(X_SYS, "stdout");
	return 0;
}
