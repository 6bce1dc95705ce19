/* aeadfast: the same two ciphers by libcrypto, which is faster for bulk.
 * SPDX-License-Identifier: ISC */
#ifndef AEADFAST_H
#define AEADFAST_H

enum { AEADFAST_THREADS = 4 };

/* From now on aead_seal and aead_open of this process use libcrypto, if the kit
 * was built with it (make AEAD=sodium leaves it out) and the machine has AES in
 * hardware or the cipher is ChaCha20-Poly1305.  Call it before the cage: all of
 * libcrypto's set-up happens here, with no configuration read and no provider
 * loaded from disk.  threads: how many threads will use it, this one included,
 * at most AEADFAST_THREADS.  1 if it is in use, else 0. */
int
aeadfast_use(unsigned threads);

/* Say that the calling thread is number `number`, below threads; thread 0, the
 * first, need not. */
void
aeadfast_thread(unsigned number);

#endif
