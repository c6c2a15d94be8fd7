/* Content hashes (XXH3, not for secrets) and the keyed hash for pseudonyms (SipHash-2-4). */
#ifndef SORI_BASE_HASH_H
#define SORI_BASE_HASH_H

#include <stdint.h>

#include "pipeline/base/view.h"

struct sori_hash128 {
	uint64_t high;
	uint64_t low;
};

uint64_t sori_hash64(struct sori_view text, uint64_t seed);
struct sori_hash128 sori_hash128(struct sori_view text, uint64_t seed);

/* Incremental 128-bit hash of a stream. new: NULL when memory is out. */
struct sori_hasher;
struct sori_hasher *sori_hasher_new(void);
void sori_hasher_free(struct sori_hasher *hasher);
void sori_hasher_add(struct sori_hasher *hasher, const void *data, size_t length);
struct sori_hash128 sori_hasher_result(const struct sori_hasher *hasher);

/* 32 lower-case hexadecimal digits and NUL. */
void sori_hash128_text(struct sori_hash128 hash, char text[33]);

/* Keyed pseudonym of a customer number: SipHash-2-4 (Aumasson & Bernstein 2012), 16-byte key. */
uint64_t sori_siphash(const unsigned char key[16], struct sori_view text);

#endif
