/* Clean stretches. Half of all feedback has *some* byte to change but few such bytes, so whole texts are never switched to
 * a slow path: a block of bytes is classified at once, the stretch up to the first suspect byte is copied, one step of the
 * rules deals with the suspect, and the next block begins right behind it.
 *
 * Suspect are: controls, the characters in which a tag, entity, emoticon or URL may begin or end, a blank after a blank,
 * punctuation after the same punctuation, one of "!?" after one of them, a syllable equal to the two before, and every
 * other non-ASCII character. A false suspect costs time; a missed one would be an error. */
#include "pipeline/text/normalize_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static bool is_letter_or_digit(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_special(unsigned char c)
{
	return c < 0x20 || c == 0x7f || c == '&' || c == '/' || (c >= ':' && c <= '>') || c == '^' || c == '_' || c == '`';
}

static bool is_bang(unsigned char c) { return c == '!' || c == '?'; }

static bool is_clean_ascii(unsigned char c, unsigned char previous)
{
	if (is_special(c))
		return false;
	if (is_bang(c) && is_bang(previous))
		return false;
	return c != previous || is_letter_or_digit(c);
}

static bool is_clean_syllable(const unsigned char *b, size_t left)
{
	if (left < 3 || b[0] < 0xea || b[0] > 0xed)
		return false;
	if (b[0] == 0xea)
		return b[1] >= 0xb0;
	return b[0] != 0xed || b[1] < 0x9e || (b[1] == 0x9e && b[2] <= 0xa3);
}

size_t norm_span_portable(const unsigned char *in, size_t size, unsigned char *out, const unsigned char before[8])
{
	unsigned char tail[6]; /* the last six bytes put */
	memcpy(tail, before + 2, sizeof tail);
	size_t i = 0;
	while (i < size) {
		unsigned char c = in[i];
		if (c < 0x80) {
			if (!is_clean_ascii(c, tail[5]))
				return i;
			out[i++] = c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
			memmove(tail, tail + 1, 5);
			tail[5] = out[i - 1];
			continue;
		}
		if (!is_clean_syllable(in + i, size - i))
			return i;
		if (memcmp(in + i, tail + 3, 3) == 0 && memcmp(in + i, tail, 3) == 0)
			return i;
		memcpy(out + i, in + i, 3);
		memcpy(tail, tail + 3, 3);
		memcpy(tail + 3, in + i, 3);
		i += 3;
	}
	return i;
}

#if defined(__x86_64__)
/* 64 bytes as two registers; every finding as a bit of a 64-bit mask. */
struct block {
	__m256i low, high;
};

#define AVX2 __attribute__((target("avx2"), always_inline)) static inline

AVX2 uint64_t bits(__m256i low, __m256i high)
{
	return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

AVX2 struct block block_load(const unsigned char *at)
{
	return (struct block){_mm256_loadu_si256((const __m256i *)(const void *)at),
			      _mm256_loadu_si256((const __m256i *)(const void *)(at + 32))};
}

AVX2 uint64_t equal(struct block b, char c)
{
	__m256i all = _mm256_set1_epi8(c);
	return bits(_mm256_cmpeq_epi8(b.low, all), _mm256_cmpeq_epi8(b.high, all));
}

/* Signed: for bytes of 0x80 and over, `floor` and they are both negative and keep their order. */
AVX2 uint64_t above(struct block b, unsigned char floor)
{
	__m256i all = _mm256_set1_epi8((char)floor);
	return bits(_mm256_cmpgt_epi8(b.low, all), _mm256_cmpgt_epi8(b.high, all));
}

AVX2 __m256i lowered(__m256i v)
{
	__m256i letter = _mm256_and_si256(_mm256_cmpgt_epi8(v, _mm256_set1_epi8('A' - 1)),
					  _mm256_cmpgt_epi8(_mm256_set1_epi8('Z' + 1), v));
	return _mm256_or_si256(v, _mm256_and_si256(letter, _mm256_set1_epi8(0x20)));
}

/* One bit per high nibble; a byte is in the class when its low nibble's entry has its high nibble's bit. pshufb gives 0
 * for bytes of 0x80 and over. Row bits: 0 and 1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 32, 7: 64. */
AVX2 __m256i in_class(__m256i v, __m256i by_low)
{
	const __m256i row = _mm256_setr_epi8(1, 1, 2, 4, 8, 16, 32, 64, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 4, 8, 16, 32, 64, 0, 0, 0, 0,
					     0, 0, 0, 0);
	__m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0f));
	return _mm256_and_si256(_mm256_shuffle_epi8(by_low, v), _mm256_shuffle_epi8(row, high));
}

/* Controls, & / : ; < = > ^ _ ` DEL */
AVX2 __m256i specials(__m256i v)
{
	const __m256i table = _mm256_setr_epi8(1 + 32, 1, 1, 1, 1, 1, 1 + 2, 1, 1, 1, 1 + 4, 1 + 4, 1 + 4, 1 + 4, 1 + 4 + 16,
					       1 + 2 + 16 + 64, 1 + 32, 1, 1, 1, 1, 1, 1 + 2, 1, 1, 1, 1 + 4, 1 + 4, 1 + 4,
					       1 + 4, 1 + 4 + 16, 1 + 2 + 16 + 64);
	return in_class(v, table);
}

