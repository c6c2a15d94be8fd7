/* Where personal data may be. Nine texts of ten hold none, so 64 bytes at a time are classified and most of them cost a
 * few instructions a block: digits, '@', "mr" and "ms", 공 and 영 (spoken telephone numbers), and the beginnings of titles and
 * cues. Those are pairs of syllables; one of 21 pairs is recognised by the low nibbles of its four continuation bytes, in
 * eight buckets of pairs that share nibbles (as in the Teddy matcher of Hyperscan). A false place costs a look at it, a
 * missed one would be an error: every version finds at least the places that the finders take.
 *
 * Up to 36 bytes behind the text are read, but nothing is found in them. */
#include "pipeline/text/redact_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* X(n, bucket, continuation bytes of the first syllable, of the second). The buckets are chosen so that few other pairs
 * of syllables that are frequent in feedback fall into one. */
#define PAIR_LIST(X, n) \
	X(n, 0, 0x8c, 0x80, 0x9e, 0xa5) /* 팀장 */ \
	X(n, 0, 0xb6, 0x80, 0x9e, 0xa5) /* 부장 */ \
	X(n, 0, 0xb0, 0xa8, 0x9e, 0xa5) /* 차장 */ \
	X(n, 0, 0x8b, 0xa4, 0x9e, 0xa5) /* 실장 */ \
	X(n, 0, 0xa0, 0x90, 0x9e, 0xa5) /* 점장 */ \
	X(n, 0, 0x8b, 0xb4, 0x8b, 0xb9) /* 담당 */ \
	X(n, 1, 0x9d, 0xb4, 0xa6, 0x84) /* 이름 */ \
	X(n, 2, 0x97, 0x94, 0xa7, 0x80) /* 엔지 */ \
	X(n, 2, 0xa7, 0xa4, 0x8b, 0x88) /* 매니 */ \
	X(n, 3, 0xa7, 0x80, 0xa0, 0x90) /* 지점 */ \
	X(n, 3, 0xb3, 0xa0, 0xb0, 0x9d) /* 고객 */ \
	X(n, 4, 0x9a, 0x8c, 0x9b, 0x90) /* 회원 */ \
	X(n, 4, 0x82, 0xac, 0x9b, 0x90) /* 사원 */ \
	X(n, 4, 0xa7, 0x81, 0x9b, 0x90) /* 직원 */ \
	X(n, 5, 0xbb, 0xa8, 0x84, 0xa4) /* 컨설 */ \
	X(n, 5, 0x84, 0xb1, 0x95, 0xa8) /* 성함 */ \
	X(n, 6, 0xb8, 0xb0, 0x82, 0xac) /* 기사 */ \
	X(n, 6, 0x8c, 0x80, 0xa6, 0xac) /* 대리 */ \
	X(n, 7, 0x83, 0x81, 0x8b, 0xb4) /* 상담 */ \
	X(n, 7, 0xb3, 0xbc, 0x9e, 0xa5) /* 과장 */ \
	X(n, 7, 0xa3, 0xbc, 0x9e, 0x84) /* 주임 */

/* Bit `bucket` when a pair's k-th byte has the low nibble n. */
#define PAIR_BYTE_1(n, bucket, a, b, c, d) | (((a) & 15) == (n) ? 1 << (bucket) : 0)
#define PAIR_BYTE_2(n, bucket, a, b, c, d) | (((b) & 15) == (n) ? 1 << (bucket) : 0)
#define PAIR_BYTE_3(n, bucket, a, b, c, d) | (((c) & 15) == (n) ? 1 << (bucket) : 0)
#define PAIR_BYTE_4(n, bucket, a, b, c, d) | (((d) & 15) == (n) ? 1 << (bucket) : 0)
#define ENTRY(X, n) (unsigned char)(0 PAIR_LIST(X, n))
#define NIBBLE_ROW(X) \
	ENTRY(X, 0), ENTRY(X, 1), ENTRY(X, 2), ENTRY(X, 3), ENTRY(X, 4), ENTRY(X, 5), ENTRY(X, 6), ENTRY(X, 7), \
	ENTRY(X, 8), ENTRY(X, 9), ENTRY(X, 10), ENTRY(X, 11), ENTRY(X, 12), ENTRY(X, 13), ENTRY(X, 14), ENTRY(X, 15)

static const unsigned char pair_nibbles[4][16] = {
	{NIBBLE_ROW(PAIR_BYTE_1)}, {NIBBLE_ROW(PAIR_BYTE_2)}, {NIBBLE_ROW(PAIR_BYTE_3)}, {NIBBLE_ROW(PAIR_BYTE_4)}};

