/* Three flat passes over a tile of about 2,000 characters, which is many texts or a piece of a long one, each without a dependency
 * from one character to the next:
 *
 *   characters   starts of characters as bits, 64 bytes at a time; a character is its bytes in one word, any digit is 0
 *   shingles     a 5-term sum of products over neighbouring characters, mixed (those across two texts are not used)
 *   bins         5 bits of the hash choose the bin, the others compete for its minimum
 *
 * A rolling hash would need one multiplication a shingle instead of five, but each would wait for the one before; and text by text
 * the passes would wait for each other's stores. */
#include "pipeline/text/sketch.h"

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"

#define TILE 2048                         /* characters */
#define TILE_TEXTS 64
#define OVERLAP (SORI_SKETCH_SHINGLE - 1) /* characters that the next block begins with */
#define SEED 0x73696d69u
#define STEP 0x9e37u
#define SPREAD 0x8f2du
#define BIN_SHIFT 27
#define EMPTY 0xffffu

/* Bit i: a character begins at byte i. `at` has 64 readable bytes. */
static uint64_t starts_of(const unsigned char *at)
{
	const uint64_t highs = 0x8080808080808080u;
	uint64_t starts = 0;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t word;

		memcpy(&word, at + i * 8, 8);
		word = ~(word & ~(word << 1)) & highs; /* not 10xxxxxx */
		starts |= (((word >> 7) * 0x0102040810204080u) >> 56) << (i * 8);
	}
	return starts;
}

/* A character as one word: its bytes, the first lowest. `at` has 4 readable bytes. */
static uint32_t character_at(const unsigned char *at)
{
	static const uint32_t masks[16] = {0xff,   0xff,   0xff,   0xff,   0xff,   0xff,     0xff,     0xff,
					   0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffffff, 0xffffffff};
	uint32_t word;

	memcpy(&word, at, 4);
	return word & masks[at[0] >> 4];
}

/* Order numbers, dates and sums of money are what differs between two copies of one macro. */
static uint32_t fold_digit(uint32_t character)
{
	return character - '0' < 10 ? '0' : character;
}

/* Characters from *at on, until `room` or the end; the last 64 bytes of a text are read from a padded copy. */
static size_t characters(const unsigned char **at, const unsigned char *end, uint32_t *into, size_t room)
{
	SORI_UNINITIALIZED unsigned char tail[80];
	size_t count = 0;

	while (*at < end && count + 64 <= room) {
		size_t left = (size_t)(end - *at), size = left < 64 ? left : 64;
		const unsigned char *from = *at;
		uint64_t starts;

		if (left < 68) {
			memcpy(tail, *at, size + (left > 64 ? left - 64 : 0));
			memset(tail + left, 0x80, sizeof tail - left);
			from = tail;
		}
		for (starts = starts_of(from); starts; starts &= starts - 1)
			into[count++] = fold_digit(character_at(from + __builtin_ctzll(starts)));
		*at += size;
	}
	return count;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,popcnt,bmi")))

/* The same, 16 bytes at a time: the word at every byte, cut to the length that its first byte tells, and those where a
 * character begins packed together. */
WIDE static size_t characters_wide(const unsigned char **at, const unsigned char *end, uint32_t *into, size_t room)
{
	const __m512i every = _mm512_set_epi8(18, 17, 16, 15, 17, 16, 15, 14, 16, 15, 14, 13, 15, 14, 13, 12, 14, 13, 12, 11, 13,
					      12, 11, 10, 12, 11, 10, 9, 11, 10, 9, 8, 10, 9, 8, 7, 9, 8, 7, 6, 8, 7, 6, 5, 7, 6,
					      5, 4, 6, 5, 4, 3, 5, 4, 3, 2, 4, 3, 2, 1, 3, 2, 1, 0);
	const __m512i masks = _mm512_set_epi32(-1, 0xffffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xff, 0xff, 0xff, 0xff,
					       0xff, 0xff, 0xff, 0xff);
	const __m512i zero = _mm512_set1_epi32('0'), ten = _mm512_set1_epi32(10);
	size_t count = 0;

	while (*at < end && count + 16 <= room) {
		size_t left = (size_t)(end - *at);
		__mmask32 readable = left >= 32 ? ~(__mmask32)0 : (__mmask32)(((uint64_t)1 << left) - 1);
		__m256i bytes = _mm256_maskz_loadu_epi8(readable, *at);
		uint32_t starts = (uint32_t)_mm256_mask_cmpgt_epi8_mask(readable, bytes, _mm256_set1_epi8((char)0xbf)) & 0xffff;
		__m512i words = _mm512_permutexvar_epi8(every, _mm512_castsi256_si512(bytes));

		words = _mm512_and_si512(words, _mm512_permutexvar_epi32(_mm512_srli_epi32(words, 4), masks));
		words = _mm512_mask_mov_epi32(words, _mm512_cmplt_epu32_mask(_mm512_sub_epi32(words, zero), ten), zero);
		_mm512_storeu_si512(into + count, _mm512_maskz_compress_epi32((__mmask16)starts, words));
		count += (size_t)__builtin_popcount(starts);
		*at += left < 16 ? left : 16;
	}
	return count;
}
#endif

static void hash_plain(const uint32_t *restrict c, uint32_t *restrict hashes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t h = c[i] * 0x9e3779b1u + c[i + 1] * 0x85ebca77u + c[i + 2] * 0xc2b2ae3du + c[i + 3] * 0x27d4eb2fu +
			     c[i + 4] * 0x165667b1u;

		h = (h ^ h >> 15) * 0x2c1b3c6du;
		hashes[i] = h ^ h >> 14;
	}
}

