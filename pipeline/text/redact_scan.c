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
#define NIBBLES(X) \
	{ENTRY(X, 0), ENTRY(X, 1), ENTRY(X, 2),	 ENTRY(X, 3),  ENTRY(X, 4),  ENTRY(X, 5),  ENTRY(X, 6),	 ENTRY(X, 7), \
	 ENTRY(X, 8), ENTRY(X, 9), ENTRY(X, 10), ENTRY(X, 11), ENTRY(X, 12), ENTRY(X, 13), ENTRY(X, 14), ENTRY(X, 15)}

static const unsigned char pair_nibbles[4][16] = {NIBBLES(PAIR_BYTE_1), NIBBLES(PAIR_BYTE_2), NIBBLES(PAIR_BYTE_3),
						  NIBBLES(PAIR_BYTE_4)};

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

static void look_at(const unsigned char *t, uint64_t bit, struct hints *hints)
{
	if (t[0] >= '0' && t[0] <= '9')
		hints->digit |= bit;
	if (t[0] == '@')
		hints->at |= bit;
	if (may_be_latin_cue(t))
		hints->latin |= bit;
	if ((t[1] == 0x8b && t[2] == 0x98) || (t[1] == 0x94 && t[2] == 0xa8) || may_be_pair(t)) /* 님, 씨 */
		hints->title |= bit;
	if ((t[1] == 0xb3 && t[2] == 0xb5) || (t[1] == 0x98 && t[2] == 0x81)) /* 공, 영 */
		hints->spoken |= bit;
}

size_t redact_next_portable(const unsigned char *text, size_t length, size_t base, struct hints *hints)
{
	for (; base < length; base += 64) {
		size_t end = length - base < 64 ? length - base : 64;
		*hints = (struct hints){0};
		for (size_t i = 0; i < end; i++)
			look_at(text + base + i, (uint64_t)1 << i, hints);
		if (hints->digit | hints->at | hints->latin | hints->title | hints->spoken)
			return base;
	}
	return length;
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2"), always_inline)) static inline

struct found_32 {
	__m256i digit, at, latin, title, spoken, any;
};

AVX2 __m256i load(const unsigned char *at) { return _mm256_loadu_si256((const __m256i *)(const void *)at); }
AVX2 __m256i is(__m256i v, unsigned c) { return _mm256_cmpeq_epi8(v, _mm256_set1_epi8((char)c)); }
AVX2 __m256i both(__m256i a, __m256i b) { return _mm256_and_si256(a, b); }
AVX2 __m256i either(__m256i a, __m256i b) { return _mm256_or_si256(a, b); }
AVX2 uint32_t bits(__m256i v) { return (uint32_t)_mm256_movemask_epi8(v); }

/* Continuation bytes xor 0x80 are below 0x40, leads and ASCII have other high bits: pshufb gives 0 for ASCII, and its
 * index is the low nibble. */
AVX2 __m256i nibbles(__m256i v, int which)
{
	__m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)pair_nibbles[which]));
	return _mm256_shuffle_epi8(table, _mm256_xor_si256(v, _mm256_set1_epi8((char)0x80)));
}

AVX2 void look_wide(const unsigned char *t, __m256i v, __m256i next, struct found_32 *found)
{
	__m256i after = load(t + 2);
	__m256i lead = _mm256_cmpgt_epi8(_mm256_xor_si256(v, _mm256_set1_epi8((char)0x80)), _mm256_set1_epi8(0x69));
	__m256i pair = both(both(nibbles(next, 0), nibbles(after, 1)), both(nibbles(load(t + 4), 2), nibbles(load(t + 5), 3)));
	__m256i sir = either(both(is(next, 0x8b), is(after, 0x98)), both(is(next, 0x94), is(after, 0xa8)));
	pair = _mm256_andnot_si256(_mm256_cmpeq_epi8(pair, _mm256_setzero_si256()), lead);
	found->title = either(pair, sir);
	found->spoken = either(both(is(next, 0xb3), is(after, 0xb5)), both(is(next, 0x98), is(after, 0x81)));
	found->any = either(found->any, either(found->title, found->spoken));
}

AVX2 void look_32(const unsigned char *t, struct found_32 *found)
{
	__m256i v = load(t), next = load(t + 1);
	__m256i name = either(is(either(next, _mm256_set1_epi8(1)), 's'), both(is(next, 'y'), is(load(t + 3), 'n')));
	/* '0'..'9' are the ten highest once 118 - '0' is added */
	found->digit = _mm256_cmpgt_epi8(_mm256_add_epi8(v, _mm256_set1_epi8(127 - '9')), _mm256_set1_epi8(127 - 10));
	found->at = is(v, '@');
	found->latin = both(is(v, 'm'), name);
	found->any = either(either(found->digit, found->at), found->latin);
	found->title = found->spoken = _mm256_setzero_si256();
	if (bits(v) != 0)
		look_wide(t, v, next, found);
}

__attribute__((target("avx2"))) size_t redact_next_avx2(const unsigned char *text, size_t length, size_t base,
							 struct hints *hints)
{
	struct found_32 low, high;
	for (; base < length; base += 64) {
		const unsigned char *t = text + base;
		uint64_t valid = length - base < 64 ? ((uint64_t)1 << (length - base)) - 1 : UINT64_MAX;
		look_32(t, &low);
		if (length - base > 32)
			look_32(t + 32, &high);
		else
			high = (struct found_32){0};
		if (((bits(low.any) | (uint64_t)bits(high.any) << 32) & valid) == 0)
			continue;
		hints->digit = (bits(low.digit) | (uint64_t)bits(high.digit) << 32) & valid;
		hints->at = (bits(low.at) | (uint64_t)bits(high.at) << 32) & valid;
		hints->latin = (bits(low.latin) | (uint64_t)bits(high.latin) << 32) & valid;
		hints->title = (bits(low.title) | (uint64_t)bits(high.title) << 32) & valid;
		hints->spoken = (bits(low.spoken) | (uint64_t)bits(high.spoken) << 32) & valid;
		return base;
	}
	return length;
}
#endif
