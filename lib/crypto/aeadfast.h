/* aeadfast: the same two ciphers by libcrypto, for bulk.
 * SPDX-License-Identifier: ISC */
#ifndef AEADFAST_H
#define AEADFAST_H

enum { AEADFAST_THREADS = 4 };

/* From now on aead_seal and aead_open of this process use libcrypto, where the
 * kit was built with it (make AEAD=sodium leaves it out) and the machine has AES
 * in hardware or the cipher is ChaCha20-Poly1305; else nothing changes.  To be
 * called before the cage is entered: all that libcrypto sets up happens here, no
 * configuration is read and no provider is loaded from disk.  threads: how many, at most
 * AEADFAST_THREADS, will use it, this one included.  1 if it is in use, else 0. */
int
aeadfast_use(unsigned threads);

/* The calling thread is that number of them, below threads; the first is 0 and
 * need not say so. */
void
aeadfast_thread(unsigned number);

#endif
