/* The word lists of scope.tsv. Patterns whose first letter is fixed are filed by it; the few others ("~word") are tried
 * one by one. A word is looked up only when it stands near a match, and the answer is kept with the word. */
#include "stages/extract/grammar_internal.h"

#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

#define BUCKETS 256u

static const char *const word_names[] = {
#define SORI_WORD_NAME(name, text) text,
	SORI_WORD_LIST(SORI_WORD_NAME)
#undef SORI_WORD_NAME
};

static struct sori_view cut(struct sori_view *rest, char mark)
{
	const char *found = rest->length ? memchr(rest->at, mark, rest->length) : NULL;
	size_t length = found ? (size_t)(found - rest->at) : rest->length;
	struct sori_view piece = sori_view_slice(*rest, 0, length);
	*rest = sori_view_slice(*rest, length + (found ? 1 : 0), rest->length);
	return piece;
}

static unsigned bucket_of(struct sori_view text)
{
	unsigned length;
	return text.length ? sori_utf8_decode(text.at, &length) * 2654435761u >> 24 : 0;
}

/* One bit per letter (hashed); for telling quickly that a word cannot contain a pattern. */
static uint64_t letters_of(struct sori_view text)
{
	uint64_t letters = 0;
	unsigned length;
	for (size_t at = 0; at < text.length; at += length)
		letters |= UINT64_C(1) << (sori_utf8_decode(text.at + at, &length) * 2654435761u >> 26);
	return letters;
}

static bool ends(struct sori_view text, char mark)
{
	return text.length > 1 && text.at[text.length - 1] == mark;
}

static struct sori_pattern read_pattern(struct sori_view text, uint64_t words)
{
	struct sori_pattern pattern = {.text = text, .words = words};
	bool front = text.length > 1 && text.at[0] == '~';
	bool open = ends(text, '+'), particle = ends(text, '='), back = ends(text, '~');
	if (front)
		pattern.text = sori_view_slice(pattern.text, 1, text.length);
	if (open || particle || back)
		pattern.text.length--;
	pattern.kind = front ? (back ? SORI_PATTERN_INSIDE : SORI_PATTERN_SUFFIX)
		     : open ? SORI_PATTERN_OPEN
		     : particle ? SORI_PATTERN_PARTICLE
		     : back ? SORI_PATTERN_PREFIX
		     : SORI_PATTERN_WORD;
	if (front)
		pattern.letters = letters_of(pattern.text);
	return pattern;
}

/* Tried one by one: the first letter is not known. */
static bool is_loose(const struct sori_pattern *pattern)
{
	return pattern->kind == SORI_PATTERN_SUFFIX || pattern->kind == SORI_PATTERN_INSIDE ||
	       (pattern->kind == SORI_PATTERN_OPEN && pattern->text.length <= 3);
}

static bool add_pattern(struct sori_grammar *g, struct sori_pattern pattern)
{
	if (SORI_GROW(g->patterns, g->pattern_capacity, g->pattern_count + 1) != 0)
		return false;
	g->patterns[g->pattern_count++] = pattern;
	return true;
}

static bool add_phrase(struct sori_grammar *g, struct sori_view text)
{
	struct sori_view copy = sori_arena_copy(&g->arena, text);
	if (!copy.at)
		return false;
	char *at = (char *)(uintptr_t)copy.at; /* our own copy */
	for (size_t i = 0; i < copy.length; i++)
		if (at[i] == '_')
			at[i] = ' ';
	return add_pattern(g, (struct sori_pattern){.text = copy, .kind = SORI_PATTERN_PHRASE});
}

static enum sori_status read_line(struct sori_grammar *g, struct sori_view line, struct sori_error *error)
{
	struct sori_view name = cut(&line, '\t');
	bool fixed = sori_view_is(name, "en-fixed");
	unsigned bit = 0;
	while (bit < SORI_WORD_BIT_COUNT && !sori_view_is(name, word_names[bit]))
		bit++;
	if (bit == SORI_WORD_BIT_COUNT && !fixed)
		return sori_fail(error, SORI_CONFIG, "unknown word list: %.*s", (int)name.length, name.at);
	while (line.length) {
		struct sori_view word = cut(&line, ' ');
		if (!word.length)
			continue;
		if (!(fixed ? add_phrase(g, word) : add_pattern(g, read_pattern(word, UINT64_C(1) << bit))))
			return sori_fail(error, SORI_SYSTEM, "no memory for the grammar");
	}
	return SORI_OK;
}

/* Filed ones first, by bucket; then the loose ones. */
static int compare_patterns(const void *left, const void *right)
{
	const struct sori_pattern *a = left, *b = right;
	bool a_loose = is_loose(a), b_loose = is_loose(b);
	if (a_loose != b_loose)
		return a_loose ? 1 : -1;
	unsigned a_bucket = bucket_of(a->text), b_bucket = bucket_of(b->text);
	if (!a_loose && a_bucket != b_bucket)
		return a_bucket < b_bucket ? -1 : 1;
	int order = sori_view_compare(a->text, b->text);
	return order ? order : (a->words > b->words) - (a->words < b->words);
}

