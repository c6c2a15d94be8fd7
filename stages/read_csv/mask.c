/* Four compares a byte, packed to bits. AVX2 where the processor has it (asked at run time, so that one binary serves
 * all), else eight bytes at a time by the carry-free zero-byte test. Cutting then walks set bits only. */
#include "stages/read_csv/mask.h"

#include <string.h>

#define ONES 0x0101010101010101ull
#define HIGHS 0x8080808080808080ull

/* High bit of each byte of `word` that equals `byte`; exact, no carries between bytes. */
static uint64_t equal_bytes(uint64_t word, unsigned char byte)
{
	uint64_t difference = word ^ (ONES * byte);
	return ~(((difference & ~HIGHS) + ~HIGHS) | difference | ~HIGHS);
}

/* The eight high bits to the low eight bits. */
static uint64_t gather(uint64_t highs)
{
	return ((highs >> 7) * 0x0102040810204080ull) >> 56;
}

static void block_plain(const struct csv_marks *marks, const char *data, uint64_t *borders, uint64_t *lines, uint64_t *quotes)
{
	uint64_t border = 0, line = 0, quote = 0;
	for (unsigned i = 0; i < 8; i++) {
		uint64_t word;
		memcpy(&word, data + i * 8, 8);
		uint64_t ends = equal_bytes(word, '\n') | equal_bytes(word, '\r');
		line |= gather(ends) << (i * 8);
		border |= gather(ends | equal_bytes(word, (unsigned char)marks->delimiter)) << (i * 8);
		quote |= gather(equal_bytes(word, (unsigned char)marks->quote)) << (i * 8);
	}
	*borders = border;
	*lines = line;
	*quotes = quote;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static inline uint64_t bits(__m256i low, __m256i high)
{
	return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

__attribute__((target("avx2"))) static void mask_avx2(const struct csv_marks *marks, const char *data, size_t from,
						      size_t length, uint64_t *borders, uint64_t *lines, uint64_t *quotes)
{
	const __m256i delimiter = _mm256_set1_epi8(marks->delimiter), quote = _mm256_set1_epi8(marks->quote);
	const __m256i lf = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r');
	for (size_t at = from; at < length; at += 64) {
		__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(data + at));
		__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(data + at + 32));
		uint64_t ends = bits(_mm256_or_si256(_mm256_cmpeq_epi8(a, lf), _mm256_cmpeq_epi8(a, cr)),
				     _mm256_or_si256(_mm256_cmpeq_epi8(b, lf), _mm256_cmpeq_epi8(b, cr)));
		lines[at / 64] = ends;
		borders[at / 64] = ends | bits(_mm256_cmpeq_epi8(a, delimiter), _mm256_cmpeq_epi8(b, delimiter));
		quotes[at / 64] = bits(_mm256_cmpeq_epi8(a, quote), _mm256_cmpeq_epi8(b, quote));
	}
}
#endif

static void clear_escaped(char escape, const char *data, size_t from, size_t length, uint64_t *borders, uint64_t *lines, uint64_t *quotes)
{
	/* an even run of escapes before `from` leaves its first byte alone */
	size_t run = 0;
	while (run < from && data[from - 1 - run] == escape)
		run++;
	for (size_t at = run % 2 ? from - 1 : from; at < length;) {
		const char *next = memchr(data + at, escape, length - at);
		if (!next)
			return;
		at = (size_t)(next - data) + 1;
		if (at < length) {
			borders[at / 64] &= ~(1ull << (at % 64));
			lines[at / 64] &= ~(1ull << (at % 64));
			quotes[at / 64] &= ~(1ull << (at % 64));
			at++;
		}
	}
}

static void finish(const struct csv_marks *marks, const char *data, size_t from, size_t length, uint64_t *borders,
		   uint64_t *lines, uint64_t *quotes)
{
	if (length <= from)
		return;
	if (!marks->quote)
		memset(quotes + from / 64, 0, ((length + 63) / 64 - from / 64) * sizeof *quotes);
	if (length % 64) {
		borders[length / 64] &= (1ull << (length % 64)) - 1;
		lines[length / 64] &= (1ull << (length % 64)) - 1;
		quotes[length / 64] &= (1ull << (length % 64)) - 1;
	}
	if (marks->escape)
		clear_escaped(marks->escape, data, from, length, borders, lines, quotes);
}

void sori_csv_mask_plain(const struct csv_marks *marks, const char *data, size_t from, size_t length, uint64_t *borders,
		    uint64_t *lines, uint64_t *quotes)
{
	for (size_t at = from; at < length; at += 64)
		block_plain(marks, data + at, &borders[at / 64], &lines[at / 64], &quotes[at / 64]);
	finish(marks, data, from, length, borders, lines, quotes);
}

void sori_csv_mask(const struct csv_marks *marks, const char *data, size_t from, size_t length, uint64_t *borders,
	      uint64_t *lines, uint64_t *quotes)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2")) {
		mask_avx2(marks, data, from, length, borders, lines, quotes);
		finish(marks, data, from, length, borders, lines, quotes);
		return;
	}
#endif
	sori_csv_mask_plain(marks, data, from, length, borders, lines, quotes);
}
