/* English inflection. Every content word of a term gets its plural or third person, past and -ing form, without asking
 * which part of speech it is: a form that does not exist in the language is not met in the text either, so it costs a
 * trie node and nothing else. A stemmer over the text would be the other way; it would have to run on every word of the
 * feedback, this runs once a term. Each word becomes a list of alternatives; the term is their product. */
#include "stages/extract/english.h"

#include <stdio.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "stages/extract/table.h"

#define ALTERNATIVES 24
#define WORD_BYTES 48

enum row_kind { ROW_FORMS, ROW_FIXED, ROW_DOUBLE, ROW_EQUAL, ROW_SPELLING };

struct row {
	struct sori_view key;
	struct sori_view list; /* blank-separated; `_` for a space */
	uint8_t kind;
	uint32_t order; /* ties between rows of one key */
};

struct sori_english {
	struct row *rows; /* sorted by kind, key */
	size_t count;
	struct sori_view bytes;
};

/* The alternatives of one position of the term. */
struct choice {
	char text[ALTERNATIVES][WORD_BYTES];
	size_t count;
	bool hyphen;
};

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	int order = sori_view_compare(a->key, b->key);
	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static const struct row *find_row(const struct sori_english *english, enum row_kind kind, struct sori_view key)
{
	size_t low = 0, high = english->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct row *row = &english->rows[middle];
		int order = row->kind != kind ? (row->kind < kind ? -1 : 1) : sori_view_compare(row->key, key);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	const struct row *row = low < english->count ? &english->rows[low] : NULL;
	return row && row->kind == kind && sori_view_equal(row->key, key) ? row : NULL;
}

static bool kind_of(struct sori_view name, uint8_t *kind)
{
	static const char *const names[] = {"forms", "fixed", "double", "equal", "spelling"};
	for (uint8_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (sori_view_is(name, names[i])) {
			*kind = i;
			return true;
		}
	}
	return false;
}

/* `forms` rows have one key, the second column; the words of all other rows are each a key of the whole row. */
static size_t fill_rows(const struct sori_table_row *from, uint8_t kind, struct row *rows, uint32_t order)
{
	if (kind == ROW_FORMS) {
		if (rows)
			rows[0] = (struct row){from->second, from->rest, kind, order};
		return 1;
	}
	struct sori_view words = from->second, word;
	size_t count = 0;
	while ((word = sori_table_word(&words)).length > 0) {
		if (rows)
			rows[count] = (struct row){word, from->second, kind, order};
		count++;
	}
	return count;
}

static enum sori_status fill_all(struct sori_english *english, const struct sori_table *table, bool store,
				 struct sori_error *error)
{
	size_t count = 0;
	for (size_t i = 0; i < table->count; i++) {
		uint8_t kind;
		if (!kind_of(table->rows[i].first, &kind)) {
			sori_fail(error, SORI_CONFIG, "unknown row '%.*s'", (int)table->rows[i].first.length,
				  table->rows[i].first.at);
			return sori_error_at(error, "english_irregular.tsv", table->rows[i].line, 1);
		}
		count += fill_rows(&table->rows[i], kind, store ? english->rows + count : NULL, (uint32_t)i);
	}
	english->count = count;
	return SORI_OK;
}

enum sori_status sori_english_load(const struct sori_english **result, struct sori_arena *arena, const char *folder,
				   struct sori_error *error)
{
	struct sori_table table;
	enum sori_status status = sori_table_read(&table, arena, folder, "english_irregular.tsv", error);
	if (status != SORI_OK)
		return status;
	struct sori_english *english = sori_arena_zero(arena, 1, sizeof *english);
	if (!english)
		return sori_fail(error, SORI_SYSTEM, "out of memory reading english_irregular.tsv");
	status = fill_all(english, &table, false, error);
	if (status != SORI_OK)
		return status;
	english->rows = sori_arena_zero(arena, english->count + 1, sizeof *english->rows);
	if (!english->rows)
		return sori_fail(error, SORI_SYSTEM, "out of memory reading english_irregular.tsv");
	status = fill_all(english, &table, true, error);
	qsort(english->rows, english->count, sizeof *english->rows, compare_rows);
	english->bytes = table.bytes;
	*result = english;
	return status;
}

