/* Words are numbered as they come; a document is a row of word numbers with breaks between stretches. At the end every word's
 * readings are entered in one table of readings with the number of different words that have them; a word takes the reading with
 * most words, of equal ones the shorter, then the smaller. English readings are cut by rule (s, es, ed, ing, er, with a final e
 * put back or a doubled letter taken), Korean ones come from the grammar. */
#include "pipeline/core/terms.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/text/normalize.h"

#define BREAK UINT32_MAX  /* in a document's row */
#define END (UINT32_MAX - 1)
#define WORD_BYTES 60     /* longer runs are no words */

struct word {
	struct sori_view text;
	uint32_t votes;    /* as a reading: different words that have it */
	uint32_t term;     /* the reading it takes */
};

struct table {
	struct word *words;
	size_t count, capacity;
	uint32_t *slots; /* number + 1 */
	size_t slot_count;
};

struct sori_term_gather {
	const struct sori_term_grammar *grammar;
	struct sori_arena arena;
	struct table words, readings;
	uint32_t *rows;      /* documents one after the other, each ended by END */
	size_t row_count, row_capacity;
};

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

/* ---- a table of texts */

static bool grow_slots(struct table *table)
{
	size_t count = table->slot_count ? table->slot_count * 2 : 4096;
	uint32_t *slots = sori_alloc_zero(count, sizeof *slots);

	if (!slots)
		return false;
	for (size_t i = 0; i < table->count; i++) {
		size_t at = sori_hash64(table->words[i].text, 1) & (count - 1);

		while (slots[at])
			at = (at + 1) & (count - 1);
		slots[at] = (uint32_t)i + 1;
	}
	sori_free(table->slots);
	table->slots = slots;
	table->slot_count = count;
	return true;
}

/* Number of a text, entered when it is new; UINT32_MAX: no memory. */
static uint32_t enter(struct table *table, struct sori_arena *arena, struct sori_view text)
{
	size_t at;

	if (table->count * 2 >= table->slot_count && !grow_slots(table))
		return UINT32_MAX;
	at = sori_hash64(text, 1) & (table->slot_count - 1);
	for (; table->slots[at]; at = (at + 1) & (table->slot_count - 1))
		if (sori_view_equal(table->words[table->slots[at] - 1].text, text))
			return table->slots[at] - 1;
	if (SORI_GROW(table->words, table->capacity, table->count + 1) != 0)
		return UINT32_MAX;
	table->words[table->count] = (struct word){.text = sori_arena_copy(arena, text)};
	if (!table->words[table->count].text.at && text.length)
		return UINT32_MAX;
	table->slots[at] = (uint32_t)++table->count;
	return (uint32_t)table->count - 1;
}

static void release_table(struct table *table)
{
	sori_free(table->words);
	sori_free(table->slots);
}

struct sori_term_gather *sori_term_gather_new(const struct sori_term_grammar *grammar)
{
	struct sori_term_gather *gather = sori_alloc_zero(1, sizeof *gather);

	if (!gather)
		return NULL;
	gather->grammar = grammar;
	sori_arena_init(&gather->arena, 1 << 16);
	return gather;
}

void sori_term_gather_free(struct sori_term_gather *gather)
{
	if (!gather)
		return;
	release_table(&gather->words);
	release_table(&gather->readings);
	sori_free(gather->rows);
	sori_arena_release(&gather->arena);
	sori_free(gather);
}

/* ---- words of a text */

static bool is_hangul(uint32_t point)
{
	return point >= 0xac00 && point <= 0xd7a3;
}

