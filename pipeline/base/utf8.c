/* Validation. The portable path skips ASCII eight bytes at a time and runs a byte automaton over the rest; with AVX2 it
 * is the nibble-lookup method of Keiser and Lemire ("Validating UTF-8 in less than one instruction per byte", 2021):
 * three 16-entry tables classify every pair of neighbouring bytes, an error is a bit that survives in all three. The
 * vector path only says which 64-byte block is the first with a fault; the portable path, started a code point earlier,
 * then gives the exact offset, so both paths answer the same. */
#include "pipeline/base/utf8.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define HIGH_BITS 0x8080808080808080u

/* Bytes of the valid code point at b (of n bytes), 0 when there is none. */
static size_t valid_point(const unsigned char *b, size_t n)
{
	if (b[0] < 0x80)
		return 1;
	if (b[0] < 0xc2 || b[0] > 0xf4 || n < 2)
		return 0;
	if (b[0] < 0xe0)
		return (b[1] & 0xc0) == 0x80 ? 2 : 0;
	/* the second byte's range keeps out overlong forms, surrogates and what is over U+10FFFF */
	unsigned char low = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char high = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : 0xbf;
	if (n < 3 || b[1] < low || b[1] > high || (b[2] & 0xc0) != 0x80)
		return 0;
	if (b[0] < 0xf0)
		return 3;
	return n >= 4 && (b[3] & 0xc0) == 0x80 ? 4 : 0;
}

static size_t portable_prefix(const unsigned char *b, size_t from, size_t n)
{
	size_t i = from;
	while (i < n) {
		uint64_t word;
		if (n - i >= 8 && (memcpy(&word, b + i, 8), (word & HIGH_BITS) == 0)) {
			i += 8;
			continue;
		}
		size_t length = valid_point(b + i, n - i);
		if (length == 0)
			return i;
		i += length;
	}
	return n;
}

#if defined(__x86_64__)
enum {
	TOO_SHORT = 1 << 0,
	TOO_LONG = 1 << 1,
	OVERLONG_3 = 1 << 2,
	TOO_LARGE_1000 = 1 << 6,
	TOO_LARGE = 1 << 3,
	SURROGATE = 1 << 4,
	OVERLONG_2 = 1 << 5,
	OVERLONG_4 = 1 << 6,
	TWO_CONTS = 1 << 7,
	CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS
};

#define TABLE(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) \
	_mm256_setr_epi8((char)(a), (char)(b), (char)(c), (char)(d), (char)(e), (char)(f), (char)(g), (char)(h), (char)(i), \
			 (char)(j), (char)(k), (char)(l), (char)(m), (char)(n), (char)(o), (char)(p), (char)(a), (char)(b), \
			 (char)(c), (char)(d), (char)(e), (char)(f), (char)(g), (char)(h), (char)(i), (char)(j), (char)(k), \
			 (char)(l), (char)(m), (char)(n), (char)(o), (char)(p))

/* The bytes `count` before those of `now`. */
#define BEFORE(now, last, count) \
	_mm256_alignr_epi8((now), _mm256_permute2x128_si256((last), (now), 0x21), 16 - (count))

__attribute__((target("avx2"))) static __m256i block_faults(__m256i now, __m256i last)
{
	const __m256i nibble = _mm256_set1_epi8(0x0f);
	const __m256i first_high = TABLE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TWO_CONTS,
					 TWO_CONTS, TWO_CONTS, TWO_CONTS, TOO_SHORT | OVERLONG_2, TOO_SHORT,
					 TOO_SHORT | OVERLONG_3 | SURROGATE,
					 TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4);
	const __m256i first_low =
		TABLE(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2, CARRY, CARRY, CARRY | TOO_LARGE,
		      CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
		      CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
		      CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
		      CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE, CARRY | TOO_LARGE | TOO_LARGE_1000,
		      CARRY | TOO_LARGE | TOO_LARGE_1000);
	const __m256i second_high =
		TABLE(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
		      TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
		      TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE,
		      TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE,
		      TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT);
	__m256i one = BEFORE(now, last, 1);
	__m256i special = _mm256_and_si256(
		_mm256_and_si256(_mm256_shuffle_epi8(first_high, _mm256_and_si256(_mm256_srli_epi16(one, 4), nibble)),
				 _mm256_shuffle_epi8(first_low, _mm256_and_si256(one, nibble))),
		_mm256_shuffle_epi8(second_high, _mm256_and_si256(_mm256_srli_epi16(now, 4), nibble)));
	__m256i third = _mm256_subs_epu8(BEFORE(now, last, 2), _mm256_set1_epi8((char)(0xe0 - 0x80)));
	__m256i fourth = _mm256_subs_epu8(BEFORE(now, last, 3), _mm256_set1_epi8((char)(0xf0 - 0x80)));
	__m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
	return _mm256_xor_si256(must, special);
}

/* Start of the first 32-byte block with a fault, or of the rest under 32 bytes. */
__attribute__((target("avx2"))) static size_t avx2_prefix(const unsigned char *b, size_t n)
{
	__m256i last = _mm256_setzero_si256();
	size_t i = 0;
	for (; n - i >= 32; i += 32) {
		__m256i now = _mm256_loadu_si256((const __m256i *)(const void *)(b + i));
		if (_mm256_movemask_epi8(_mm256_or_si256(now, last)) != 0) {
			__m256i faults = block_faults(now, last);
			if (!_mm256_testz_si256(faults, faults))
				break;
		}
		last = now;
	}
	return i;
}
#endif

size_t sori_utf8_valid_prefix(struct sori_view text)
{
	const unsigned char *b = (const unsigned char *)text.at;
	size_t from = 0;
#if defined(__x86_64__)
	if (text.length >= 64 && __builtin_cpu_supports("avx2")) {
		from = avx2_prefix(b, text.length);
		/* the blocks before are sound but for a code point cut by the border: go back to its lead */
		for (unsigned back = 0; back < 4 && from > 0; back++) {
			from--;
			if ((b[from] & 0xc0) != 0x80)
				break;
		}
	}
#endif
	return portable_prefix(b, from, text.length);
}

unsigned sori_utf8_encode(uint32_t point, char out[4])
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

size_t sori_utf8_count(struct sori_view text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.length; i++)
		count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
	return count;
}
