/* noise-vectors FILE...: check the Noise handshake and its transport keys
 * against published vectors, from both sides.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "crypto/aeadfast.h"
#include "crypto/noise.h"

#define FIELD 4096

struct side {
	struct noise x;
	struct aead sending, receiving;
	uint64_t sent, received;
	int begun;
	uint8_t prologue[FIELD], s[FIELD], e[FIELD], rs[FIELD];
	size_t pn, sn, en, rn;
};

struct vector {
	char protocol[128];
	enum noise_pattern pattern;
	int cipher, used, bad, split, has_hash;
	uint8_t hash[NOISE_HASH]; /* both sides' h in the end */
	uint8_t psk[FIELD];
	size_t kn;
	struct side side[2]; /* the initiator's, the responder's */
};

static int passed, failed;

static int
hex(uint8_t *out, size_t cap, const char *text, size_t *n)
{
	if (strcmp(text, "-") == 0) {
		*n = 0;
		return 0;
	}
	return sodium_hex2bin(out, cap, text, strlen(text), NULL, n, NULL);
}

static int
protocol(struct vector *v, const char *text)
{
	static const struct {
		const char *name;
		enum noise_pattern pattern;
	} all[] = {{"X", NOISE_X}, {"XX", NOISE_XX}, {"XXpsk0", NOISE_XXPSK0}};
	char name[128];
	size_t i;

	memset(v, 0, sizeof(*v));
	v->used = 1;
	snprintf(v->protocol, sizeof(v->protocol), "%s", text);
	for (i = 0; i < 6; i++) {
		v->pattern = all[i / 2].pattern;
		v->cipher = i % 2 ? AEAD_AESGCM : AEAD_CHACHAPOLY;
		snprintf(name, sizeof(name), "Noise_%s_25519_%s_SHA256",
		    all[i / 2].name, i % 2 ? "AESGCM" : "ChaChaPoly");
		if (strcmp(name, text) == 0)
			return 0;
	}
	fprintf(stderr, "unknown protocol %s\n", text);
	return -1;
}

static int
begin(struct vector *v, int who)
{
	struct side *m = &v->side[who], *other = &v->side[!who];
	uint8_t zero[NOISE_KEY] = {0};
	const uint8_t *rs = NULL;
	int knows = v->pattern == NOISE_X;

	if (m->begun)
		return 0;
	if (who == 0 && knows) {
		if (m->rn == 0 && other->sn == NOISE_KEY) {
			crypto_scalarmult_base(m->rs, other->s);
			m->rn = NOISE_KEY;
		}
		rs = m->rs;
	}
	m->begun = 1;
	if ((m->sn != 0 && m->sn != NOISE_KEY) ||
	    (m->en != 0 && m->en != NOISE_KEY) ||
	    (v->pattern == NOISE_XXPSK0 && v->kn != NOISE_KEY) ||
	    noise_begin(&m->x, v->pattern, v->cipher, !who, m->prologue, m->pn,
	        m->sn ? m->s : zero, rs,
	        v->pattern == NOISE_XXPSK0 ? v->psk : NULL) == -1)
		return -1;
	if (m->en)
		noise_ephemeral(&m->x, m->e);
	return 0;
}

static int
handshake(struct vector *v, int who, const uint8_t *payload, size_t pn,
    const uint8_t *want, size_t wn)
{
	uint8_t out[2 * FIELD];
	ssize_t n;

	if (begin(v, 0) == -1 || begin(v, 1) == -1)
		return -1;
	n = noise_write(&v->side[who].x, out, payload, pn);
	if (n != (ssize_t)wn || memcmp(out, want, wn) != 0)
		return -1;
	n = noise_read(&v->side[!who].x, out, want, wn);
	return n == (ssize_t)pn && (pn == 0 || memcmp(out, payload, pn) == 0)
	           ? 0
	           : -1;
}

