/* chat-seal: bytes from stdin to sealed records on stdout.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "fds.h"
#include "secret.h"
#include "session.h"
#include "stream.h"
#include "tcp.h"
#include "tick.h"

#define USAGE "chat-seal -k key"

enum { DELIVER_MS = 30000 };

/* All that must stay secret. */
struct secrets {
	struct record record;
};

static void
session(const char *key)
{
	struct secrets *s = secret_new(sizeof(*s));
	struct fault f;
	int bad;

	if (!s)
		die_sys(X_SYS, "no memory for keys");
	if (session_take(&s->record.key, key, &f) == -1)
		die_fault(&f);
	if (fds_is_socket(1))
		signal(SIGPIPE, SIG_IGN);
	bad = stream_seal(&s->record, 0, 1, &f);
	secret_free(s);
	if (bad)
		die_fault(&f);
	tcp_finish(1);
	if (tcp_delivered(1, tick_ms() + DELIVER_MS) == -1)
		die_sys(errno == ETIMEDOUT ? X_TIME : X_SYS,
		    "not all was delivered");
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