struct sori_view sori_english_bytes(const struct sori_english *english)
{
	return english->bytes;
}

/* Adds stem + ending unless it is there or does not fit. */
static void add(struct choice *choice, struct sori_view stem, const char *ending)
{
	char text[WORD_BYTES] = "";
	size_t length = strlen(ending);
	if (choice->count == ALTERNATIVES || stem.length + length >= WORD_BYTES)
		return;
	if (stem.length)
		memcpy(text, stem.at, stem.length);
	memcpy(text + stem.length, ending, length + 1);
	for (size_t i = 0; i < choice->count; i++)
		if (strcmp(choice->text[i], text) == 0)
			return;
	memcpy(choice->text[choice->count++], text, sizeof text);
}

static void add_list(struct choice *choice, struct sori_view list)
{
	struct sori_view word;
	while ((word = sori_table_word(&list)).length > 0) {
		size_t before = choice->count;
		add(choice, word, "");
		if (choice->count == before)
			continue;
		for (char *at = choice->text[before]; *at; at++)
			if (*at == '_')
				*at = ' ';
	}
}

static bool is_vowel(char letter)
{
	return letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 'u';
}

static bool ends(struct sori_view word, const char *ending)
{
	size_t length = strlen(ending);
	return word.length >= length && memcmp(word.at + word.length - length, ending, length) == 0;
}

static char letter_from_end(struct sori_view word, size_t back)
{
	return word.length >= back ? word.at[word.length - back] : '\0';
}

static bool is_plain(struct sori_view word)
{
	for (size_t i = 0; i < word.length; i++)
		if (word.at[i] < 'a' || word.at[i] > 'z')
			return false;
	return word.length >= 3;
}

/* Already inflected (charges, dropped, crashing): no second ending. */
static bool is_inflected(struct sori_view word)
{
	if (word.length >= 5 && (ends(word, "ing") || ends(word, "ed")))
		return !ends(word, "eed") || word.length > 6;
	return word.length >= 3 && ends(word, "s") && !ends(word, "ss") && !ends(word, "us") && !ends(word, "is") &&
	       !ends(word, "as") && !ends(word, "os");
}

/* highly, properly: no noun or verb, unlike reply, family, assembly. */
static bool is_adverb(struct sori_view word)
{
	static const char *const others[] = {"pply", "mply", "eply", "iply", "family", "sembly", "fly", "maly", "poly"};
	if (word.length < 6 || !ends(word, "ly"))
		return false;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (ends(word, others[i]))
			return false;
	return true;
}

static size_t vowel_groups(struct sori_view word)
{
	size_t groups = 0;
	for (size_t i = 0; i < word.length; i++)
		groups += is_vowel(word.at[i]) && (i == 0 || !is_vowel(word.at[i - 1]));
	return groups;
}

enum doubling { DOUBLE_NO, DOUBLE_YES, DOUBLE_BOTH };

/* drop -> dropped; cancel -> canceled or cancelled; listed words of more syllables (refer, format) double. */
static enum doubling doubling_of(const struct sori_english *english, struct sori_view word)
{
	char last = letter_from_end(word, 1), middle = letter_from_end(word, 2), first = letter_from_end(word, 3);
	if (is_vowel(last) || last == 'w' || last == 'x' || last == 'y' || !is_vowel(middle) || (is_vowel(first) && first != 'u'))
		return DOUBLE_NO;
	if (first == 'u' && letter_from_end(word, 4) != 'q')
		return DOUBLE_NO;
	if (find_row(english, ROW_DOUBLE, word) || vowel_groups(word) == 1 || (first == 'u' && word.length == 4))
		return DOUBLE_YES;
	return last == 'l' ? DOUBLE_BOTH : DOUBLE_NO;
}

static void add_plural(struct choice *choice, struct sori_view word)
{
	char last = letter_from_end(word, 1);
	if (last == 'y' && !is_vowel(letter_from_end(word, 2)))
		add(choice, sori_view_slice(word, 0, word.length - 1), "ies");
	else if (last == 's' || last == 'x' || last == 'z' || ends(word, "ch") || ends(word, "sh"))
		add(choice, word, "es");
	else
		add(choice, word, "s");
}

