/* XXH3 for content (fast, stable across machines), SipHash-2-4 for pseudonyms (keyed, small inputs). */
#include "pipeline/base/hash.h"

#include <string.h>

#define XXH_INLINE_ALL
#define XXH_STATIC_LINKING_ONLY
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <xxhash.h>
#pragma GCC diagnostic pop

#include "pipeline/base/memory.h"

struct sori_hasher {
	XXH3_state_t *state; /* aligned to 64 inside `memory` */
	unsigned char memory[sizeof(XXH3_state_t) + 64];
};

uint64_t sori_hash64(struct sori_view text, uint64_t seed)
{
	return XXH3_64bits_withSeed(text.length ? text.at : "", text.length, seed);
}

struct sori_hash128 sori_hash128(struct sori_view text, uint64_t seed)
{
	XXH128_hash_t hash = XXH3_128bits_withSeed(text.length ? text.at : "", text.length, seed);

	return (struct sori_hash128){hash.high64, hash.low64};
}

struct sori_hasher *sori_hasher_new(void)
{
	struct sori_hasher *hasher = sori_alloc(sizeof *hasher);

	if (!hasher)
		return NULL;
	hasher->state = (XXH3_state_t *)(((uintptr_t)hasher->memory + 63) & ~(uintptr_t)63);
	XXH3_INITSTATE(hasher->state);
	(void)XXH3_128bits_reset(hasher->state);
	return hasher;
}

void sori_hasher_free(struct sori_hasher *hasher)
{
	sori_free(hasher);
}

void sori_hasher_add(struct sori_hasher *hasher, const void *data, size_t length)
{
	if (length)
		(void)XXH3_128bits_update(hasher->state, data, length);
}

struct sori_hash128 sori_hasher_result(const struct sori_hasher *hasher)
{
	XXH128_hash_t hash = XXH3_128bits_digest(hasher->state);

	return (struct sori_hash128){hash.high64, hash.low64};
}

void sori_hash128_text(struct sori_hash128 hash, char text[33])
{
	static const char hex[] = "0123456789abcdef";

	for (unsigned i = 0; i < 16; i++) {
		text[i] = hex[(hash.high >> (60 - 4 * i)) & 15];
		text[16 + i] = hex[(hash.low >> (60 - 4 * i)) & 15];
	}
	text[32] = '\0';
}

static uint64_t rotate(uint64_t value, unsigned by)
{
	return (value << by) | (value >> (64 - by));
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static uint64_t little_endian(const unsigned char *bytes, size_t count)
{
	uint64_t value = 0;

	for (size_t i = 0; i < count; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

uint64_t sori_siphash(const unsigned char key[16], struct sori_view text)
{
	const unsigned char *bytes = (const unsigned char *)text.at;
	uint64_t k0 = little_endian(key, 8), k1 = little_endian(key + 8, 8), last = (uint64_t)text.length << 56;
	uint64_t v[4] = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
			 k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};
	size_t at = 0;

	for (; text.length - at >= 8; at += 8) {
		uint64_t word = little_endian(bytes + at, 8);

		v[3] ^= word;
		sip_round(v);
		sip_round(v);
		v[0] ^= word;
	}
	if (text.length > at)
		last |= little_endian(bytes + at, text.length - at);
	v[3] ^= last;
	sip_round(v);
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
