/* Conjugation by class. A class is a handful of jamo operations on the last syllable (two for 르); the result is a few
 * prefixes, each with the continuation class of the ending grammar that may follow. Why prefixes and not full forms: a
 * stem has thousands of surface forms, but at most eight prefixes, and the endings are shared by all of them.
 * Which stems leave the default of their spelling is data: dictionaries/grammar/verb_classes.tsv. */
#include "stages/extract/conjugate.h"

#include "stages/extract/dictionary.h"
#include "stages/extract/syllable.h"
#include "stages/extract/table.h"

enum { A = 0, AE = 1, YA = 2, YAE = 3, EO = 4, E = 5, YEO = 6, YE = 7, O = 8, WA = 9, WAE = 10, OE = 11, YO = 12, U = 13,
       WO = 14, WE = 15, WI = 16, EU = 18, I = 20 };                  /* vowels */
enum { FINAL_NONE = 0, FINAL_D = 7, FINAL_L = 8, FINAL_B = 17, FINAL_S = 19, FINAL_H = 27 };
enum { INITIAL_L = 5 };

struct class_row {
	struct sori_view stem;
	bool suffix; /* written *stem: any stem that ends in it */
	uint8_t class;
};

struct sori_verb_classes {
	struct class_row *rows;
	size_t row_count;
	struct sori_view ambiguous, adverbs, compounds; /* word lists as written */
	struct sori_light_verb *light;
	size_t light_count;
	struct sori_view bytes;
};

static const char *const class_names[SORI_CLASS_COUNT] = {"", "규", "ㄹ", "으", "르", "러", "우", "여", "ㅂ", "ㄷ", "ㅅ", "ㅎ"};

enum sori_verb_class sori_verb_class_of(struct sori_view name)
{
	for (unsigned i = 1; i < SORI_CLASS_COUNT; i++)
		if (sori_view_is(name, class_names[i]))
			return (enum sori_verb_class)i;
	return SORI_CLASS_INFER;
}

static size_t count_words(struct sori_view text)
{
	size_t count = 0;
	while (sori_table_word(&text).length > 0)
		count++;
	return count;
}

static void add_row(struct sori_verb_classes *classes, uint8_t class, struct sori_view stems)
{
	struct sori_view stem;
	while ((stem = sori_table_word(&stems)).length > 0) {
		bool suffix = stem.at[0] == '*';
		classes->rows[classes->row_count++] =
			(struct class_row){sori_view_slice(stem, suffix, stem.length), suffix, class};
	}
}

static bool take_row(struct sori_verb_classes *classes, const struct sori_table_row *row)
{
	if (sori_view_is(row->first, "ambiguous")) {
		classes->ambiguous = row->second;
	} else if (sori_view_is(row->first, "adverb")) {
		classes->adverbs = row->second;
	} else if (sori_view_is(row->first, "compound")) {
		classes->compounds = row->second;
	} else if (sori_view_is(row->first, "light")) {
		struct sori_view rest = row->rest;
		bool gap = rest.length >= 3 && memcmp(rest.at, "gap", 3) == 0;
		classes->light[classes->light_count++] =
			(struct sori_light_verb){row->second, sori_view_slice(rest, gap ? 3 : 0, rest.length), gap};
	} else {
		enum sori_verb_class class = sori_verb_class_of(row->first);
		if (class == SORI_CLASS_INFER)
			return false;
		add_row(classes, (uint8_t)class, row->second);
	}
	return true;
}

enum sori_status sori_verb_classes_load(const struct sori_verb_classes **result, struct sori_arena *arena,
					const char *folder, struct sori_error *error)
{
	struct sori_table table;
	enum sori_status status = sori_table_read(&table, arena, folder, "verb_classes.tsv", error);
	if (status != SORI_OK)
		return status;
	size_t words = 0;
	for (size_t i = 0; i < table.count; i++)
		words += count_words(table.rows[i].second);
	struct sori_verb_classes *classes = sori_arena_zero(arena, 1, sizeof *classes);
	if (classes) {
		classes->rows = sori_arena_zero(arena, words + 1, sizeof *classes->rows);
		classes->light = sori_arena_zero(arena, table.count + 1, sizeof *classes->light);
		classes->bytes = table.bytes;
	}
	if (!classes || !classes->rows || !classes->light)
		return sori_fail(error, SORI_SYSTEM, "out of memory reading verb_classes.tsv");
	for (size_t i = 0; i < table.count; i++) {
		if (take_row(classes, &table.rows[i]))
			continue;
		sori_fail(error, SORI_CONFIG, "unknown conjugation class '%.*s'", (int)table.rows[i].first.length,
			  table.rows[i].first.at);
		return sori_error_at(error, "verb_classes.tsv", table.rows[i].line, 1);
	}
	*result = classes;
	return SORI_OK;
}