static void add_past_and_ing(const struct sori_english *english, struct choice *choice, struct sori_view word)
{
	struct sori_view cut = sori_view_slice(word, 0, word.length - 1);
	char last = letter_from_end(word, 1);
	enum doubling doubling = doubling_of(english, word);
	char double_ed[4] = {last, 'e', 'd', 0}, double_ing[5] = {last, 'i', 'n', 'g', 0};
	if (doubling != DOUBLE_NO) {
		add(choice, word, double_ed);
		add(choice, word, double_ing);
	}
	if (doubling == DOUBLE_YES)
		return;
	if (last == 'y' && !is_vowel(letter_from_end(word, 2)))
		add(choice, cut, "ied");
	else
		add(choice, word, last == 'e' ? "d" : "ed");
	if (ends(word, "ie"))
		add(choice, sori_view_slice(word, 0, word.length - 2), "ying");
	else if (last == 'e' && !ends(word, "ee") && !ends(word, "oe") && !ends(word, "ye"))
		add(choice, cut, "ing");
	else
		add(choice, word, "ing");
}

/* -ise/-ize, -yse/-yze, -isation/-ization: the letter before the last `back` ones changes. */
static void add_zed(struct choice *choice, struct sori_view word)
{
	char other[WORD_BYTES];
	size_t back = ends(word, "ise") || ends(word, "ize") || ends(word, "yse") || ends(word, "yze") ? 2
		    : ends(word, "isation") || ends(word, "ization") ? 6 : 0;
	if (back == 0 || word.length < 6 || word.length >= sizeof other)
		return;
	memcpy(other, word.at, word.length);
	char *letter = &other[word.length - back];
	*letter = *letter == 's' ? 'z' : 's';
	add(choice, sori_view_make(other, word.length), "");
}

static void inflect(const struct sori_english *english, struct choice *choice, struct sori_view word)
{
	const struct row *forms = find_row(english, ROW_FORMS, word);
	if (forms) {
		add_list(choice, forms->list);
		return;
	}
	if (!is_plain(word) || is_inflected(word) || is_adverb(word))
		return;
	add_plural(choice, word);
	add_past_and_ing(english, choice, word);
}

static void add_without_apostrophe(struct choice *choice, struct sori_view word)
{
	char text[WORD_BYTES];
	size_t length = 0;
	for (size_t i = 0; i < word.length && length + 1 < sizeof text; i++)
		if (word.at[i] != '\'')
			text[length++] = word.at[i];
	add(choice, sori_view_make(text, length), "");
}

static void choose_word(const struct sori_english *english, struct choice *choice, const struct sori_english_word *word,
			bool bare)
{
	add(choice, word->text, "");
	if (memchr(word->text.at, '\'', word->text.length))
		add_without_apostrophe(choice, word->text);
	if (word->fixed)
		return;
	const struct row *spelling = find_row(english, ROW_SPELLING, word->text);
	if (spelling)
		add_list(choice, spelling->list);
	add_zed(choice, word->text);
	if (bare || find_row(english, ROW_FIXED, word->text))
		return;
	char bases[ALTERNATIVES][WORD_BYTES] SORI_UNINITIALIZED;
	size_t count = choice->count;
	memcpy(bases, choice->text, count * sizeof *bases);
	for (size_t i = 0; i < count; i++)
		inflect(english, choice, sori_view_of(bases[i]));
}

/* The row of equals that begins at words[at]: "do not" (two words) or "don't"; *used says how many words it took. */
static const struct row *find_equal(const struct sori_english *english, const struct sori_english_word *words, size_t count,
				    size_t at, size_t *used)
{
	char key[WORD_BYTES * 2];
	if (words[at].fixed)
		return NULL;
	if (at + 1 < count && !words[at + 1].fixed && !words[at + 1].hyphen &&
	    words[at].text.length + words[at + 1].text.length + 1 < sizeof key) {
		int length = snprintf(key, sizeof key, "%.*s_%.*s", (int)words[at].text.length, words[at].text.at,
				      (int)words[at + 1].text.length, words[at + 1].text.at);
		const struct row *row = find_row(english, ROW_EQUAL, sori_view_make(key, (size_t)length));
		*used = 2;
		if (row)
			return row;
	}
	*used = 1;
	return find_row(english, ROW_EQUAL, words[at].text);
}

