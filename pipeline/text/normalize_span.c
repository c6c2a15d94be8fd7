/* Clean stretches, and the loop over them. Half of all feedback has *some* byte to change but few such bytes, so whole
 * texts are never switched to a slow path: 64 bytes are classified at once, and only once; the stretches between the suspect
 * bytes are copied, one step of the rules deals with each suspect.
 *
 * Suspect are: controls, the characters in which a tag, entity, emoticon or URL may begin or end, a blank after a blank,
 * punctuation after the same punctuation, one of "!?" after one of them, a syllable equal to the two before, and every
 * other non-ASCII character. That is told from the input alone. After a step the output may end in something else than the
 * input did there, so the next character is looked at again, against the output: when it could touch what stands there it
 * goes through the rules as well. A false suspect costs time; a missed one would be an error. */
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

static unsigned width_of(unsigned char lead)
{
	return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

uint64_t norm_suspects_portable(const unsigned char *in, size_t at, size_t size, size_t readable, size_t *end)
{
	uint64_t suspects = 0;
	size_t i = at;
	(void)readable;
	while (i < size && i - at < 64) {
		unsigned width = width_of(in[i]);
		bool clean;
		if (width == 1) {
			clean = is_clean_ascii(in[i], i > 0 ? in[i - 1] : 0);
		} else {
			if (in[i] >= 0xea && in[i] <= 0xed && i - at > 61)
				break;
			clean = is_clean_syllable(in + i, size - i) &&
				!(i >= 6 && memcmp(in + i, in + i - 3, 3) == 0 && memcmp(in + i, in + i - 6, 3) == 0);
		}
		suspects |= (uint64_t)!clean << (i - at);
		i += width;
	}
	*end = i - at > 64 ? at + 64 : i;
	return suspects;
}

void norm_copy_portable(const unsigned char *in, size_t length, size_t readable, unsigned char *out)
{
	(void)readable;
	for (size_t i = 0; i < length; i++)
		out[i] = in[i] >= 'A' && in[i] <= 'Z' ? (unsigned char)(in[i] | 0x20) : in[i];
}

/* After a step, or at the beginning: may the character at s->at be copied, given the output's tail? Some tails the next
 * character may yet turn into something else. */
static bool goes_on_clean(const struct norm *s)
{
	unsigned char last = norm_tail(s, 1), c = s->in[s->at];
	if (last == ':' || last == ';' || last == '=' || last == '_' || ((last == '-' || last == '\'') && norm_tail(s, 2) == ':'))
		return false;
	if (c == ' ')
		return last > ' ';
	if (c < 0x80)
		return is_clean_ascii(c, last);
	return s->length < 3 || s->size - s->at < 3 || memcmp(s->in + s->at, s->out + s->length - 3, 3) != 0;
}

/* One loop for both: with constants for `vector` the compiler makes two of it. */
__attribute__((always_inline)) static inline bool run(struct norm *s, norm_suspects_function *suspects_of,
						      norm_copy_function *copy)
{
	size_t block = 0, end = 0;
	uint64_t suspects = 0;
	bool stepped = true;
	while (s->at < s->size) {
		if (s->at >= end) {
			block = s->at;
			suspects = suspects_of(s->in, block, s->size, s->readable, &end);
		}
		uint64_t left = suspects >> (s->at - block);
		size_t stop = left ? s->at + (size_t)__builtin_ctzll(left) : end;
		if (stop > s->at && !(stepped && !goes_on_clean(s))) {
			size_t length = stop - s->at;
			norm_open_stretch(s, s->at, stop, true);
			copy(s->in + s->at, length, s->readable - s->at, s->out + s->length);
			s->length += length;
			s->at = stop;
			stepped = false;
			if (left == 0)
				continue;
		}
		if (!norm_make_room(s))
			return false;
		norm_step(s);
		if (s->failed)
			return false;
		stepped = true;
	}
	return true;
}

bool norm_run_portable(struct norm *s) { return run(s, norm_suspects_portable, norm_copy_portable); }

#if defined(__x86_64__)
/* 64 bytes as two registers; every finding as a bit of a 64-bit mask. */
struct block {
	__m256i low, high;
};

#define AVX2 __attribute__((target("avx2"), always_inline)) static inline

/* Constants are read, 32 bytes each: made on the spot, as gcc 12 does when it knows them, they are a third of the work. */
#define EIGHT(c) c, c, c, c, c, c, c, c
#define ALL(c) {EIGHT(c), EIGHT(c), EIGHT(c), EIGHT(c)}
#define TWICE(...) {__VA_ARGS__, __VA_ARGS__}

/* Classes of ASCII: one bit per high nibble; a byte is in the class when its low nibble's entry has its high nibble's bit.
 * pshufb gives 0 for bytes of 0x80 and over. Row bits: 0 and 1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 32, 7: 64. */
struct constants {
	_Alignas(32) unsigned char row[32];
	unsigned char specials[32]; /* controls, & / : ; < = > ^ _ ` DEL */
	unsigned char signs[32];    /* blank and punctuation: all of row 2; 3A-3F; 40; 5B-5F; 60; 7B-7F */
	unsigned char low_nibble[32], below_a[32], above_z[32], lower[32], bang[32], query[32];
	unsigned char cbf[32], ce9[32], ced[32], cea[32], caf[32], c9e[32], ca3[32];
};

static const struct constants known = {
	TWICE(1, 1, 2, 4, 8, 16, 32, 64, 0, 0, 0, 0, 0, 0, 0, 0),
	TWICE(1 + 32, 1, 1, 1, 1, 1, 1 + 2, 1, 1, 1, 1 + 4, 1 + 4, 1 + 4, 1 + 4, 1 + 4 + 16, 1 + 2 + 16 + 64),
	TWICE(2 + 8 + 32, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2 + 4, 2 + 4 + 16 + 64, 2 + 4 + 16 + 64, 2 + 4 + 16 + 64, 2 + 4 + 16 + 64,
	      2 + 4 + 16 + 64),
	ALL(0x0f), ALL('A' - 1), ALL('Z' + 1), ALL(0x20), ALL('!'), ALL('?'),
	ALL(0xbf), ALL(0xe9), ALL(0xed), ALL(0xea), ALL(0xaf), ALL(0x9e), ALL(0xa3),
};

AVX2 const struct constants *constants(void)
{
	const struct constants *k = &known;
	__asm__("" : "+r"(k)); /* what k points to is no longer known to the compiler */
	return k;
}

AVX2 __m256i load(const unsigned char *at) { return _mm256_loadu_si256((const __m256i *)(const void *)at); }

AVX2 uint64_t bits(__m256i low, __m256i high)
{
	return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

AVX2 struct block block_load(const unsigned char *at) { return (struct block){load(at), load(at + 32)}; }

AVX2 uint64_t equal(struct block b, const unsigned char c[32])
{
	return bits(_mm256_cmpeq_epi8(b.low, load(c)), _mm256_cmpeq_epi8(b.high, load(c)));
}

/* Signed: for bytes of 0x80 and over, `floor` and they are both negative and keep their order. */
AVX2 uint64_t above(struct block b, const unsigned char floor[32])
{
	return bits(_mm256_cmpgt_epi8(b.low, load(floor)), _mm256_cmpgt_epi8(b.high, load(floor)));
}

AVX2 __m256i lowered(__m256i v, const struct constants *k)
{
	__m256i letter = _mm256_and_si256(_mm256_cmpgt_epi8(v, load(k->below_a)), _mm256_cmpgt_epi8(load(k->above_z), v));
	return _mm256_or_si256(v, _mm256_and_si256(letter, load(k->lower)));
}

/* Non-zero where v is special, or equal to the byte before it and a sign. */
AVX2 __m256i ascii_suspects(__m256i v, __m256i earlier, const struct constants *k)
{
	__m256i row = _mm256_shuffle_epi8(load(k->row), _mm256_and_si256(_mm256_srli_epi16(v, 4), load(k->low_nibble)));
	__m256i table = _mm256_and_si256(_mm256_shuffle_epi8(load(k->signs), v), _mm256_cmpeq_epi8(v, earlier));
	return _mm256_and_si256(row, _mm256_or_si256(table, _mm256_shuffle_epi8(load(k->specials), v)));
}

/* The bytes `count` before those of v, where `last` stood before v. */
#define EARLIER(v, last, count) _mm256_alignr_epi8((v), _mm256_permute2x128_si256((last), (v), 0x21), 16 - (count))

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
AVX2 uint64_t wide_suspects(struct block b, __m256i last, uint64_t wide, uint64_t *leads, const struct constants *k)
{
	uint64_t continuation = wide & ~above(b, k->cbf);
	uint64_t from_ea = above(b, k->ce9) & wide, from_ee = above(b, k->ced) & wide;
	uint64_t ea = equal(b, k->cea), ed = equal(b, k->ced);
	*leads = from_ea & ~from_ee;
	uint64_t suspects = wide & ~continuation & ~*leads;
	suspects |= ea & ~((above(b, k->caf) & wide) >> 1);
	if (ed) {
		uint64_t over = (above(b, k->c9e) & wide) >> 1, edge = equal(b, k->c9e) >> 1;
		suspects |= ed & (over | (edge & (above(b, k->ca3) & wide) >> 2));
	}
	return suspects | (*leads & thirds(b, last));
}

AVX2 uint64_t suspects_avx2(const unsigned char *in, size_t at, size_t size, size_t readable, size_t *end)
{
	/* the last block of a longer text begins before `at`: never read beyond the caller's bytes */
	size_t base = readable - at >= 64 ? at : size - 64, left = size - at;
	const struct constants *k = constants();
	const __m256i zero = _mm256_setzero_si256();
	struct block b = block_load(in + base);
	__m256i last = base >= 32 ? load(in + base - 32) : zero;
	uint64_t bang_before = base >= 32 && is_bang(in[base - 1]);
	uint64_t bang = equal(b, k->bang) | equal(b, k->query);
	__m256i low = ascii_suspects(b.low, EARLIER(b.low, last, 1), k), high = ascii_suspects(b.high, EARLIER(b.high, b.low, 1), k);
	uint64_t suspects = ~bits(_mm256_cmpeq_epi8(low, zero), _mm256_cmpeq_epi8(high, zero)) | (bang & (bang << 1 | bang_before));
	uint64_t wide = bits(b.low, b.high), leads = 0;
	if (wide)
		suspects |= wide_suspects(b, last, wide, &leads, k);
	suspects >>= at - base;
	if (left < 64) {
		*end = size;
		return suspects & (((uint64_t)1 << left) - 1);
	}
	/* a syllable cut by the border waits for the next block */
	size_t length = leads >> 62 ? (leads >> 62 & 1 ? 62 : 63) : 64;
	*end = at + length;
	return suspects & (UINT64_MAX >> (64 - length));
}

AVX2 void lower_32(const unsigned char *in, unsigned char *out)
{
	_mm256_storeu_si256((__m256i *)(void *)out, lowered(load(in), constants()));
}

AVX2 void copy_avx2(const unsigned char *in, size_t length, size_t readable, unsigned char *out)
{
	if (readable >= 64) {
		lower_32(in, out);
		if (length > 32)
			lower_32(in + 32, out + 32);
	} else if (readable >= 32 && length <= 32) {
		lower_32(in, out);
	} else if (length >= 32) {
		lower_32(in, out);
		lower_32(in + length - 32, out + length - 32);
	} else {
		memcpy(out, in, length);
		lower_32(out, out);
	}
}

__attribute__((target("avx2"))) bool norm_run_avx2(struct norm *s) { return run(s, suspects_avx2, copy_avx2); }

/* For tests. */
__attribute__((target("avx2"))) uint64_t norm_suspects_avx2(const unsigned char *in, size_t at, size_t size, size_t readable,
							    size_t *end)
{
	return suspects_avx2(in, at, size, readable, end);
}

__attribute__((target("avx2"))) void norm_copy_avx2(const unsigned char *in, size_t length, size_t readable, unsigned char *out)
{
	copy_avx2(in, length, readable, out);
}
#endif
