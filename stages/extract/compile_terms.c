/* Terms: one for each set of spellings with the same defaults, shared wherever an author writes the same again. */
#include "stages/extract/compile.h"

#include "pipeline/base/memory.h"
#include "stages/extract/syllable.h"

/* ---- name map: linear probing, at most half full */

void sori_names_release(struct sori_names *names)
{
	sori_free(names->slots);
	*names = (struct sori_names){0};
}

static struct sori_name *probe(struct sori_name *slots, size_t capacity, struct sori_view key)
{
	size_t at = sori_hash64(key, 0) & (capacity - 1);
	while (slots[at].key.at && !sori_view_equal(slots[at].key, key))
		at = (at + 1) & (capacity - 1);
	return &slots[at];
}

static bool names_grow(struct sori_names *names)
{
	size_t capacity = names->capacity ? names->capacity * 2 : 256;
	struct sori_name *slots = sori_alloc_zero(capacity, sizeof *slots);
	if (!slots)
		return false;
	for (size_t i = 0; i < names->capacity; i++)
		if (names->slots[i].key.at)
			*probe(slots, capacity, names->slots[i].key) = names->slots[i];
	sori_free(names->slots);
	names->slots = slots;
	names->capacity = capacity;
	return true;
}

struct sori_name *sori_names_put(struct sori_names *names, struct sori_view key)
{
	if (names->count * 2 >= names->capacity && !names_grow(names))
		return NULL;
	struct sori_name *slot = probe(names->slots, names->capacity, key);
	if (!slot->key.at) {
		*slot = (struct sori_name){key, UINT32_MAX};
		names->count++;
	}
	return slot;
}

const struct sori_name *sori_names_find(const struct sori_names *names, struct sori_view key)
{
	if (names->capacity == 0)
		return NULL;
	const struct sori_name *slot = probe(names->slots, names->capacity, key);
	return slot->key.at ? slot : NULL;
}

/* ---- defaults */

static bool is_one_syllable(struct sori_view text)
{
	return text.length == 3 && sori_syllable_count(text) == 1;
}

/* The dictionary form, without class and joins. */
static size_t spelling_syllables(struct sori_view text)
{
	const char *slash = memchr(text.at, '/', text.length);
	return sori_syllable_count(slash ? sori_view_slice(text, 0, (size_t)(slash - text.at)) : text);
}

static uint8_t default_left(char kind, struct sori_view spelling)
{
	size_t syllables = spelling_syllables(spelling);
	switch (kind) {
	case 'n': case 'a':
		return is_one_syllable(spelling) ? SORI_LEFT_STRICT : SORI_LEFT_OWN;
	case 'v':
		if (syllables <= 2)
			return SORI_LEFT_STRICT; /* 크다: half of all unmarked hits of such stems are wrong */
		if (syllables == 4 && sori_view_ends(spelling, SORI_VIEW_LITERAL("하다")))
			return SORI_LEFT_OWN; /* 불친절하다, 미흡하다: prefixes that turn the meaning */
		return syllables >= 4 ? SORI_LEFT_ANY : SORI_LEFT_OWN;
	case 'e':
		return SORI_LEFT_STRICT;
	case 'x':
		return syllables > 0 ? SORI_LEFT_ANY : SORI_LEFT_STRICT;
	case 'p':
		return SORI_LEFT_OWN;
	default:
		return SORI_LEFT_ANY;
	}
}

static uint8_t default_right(char kind, struct sori_view spelling)
{
	if (kind == 'n' && is_one_syllable(spelling))
		return SORI_RIGHT_JOSA;
	if (kind == 'a')
		return SORI_RIGHT_JOSA;
	return kind == 'x' || kind == 'P' || kind == 'L' ? SORI_RIGHT_ANY : SORI_RIGHT_OPEN;
}

static uint8_t kind_of(const struct sori_source_term *source)
{
	switch (source->kind) {
	case 'n': return SORI_TERM_NOUN;
	case 'v': return SORI_TERM_VERB;
	case 'a': return SORI_TERM_ADVERB;
	case 'e': return SORI_TERM_ENGLISH;
	case 'x': return SORI_TERM_EXCLUSION;
	case 'P': return SORI_TERM_PREFIX;
	case 'L': return SORI_TERM_LEFT;
	default: { /* p: a predicate when its last word conjugates */
		struct sori_view text = source->spellings[0].text;
		const char *slash = memchr(text.at, '/', text.length);
		text = slash ? sori_view_slice(text, 0, (size_t)(slash - text.at)) : text;
		return sori_view_ends(text, SORI_VIEW_LITERAL("다")) ? SORI_TERM_VERB : SORI_TERM_NOUN;
	}
	}
}

bool sori_is_weak(const struct sori_builder *builder, uint32_t term, const struct sori_spelling **spelling, bool *first)
{
	const struct sori_source_term *source = builder->term_sources[term];
	if (source->kind != 'n' || (source->left == SORI_LEFT_STRICT && source->right == SORI_RIGHT_JOSA))
		return false;
	for (size_t i = 0; i < source->spelling_count; i++) {
		struct sori_view text = source->spellings[i].text;
		if (!is_one_syllable(text))
			continue;
		*spelling = &source->spellings[i];
		*first = text.at == source->label.at + 2; /* stands right behind n: */
		return true;
	}
	return false;
}

/* ---- terms */