static bool may_be_pair(const unsigned char *t)
{
	return t[0] >= 0xea && t[1] >= 0x80 && t[2] >= 0x80 && t[4] >= 0x80 && t[5] >= 0x80 &&
	       (pair_nibbles[0][t[1] & 15] & pair_nibbles[1][t[2] & 15] & pair_nibbles[2][t[4] & 15] &
		pair_nibbles[3][t[5] & 15]) != 0;
}

static bool may_be_latin_cue(const unsigned char *t)
{
	return t[0] == 'm' && (t[1] == 'r' || t[1] == 's' || (t[1] == 'y' && t[3] == 'n'));
}

static void look_at(const unsigned char *t, uint64_t bit, uint64_t places[PLACE_KINDS])
{
	if (t[0] >= '0' && t[0] <= '9')
		places[PLACE_DIGIT] |= bit;
	if (t[0] == '@')
		places[PLACE_AT] |= bit;
	if (may_be_latin_cue(t))
		places[PLACE_LATIN] |= bit;
	if ((t[1] == 0x8b && t[2] == 0x98) || (t[1] == 0x94 && t[2] == 0xa8) || may_be_pair(t)) /* 님, 씨 */
		places[PLACE_NAME] |= bit;
	if ((t[1] == 0xb3 && t[2] == 0xb5) || (t[1] == 0x98 && t[2] == 0x81)) /* 공, 영 */
		places[PLACE_SPOKEN] |= bit;
}

static size_t scan_end(size_t length, size_t from)
{
	return length - from < 64 * SORI_REDACT_BLOCKS ? length : from + 64 * SORI_REDACT_BLOCKS;
}

static uint64_t fill_block(struct sori_redact_block *block, size_t base, uint64_t digit)
{
	uint64_t *places = block->places;
	block->base = base;
	places[PLACE_DIGIT] = digit;
	places[PLACE_NUMBER] = digit & ~(digit << 1);
	return digit | places[PLACE_AT] | places[PLACE_LATIN] | places[PLACE_NAME] | places[PLACE_SPOKEN];
}