/* Letters of words: Hangul syllables, Latin with marks, digits; everything else stands between words. */
static bool is_letter(uint32_t point)
{
	return is_hangul(point) || (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9') || point == '\'' ||
	       (point >= 0xc0 && point <= 0x24f && point != 0xd7 && point != 0xf7) || (point >= 0x400 && point <= 0x52f) ||
	       (point >= 0x3040 && point <= 0x30ff) || (point >= 0x4e00 && point <= 0x9fff);
}

/* Does a new word begin between these two letters? Hangul against anything else: "앱ui" is two. */
static bool parts(uint32_t before, uint32_t point)
{
	return is_hangul(before) != is_hangul(point);
}

static bool says_something(struct sori_view word)
{
	size_t letters = 0, characters = 0;
	unsigned length;

	for (size_t at = 0; at < word.length; at += length) {
		uint32_t point = sori_utf8_decode(word.at + at, &length);

		characters++;
		letters += point > '9' && point != '\'';
	}
	return letters > 0 && word.length <= WORD_BYTES && characters >= ((unsigned char)word.at[0] < 0x80 ? 3 : 2);
}

static enum sori_status add_number(struct sori_term_gather *gather, uint32_t number, struct sori_error *error)
{
	if (SORI_GROW(gather->rows, gather->row_capacity, gather->row_count + 1) != 0)
		return no_memory(error);
	gather->rows[gather->row_count++] = number;
	return SORI_OK;
}

static enum sori_status add_word(struct sori_term_gather *gather, struct sori_view word, struct sori_error *error)
{
	uint32_t number;

	while (word.length && word.at[0] == '\'')
		word = sori_view_slice(word, 1, word.length);
	while (word.length && word.at[word.length - 1] == '\'')
		word.length--;
	if (!word.length || !says_something(word))
		return add_number(gather, BREAK, error);
	number = enter(&gather->words, &gather->arena, word);
	return number == UINT32_MAX ? no_memory(error) : add_number(gather, number, error);
}

enum sori_status sori_term_gather_add(struct sori_term_gather *gather, struct sori_view text, struct sori_error *error)
{
	size_t start = 0;
	uint32_t before = 0;
	bool inside = false;
	unsigned length;
	enum sori_status status = SORI_OK;

	for (size_t at = 0; at < text.length && status == SORI_OK; at += length) {
		uint32_t point = sori_utf8_decode(text.at + at, &length);
		bool letter = is_letter(point);

		if (inside && (!letter || parts(before, point))) {
			status = add_word(gather, sori_view_make(text.at + start, at - start), error);
			inside = false;
		}
		if (letter && !inside)
			start = at;
		inside = letter;
		if (!letter && point != ' ' && status == SORI_OK)
			status = add_number(gather, BREAK, error);
		before = point;
	}
	if (inside && status == SORI_OK)
		status = add_word(gather, sori_view_make(text.at + start, text.length - start), error);
	return status == SORI_OK ? add_number(gather, END, error) : status;
}

/* ---- readings */

struct readings {
	struct sori_term_stem of[SORI_TERM_STEMS + 8];
	size_t count;
};

static void add_reading(struct readings *readings, const char *at, size_t length, const char *more)
{
	struct sori_term_stem *stem = &readings->of[readings->count];
	size_t tail = strlen(more);

	if (length + tail > sizeof stem->text || length < 3 || readings->count == sizeof readings->of / sizeof *readings->of)
		return;
	memcpy(stem->text, at, length);
	memcpy(stem->text + length, more, tail);
	stem->length = length + tail;
	readings->count++;
}

/* Without the ending, also with an e put back, or with one of two equal last letters. */
static void cut_english(struct readings *readings, struct sori_view word, const char *ending)
{
	size_t tail = strlen(ending), left = word.length - tail;

	if (word.length < tail + 3 || memcmp(word.at + left, ending, tail) != 0)
		return;
	add_reading(readings, word.at, left, "");
	if (tail == 1)
		return;
	add_reading(readings, word.at, left, "e");
	if (left > 3 && word.at[left - 1] == word.at[left - 2])
		add_reading(readings, word.at, left - 1, "");
	if (word.at[left - 1] == 'i')
		add_reading(readings, word.at, left - 1, "y");
}

static void read_word(const struct sori_term_gather *gather, struct sori_view word, struct readings *readings)
{
	unsigned length;

	readings->count = 0;
	if (is_hangul(sori_utf8_decode(word.at, &length))) {
		if (gather->grammar && gather->grammar->stems)
			readings->count = gather->grammar->stems(gather->grammar->user, word, readings->of);
		return;
	}
	cut_english(readings, word, "s");
	cut_english(readings, word, "es");
	cut_english(readings, word, "ed");
	cut_english(readings, word, "ing");
}

static enum sori_status vote(struct sori_term_gather *gather, struct sori_error *error)
{
	struct readings readings;

	for (size_t i = 0; i < gather->words.count; i++) {
		struct sori_view word = gather->words.words[i].text;
		uint32_t number = enter(&gather->readings, &gather->arena, word);

		if (number == UINT32_MAX)
			return no_memory(error);
		gather->readings.words[number].votes++;
		read_word(gather, word, &readings);
		for (size_t r = 0; r < readings.count; r++) {
			number = enter(&gather->readings, &gather->arena, sori_view_make(readings.of[r].text, readings.of[r].length));
			if (number == UINT32_MAX)
				return no_memory(error);
			gather->readings.words[number].votes++;
		}
	}
	return SORI_OK;
}

static bool better(const struct word *a, const struct word *b)
{
	if (a->votes != b->votes)
		return a->votes > b->votes;
	if (a->text.length != b->text.length)
		return a->text.length < b->text.length;
	return sori_view_compare(a->text, b->text) < 0;
}

/* A reading that no other word has is a mere guess: then the word stays itself. */
static enum sori_status choose(struct sori_term_gather *gather, struct sori_error *error)
{
	struct readings readings;

	for (size_t i = 0; i < gather->words.count; i++) {
		struct word *word = &gather->words.words[i];
		uint32_t best = enter(&gather->readings, &gather->arena, word->text);

		if (best == UINT32_MAX)
			return no_memory(error);
		read_word(gather, word->text, &readings);
		for (size_t r = 0; r < readings.count; r++) {
			uint32_t number = enter(&gather->readings, &gather->arena,
						sori_view_make(readings.of[r].text, readings.of[r].length));
			const struct word *reading;

			if (number == UINT32_MAX) /* the table may grow even for what is there */
				return no_memory(error);
			reading = &gather->readings.words[number];
			if (reading->votes > 1 && better(reading, &gather->readings.words[best]))
				best = number;
		}
		word->term = best;
	}
	return SORI_OK;
}

/* ---- terms and their documents */

/* A use before terms are numbered: one reading, or two. */
struct use {
	uint32_t first, second; /* readings; second UINT32_MAX: none */
	uint32_t document;
};

static int by_term(const void *left, const void *right)
{
	const struct use *a = left, *b = right;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->second != b->second)
		return a->second < b->second ? -1 : 1;
	return (a->document > b->document) - (a->document < b->document);
}

