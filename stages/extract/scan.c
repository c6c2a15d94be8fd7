/* The prefilter: which positions of a buffer may begin a form.
 *
 * 64 bytes at a time, a mask of the places that can begin one (leads of Hangul and jamo, first letters of Latin words, marks like %)
 * is made; each such place is tested without branches against the bitmaps. The vector path differs from the portable one
 * only in how the mask is made, so both give the same candidates. */
#include "stages/extract/index.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define SORI_HAVE_AVX2 1
#endif

struct block {
	uint64_t wide;   /* lead bytes E3, EA..ED */
	uint64_t letter; /* ASCII letters and digits */
	uint64_t mark;   /* ASCII punctuation; only when a form begins with one */
};

static inline unsigned test_wide(const struct sori_index *x, uint64_t word, bool start)
{
	uint32_t second = sori_index_syllable(word >> 24);
	uint32_t exact = sori_index_hash(SORI_KEY_EXACT(word), SORI_PAIR_BITS);
	uint32_t open = sori_index_hash(SORI_KEY_OPEN(word, second / 28), SORI_PAIR_BITS);
	uint32_t single = sori_index_letter(word);
	const uint64_t *singles = start ? x->single_start : x->single_any;
	unsigned hangul = second < SORI_SYLLABLES;
	return (unsigned)sori_bit(x->exact, exact) | ((unsigned)sori_bit(x->open, open) & hangul) << 1 |
	       (unsigned)sori_bit(singles, single) << 2;
}

static inline unsigned test_latin(const struct sori_index *x, uint64_t word)
{
	unsigned two = !sori_is_word_byte((unsigned char)(word >> 16));
	unsigned three = !sori_is_word_byte((unsigned char)(word >> 24));
	unsigned one = !sori_is_word_byte((unsigned char)(word >> 8));
	unsigned hit = (unsigned)sori_bit(x->latin4, sori_index_hash(SORI_KEY_LATIN(word), SORI_LATIN_BITS)) |
		       ((unsigned)sori_bit(x->latin3, sori_index_hash(SORI_KEY_SHORT(word, 3), SORI_LATIN_BITS)) & three) |
		       ((unsigned)sori_bit(x->latin2, (uint32_t)(word & 0xffff)) & two) |
		       ((unsigned)sori_bit(x->latin1, (uint32_t)(word & 0xff)) & one);
	return hit * SORI_CANDIDATE_LATIN;
}

static inline __attribute__((always_inline)) void scan_block(const struct sori_index *x, const char *base,
	struct block block, struct sori_scan *scan, struct sori_candidate_list *list)
{
	uint64_t begins = block.letter & ~(block.letter << 1 | scan->word);
	uint64_t places = block.wide | begins | block.mark;
	size_t count = list->count;
	size_t hangul = scan->hangul;
	scan->word = block.letter >> 63;
	while (places) {
		size_t at = scan->at + (size_t)__builtin_ctzll(places);
		uint64_t word = sori_index_load(base + at);
		places &= places - 1;
		unsigned kind;
		if (word & 0x80) {
			kind = test_wide(x, word, at + 8 != hangul + 3);
			hangul = (word & 0xff) == 0xe3 ? 0 : at + 8;
		} else {
			kind = test_latin(x, word);
		}
		list->at[count] = (uint32_t)at;
		list->kind[count] = (uint8_t)kind;
		count += kind != 0;
	}
	list->count = count;
	scan->hangul = hangul;
	scan->at += 64;
}

static struct block portable_block(const char *at, size_t length, bool marks)
{
	struct block block = {0};
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)at[i];
		block.wide |= (uint64_t)(byte == 0xe3 || (byte >= 0xea && byte <= 0xed)) << i;
		bool letter = sori_is_word_byte(byte);
		block.letter |= (uint64_t)letter << i;
		block.mark |= (uint64_t)(marks && !letter && byte > ' ' && byte < 0x7f) << i;
	}
	return block;
}

void sori_scan_run_portable(const struct sori_index *index, struct sori_view text, struct sori_scan *scan,
			    struct sori_candidate_list *list)
{
	while (scan->at < text.length && list->capacity - list->count >= 64) {
		size_t left = text.length - scan->at;
		struct block block = portable_block(text.at + scan->at, left < 64 ? left : 64, index->marks);
		scan_block(index, text.at, block, scan, list);
	}
}

#ifdef SORI_HAVE_AVX2
__attribute__((target("avx2"))) static inline uint32_t in_range(__m256i bytes, char low, char width)
{
	__m256i from = _mm256_sub_epi8(bytes, _mm256_set1_epi8(low));
	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(from, _mm256_set1_epi8(width)), from));
}

__attribute__((target("avx2"))) static inline struct block vector_block(const char *at, bool marks)
{
	struct block block = {0};
	for (unsigned half = 0; half < 2; half++) {
		__m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(at + 32 * half));
		uint32_t jamo = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8((char)0xe3)));
		uint32_t wide = in_range(bytes, (char)0xea, 3) | jamo;
		uint32_t letter = in_range(bytes, 'a', 25) | in_range(bytes, 'A', 25) | in_range(bytes, '0', 9);
		block.wide |= (uint64_t)wide << 32 * half;
		block.letter |= (uint64_t)letter << 32 * half;
		if (marks)
			block.mark |= (uint64_t)(in_range(bytes, '!', 0x7e - '!') & ~letter) << 32 * half;
	}
	return block;
}

__attribute__((target("avx2,bmi"))) static void scan_run_avx2(const struct sori_index *index, struct sori_view text,
	struct sori_scan *scan, struct sori_candidate_list *list)
{
	while (scan->at < text.length && list->capacity - list->count >= 64) {
		size_t left = text.length - scan->at;
		struct block block = vector_block(text.at + scan->at, index->marks);
		if (left < 64) {
			block.wide &= (UINT64_C(1) << left) - 1;
			block.letter &= (UINT64_C(1) << left) - 1;
			block.mark &= (UINT64_C(1) << left) - 1;
		}
		scan_block(index, text.at, block, scan, list);
	}
}
#endif

void sori_scan_run(const struct sori_index *index, struct sori_view text, struct sori_scan *scan,
		   struct sori_candidate_list *list)
{
#ifdef SORI_HAVE_AVX2
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")) {
		scan_run_avx2(index, text, scan, list);
		return;
	}
#endif
	sori_scan_run_portable(index, text, scan, list);
}
