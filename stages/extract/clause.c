/* Words, clauses and sentences of a record that has matches: one pass over its bytes.
 *
 * A word is a stretch without blanks and punctuation; - ' / . join letters or digits on both sides (wi-fi, don't, a/s,
 * 3.5). A sentence ends at . ! ? and at the original's line breaks; a clause also at , ; : ~ brackets, quotes, laughter
 * and tears, after a contrastive ending (지만 는데 ㄴ데 으나), and before an English clause word (but, although …). */
#include "stages/extract/match.h"

#include "pipeline/base/memory.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define SORI_HAVE_AVX2 1
#endif

enum byte_class { OTHER, LETTER, BLANK, CLAUSE, SENTENCE, QUESTION, JOINER, DOT };

static inline enum byte_class class_of(unsigned char byte)
{
	static const unsigned char classes[128] = {
		['.'] = DOT, ['!'] = SENTENCE, [SORI_CHAR_BREAK] = SENTENCE, ['\n'] = SENTENCE, ['?'] = QUESTION,
		[','] = CLAUSE, [';'] = CLAUSE, [':'] = CLAUSE, ['~'] = CLAUSE, ['('] = CLAUSE, [')'] = CLAUSE,
		['['] = CLAUSE, [']'] = CLAUSE, ['"'] = CLAUSE, [SORI_CHAR_MOOD] = CLAUSE,
		['-'] = JOINER, ['\''] = JOINER, ['/'] = JOINER, [' '] = BLANK, ['\t'] = BLANK,
	};
	return byte >= 0x80 || sori_is_word_byte(byte) ? LETTER : (enum byte_class)classes[byte];
}

/* Three-byte punctuation: length 3 and its class, or 0 when `at` begins a letter. */
static unsigned wide_mark(struct sori_view text, uint32_t at, enum byte_class *class)
{
	const unsigned char *b = (const unsigned char *)text.at + at;
	if (at + 3 > text.length)
		return 0;
	if (b[0] == 0xe2 && (b[1] == 0x80 || b[1] == 0x81)) { /* U+2000..207F: dashes, quotes, bullets, ellipsis */
		*class = b[1] == 0x80 && b[2] == 0xa6 ? SENTENCE : CLAUSE;
		return 3;
	}
	if (b[0] == 0xe3 && b[1] == 0x80) { /* U+3000..303F */
		*class = b[2] == 0x82 ? SENTENCE : CLAUSE;
		return 3;
	}
	return 0;
}

static bool letter_at(struct sori_view text, uint32_t at)
{
	return at < text.length && class_of((unsigned char)text.at[at]) == LETTER;
}

static bool digit_at(struct sori_view text, uint32_t at)
{
	return at < text.length && (unsigned)(text.at[at] - '0') < 10u;
}

/* Byte after the word that goes on at `at`. */
uint32_t sori_clause_word_end(struct sori_view text, uint32_t at)
{
	enum byte_class ignored;
	while (at < text.length) {
		unsigned char byte = (unsigned char)text.at[at];
		if (byte >= 0xea && byte <= 0xed) { /* the common case: Hangul */
			at += 3;
			continue;
		}
		enum byte_class class = class_of(byte);
		bool joins = (class == JOINER && at > 0 && letter_at(text, at - 1) && letter_at(text, at + 1)) ||
			     (class == DOT && at > 0 && digit_at(text, at - 1) && digit_at(text, at + 1));
		if (class != LETTER && !joins)
			break;
		if ((unsigned char)text.at[at] >= 0xe2 && wide_mark(text, at, &ignored))
			break;
		at++;
	}
	return at;
}

/* "만" after a noun or particle in 지: 중지만 뜬다, 여기까지만. */
static bool only(struct sori_view word)
{
	static const char *const nouns[] = {"까지만", "중지만", "정지만", "공지만", "해지만", "메시지만", "메세지만", "페이지만", "이미지만", "패키지만"};
	for (size_t i = 0; i < sizeof nouns / sizeof *nouns; i++) {
		size_t n = strlen(nouns[i]);
		if (word.length >= n && memcmp(word.at + word.length - n, nouns[i], n) == 0)
			return true;
	}
	return false;
}

