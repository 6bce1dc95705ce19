/* unit-wav: WAV streams as others write them.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/wav.h"
#include "tap.h"

enum { CAP = 64 };

static struct wav w;
static int16_t out[CAP];
static struct fault f;

/* Take all of it, so many bytes at once: how many samples, or -1. */
static int
take(const uint8_t *p, size_t n, size_t step)
{
	int made = 0, r;
	size_t some;

	memset(&w, 0, sizeof(w));
	while (n > 0) {
		some = n < step ? n : step;
		n -= some;
		while (some > 0) {
			r = wav_take(&w, &p, &some, out + made,
			    (size_t)(CAP - made), &f);
			if (r == -1)
				return -1;
			made += r;
		}
	}
	return made;
}

#define RIFF "RIFF\x2c\0\0\0WAVE"
#define FMT(kind, channels, rate, block, bits)                                 \
	"fmt \x10\0\0\0" kind channels rate "\0\0\0\0" block bits
#define MONO FMT("\1\0", "\1\0", "\x80\xbb\0\0", "\2\0", "\x10\0")

static void
ours(void)
{
	uint8_t head[WAV_HEAD + 4] = {0};
	size_t step;
	int n = 0;

	wav_head(head, 48000);
	memcpy(head + WAV_HEAD, "\1\0\xff\x7f", 4);
	for (step = 1; step <= sizeof(head); step++)
		n += take(head, sizeof(head), step) == 2 && out[0] == 1 &&
		     out[1] == 32767 && w.rate == 48000 && w.channels == 1 &&
		     wav_end(&w, &f) == 0;
	ok(n == (int)sizeof(head), "our own, in pieces of any size");
	ok(take(head, 47, 47) == 1 && wav_end(&w, &f) == -1,
	    "cut within a sample");
	ok(take(head, 43, 43) == 0 && wav_end(&w, &f) == -1,
	    "cut within its head");
}

static void
others(void)
{
	static const uint8_t list[] =
	    RIFF "LIST\3\0\0\0abc\0" MONO "data\2\0\0\0\5\0LIST\2\0\0\0ab",
	                     stereo[] = RIFF FMT("\1\0", "\2\0", "\x44\xac\0\0",
	                         "\4\0", "\x10\0") "data\4\0\0\0\2\0\4\0",
	                     bytes[] = RIFF FMT("\1\0", "\1\0", "\x40\x1f\0\0",
	                         "\1\0", "\x08\0") "data\2\0\0\0\xff\0",
	                     wide[] = RIFF FMT("\1\0", "\1\0", "\x80\xbb\0\0",
	                         "\3\0", "\x18\0") "data\3\0\0\0\xff\1\2",
	                     reals[] = RIFF FMT("\3\0", "\1\0", "\x80\xbb\0\0",
	                         "\4\0", "\x20\0") "data\x0c\0\0\0"
	                                           "\0\0\0\x3f\0\0\x80\xc0"
	                                           "\0\0\xc0\x7f",
	                     zero[] = RIFF MONO "data\0\0\0\0\7\0",
	                     odd[] = RIFF MONO "junk\1\0\0\0x\0data\2\0\0\0\7";

	ok(take(list, sizeof(list) - 1, 5) == 1 && out[0] == 5 &&
	        wav_end(&w, &f) == 0,
	    "chunks before and behind the sound");
	ok(take(stereo, sizeof(stereo) - 1, 3) == 1 && out[0] == 3 &&
	        w.rate == 44100,
	    "stereo is mixed");
	ok(take(bytes, sizeof(bytes) - 1, 9) == 2 && out[0] == 127 * 256 &&
	        out[1] == -32768,
	    "8 bits");
	ok(take(wide, sizeof(wide) - 1, 9) == 1 && out[0] == 0x201, "24 bits");
	ok(take(reals, sizeof(reals) - 1, 9) == 3 && out[0] == 16384 &&
	        out[1] == -32768 && out[2] == 0,
	    "floating point: a half, too much, not a number");
	ok(take(zero, sizeof(zero) - 1, 9) == 1 && out[0] == 7,
	    "a length of 0 was not known");
	ok(take(odd, sizeof(odd) - 1, 9) == 0 && wav_end(&w, &f) == -1,
	    "cut before its length");
}

static int
refused(const char *p, size_t n)
{
	return take((const uint8_t *)p, n, n) == -1 && f.code == X_PEER;
}

#define REFUSED(p) refused(p, sizeof(p) - 1)

static void
malformed(void)
{
	ok(REFUSED("RIFX....WAVE") && REFUSED("RIFF....AVI "), "not WAV");
	ok(REFUSED(RIFF "data\2\0\0\0"), "sound before its format");
	ok(REFUSED(RIFF "fmt \x0f\0\0\0"), "a short format");
	ok(REFUSED(RIFF MONO MONO), "two formats");
	ok(REFUSED(RIFF "junk\xff\xff\xff\xff"), "an endless chunk");
	ok(REFUSED(RIFF FMT("\2\0", "\1\0", "\x80\xbb\0\0", "\2\0", "\x10\0")),
	    "ADPCM");
	ok(REFUSED(RIFF FMT("\1\0", "\0\0", "\x80\xbb\0\0", "\0\0", "\x10\0")),
	    "no channels");
	ok(REFUSED(
	       RIFF FMT("\1\0", "\x21\0", "\x80\xbb\0\0", "\x42\0", "\x10\0")),
	    "33 channels");
	ok(REFUSED(RIFF FMT("\1\0", "\1\0", "\0\0\0\0", "\2\0", "\x10\0")),
	    "no rate");
	ok(REFUSED(RIFF FMT("\1\0", "\1\0", "\x80\xbb\0\0", "\3\0", "\x10\0")),
	    "samples of another size");
	memset(&w, 0, sizeof(w));
	ok(wav_end(&w, &f) == -1 && strstr(f.text, "empty"), "nothing");
}

int
main(void)
{
	ours();
	others();
	malformed();
	return done();
}