/* Blank and punctuation: all of row 2; 3A-3F; 40; 5B-5F; 60; 7B-7F. */
AVX2 __m256i signs(__m256i v)
{
	const __m256i table = _mm256_setr_epi8(2 + 8 + 32, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2 + 4, 2 + 4 + 16 + 64, 2 + 4 + 16 + 64,
					       2 + 4 + 16 + 64, 2 + 4 + 16 + 64, 2 + 4 + 16 + 64, 2 + 8 + 32, 2, 2, 2, 2, 2, 2,
					       2, 2, 2, 2 + 4, 2 + 4 + 16 + 64, 2 + 4 + 16 + 64, 2 + 4 + 16 + 64,
					       2 + 4 + 16 + 64, 2 + 4 + 16 + 64);
	return in_class(v, table);
}

/* The bytes `count` before those of v, where `last` stood before v. */
#define EARLIER(v, last, count) _mm256_alignr_epi8((v), _mm256_permute2x128_si256((last), (v), 0x21), 16 - (count))

AVX2 uint64_t ascii_suspects(struct block b, __m256i last)
{
	const __m256i zero = _mm256_setzero_si256();
	__m256i low = _mm256_and_si256(_mm256_cmpeq_epi8(b.low, EARLIER(b.low, last, 1)), signs(b.low));
	__m256i high = _mm256_and_si256(_mm256_cmpeq_epi8(b.high, EARLIER(b.high, b.low, 1)), signs(b.high));
	low = _mm256_or_si256(low, specials(b.low));
	high = _mm256_or_si256(high, specials(b.high));
	return ~bits(_mm256_cmpeq_epi8(low, zero), _mm256_cmpeq_epi8(high, zero));
}

AVX2 uint64_t thirds(struct block b, __m256i last)
{
	__m256i low = _mm256_and_si256(_mm256_cmpeq_epi8(b.low, EARLIER(b.low, last, 3)),
				       _mm256_cmpeq_epi8(b.low, EARLIER(b.low, last, 6)));
	__m256i high = _mm256_and_si256(_mm256_cmpeq_epi8(b.high, EARLIER(b.high, b.low, 3)),
					_mm256_cmpeq_epi8(b.high, EARLIER(b.high, b.low, 6)));
	uint64_t same = bits(low, high);
	return same & same >> 1 & same >> 2;
}

/* Suspects among the non-ASCII bytes, each at its lead byte; *leads gets the leads of three-byte Hangul rows. */
AVX2 uint64_t wide_suspects(struct block b, __m256i last, uint64_t wide, uint64_t *leads)
{
	uint64_t continuation = wide & ~above(b, 0xbf);
	uint64_t from_ea = above(b, 0xe9) & wide, from_ee = above(b, 0xed) & wide;
	uint64_t ea = equal(b, (char)0xea), ed = equal(b, (char)0xed);
	*leads = from_ea & ~from_ee;
	uint64_t suspects = wide & ~continuation & ~*leads;
	if (ea)
		suspects |= ea & ~((above(b, 0xaf) & wide) >> 1);
	if (ed) {
		uint64_t over = (above(b, 0x9e) & wide) >> 1, edge = equal(b, (char)0x9e) >> 1;
		suspects |= ed & (over | (edge & (above(b, 0xa3) & wide) >> 2));
	}
	return suspects | (*leads & thirds(b, last));
}

__attribute__((target("avx2"))) size_t norm_span_avx2(const unsigned char *in, size_t size, unsigned char *out,
						       const unsigned char before[8])
{
	unsigned char rest[64];
	uint64_t eight;
	memcpy(&eight, before, 8);
	__m256i last = _mm256_set_epi64x((long long)eight, 0, 0, 0);
	uint64_t bang_before = before[7] == '!' || before[7] == '?';
	size_t i = 0;
	while (i < size) {
		size_t left = size - i;
		const unsigned char *from = in + i;
		if (left < 64) { /* never read beyond the caller's bytes */
			memset(rest, 0, sizeof rest);
			memcpy(rest, from, left);
			from = rest;
		}
		struct block b = block_load(from);
		b.low = lowered(b.low);
		b.high = lowered(b.high);
		_mm256_storeu_si256((__m256i *)(void *)(out + i), b.low);
		_mm256_storeu_si256((__m256i *)(void *)(out + i + 32), b.high);
		uint64_t bang = equal(b, '!') | equal(b, '?');
		uint64_t suspects = ascii_suspects(b, last) | (bang & (bang << 1 | bang_before));
		uint64_t wide = bits(b.low, b.high), leads = 0;
		if (wide)
			suspects |= wide_suspects(b, last, wide, &leads);
		/* a syllable cut by the border waits for the next block */
		size_t end = left < 64 ? left : 64;
		if (leads >> 62)
			end = leads >> 62 & 1 ? 62 : 63;
		if (suspects) {
			size_t first = (size_t)__builtin_ctzll(suspects);
			if (first < end)
				return i + first;
		}
		if (left <= 64 && end == left)
			return size;
		if (end == 64) {
			last = b.high;
			bang_before = bang >> 63;
		} else {
			last = _mm256_loadu_si256((const __m256i *)(const void *)(out + i + end - 32));
			bang_before = 0;
		}
		i += end;
	}
	return i;
}
#endif