#if defined(__x86_64__)
/* Whole vectors: the arrays are padded, and what is hashed beyond `count` is not used. */
__attribute__((target("avx2"))) static void hash_avx2(const uint32_t *restrict c, uint32_t *restrict hashes, size_t count)
{
	static const uint32_t factors[] = {0x9e3779b1u, 0x85ebca77u, 0xc2b2ae3du, 0x27d4eb2fu, 0x165667b1u};

	for (size_t i = 0; i < count; i += 8) {
		__m256i h = _mm256_setzero_si256();

		for (size_t k = 0; k < 5; k++)
			h = _mm256_add_epi32(h, _mm256_mullo_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(c + i + k)),
								   _mm256_set1_epi32((int)factors[k])));
		h = _mm256_mullo_epi32(_mm256_xor_si256(h, _mm256_srli_epi32(h, 15)), _mm256_set1_epi32(0x2c1b3c6d));
		_mm256_storeu_si256((__m256i *)(void *)(hashes + i), _mm256_xor_si256(h, _mm256_srli_epi32(h, 14)));
	}
}

WIDE static void hash_avx512(const uint32_t *restrict c, uint32_t *restrict hashes, uint32_t *restrict bins, size_t count)
{
	static const uint32_t factors[] = {0x9e3779b1u, 0x85ebca77u, 0xc2b2ae3du, 0x27d4eb2fu, 0x165667b1u};

	for (size_t i = 0; i < count; i += 16) {
		__m512i h = _mm512_setzero_si512();

		for (size_t k = 0; k < 5; k++)
			h = _mm512_add_epi32(h, _mm512_mullo_epi32(_mm512_loadu_si512(c + i + k), _mm512_set1_epi32((int)factors[k])));
		h = _mm512_mullo_epi32(_mm512_xor_si512(h, _mm512_srli_epi32(h, 15)), _mm512_set1_epi32(0x2c1b3c6d));
		h = _mm512_xor_si512(h, _mm512_srli_epi32(h, 14));
		_mm512_storeu_si512(hashes + i, h);
		_mm512_storeu_si512(bins + i, _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_srli_epi32(h, BIN_SHIFT)));
	}
}
#endif

struct place {
	uint32_t start, count; /* characters */
	uint32_t text;
	bool again; /* its first shingle comes again */
};

struct tile {
	uint32_t c[TILE + 64];
	uint32_t hashes[TILE + 64];
	uint32_t bins[TILE + 64]; /* a bit each; in vectors only */
	struct place places[TILE_TEXTS];
	size_t used, count;
};