struct sori_view sori_verb_classes_bytes(const struct sori_verb_classes *classes)
{
	return classes->bytes;
}

size_t sori_light_verbs(const struct sori_verb_classes *classes, const struct sori_light_verb **verbs)
{
	*verbs = classes->light;
	return classes->light_count;
}

static bool listed(struct sori_view list, struct sori_view stem)
{
	struct sori_view word;
	while ((word = sori_table_word(&list)).length > 0) {
		bool suffix = word.at[0] == '*';
		word = sori_view_slice(word, suffix, word.length);
		if (suffix ? sori_view_ends(stem, word) : sori_view_equal(stem, word))
			return true;
	}
	return false;
}

bool sori_is_compound(const struct sori_verb_classes *classes, struct sori_view first)
{
	return listed(classes->compounds, first);
}

static enum sori_verb_class class_by_spelling(struct sori_view stem)
{
	uint32_t last = sori_last_point(stem, NULL);
	if (!sori_is_hangul_syllable(last))
		return SORI_CLASS_REGULAR;
	if (last == 0xd558) /* 하 */
		return SORI_CLASS_YEO;
	if (last == 0xb974) /* 르 */
		return stem.length > 3 ? SORI_CLASS_REU : SORI_CLASS_EU;
	switch (sori_hangul_final(last)) {
	case FINAL_NONE:
		return sori_hangul_vowel(last) == EU ? SORI_CLASS_EU : SORI_CLASS_REGULAR;
	case FINAL_L:
		return SORI_CLASS_L;
	case FINAL_B:
		return SORI_CLASS_B;
	case FINAL_H:
		return SORI_CLASS_H;
	default:
		return SORI_CLASS_REGULAR;
	}
}

enum sori_verb_class sori_verb_class_infer(const struct sori_verb_classes *classes, struct sori_view stem, bool *ambiguous)
{
	const struct class_row *best = NULL;
	for (size_t i = 0; i < classes->row_count; i++) {
		const struct class_row *row = &classes->rows[i];
		bool fits = row->suffix ? sori_view_ends(stem, row->stem) : sori_view_equal(stem, row->stem);
		if (fits && (!best || row->stem.length > best->stem.length))
			best = row;
	}
	if (ambiguous)
		*ambiguous = listed(classes->ambiguous, stem);
	return best ? (enum sori_verb_class)best->class : class_by_spelling(stem);
}

/* The stem's last syllable, taken apart, and the list that grows. */
struct work {
	size_t stem, base;              /* bytes of the whole stem; of all before its last syllable */
	unsigned initial, vowel, final;
	struct sori_allomorph *out;
	size_t count;
};

static void emit(struct work *work, size_t keep, uint32_t first, uint32_t second, enum sori_tail tail, bool open)
{
	char text[8];
	if (work->count == SORI_ALLOMORPH_LIMIT)
		return;
	struct sori_allomorph *form = &work->out[work->count++];
	*form = (struct sori_allomorph){.keep = keep, .tail = (uint8_t)tail, .open = open};
	for (unsigned i = 0; i < 2; i++) {
		uint32_t point = i ? second : first;
		unsigned length = point ? sori_utf8_encode(point, text) : 0;
		memcpy(form->add + form->add_length, text, length);
		form->add_length = (uint8_t)(form->add_length + length);
	}
}

static void emit_stem(struct work *work, enum sori_tail tail, bool open)
{
	emit(work, work->stem, 0, 0, tail, open);
}

/* The last syllable with another vowel and final. */
static void emit_last(struct work *work, unsigned vowel, unsigned final, uint32_t next, enum sori_tail tail)
{
	emit(work, work->base, sori_syllable(work->initial, vowel, final), next, tail, next != 0 || final == FINAL_NONE);
}

static bool is_bright(unsigned vowel)
{
	return vowel == A || vowel == O || vowel == YA || vowel == YO;
}