/* A word that ends in 지만, 는데, ㄴ데 (but not 가운데), 으나, also with 요 or 도 after 데. */
bool sori_clause_contrastive(struct sori_view word)
{
	const char *end = word.at + word.length;
	size_t n = word.length;
	if (n >= 9 && (memcmp(end - 3, "요", 3) == 0 || memcmp(end - 3, "도", 3) == 0)) {
		end -= 3;
		n -= 3;
	}
	if (n < 6)
		return false;
	if (memcmp(end - 6, "지만", 6) == 0)
		return !only(word);
	if (memcmp(end - 6, "으나", 6) == 0)
		return true;
	if (memcmp(end - 3, "데", 3) != 0)
		return false;
	uint32_t before = sori_index_syllable(sori_index_load(end - 6));
	return before < SORI_SYLLABLES && before % 28 == 4 && !(n >= 9 && memcmp(end - 9, "가운데", 9) == 0);
}

struct cutting {
	uint32_t clause, sentence;
	bool clause_open, sentence_open; /* words since the last border */
};

static void end_clause(struct cutting *c, bool sentence)
{
	if (c->clause_open)
		c->clause++;
	c->clause_open = false;
	if (!sentence)
		return;
	if (c->sentence_open)
		c->sentence++;
	c->sentence_open = false;
}

/* ---- letters as bits, so that a word costs no step per byte */

static uint64_t portable_letters(const char *at, size_t length)
{
	uint64_t letters = 0;
	for (size_t i = 0; i < length; i++)
		letters |= (uint64_t)(class_of((unsigned char)at[i]) == LETTER) << i;
	return letters;
}

/* Bytes of wide punctuation are no letters. `leads`: a bit per byte E2 or E3. */
static void clear_wide(struct sori_matcher *m, uint32_t base, uint64_t leads)
{
	enum byte_class ignored;
	for (; leads; leads &= leads - 1) {
		uint32_t at = base + (uint32_t)__builtin_ctzll(leads);
		unsigned wide = wide_mark(m->text, at, &ignored);
		for (unsigned i = 0; i < wide; i++)
			m->letters[(at + i) / 64] &= ~(UINT64_C(1) << (at + i) % 64);
	}
}

#ifdef SORI_HAVE_AVX2
__attribute__((target("avx2"))) static uint32_t in_range(__m256i bytes, char low, char width)
{
	__m256i from = _mm256_sub_epi8(bytes, _mm256_set1_epi8(low));
	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(from, _mm256_set1_epi8(width)), from));
}

__attribute__((target("avx2"))) static uint64_t vector_letters(const char *at, uint64_t *leads)
{
	uint64_t letters = 0;
	for (unsigned half = 0; half < 2; half++) {
		__m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(at + 32 * half));
		uint32_t high = (uint32_t)_mm256_movemask_epi8(bytes);
		letters |= (uint64_t)(high | in_range(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), 'a', 25) |
				      in_range(bytes, '0', 9)) << 32 * half;
		*leads |= (uint64_t)in_range(bytes, (char)0xe2, 1) << 32 * half;
	}
	return letters;
}
#endif

static uint64_t block_letters(const char *at, size_t left, uint64_t *leads)
{
	*leads = 0;
#ifdef SORI_HAVE_AVX2
	if (__builtin_cpu_supports("avx2"))
		return vector_letters(at, leads);
#endif
	for (size_t i = 0; i < (left < 64 ? left : 64); i++)
		*leads |= (uint64_t)((unsigned char)at[i] == 0xe2 || (unsigned char)at[i] == 0xe3) << i;
	return portable_letters(at, left < 64 ? left : 64);
}

