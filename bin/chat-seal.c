/* chat-seal: seal bytes from stdin, and write records to stdout.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"
#include "crypto/aeadfast.h"
#include "crypto/secret.h"
#include "sandbox/seccomp.h"
#include "session/delivery.h"
#include "session/keypipe.h"
#include "session/stream.h"
#include "session/udpseal.h"

#define USAGE                                                                  \
	"chat-seal -k key [-q]\n"                                              \
	"chat-seal -k key -u [-v] [-a milliseconds]"

enum { DELIVER_MS = 30000, STALE_MS = 500 };

static const char *opt[128];
static struct fault f;

/* All secrets of this program. */
static struct secrets {
	struct record record;
	struct datagram_out packet;
} * s;

static void
session(void)
{
	int bad, empty;

	must(keypipe_take(&s->record.key, opt['k'], &f), &f);
	if (fd_is_socket(1))
		signal(SIGPIPE, SIG_IGN);
	prog_caged(seccomp_enter(0, -1), "seccomp");
	bad = stream_seal(&s->record, 0, 1, &f);
	empty = s->record.n == 1;
	secret_free(s);
	if (!bad) {
		delivery_finish(1);
		bad = delivery_delivered(1, clock_ms() + DELIVER_MS);
		if (empty && errno == ECONNRESET)
			bad = 0;
		if (bad)
			fault_sys(&f, errno == ETIMEDOUT ? X_TIME : X_SYS,
			    "not all was delivered");
	}
	/* Other programs say why. */
	if (bad && opt['q'])
		exit(f.code);
	must(bad, &f);
}

static void
datagrams(void)
{
	struct udpseal_count n = {0};
	long stale = STALE_MS;
	int bad;

	if (opt['a'])
		stale = prog_number(
		    'a', opt['a'], 1, 3600000, "number of milliseconds");
	must(keypipe_take(&s->packet.key, opt['k'], &f), &f);
	prog_caged(seccomp_enter(MAY_SENDMSG, -1), "seccomp");
	bad = udpseal_frames(&s->packet, 0, 1, (int)stale, &n, &f);
	secret_free(s);
	if (bad > 0)
		die_as(bad, "chat-seal");
	if (opt['v'])
		say("frames sent %lu, too old to send %lu, keepalives %lu, "
		    "refused %lu",
		    n.frames, n.stale, n.signs, n.refused);
	must(bad, &f);
}

int
main(int argc, char **argv)
{
	int n;

	prog_start(argv[0]);
	n = prog_options(opt, argc, argv, "a:i:k:P:qr:uv", USAGE);
	if (opt['r'] || opt['P'] || opt['i'])
		die(X_USE, "chat-lock seals files: chat-lock %s",
		    opt['P'] ? "-P passfile" : "-r recipient");
	if (n < argc || !opt['k'] || (opt['a'] && !opt['u']) ||
	    (opt['v'] && !opt['u']))
		usage(USAGE);
	s = secret_new(sizeof(*s));
	if (!s)
		die_memory();
	(void)aeadfast_use(1);
	if (opt['u'])
		datagrams();
	else
		session();
	if (close(1) == -1)
		die_sys(X_SYS, "stdout");
	return 0;
}