static uint32_t a_or_eo(unsigned vowel)
{
	return is_bright(vowel) ? 0xc544 : 0xc5b4; /* 아 어 */
}

static void regular_vowel(struct work *work)
{
	emit_stem(work, SORI_TAIL_V, true);
	switch (work->vowel) {
	case A: case EO: case YEO:
		emit_stem(work, SORI_TAIL_A, true);
		return;
	case AE: case E: case YE: case YAE: case WAE: case WE:
		emit_stem(work, SORI_TAIL_A, true);
		break;
	case O:
		emit_last(work, WA, FINAL_NONE, 0, SORI_TAIL_A);
		break;
	case U:
		emit_last(work, WO, FINAL_NONE, 0, SORI_TAIL_A);
		break;
	case I:
		emit_last(work, YEO, FINAL_NONE, 0, SORI_TAIL_A);
		emit(work, work->stem, 0xc5ec, 0, SORI_TAIL_A, true); /* 끊기여, a common misspelling */
		break;
	case OE: /* with the misspellings 되요 됬다 (되 as 돼) and 돼고 됌 (돼 as 되) */
		emit_last(work, WAE, FINAL_NONE, 0, SORI_TAIL_A);
		emit_stem(work, SORI_TAIL_A, true);
		emit_last(work, WAE, FINAL_NONE, 0, SORI_TAIL_V);
		break;
	case WI: /* 바껴 for 바뀌어; 져 alone would be no 쥐어 */
		if (work->base > 0)
			emit_last(work, YEO, FINAL_NONE, 0, SORI_TAIL_A);
		break;
	default:
		break;
	}
	emit(work, work->stem, a_or_eo(work->vowel), 0, SORI_TAIL_A, true);
}

static void regular_consonant(struct work *work, bool adverb)
{
	emit_stem(work, SORI_TAIL_K, false);
	emit(work, work->stem, a_or_eo(work->vowel), 0, SORI_TAIL_A, true);
	if (is_bright(work->vowel))
		emit(work, work->stem, 0xc5b4, 0, SORI_TAIL_A, true); /* 많어 */
	if (adverb)
		emit(work, work->stem, 0xc774, 0, SORI_TAIL_ADV, false); /* 없이 */
}

static void class_l(struct work *work)
{
	emit_stem(work, SORI_TAIL_L, false);
	emit_last(work, work->vowel, FINAL_NONE, 0, SORI_TAIL_D);
	emit(work, work->stem, a_or_eo(work->vowel), 0, SORI_TAIL_A, true);
}

static void class_eu(struct work *work, struct sori_view stem)
{
	uint32_t before = sori_last_point(sori_view_slice(stem, 0, work->base), NULL);
	bool bright = sori_is_hangul_syllable(before) && is_bright(sori_hangul_vowel(before));
	emit_stem(work, SORI_TAIL_V, true);
	emit_last(work, bright ? A : EO, FINAL_NONE, 0, SORI_TAIL_A);
}

static bool class_reu(struct work *work, struct sori_view stem)
{
	unsigned length;
	uint32_t before = sori_last_point(sori_view_slice(stem, 0, work->base), &length);
	if (!sori_is_hangul_syllable(before))
		return false;
	unsigned vowel = sori_hangul_vowel(before);
	emit_stem(work, SORI_TAIL_V, true);
	emit(work, work->base - length, sori_syllable(sori_hangul_initial(before), vowel, FINAL_L),
	     sori_syllable(INITIAL_L, is_bright(vowel) ? A : EO, FINAL_NONE), SORI_TAIL_A, true);
	return true;
}

static void class_b(struct work *work, struct sori_view stem)
{
	emit_stem(work, SORI_TAIL_B, false);
	emit_last(work, work->vowel, FINAL_NONE, 0xc6b0, SORI_TAIL_U); /* 우 */
	emit_last(work, work->vowel, FINAL_NONE, 0xc6cc, SORI_TAIL_A); /* 워 */
	if (is_bright(work->vowel))
		emit_last(work, work->vowel, FINAL_NONE, 0xc640, SORI_TAIL_A); /* 와 */
	if (sori_view_ends(stem, SORI_VIEW_LITERAL("스럽")))
		emit_last(work, work->vowel, FINAL_NONE, 0, SORI_TAIL_U); /* 자랑스런 */
}