enum power { PLAIN, AVX2, AVX512 };

static enum power power_here(void)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512vbmi2"))
		return AVX512;
	if (__builtin_cpu_supports("avx2"))
		return AVX2;
#endif
	return PLAIN;
}

static size_t fill(enum power power, const unsigned char **at, const unsigned char *end, uint32_t *into, size_t room)
{
#if defined(__x86_64__)
	if (power == AVX512)
		return characters_wide(at, end, into, room);
#endif
	(void)power;
	return characters(at, end, into, room);
}

static void hash_tile(enum power power, struct tile *tile, size_t count)
{
#if defined(__x86_64__)
	if (power == AVX512) {
		hash_avx512(tile->c, tile->hashes, tile->bins, count);
		return;
	}
	if (power == AVX2) {
		hash_avx2(tile->c, tile->hashes, count);
		return;
	}
#endif
	(void)power;
	hash_plain(tile->c, tile->hashes, count);
}

/* The top bits of a hash are its bin, the low ones compete. */
static void take_minima(const uint32_t *hashes, size_t count, uint16_t minima[SORI_SKETCH_BINS])
{
	for (size_t i = 0; i < count; i++) {
		uint16_t *minimum = &minima[hashes[i] >> BIN_SHIFT], value = (uint16_t)hashes[i];

		*minimum = value < *minimum ? value : *minimum;
	}
}

/* An empty bin takes the minimum of the next that is not, moved on by its distance (rotation, Shrivastava and Li 2014): two
 * texts agree there only when they agree on the way as well. */
static void densify(uint16_t minima[SORI_SKETCH_BINS], struct sori_sketch *sketch)
{
	uint32_t filled = 0;

	for (uint32_t bin = 0; bin < SORI_SKETCH_BINS; bin++)
		filled |= (uint32_t)(minima[bin] != EMPTY) << bin;
	for (uint32_t empty = filled ? ~filled : 0; empty; empty &= empty - 1) {
		uint32_t bin = (uint32_t)__builtin_ctz(empty), after = filled >> bin;
		uint32_t steps = after ? (uint32_t)__builtin_ctz(after)
				       : SORI_SKETCH_BINS - bin + (uint32_t)__builtin_ctz(filled);

		minima[bin] = (uint16_t)(minima[(bin + steps) % SORI_SKETCH_BINS] + steps * STEP);
	}
	for (uint32_t bin = 0; bin < SORI_SKETCH_BINS; bin++)
		sketch->bins[bin] = (unsigned char)((uint16_t)(minima[bin] * SPREAD) >> 8);
}

#if defined(__x86_64__)
/* All 32 minima in one register: a hash is one masked minimum. */
WIDE static __m512i take_minima_wide(const uint32_t *hashes, const uint32_t *bins, size_t count)
{
	__m512i even = _mm512_set1_epi16(-1), odd = even;
	size_t i = 0;

	for (; i + 2 <= count; i += 2) {
		even = _mm512_mask_min_epu16(even, _load_mask32((__mmask32 *)(uintptr_t)(bins + i)), even,
					     _mm512_broadcastw_epi16(_mm_loadu_si32(hashes + i)));
		odd = _mm512_mask_min_epu16(odd, _load_mask32((__mmask32 *)(uintptr_t)(bins + i + 1)), odd,
					    _mm512_broadcastw_epi16(_mm_loadu_si32(hashes + i + 1)));
	}
	if (i < count)
		even = _mm512_mask_min_epu16(even, _load_mask32((__mmask32 *)(uintptr_t)(bins + i)), even,
					     _mm512_broadcastw_epi16(_mm_loadu_si32(hashes + i)));
	return _mm512_min_epu16(even, odd);
}