static bool find_letters(struct sori_matcher *m)
{
	size_t length = m->text.length, blocks = length / 64 + 2;
	if (SORI_GROW(m->letters, m->letter_capacity, blocks) != 0) {
		m->failed = true;
		return false;
	}
	m->letters[length / 64] = m->letters[length / 64 + 1] = 0;
	for (size_t at = 0; at < length; at += 64) {
		size_t left = length - at;
		uint64_t leads, whole = left < 64 ? (UINT64_C(1) << left) - 1 : UINT64_MAX;
		m->letters[at / 64] = block_letters(m->text.at + at, left, &leads) & whole;
		if (leads & whole)
			clear_wide(m, (uint32_t)at, leads & whole);
	}
	return true;
}

/* First byte from `at` on whose bit, flipped by `flip`, is set; the text's length at the end. */
static inline uint32_t next_byte(const struct sori_matcher *m, uint32_t at, uint64_t flip)
{
	uint32_t length = (uint32_t)m->text.length, block = at / 64;
	if (at >= length)
		return length;
	uint64_t bits = (m->letters[block] ^ flip) >> at % 64;
	if (bits)
		at += (uint32_t)__builtin_ctzll(bits);
	else
		for (at = (block + 1) * 64; at < length; at += 64)
			if ((bits = m->letters[at / 64] ^ flip) != 0) {
				at += (uint32_t)__builtin_ctzll(bits);
				break;
			}
	return at < length ? at : length;
}

static inline bool joins(struct sori_view text, uint32_t at)
{
	enum byte_class class = class_of((unsigned char)text.at[at]);
	return (class == JOINER && letter_at(text, at + 1)) ||
	       (class == DOT && digit_at(text, at - 1) && digit_at(text, at + 1));
}

static bool add_word(struct sori_matcher *m, uint32_t start, uint32_t end, struct cutting *c)
{
	if (SORI_GROW(m->words, m->word_capacity, m->word_count + 1) != 0) {
		m->failed = true;
		return false;
	}
	const struct sori_memo_word *known = sori_memo_word(m, start, end);
	if (!known)
		return false;
	if (known->flags & SORI_MEMO_BREAK)
		end_clause(c, false);
	m->words[m->word_count++] = (struct sori_word){
		.start = start, .end = end, .clause = c->clause, .sentence = c->sentence, .lists = known->lists,
		.flags = known->flags & SORI_MEMO_LATIN ? SORI_WORD_LATIN : 0u,
	};
	m->all_lists |= known->lists;
	c->clause_open = c->sentence_open = true;
	if (known->flags & SORI_MEMO_CONTRAST)
		end_clause(c, false);
	return true;
}

/* The byte (or three of them) between words at `at`; gives the next. */
static uint32_t pass_mark(struct sori_matcher *m, uint32_t at, struct cutting *c)
{
	unsigned char byte = (unsigned char)m->text.at[at];
	enum byte_class class = class_of(byte);
	unsigned wide = byte >= 0xe2 ? wide_mark(m->text, at, &class) : 0;
	if (class == BLANK)
		return at + 1;
	if (byte < 0x80 && sori_bit(m->index->mark_starts, byte)) {
		if (SORI_GROW(m->marks, m->mark_capacity, m->mark_count + 1) != 0)
			m->failed = true;
		else
			m->marks[m->mark_count++] = at;
	}
	if (class == QUESTION && m->word_count)
		m->words[m->word_count - 1].flags |= SORI_WORD_ASKS;
	if (class == CLAUSE)
		end_clause(c, false);
	else if (class == SENTENCE || class == QUESTION || class == DOT)
		end_clause(c, true);
	return at + (wide ? wide : 1);
}

void sori_clause_cut(struct sori_matcher *m)
{
	struct cutting c = {0};
	uint32_t length = (uint32_t)m->text.length;
	m->word_count = m->mark_count = 0;
	m->all_lists = 0;
	if (!find_letters(m))
		return;
	for (uint32_t at = 0; at < length && !m->failed;) {
		uint32_t start = next_byte(m, at, 0);
		while (at < start)
			at = pass_mark(m, at, &c);
		if (start >= length)
			return;
		uint32_t end = next_byte(m, start, UINT64_MAX);
		while (end < length && joins(m->text, end))
			end = next_byte(m, end + 1, UINT64_MAX);
		if (!add_word(m, start, end, &c))
			return;
		at = end;
	}
}