static int
transport(struct vector *v, int who, const uint8_t *payload, size_t pn,
    const uint8_t *want, size_t wn)
{
	struct side *from = &v->side[who], *to = &v->side[!who];
	uint8_t out[FIELD + AEAD_TAG];
	int i;

	for (i = 0; i < 2 && !v->split; i++) {
		if (!v->side[i].begun || !noise_done(&v->side[i].x))
			return -1;
		noise_split(
		    &v->side[i].x, &v->side[i].sending, &v->side[i].receiving);
	}
	v->split = 1;
	aead_seal(&from->sending, from->sent++, NULL, 0, out, payload, pn);
	if (wn != pn + AEAD_TAG || memcmp(out, want, wn) != 0)
		return -1;
	if (aead_open(&to->receiving, to->received++, NULL, 0, out, want, wn) ==
	    -1)
		return -1;
	return pn == 0 || memcmp(out, payload, pn) == 0 ? 0 : -1;
}

static void
finish(struct vector *v)
{
	if (!v->used)
		return;
	if (!v->side[0].begun || !noise_done(&v->side[0].x) ||
	    !noise_done(&v->side[1].x))
		v->bad = 1;
	else if (v->has_hash &&
	         (memcmp(v->side[0].x.h, v->hash, NOISE_HASH) != 0 ||
	             memcmp(v->side[1].x.h, v->hash, NOISE_HASH) != 0))
		v->bad = 1;
	if (v->bad)
		printf("# failed: %s\n", v->protocol);
	v->bad ? failed++ : passed++;
	v->used = 0;
}

/* One line.  0, or -1 if it does not hold. */
static int
line(struct vector *v, char *text)
{
	char *field[4] = {0};
	uint8_t a[FIELD], b[FIELD];
	size_t an = 0, bn = 0;
	struct side *m;
	int n = 0, who;
	char *p = strtok(text, " \t\r\n");

	for (; p && n < 4; p = strtok(NULL, " \t\r\n"))
		field[n++] = p;
	if (n == 0 || field[0][0] == '#')
		return 0;
	if (n < 2)
		return -1;
	if (strcmp(field[0], "protocol") == 0) {
		finish(v);
		return protocol(v, field[1]);
	}
	if (!v->used)
		return -1;
	if (strcmp(field[0], "handshake") == 0 ||
	    strcmp(field[0], "transport") == 0) {
		who = strcmp(field[1], "resp") == 0;
		if (n != 4 || hex(a, sizeof(a), field[2], &an) != 0 ||
		    hex(b, sizeof(b), field[3], &bn) != 0)
			return -1;
		return field[0][0] == 'h' ? handshake(v, who, a, an, b, bn)
		                          : transport(v, who, a, an, b, bn);
	}
	if (hex(a, sizeof(a), field[1], &an) != 0)
		return -1;
	if (strcmp(field[0], "handshake_hash") == 0) {
		if (an != NOISE_HASH)
			return -1;
		memcpy(v->hash, a, an);
		v->has_hash = 1;
		return 0;
	}
	if (strcmp(field[0], "psk") == 0) {
		memcpy(v->psk, a, an);
		v->kn = an;
		return 0;
	}
	m = &v->side[strncmp(field[0], "resp_", 5) == 0];
	p = strchr(field[0], '_');
	if (!p)
		return -1;
	if (strcmp(p, "_prologue") == 0) {
		memcpy(m->prologue, a, an);
		m->pn = an;
		/* given once, it is both sides' */
		if (m == &v->side[0]) {
			memcpy(v->side[1].prologue, a, an);
			v->side[1].pn = an;
		}
	} else if (strcmp(p, "_static") == 0) {
		memcpy(m->s, a, an);
		m->sn = an;
	} else if (strcmp(p, "_ephemeral") == 0) {
		memcpy(m->e, a, an);
		m->en = an;
	} else if (strcmp(p, "_remote_static") == 0) {
		memcpy(m->rs, a, an);
		m->rn = an;
	} else {
		return -1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	static struct vector v;
	static char text[4 * FIELD];
	FILE *file;
	int i;

	if (argc > 1 && strcmp(argv[1], "-f") == 0) {
		(void)aeadfast_use(1);
		argc--;
		argv++;
	}
	if (argc < 2 || sodium_init() == -1) {
		fprintf(stderr, "usage: noise-vectors [-f] FILE ...\n");
		return 100;
	}
	for (i = 1; i < argc; i++) {
		file = fopen(argv[i], "r");
		if (!file) {
			perror(argv[i]);
			return 111;
		}
		while (fgets(text, sizeof(text), file))
			if (line(&v, text) == -1) {
				if (!v.used)
					failed++;
				v.bad = 1;
			}
		finish(&v);
		fclose(file);
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