/* Every turn fills the empty bins before filled ones. */
WIDE static void densify_wide(__m512i minima, struct sori_sketch *sketch)
{
	const __m512i next = _mm512_set_epi16(0, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11,
					      10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
	__mmask32 empty = _mm512_cmpeq_epu16_mask(minima, _mm512_set1_epi16(-1));

	if (empty == ~(__mmask32)0)
		empty = 0;
	while (empty) {
		__m512i moved = _mm512_add_epi16(_mm512_permutexvar_epi16(next, minima), _mm512_set1_epi16((short)STEP));

		minima = _mm512_mask_mov_epi16(minima, empty, moved);
		empty &= empty >> 1 | empty << 31;
	}
	minima = _mm512_srli_epi16(_mm512_mullo_epi16(minima, _mm512_set1_epi16((short)SPREAD)), 8);
	_mm256_storeu_si256((__m256i *)(void *)sketch->bins, _mm512_cvtepi16_epi8(minima));
}

/* Minima of a text's hashes, and whether the first comes again. */
WIDE static bool finish_wide(const uint32_t *hashes, const uint32_t *bins, size_t count, struct sori_sketch *sketch)
{
	const __m512i first = _mm512_set1_epi32((int)hashes[0]);
	unsigned met = 0;

	for (size_t i = 0; i < count; i += 16)
		met += (unsigned)__builtin_popcount(_mm512_cmpeq_epi32_mask(_mm512_loadu_si512(hashes + i), first) &
						    (count - i < 16 ? (1u << (count - i)) - 1 : 0xffff));
	densify_wide(take_minima_wide(hashes, bins, count), sketch);
	return met > 1;
}
#endif

static bool finish(enum power power, const struct tile *tile, const struct place *place, struct sori_sketch *sketch)
{
	const uint32_t *hashes = tile->hashes + place->start;
	size_t count = place->count - OVERLAP;
	uint16_t minima[SORI_SKETCH_BINS];
	bool again = false;

#if defined(__x86_64__)
	if (power == AVX512)
		return finish_wide(hashes, tile->bins + place->start, count, sketch);
#endif
	(void)power;
	memset(minima, 0xff, sizeof minima);
	take_minima(hashes, count, minima);
	densify(minima, sketch);
	for (size_t i = 1; i < count; i++)
		again |= hashes[i] == hashes[0];
	return again;
}

/* A text of more than a tile, piece after piece; texts that long are not searched for repetition. */
static void sketch_long(enum power power, struct tile *tile, struct sori_view text, struct sori_sketch *sketch)
{
	uint16_t minima[SORI_SKETCH_BINS];
	const unsigned char *at = (const unsigned char *)text.at, *end = at + text.length;
	size_t held = 0;

	memset(minima, 0xff, sizeof minima);
	while (at < end) {
		size_t count = held + fill(power, &at, end, tile->c + held, TILE - OVERLAP), shingles;

		if (count < SORI_SKETCH_SHINGLE)
			break;
		shingles = count - OVERLAP;
		hash_tile(power, tile, shingles);
		take_minima(tile->hashes, shingles, minima);
		memmove(tile->c, tile->c + shingles, OVERLAP * sizeof *tile->c);
		held = OVERLAP;
	}
	densify(minima, sketch);
}

/* Bins that agree with no other text's: the hash of the whole. */
static void sketch_short(struct sori_view text, struct sori_sketch *sketch)
{
	struct sori_hash128 hash = sori_hash128(text, SEED);

	for (unsigned i = 0; i < SORI_SKETCH_BINS / 8; i++) {
		uint64_t word = (hash.low + i) * 0x9e3779b97f4a7c15u;

		word = (word ^ word >> 31 ^ hash.high) * 0xbf58476d1ce4e5b9u;
		word ^= word >> 29;
		memcpy(sketch->bins + i * 8, &word, 8);
	}
}

static bool is_filler(unsigned char byte)
{
	return byte <= ' ' || byte == '.' || byte == ',' || byte == '!' || byte == '?' || byte == '~';
}

static struct sori_view trim(struct sori_view text)
{
	while (text.length && is_filler((unsigned char)text.at[0]))
		text = sori_view_slice(text, 1, text.length);
	while (text.length && is_filler((unsigned char)text.at[text.length - 1]))
		text.length--;
	return text;
}

/* Is the text its first `period` bytes over and over? What is left at the end must be the block without its filler. */
static bool repeats(struct sori_view text, size_t period, struct sori_view *block)
{
	size_t rest = text.length % period;

	if (memcmp(text.at, text.at + period, text.length - period) != 0)
		return false;
	*block = trim(sori_view_make(text.at, period));
	return rest == 0 || rest >= block->length;
}

/* The block that the text repeats, else the text. */
static struct sori_view one_block(struct sori_view text)
{
	struct sori_view block;

	if (text.length < 8)
		return text;
	for (size_t at = 2; at * 2 <= text.length + 8 && at + 6 <= text.length; at++)
		if (memcmp(text.at + at, text.at, 6) == 0 && repeats(text, at, &block))
			return block;
	return text;
}

static bool is_short(struct sori_view text)
{
	const uint64_t highs = 0x8080808080808080u;
	size_t more = 0, i = 0; /* bytes that go on with a character */

	if (text.length >= SORI_SKETCH_CHARACTERS * 4)
		return false;
	for (; i + 8 <= text.length; i += 8) {
		uint64_t word;

		memcpy(&word, text.at + i, 8);
		more += (((word & ~(word << 1) & highs) >> 7) * 0x0101010101010101u) >> 56;
	}
	for (; i < text.length; i++)
		more += ((unsigned char)text.at[i] & 0xc0) == 0x80;
	return text.length - more < SORI_SKETCH_CHARACTERS;
}

static void sketch_one(enum power power, struct tile *tile, struct sori_view text, struct sori_sketch *sketch);

/* Ends the tile. A text whose first shingle comes again may be a repeated block. */
static void flush(enum power power, struct tile *tile, const struct sori_view *texts, struct sori_sketch *sketches)
{
	size_t count = tile->count;

	if (tile->used > OVERLAP)
		hash_tile(power, tile, tile->used - OVERLAP);
	for (size_t i = 0; i < count; i++) {
		struct place *place = &tile->places[i];

		place->again = finish(power, tile, place, &sketches[place->text]);
	}
	tile->used = tile->count = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t number = tile->places[i].text;
		struct sori_view text = trim(texts[number]), block = tile->places[i].again ? one_block(text) : text;

		if (block.length < text.length)
			sketch_one(power, tile, block, &sketches[number]);
	}
}