static struct sori_view key_of(struct sori_builder *builder, const struct sori_source_term *source, uint8_t left, uint8_t right)
{
	struct sori_buffer *scratch = &builder->scratch;
	sori_buffer_reset(scratch);
	/* Boundaries that are written out are told from the same by standard: sori_is_weak asks for the former. */
	const bool written = source->left == SORI_LEFT_STRICT && source->right == SORI_RIGHT_JOSA;
	const unsigned flags = (unsigned)written << 3 | (unsigned)source->upper << 2 | (unsigned)source->loose << 1 | source->no_root;
	const char head[] = {(char)source->kind, (char)('0' + left), (char)('0' + right), (char)('0' + flags)};
	sori_buffer_add(scratch, head, sizeof head);
	for (size_t i = 0; i < source->spelling_count; i++) {
		sori_buffer_add_byte(scratch, '\n');
		sori_buffer_add_view(scratch, source->spellings[i].text);
	}
	for (size_t i = 0; i < source->ex_count; i++) {
		sori_buffer_add_byte(scratch, '\r');
		sori_buffer_add_view(scratch, source->ex[i]);
	}
	return sori_arena_copy(&builder->source->arena, sori_buffer_view(scratch));
}

static bool fill_ex(struct sori_builder *builder, const struct sori_source_term *source, struct sori_term *term)
{
	if (source->ex_count == 0)
		return true;
	term->ex = sori_arena_zero(&builder->dictionary->arena, source->ex_count, sizeof *term->ex);
	if (!term->ex)
		return sori_source_fail(builder->source);
	for (size_t i = 0; i < source->ex_count && term->ex_count < UINT16_MAX; i++) {
		sori_buffer_reset(&builder->scratch);
		if (sori_normalize_term(source->ex[i], &builder->scratch) == SORI_SYSTEM)
			return sori_source_fail(builder->source);
		struct sori_view copy = sori_arena_copy(&builder->dictionary->arena, sori_buffer_view(&builder->scratch));
		if (!copy.at)
			return sori_source_fail(builder->source);
		term->ex[term->ex_count++] = copy;
	}
	return true;
}

static bool make_term(struct sori_builder *builder, const struct sori_source_term *source, uint8_t left, uint8_t right,
		      uint32_t *index)
{
	*index = (uint32_t)builder->term_count;
	if (SORI_GROW(builder->terms, builder->term_capacity, builder->term_count + 1) ||
	    SORI_GROW(builder->term_sources, builder->term_source_capacity, builder->term_count + 1))
		return sori_source_fail(builder->source);
	struct sori_term *term = &builder->terms[builder->term_count];
	*term = (struct sori_term){.kind = kind_of(source), .phrase = source->kind == 'p', .left = left, .right = right, .file = source->place.file,
				   .line = source->place.line};
	term->label = sori_arena_copy(&builder->dictionary->arena, source->label);
	builder->term_sources[builder->term_count++] = source;
	if (!term->label.at)
		return sori_source_fail(builder->source);
	return fill_ex(builder, source, term) && sori_build_forms(builder, source, *index);
}

static bool build_part(struct sori_builder *builder, const struct sori_source_term *source, uint8_t left, uint8_t right,
		       uint32_t **list, size_t *count, size_t *capacity, bool *fresh)
{
	struct sori_view key = key_of(builder, source, left, right);
	struct sori_name *slot = key.at ? sori_names_put(&builder->term_names, key) : NULL;
	if (!slot)
		return sori_source_fail(builder->source);
	if (slot->value == UINT32_MAX) {
		uint32_t index;
		if (!make_term(builder, source, left, right, &index))
			return false;
		slot->value = index;
	} else if (fresh) {
		*fresh = false;
	}
	uint32_t *place = SORI_SOURCE_PUSH(builder->source, *list, *count, *capacity);
	if (place)
		*place = slot->value;
	return place != NULL;
}

/* left and right of one spelling as one number, below DEFAULTS. */
#define DEFAULTS 16
static unsigned defaults_of(const struct sori_source_term *source, struct sori_view text)
{
	unsigned left = source->left != SORI_UNSET ? source->left : default_left(source->kind, text);
	unsigned right = source->right != SORI_UNSET ? source->right : default_right(source->kind, text);
	return left * 4 + right;
}

static struct sori_source_term *empty_part(struct sori_builder *builder, const struct sori_source_term *source)
{
	struct sori_source_term *part = sori_arena_zero(&builder->source->arena, 1, sizeof *part);
	struct sori_spelling *spellings = sori_arena_zero(&builder->source->arena, source->spelling_count, sizeof *spellings);
	if (!part || !spellings) {
		sori_source_fail(builder->source);
		return NULL;
	}
	*part = *source;
	part->spellings = spellings;
	part->spelling_count = 0;
	return part;
}

bool sori_build_term(struct sori_builder *builder, const struct sori_source_term *source, uint32_t **list, size_t *count,
		     size_t *capacity, bool *fresh)
{
	struct sori_source_term *parts[DEFAULTS] = {NULL};
	if (fresh)
		*fresh = true;
	for (size_t i = 0; i < source->spelling_count; i++) {
		struct sori_source_term **part = &parts[defaults_of(source, source->spellings[i].text)];
		if (!*part && !(*part = empty_part(builder, source)))
			return false;
		(*part)->spellings[(*part)->spelling_count++] = source->spellings[i];
	}
	for (unsigned i = 0; i < DEFAULTS; i++)
		if (parts[i] && !build_part(builder, parts[i], (uint8_t)(i / 4), (uint8_t)(i % 4), list, count, capacity, fresh))
			return false;
	return true;
}