static enum sori_status list_uses(const struct sori_term_gather *gather, const uint32_t *place, struct use **uses, size_t *count,
				  struct sori_error *error)
{
	size_t capacity = 0;
	uint32_t document = 0, before = BREAK;

	for (size_t i = 0; i < gather->row_count; i++) {
		uint32_t number = gather->rows[i], term;

		if (number == END || number == BREAK) {
			document += number == END;
			before = BREAK;
			continue;
		}
		term = place[gather->words.words[number].term];
		if (SORI_GROW(*uses, capacity, *count + 2) != 0)
			return no_memory(error);
		(*uses)[(*count)++] = (struct use){term, UINT32_MAX, document};
		if (before != BREAK && before != term)
			(*uses)[(*count)++] = (struct use){before, term, document};
		before = term;
	}
	return SORI_OK;
}

static enum sori_status name_term(const struct sori_term_gather *gather, const uint32_t *order, const struct use *use,
				  struct sori_terms *terms, struct sori_error *error)
{
	struct sori_view first = gather->readings.words[order[use->first]].text, second = {"", 0};
	bool pair = use->second != UINT32_MAX;
	char room[2 * 64 + 1];
	size_t length = first.length;

	memcpy(room, first.at, first.length);
	if (pair) {
		second = gather->readings.words[order[use->second]].text;
		room[length++] = ' ';
		memcpy(room + length, second.at, second.length);
		length += second.length;
	}
	terms->pair[terms->count] = pair;
	terms->text[terms->count] = sori_arena_copy(&terms->arena, sori_view_make(room, length));
	return terms->text[terms->count++].at ? SORI_OK : no_memory(error);
}