/* The tile is free. */
static void sketch_one(enum power power, struct tile *tile, struct sori_view text, struct sori_sketch *sketch)
{
	if (is_short(text))
		sketch_short(text, sketch);
	else
		sketch_long(power, tile, text, sketch);
}

static void sketch_all(enum power power, const struct sori_view *texts, size_t count, struct sori_sketch *sketches)
{
	SORI_UNINITIALIZED struct tile tile;

	tile.used = tile.count = 0;
	for (size_t i = 0; i < count; i++) {
		struct sori_view text = trim(texts[i]);
		const unsigned char *at = (const unsigned char *)text.at;
		struct place *place;

		if (is_short(text)) {
			sketch_short(one_block(text), &sketches[i]);
			continue;
		}
		if (tile.count == TILE_TEXTS || tile.used + text.length + 64 > TILE)
			flush(power, &tile, texts, sketches);
		if (text.length + 64 > TILE) {
			sketch_long(power, &tile, text, &sketches[i]);
			continue;
		}
		place = &tile.places[tile.count++];
		*place = (struct place){(uint32_t)tile.used, 0, (uint32_t)i, false};
		place->count = (uint32_t)fill(power, &at, at + text.length, tile.c + tile.used, TILE - tile.used);
		tile.used += place->count;
	}
	flush(power, &tile, texts, sketches);
}

void sori_sketch_many(const struct sori_view *texts, size_t count, struct sori_sketch *sketches)
{
	sketch_all(power_here(), texts, count, sketches);
}

void sori_sketch_of(struct sori_view text, struct sori_sketch *sketch)
{
	sketch_all(power_here(), &text, 1, sketch);
}

void sori_sketch_plain(struct sori_view text, struct sori_sketch *sketch)
{
	sketch_all(PLAIN, &text, 1, sketch);
}
