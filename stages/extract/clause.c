/* Words, clauses and sentences of a record that has matches: one pass over its bytes.
 *
 * A word is a stretch without blanks and punctuation; - ' / . join letters or digits on both sides (wi-fi, don't, a/s,
 * 3.5). A sentence ends at . ! ? and at the original's line breaks; a clause also at , ; : ~ brackets, quotes, laughter
 * and tears, after a contrastive ending (지만 는데 ㄴ데 으나), and before an English clause word (but, although …). */
#include "stages/extract/match.h"

#include "pipeline/base/memory.h"

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

/* Byte after the word that begins at `at`. */
static uint32_t word_end(struct sori_view text, uint32_t at)
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

/* A word that ends in 지만, 는데, ㄴ데 (but not 가운데), 으나, also with 요 or 도 after 데. */
static bool contrastive(struct sori_view word)
{
	const char *end = word.at + word.length;
	size_t n = word.length;
	if (n >= 9 && (memcmp(end - 3, "요", 3) == 0 || memcmp(end - 3, "도", 3) == 0)) {
		end -= 3;
		n -= 3;
	}
	if (n < 6)
		return false;
	if (memcmp(end - 6, "지만", 6) == 0 || memcmp(end - 6, "으나", 6) == 0)
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

static bool add_word(struct sori_matcher *m, uint32_t start, uint32_t end, struct cutting *c)
{
	struct sori_view word = sori_view_slice(m->text, start, end - start);
	struct sori_word made = {.start = start, .end = end};
	if (sori_is_word_byte((unsigned char)word.at[0])) {
		made.flags = SORI_WORD_LATIN;
		if (sori_grammar_breaks(m->dictionary->grammar, word))
			end_clause(c, false);
	}
	made.clause = c->clause;
	made.sentence = c->sentence;
	c->clause_open = c->sentence_open = true;
	if (SORI_GROW(m->words, m->word_capacity, m->word_count + 1) != 0) {
		m->failed = true;
		return false;
	}
	m->words[m->word_count++] = made;
	if ((unsigned char)word.at[0] >= 0x80 && contrastive(word))
		end_clause(c, false);
	return true;
}

static void cut_words(struct sori_matcher *m)
{
	struct cutting c = {0};
	struct sori_view text = m->text;
	m->word_count = 0;
	for (uint32_t at = 0; at < text.length;) {
		enum byte_class class = class_of((unsigned char)text.at[at]);
		unsigned wide = 0;
		if ((unsigned char)text.at[at] >= 0xe2)
			wide = wide_mark(text, at, &class);
		if (class == LETTER) {
			uint32_t end = word_end(text, at);
			if (!add_word(m, at, end, &c))
				return;
			at = end;
			continue;
		}
		if (class == QUESTION && m->word_count)
			m->words[m->word_count - 1].flags |= SORI_WORD_ASKS;
		if (class == CLAUSE)
			end_clause(&c, false);
		else if (class == SENTENCE || class == QUESTION || class == DOT)
			end_clause(&c, true);
		at += wide ? wide : 1;
	}
}

void sori_clause_cut(struct sori_matcher *m)
{
	cut_words(m);
	uint32_t word = 0;
	for (size_t i = 0; i < m->match_count && m->word_count; i++) {
		struct sori_term_match *match = &m->matches[i];
		while (word + 1 < m->word_count && m->words[word + 1].start <= match->start)
			word++;
		match->first_word = match->word = word;
		while (match->word + 1 < m->word_count && m->words[match->word + 1].start < match->end)
			match->word++;
	}
}

uint64_t sori_word_lists(struct sori_matcher *m, uint32_t number)
{
	struct sori_word *word = &m->words[number];
	if (!(word->flags & SORI_WORD_CLASSED)) {
		word->lists = sori_grammar_word(m->dictionary->grammar, sori_word_text(m, number));
		word->flags |= SORI_WORD_CLASSED;
	}
	return word->lists;
}