/* ㄷ and ㅅ: the final becomes ㄹ or goes, before vowels only. 으 is written out and the rest is as after 우: 나으면. */
static void class_d_s(struct work *work, unsigned final)
{
	emit_stem(work, SORI_TAIL_B, false);
	emit_last(work, work->vowel, final, 0xc73c, SORI_TAIL_U); /* 으 */
	emit_last(work, work->vowel, final, a_or_eo(work->vowel), SORI_TAIL_A);
}

static void class_h(struct work *work)
{
	emit_stem(work, SORI_TAIL_B, false);
	emit_last(work, work->vowel, FINAL_NONE, 0, SORI_TAIL_D); /* 그런 그러면 그러네 */
	if (work->vowel == YA)
		emit_last(work, YAE, FINAL_NONE, 0, SORI_TAIL_A);
	else if (work->vowel == YEO)
		emit_last(work, YE, FINAL_NONE, 0, SORI_TAIL_A);
	else
		emit_last(work, AE, FINAL_NONE, 0, SORI_TAIL_A);
	if (work->vowel == EO)
		emit_last(work, E, FINAL_NONE, 0, SORI_TAIL_A);
}

static void regular(const struct sori_verb_classes *classes, struct work *work, struct sori_view stem)
{
	if (work->final != FINAL_NONE) {
		regular_consonant(work, listed(classes->adverbs, stem));
		if (sori_view_ends(stem, SORI_VIEW_LITERAL("놓")))
			emit_last(work, WA, FINAL_NONE, 0, SORI_TAIL_A); /* 놔 */
		return;
	}
	regular_vowel(work);
	if (sori_view_ends(stem, SORI_VIEW_LITERAL("아니"))) {
		emit(work, work->stem, 0xc5d0, 0, SORI_TAIL_A, true);          /* 아니에요 */
		emit(work, work->base, 0xb15c, 0, SORI_TAIL_A, true);          /* 아녜요 */
	}
}

size_t sori_conjugate(const struct sori_verb_classes *classes, struct sori_view stem, enum sori_verb_class given,
		      struct sori_allomorph out[SORI_ALLOMORPH_LIMIT])
{
	unsigned length;
	uint32_t last = sori_last_point(stem, &length);
	if (!sori_is_hangul_syllable(last))
		return 0;
	struct work work = {.stem = stem.length, .base = stem.length - length, .initial = sori_hangul_initial(last),
			    .vowel = sori_hangul_vowel(last), .final = sori_hangul_final(last), .out = out};
	static const unsigned wanted[SORI_CLASS_COUNT] = {[SORI_CLASS_L] = FINAL_L, [SORI_CLASS_B] = FINAL_B,
		[SORI_CLASS_D] = FINAL_D, [SORI_CLASS_S] = FINAL_S, [SORI_CLASS_H] = FINAL_H};
	enum sori_verb_class class = given ? given : sori_verb_class_infer(classes, stem, NULL);
	if (class != SORI_CLASS_REGULAR && work.final != wanted[class])
		return 0;
	switch (class) {
	case SORI_CLASS_L: class_l(&work); break;
	case SORI_CLASS_EU: class_eu(&work, stem); break;
	case SORI_CLASS_REU: return class_reu(&work, stem) ? work.count : 0;
	case SORI_CLASS_REO:
		emit_stem(&work, SORI_TAIL_V, true);
		emit(&work, work.stem, 0xb7ec, 0, SORI_TAIL_A, true); /* 러 */
		break;
	case SORI_CLASS_U:
		emit_stem(&work, SORI_TAIL_V, true);
		emit_last(&work, EO, FINAL_NONE, 0, SORI_TAIL_A);
		break;
	case SORI_CLASS_YEO:
		emit_stem(&work, SORI_TAIL_V, true);
		emit(&work, work.base, 0xd574, 0, SORI_TAIL_A, true); /* 해 */
		emit(&work, work.stem, 0xc5ec, 0, SORI_TAIL_A, true); /* 하여 */
		break;
	case SORI_CLASS_B: class_b(&work, stem); break;
	case SORI_CLASS_D: class_d_s(&work, FINAL_L); break;
	case SORI_CLASS_S: class_d_s(&work, FINAL_NONE); break;
	case SORI_CLASS_H: class_h(&work); break;
	default: regular(classes, &work, stem); break;
	}
	return work.count;
}