struct place_of {
	const struct word *words;
	uint32_t number;
};

static int by_text(const void *left, const void *right)
{
	const struct place_of *a = left, *b = right;

	return sori_view_compare(a->words[a->number].text, b->words[b->number].text);
}

static enum sori_status number_terms(const struct sori_term_gather *gather, const uint32_t *order, const struct use *uses, size_t count,
				     struct sori_terms *terms, struct sori_error *error)
{
	size_t distinct = 0;
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < count; i++)
		distinct += i == 0 || uses[i].first != uses[i - 1].first || uses[i].second != uses[i - 1].second;
	terms->text = sori_alloc((distinct + 1) * sizeof *terms->text);
	terms->pair = sori_alloc((distinct + 1) * sizeof *terms->pair);
	terms->uses = sori_alloc((count + 1) * sizeof *terms->uses);
	if (!terms->text || !terms->pair || !terms->uses)
		return no_memory(error);
	for (size_t i = 0; i < count && status == SORI_OK; i++) {
		bool same = i && uses[i].first == uses[i - 1].first && uses[i].second == uses[i - 1].second;

		if (same && uses[i].document == uses[i - 1].document)
			continue;
		if (!same)
			status = name_term(gather, order, &uses[i], terms, error);
		terms->uses[terms->use_count++] = (struct sori_term_use){(uint32_t)terms->count - 1, uses[i].document};
	}
	return status;
}

enum sori_status sori_term_gather_end(struct sori_term_gather *gather, struct sori_terms *terms, struct sori_error *error)
{
	size_t readings, count = 0;
	struct place_of *sorted = NULL;
	uint32_t *place = NULL, *order = NULL;
	struct use *uses = NULL;
	enum sori_status status;

	*terms = (struct sori_terms){0};
	sori_arena_init(&terms->arena, 1 << 16);
	status = vote(gather, error);
	if (status == SORI_OK)
		status = choose(gather, error);
	if (status != SORI_OK)
		return status;
	readings = gather->readings.count;
	sorted = sori_alloc((readings + 1) * sizeof *sorted);
	place = sori_alloc((readings + 1) * sizeof *place);
	order = sori_alloc((readings + 1) * sizeof *order);
	if (!sorted || !place || !order)
		status = no_memory(error);
	for (size_t i = 0; i < readings && status == SORI_OK; i++)
		sorted[i] = (struct place_of){gather->readings.words, (uint32_t)i};
	if (readings && status == SORI_OK)
		qsort(sorted, readings, sizeof *sorted, by_text);
	for (size_t i = 0; i < readings && status == SORI_OK; i++) {
		order[i] = sorted[i].number;
		place[sorted[i].number] = (uint32_t)i;
	}
	if (status == SORI_OK)
		status = list_uses(gather, place, &uses, &count, error);
	if (status == SORI_OK && count)
		qsort(uses, count, sizeof *uses, by_term);
	if (status == SORI_OK)
		status = number_terms(gather, order, uses, count, terms, error);
	sori_free(sorted);
	sori_free(place);
	sori_free(order);
	sori_free(uses);
	return status;
}

void sori_terms_release(struct sori_terms *terms)
{
	sori_free(terms->text);
	sori_free(terms->pair);
	sori_free(terms->uses);
	sori_arena_release(&terms->arena);
	*terms = (struct sori_terms){0};
}