static size_t choose_all(const struct sori_english *english, const struct sori_english_word *words, size_t count,
			 struct choice *choices)
{
	size_t made = 0, used = 1;
	bool bare = false; /* after don't, can't, to …: the bare verb follows */
	for (size_t at = 0; at < count; at += used, made++) {
		struct choice *choice = &choices[made];
		choice->count = 0;
		choice->hyphen = words[at].hyphen;
		const struct row *equal = find_equal(english, words, count, at, &used);
		if (equal) {
			add_list(choice, equal->list);
			bare = true;
			continue;
		}
		used = 1;
		choose_word(english, choice, &words[at], bare);
		bare = sori_view_is(words[at].text, "to");
	}
	return made;
}

struct product {
	const struct choice *choices;
	size_t count;
	size_t pick[SORI_ENGLISH_WORD_LIMIT];
	sori_english_fn emit;
	void *user;
};

static bool emit_joined(const struct product *product, const char *space, const char *hyphen)
{
	char text[SORI_ENGLISH_WORD_LIMIT * (WORD_BYTES + 1)];
	size_t length = 0;
	for (size_t i = 0; i < product->count; i++) {
		const char *word = product->choices[i].text[product->pick[i]];
		const char *join = i == 0 ? "" : product->choices[i].hyphen ? hyphen : space;
		size_t join_length = strlen(join), word_length = strlen(word);
		memcpy(text + length, join, join_length);
		memcpy(text + length + join_length, word, word_length);
		length += join_length + word_length;
	}
	return product->emit(product->user, sori_view_make(text, length));
}

/* The index reads a hyphen of the text as a blank from the fifth byte on, so there the form with the blank stands for both. */
#define HYPHEN_FOLDED 4

static bool emit_pick(const struct product *product)
{
	bool hyphen = false, folded = strlen(product->choices[0].text[product->pick[0]]) >= HYPHEN_FOLDED;
	for (size_t i = 1; i < product->count; i++)
		hyphen |= product->choices[i].hyphen;
	if (hyphen)
		return (folded || emit_joined(product, " ", "-")) && emit_joined(product, " ", " ") && emit_joined(product, " ", "");
	return emit_joined(product, " ", " ") && (folded || product->count != 2 || emit_joined(product, "-", "-"));
}

static bool emit_product(struct product *product, size_t at)
{
	if (at == product->count)
		return emit_pick(product);
	for (product->pick[at] = 0; product->pick[at] < product->choices[at].count; product->pick[at]++)
		if (!emit_product(product, at + 1))
			return false;
	return true;
}

static bool emit_one_at_a_time(struct product *product)
{
	memset(product->pick, 0, sizeof product->pick);
	if (!emit_pick(product))
		return false;
	for (size_t i = 0; i < product->count; i++) {
		for (product->pick[i] = 1; product->pick[i] < product->choices[i].count; product->pick[i]++)
			if (!emit_pick(product))
				return false;
		product->pick[i] = 0;
	}
	return true;
}

bool sori_english_expand(const struct sori_english *english, const struct sori_english_word *words, size_t count,
			 sori_english_fn emit, void *user)
{
	struct choice choices[SORI_ENGLISH_WORD_LIMIT] SORI_UNINITIALIZED; /* 14 KiB */
	if (count == 0 || count > SORI_ENGLISH_WORD_LIMIT)
		return false;
	for (size_t i = 0; i < count; i++)
		if (words[i].text.length == 0 || words[i].text.length >= WORD_BYTES)
			return false;
	struct product product = {.choices = choices, .emit = emit, .user = user};
	product.count = choose_all(english, words, count, choices);
	size_t forms = 1;
	for (size_t i = 0; i < product.count && forms <= SORI_ENGLISH_FORM_LIMIT; i++)
		forms *= choices[i].count;
	return forms > SORI_ENGLISH_FORM_LIMIT ? emit_one_at_a_time(&product) : emit_product(&product, 0);
}