size_t redact_scan_portable(const char *text, size_t length, size_t *from, struct sori_redact_block *blocks)
{
	size_t count = 0, end = scan_end(length, *from);
	for (size_t base = *from; base < end; base += 64) {
		uint64_t *places = blocks[count].places;
		memset(places, 0, PLACE_KINDS * sizeof *places);
		for (size_t i = 0; i < 64 && base + i < end; i++)
			look_at((const unsigned char *)text + base + i, (uint64_t)1 << i, places);
		count += fill_block(&blocks[count], base, places[PLACE_DIGIT]) != 0;
	}
	*from = end;
	return count;
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2"), always_inline)) static inline

/* Constants are read, 32 bytes each: made on the spot, as gcc 12 does when it knows them, they are half of the work. */
#define EIGHT(c) c, c, c, c, c, c, c, c
#define ALL(c) {EIGHT(c), EIGHT(c), EIGHT(c), EIGHT(c)}
#define TWICE(X) {NIBBLE_ROW(X), NIBBLE_ROW(X)}

struct constants {
	_Alignas(32) unsigned char digit_add[32];
	unsigned char digit_floor[32], at[32], one[32], m[32], s[32], y[32], n[32], top[32], lead_floor[32];
	unsigned char c81[32], c8b[32], c94[32], c98[32], ca8[32], cb3[32], cb5[32];
	unsigned char pair[4][32];
};

static const struct constants known = {
	/* '0'..'9' are the ten highest once 127 - '9' is added */
	ALL(127 - '9'), ALL(127 - 10), ALL('@'), ALL(1), ALL('m'), ALL('s'), ALL('y'), ALL('n'), ALL(0x80), ALL(0x69),
	ALL(0x81), ALL(0x8b), ALL(0x94), ALL(0x98), ALL(0xa8), ALL(0xb3), ALL(0xb5),
	{TWICE(PAIR_BYTE_1), TWICE(PAIR_BYTE_2), TWICE(PAIR_BYTE_3), TWICE(PAIR_BYTE_4)},
};

struct found_32 {
	__m256i digit, at, latin, title, spoken;
};

AVX2 __m256i load(const unsigned char *at) { return _mm256_loadu_si256((const __m256i *)(const void *)at); }
AVX2 __m256i is(__m256i v, const unsigned char c[32]) { return _mm256_cmpeq_epi8(v, load(c)); }
AVX2 __m256i both(__m256i a, __m256i b) { return _mm256_and_si256(a, b); }
AVX2 __m256i either(__m256i a, __m256i b) { return _mm256_or_si256(a, b); }
AVX2 uint32_t bits(__m256i v) { return (uint32_t)_mm256_movemask_epi8(v); }
AVX2 uint64_t bits_of(__m256i low, __m256i high) { return bits(low) | (uint64_t)bits(high) << 32; }

/* Continuation bytes xor 0x80 are below 0x40, leads and ASCII have other high bits: pshufb gives 0 for ASCII, and its
 * index is the low nibble. */
AVX2 __m256i nibbles(const struct constants *k, __m256i v, int which)
{
	return _mm256_shuffle_epi8(load(k->pair[which]), _mm256_xor_si256(v, load(k->top)));
}

AVX2 void look_wide(const struct constants *k, const unsigned char *t, struct found_32 *found)
{
	__m256i next = load(t + 1), after = load(t + 2);
	__m256i lead = _mm256_cmpgt_epi8(_mm256_xor_si256(load(t), load(k->top)), load(k->lead_floor));
	__m256i pair = both(both(nibbles(k, next, 0), nibbles(k, after, 1)),
			    both(nibbles(k, load(t + 4), 2), nibbles(k, load(t + 5), 3)));
	__m256i sir = either(both(is(next, k->c8b), is(after, k->c98)), both(is(next, k->c94), is(after, k->ca8)));
	pair = _mm256_andnot_si256(_mm256_cmpeq_epi8(pair, _mm256_setzero_si256()), lead);
	found->title = either(pair, sir);
	found->spoken = either(both(is(next, k->cb3), is(after, k->cb5)), both(is(next, k->c98), is(after, k->c81)));
}

AVX2 void look_ascii(const struct constants *k, const unsigned char *t, struct found_32 *found)
{
	__m256i v = load(t), next = load(t + 1);
	__m256i name = either(is(either(next, load(k->one)), k->s), both(is(next, k->y), is(load(t + 3), k->n)));
	found->digit = _mm256_cmpgt_epi8(_mm256_add_epi8(v, load(k->digit_add)), load(k->digit_floor));
	found->at = is(v, k->at);
	found->latin = both(is(v, k->m), name);
}

/* A block of which `valid` bytes count; the second half is not looked at when it holds none of them. */
AVX2 uint64_t look_at_block(const struct constants *k, const unsigned char *text, size_t base, size_t valid, bool wide,
			    struct sori_redact_block *block)
{
	const __m256i zero = _mm256_setzero_si256();
	struct found_32 low = {zero, zero, zero, zero, zero}, high = low;
	uint64_t mask = valid < 64 ? ((uint64_t)1 << valid) - 1 : UINT64_MAX;
	look_ascii(k, text + base, &low);
	if (valid > 32)
		look_ascii(k, text + base + 32, &high);
	if (wide) {
		look_wide(k, text + base, &low);
		if (valid > 32)
			look_wide(k, text + base + 32, &high);
	}
	block->places[PLACE_AT] = bits_of(low.at, high.at) & mask;
	block->places[PLACE_LATIN] = bits_of(low.latin, high.latin) & mask;
	block->places[PLACE_NAME] = bits_of(low.title, high.title) & mask;
	block->places[PLACE_SPOKEN] = bits_of(low.spoken, high.spoken) & mask;
	return fill_block(block, base, bits_of(low.digit, high.digit) & mask);
}

/* No branch depends on what a single block holds: in a dump of two languages it could not be foreseen, and would cost more
 * than the work it saves. */
__attribute__((target("avx2"))) size_t redact_scan_avx2(const char *text, size_t length, size_t *from,
							 struct sori_redact_block *blocks)
{
	const unsigned char *t = (const unsigned char *)text;
	const struct constants *k = &known;
	size_t count = 0, base = *from, end = scan_end(length, base);
	__m256i all = _mm256_setzero_si256();
	__asm__("" : "+r"(k)); /* what k points to is no longer known to the compiler */
	for (size_t at = base; end - at >= 64; at += 64)
		all = either(all, either(load(t + at), load(t + at + 32)));
	if (bits(all) != 0)
		for (; end - base >= 64; base += 64)
			count += look_at_block(k, t, base, 64, true, &blocks[count]) != 0;
	else
		for (; end - base >= 64; base += 64)
			count += look_at_block(k, t, base, 64, false, &blocks[count]) != 0;
	if (base < end)
		count += look_at_block(k, t, base, end - base, true, &blocks[count]) != 0;
	*from = end;
	return count;
}
#endif