static enum sori_status file_patterns(struct sori_grammar *g, struct sori_error *error)
{
	g->buckets = sori_alloc_zero(BUCKETS + 1, sizeof *g->buckets);
	if (!g->buckets)
		return sori_fail(error, SORI_SYSTEM, "no memory for the grammar");
	if (g->pattern_count)
		qsort(g->patterns, g->pattern_count, sizeof *g->patterns, compare_patterns);
	for (size_t i = 0; i < g->pattern_count; i++)
		if (g->patterns[i].words & SORI_WORD(BREAK) && (unsigned)g->patterns[i].text.at[0] - 'a' < 26u)
			g->break_letters |= UINT32_C(1) << (g->patterns[i].text.at[0] - 'a');
	while (g->loose_first < g->pattern_count && !is_loose(&g->patterns[g->loose_first]))
		g->buckets[bucket_of(g->patterns[g->loose_first++].text) + 1]++;
	for (unsigned i = 0; i < BUCKETS; i++)
		g->buckets[i + 1] += g->buckets[i];
	return SORI_OK;
}

enum sori_status sori_words_load(struct sori_grammar *g, const char *path, struct sori_error *error)
{
	struct sori_view text = {0};
	enum sori_status status = sori_grammar_read_file(g, path, &text, error);
	for (uint64_t number = 1; status == SORI_OK && text.length; number++) {
		struct sori_view line = cut(&text, '\n');
		if (!line.length || line.at[0] == '#')
			continue;
		status = read_line(g, line, error);
		if (status != SORI_OK)
			return sori_error_at(error, path, number, 0);
	}
	return status == SORI_OK ? file_patterns(g, error) : status;
}

static bool begins_with(struct sori_view word, struct sori_view start)
{
	return word.length >= start.length && memcmp(word.at, start.at, start.length) == 0;
}

static bool is_particle(struct sori_view text)
{
	static const char particles[] = "은는이가을를도만의에로과와나";
	if (text.length != 3)
		return text.length == 0;
	for (size_t i = 0; i + 3 < sizeof particles; i += 3)
		if (memcmp(particles + i, text.at, 3) == 0)
			return true;
	return false;
}

static bool open_start(struct sori_view word, struct sori_view start)
{
	unsigned length;
	size_t before = start.length - 3;
	if (word.length < start.length || memcmp(word.at, start.at, before) != 0)
		return false;
	uint32_t wanted = sori_utf8_decode(start.at + before, &length), got = sori_utf8_decode(word.at + before, &length);
	return sori_is_hangul_syllable(got) && sori_is_hangul_syllable(wanted) &&
	       (got - 0xac00) / 28 == (wanted - 0xac00) / 28;
}

static bool fits(const struct sori_pattern *pattern, struct sori_view word)
{
	struct sori_view text = pattern->text;
	switch (pattern->kind) {
	case SORI_PATTERN_WORD:
		return sori_view_equal(word, text);
	case SORI_PATTERN_PREFIX:
		return begins_with(word, text);
	case SORI_PATTERN_PARTICLE:
		return begins_with(word, text) && is_particle(sori_view_slice(word, text.length, word.length));
	case SORI_PATTERN_OPEN:
		return text.length >= 3 && open_start(word, text);
	case SORI_PATTERN_SUFFIX:
		return word.length >= text.length && memcmp(word.at + word.length - text.length, text.at, text.length) == 0;
	case SORI_PATTERN_INSIDE:
		return memmem(word.at, word.length, text.at, text.length) != NULL;
	default:
		return false;
	}
}

uint64_t sori_grammar_word(const struct sori_grammar *g, struct sori_view word)
{
	uint64_t words = 0;
	if (!word.length)
		return 0;
	unsigned bucket = bucket_of(word);
	for (uint32_t i = g->buckets[bucket]; i < g->buckets[bucket + 1]; i++)
		if (fits(&g->patterns[i], word))
			words |= g->patterns[i].words;
	uint64_t letters = letters_of(word);
	for (size_t i = g->loose_first; i < g->pattern_count; i++)
		if (!(g->patterns[i].letters & ~letters) && fits(&g->patterns[i], word))
			words |= g->patterns[i].words;
	return words;
}

bool sori_grammar_breaks(const struct sori_grammar *g, struct sori_view word)
{
	unsigned letter = (unsigned)(word.length ? word.at[0] : 0) - 'a';
	return letter < 26u && g->break_letters >> letter & 1 && sori_grammar_word(g, word) & SORI_WORD(BREAK);
}

size_t sori_grammar_fixed_phrase(const struct sori_grammar *g, struct sori_view text)
{
	if (!text.length)
		return 0;
	unsigned bucket = bucket_of(text);
	size_t best = 0;
	for (uint32_t i = g->buckets[bucket]; i < g->buckets[bucket + 1]; i++)
		if (g->patterns[i].kind == SORI_PATTERN_PHRASE && g->patterns[i].text.length > best &&
		    begins_with(text, g->patterns[i].text))
			best = g->patterns[i].text.length;
	return best;
}
