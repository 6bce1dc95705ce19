/* chat-open: sealed records from stdin, verified, to bytes on stdout.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/clock.h"
#include "base/prog.h"
#include "crypto/aeadfast.h"
#include "crypto/secret.h"
#include "sandbox/seccomp.h"
#include "session/delivery.h"
#include "session/keypipe.h"
#include "session/quiet.h"
#include "session/stream.h"
#include "session/udpopen.h"

#define USAGE "chat-open -k key [-uv] [-e fd] [-T seconds]"

enum { DRAIN_MS = 1000 };

static const char *opt[128];
static struct quiet quiet = {.name = "the other side", .sealer = -1};
static struct fault f;

/* All secrets of this program. */
static struct secrets {
	struct record record;
	struct datagram_in packet;
} * s;

static void
session(void)
{
	int bad, drain;

	must(keypipe_take(&s->record.key, opt['k'], &f), &f);
	prog_caged(seccomp_enter(0, -1), "seccomp");
	bad = stream_open(&s->record, 0, 1, &quiet, &f);
	secret_free(s);
	if (!bad)
		return;
	/* Let the reader see the end at once, while the peer still gets what
	 * our side has to say. */
	if (bad == STREAM_CUT || bad == STREAM_UNENDED)
		tell("%s", f.text);
	else
		say("%s", f.text);
	close(1);
	drain = f.code == X_PEER && bad != STREAM_UNENDED ? DRAIN_MS : 0;
	delivery_drain(0, clock_ms() + drain);
	exit(f.code);
}

static void
datagrams(void)
{
	struct udpopen_count n = {0};
	int bad;

	must(keypipe_take(&s->packet.key, opt['k'], &f), &f);
	prog_caged(seccomp_enter(MAY_RECVMSG, -1), "seccomp");
	bad =
	    udpopen_frames(&s->packet, 0, 1, quiet.name, quiet.silence, &n, &f);
	secret_free(s);
	if (opt['v'])
		say("frames %lu, keepalives %lu, not authentic %lu, "
		    "repeated or late %lu, refused %lu",
		    n.frames, n.signs, n.false_, n.old, n.refused);
	must(bad, &f);
}

int
main(int argc, char **argv)
{
	int n;

	prog_start(argv[0]);
	n = prog_options(opt, argc, argv, "e:i:k:P:s:T:uv", USAGE);
	if (opt['P'] || opt['i'] || opt['s'])
		die(X_USE, "chat-unlock opens sealed files: chat-unlock %s",
		    opt['P']   ? "-P passfile"
		    : opt['s'] ? "-s sender"
		               : "-i id");
	if (n < argc || !opt['k'] || (opt['e'] && opt['u']))
		usage(USAGE);
	if (opt['e'])
		quiet.sealer = prog_fd('e', opt['e']);
	quiet.silence = 1000 * prog_number_or('T', opt['T'], 0, 1, 86400,
	                           "number of seconds");
	s = secret_new(sizeof(*s));
	if (!s)
		die_memory();
	(void)aeadfast_use(1);
	if (getenv(CHAT_PEER))
		quiet.name = getenv(CHAT_PEER);
	if (opt['u'])
		datagrams();
	else
		session();
	if (close(1) == -1)
		die_sys(X_SYS, "stdout");
	return 0;
}
