/* Rules: an entry's expression multiplied out to conjunctions of slots. A parenthesis of plain terms and sets is one
 * anonymous set, so that the common case ( a | b | c ) costs one slot and no multiplication; only alternatives with
 * relations inside make several rules. */
#include "stages/extract/compile.h"

#include "pipeline/base/memory.h"

#define EXPANSION_LIMIT 256
#define FORBID_LIMIT 32

struct conjunction {
	struct sori_slot slots[SORI_SLOT_LIMIT];
	struct sori_constraint constraints[SORI_SLOT_LIMIT];
	uint16_t forbid[FORBID_LIMIT];
	uint8_t slot_count, constraint_count, forbid_count;
	uint8_t first, last; /* slots that relations on either side hold on to */
};

struct expansion {
	struct conjunction *items; /* in the source arena */
	size_t count, capacity;
};

struct work {
	struct sori_builder *builder;
	const struct sori_source_entry *source;
	uint32_t entry;
	bool too_many; /* reported once */
};

static bool is_plain(const struct sori_member *member)
{
	if (member->kind != SORI_MEMBER_GROUP)
		return true;
	for (size_t i = 0; i < member->group_count; i++) {
		const struct sori_sequence *sequence = &member->group[i];
		if (sequence->count != 1 || sequence->members[0].forbidden || !is_plain(&sequence->members[0]))
			return false;
	}
	return true;
}

static bool collect(struct work *work, const struct sori_member *member, uint32_t **terms, size_t *count, size_t *capacity)
{
	if (member->kind != SORI_MEMBER_GROUP)
		return sori_collect_terms(work->builder, member, terms, count, capacity);
	for (size_t i = 0; i < member->group_count; i++)
		if (!collect(work, &member->group[i].members[0], terms, count, capacity))
			return false;
	return true;
}

static struct sori_view name_of(struct work *work, const struct sori_member *member)
{
	struct sori_buffer *scratch = &work->builder->scratch;
	if (member->kind == SORI_MEMBER_TERM)
		return member->term->label;
	sori_buffer_reset(scratch);
	sori_buffer_add_text(scratch, "( ");
	for (size_t i = 0; i < member->group_count && scratch->length < 200; i++) {
		const struct sori_member *inner = &member->group[i].members[0];
		sori_buffer_add_text(scratch, i ? " | " : "");
		if (inner->kind == SORI_MEMBER_SET)
			sori_buffer_add_byte(scratch, '$');
		if (inner->kind == SORI_MEMBER_GROUP)
			sori_buffer_add_text(scratch, "( … )");
		else
			sori_buffer_add_view(scratch, inner->kind == SORI_MEMBER_SET ? inner->set : inner->term->label);
	}
	sori_buffer_add_text(scratch, " )");
	return sori_arena_copy(&work->builder->source->arena, sori_buffer_view(scratch));
}

/* The set of a plain member; SORI_NO_SET when its parts were faulty (reported). */
static uint32_t set_of(struct work *work, const struct sori_member *member)
{
	uint32_t *terms = NULL;
	size_t count = 0, capacity = 0;
	if (member->kind == SORI_MEMBER_SET)
		return sori_build_set_of_name(work->builder, member->set, member->place);
	if (!collect(work, member, &terms, &count, &capacity))
		return SORI_NO_SET;
	return sori_build_set_of_terms(work->builder, terms, count, name_of(work, member));
}

static struct conjunction *push(struct work *work, struct expansion *list, struct sori_place place)
{
	if (list->count >= EXPANSION_LIMIT) {
		if (!work->too_many)
			sori_source_find(work->builder->source, true, place,
					 "the alternatives multiply to over %d rules; use @set", EXPANSION_LIMIT);
		work->too_many = true;
		return NULL;
	}
	struct conjunction *slot = SORI_SOURCE_PUSH(work->builder->source, list->items, list->count, list->capacity);
	if (slot)
		*slot = (struct conjunction){0};
	return slot;
}

/* left and right put together, right's slots numbered on; false when there are too many parts (reported). */
static bool merge(struct work *work, struct conjunction *into, const struct conjunction *right,
		  const struct sori_member *member, bool relate)
{
	unsigned base = into->slot_count;
	unsigned joins = relate && member->relation != SORI_RELATE_SAME ? 1 : 0;
	unsigned constraints = joins + into->constraint_count + right->constraint_count;
	if (base + right->slot_count > SORI_SLOT_LIMIT || constraints > SORI_SLOT_LIMIT) {
		if (!work->too_many)
			sori_source_find(work->builder->source, true, member->place, "a rule has at most %d members, req= included",
					 SORI_SLOT_LIMIT);
		work->too_many = true;
		return false;
	}
	if (into->forbid_count + right->forbid_count > FORBID_LIMIT) {
		sori_source_find(work->builder->source, true, member->place, "a rule has at most %d not= or !members",
				 FORBID_LIMIT);
		return false;
	}
	if (relate && member->relation != SORI_RELATE_SAME)
		into->constraints[into->constraint_count++] = (struct sori_constraint){
			into->last, (uint8_t)(base + right->first), member->relation, member->distance};
	for (unsigned i = 0; i < right->constraint_count; i++) {
		struct sori_constraint constraint = right->constraints[i];
		constraint.left_slot = (uint8_t)(constraint.left_slot + base);
		constraint.right_slot = (uint8_t)(constraint.right_slot + base);
		into->constraints[into->constraint_count++] = constraint;
	}
	memcpy(into->slots + base, right->slots, right->slot_count * sizeof *right->slots);
	memcpy(into->forbid + into->forbid_count, right->forbid, right->forbid_count * sizeof *right->forbid);
	into->forbid_count = (uint8_t)(into->forbid_count + right->forbid_count);
	into->slot_count = (uint8_t)(base + right->slot_count);
	into->first = base ? into->first : right->first;
	into->last = (uint8_t)(base + right->last);
	return true;
}

static bool expand_group(struct work *work, const struct sori_sequence *group, size_t count, bool context,
			 struct expansion *out);

/* What one member may stand for. */
static bool expand_member(struct work *work, const struct sori_member *member, bool context, struct expansion *out)
{
	if (!is_plain(member))
		return !member->forbidden
			       ? expand_group(work, member->group, member->group_count, context, out)
			       : (sori_source_find(work->builder->source, true, member->place,
						   "behind ! stands one term, one set, or alternatives of them"), false);
	uint32_t set = set_of(work, member);
	struct conjunction *one = set == SORI_NO_SET ? NULL : push(work, out, member->place);
	if (!one)
		return false;
	if (member->forbidden)
		one->forbid[one->forbid_count++] = (uint16_t)set;
	else
		one->slots[one->slot_count++] = (struct sori_slot){(uint16_t)set, context};
	return true;
}

static bool times(struct work *work, const struct expansion *left, const struct expansion *right,
		  const struct sori_member *member, bool relate, struct expansion *out)
{
	for (size_t i = 0; i < left->count; i++) {
		for (size_t k = 0; k < right->count; k++) {
			struct conjunction *product = push(work, out, member->place);
			if (!product)
				return false;
			*product = left->items[i];
			if (!merge(work, product, &right->items[k], member, relate))
				return false;
		}
	}
	return true;
}

static bool expand_sequence(struct work *work, const struct sori_sequence *sequence, bool context, struct expansion *out)
{
	struct expansion list = {0};
	if (!push(work, &list, work->source->place))
		return false;
	for (size_t i = 0; i < sequence->count; i++) {
		const struct sori_member *member = &sequence->members[i];
		struct expansion right = {0}, product = {0};
		bool beside_forbidden = member->forbidden || (i > 0 && sequence->members[i - 1].forbidden);
		if (beside_forbidden && member->relation != SORI_RELATE_SAME) {
			sori_source_find(work->builder->source, true, member->place, "beside a !member only & may stand");
			return false;
		}
		if (!expand_member(work, member, context, &right) ||
		    !times(work, &list, &right, member, i > 0 && !beside_forbidden, &product))
			return false;
		list = product;
	}
	for (size_t i = 0; i < list.count; i++) {
		struct conjunction *slot = push(work, out, work->source->place);
		if (!slot)
			return false;
		*slot = list.items[i];
	}
	return true;
}

static bool expand_group(struct work *work, const struct sori_sequence *group, size_t count, bool context,
			 struct expansion *out)
{
	struct sori_member whole = {.kind = SORI_MEMBER_GROUP, .group = (struct sori_sequence *)group, .group_count = count,
				    .place = work->source->place};
	if (count > 1 && is_plain(&whole))
		return expand_member(work, &whole, context, out);
	for (size_t i = 0; i < count; i++)
		if (!expand_sequence(work, &group[i], context, out))
			return false;
	return true;
}

/* ---- from conjunctions to rules */

static bool add_context(struct work *work, struct expansion *list)
{
	const struct sori_source_entry *source = work->source;
	for (size_t i = 0; i < source->require_count; i++) {
		struct expansion right = {0}, product = {0};
		const struct sori_member *member = &source->require[i].members[0];
		if (!expand_group(work, member->group, member->group_count, true, &right) ||
		    !times(work, list, &right, member, false, &product))
			return false;
		*list = product;
	}
	for (size_t i = 0; i < source->forbid_count; i++) {
		struct sori_member member = source->forbid[i].members[0];
		struct expansion right = {0}, product = {0};
		member.forbidden = true;
		if (!expand_member(work, &member, false, &right) || !times(work, list, &right, &member, false, &product))
			return false;
		*list = product;
	}
	return true;
}

static const struct sori_when *conditions(struct work *work)
{
	const struct sori_source_entry *source = work->source;
	struct sori_arena *arena = &work->builder->dictionary->arena;
	struct sori_when *when = sori_arena_zero(arena, source->when_count, sizeof *when);
	for (size_t i = 0; when && i < source->when_count; i++) {
		const struct sori_source_when *from = &source->when[i];
		when[i] = (struct sori_when){.role = from->role, .compare = from->compare, .number = from->number,
					     .value_count = (uint16_t)from->value_count};
		when[i].values = sori_arena_zero(arena, from->value_count + 1, sizeof *when[i].values);
		if (!when[i].values || from->value_count > 1000)
			return NULL;
		for (size_t k = 0; k < from->value_count; k++)
			when[i].values[k] = sori_arena_copy(arena, from->values[k]);
	}
	return when;
}

/* One syllable alone: half of the hits would be wrong. As a variant of a longer noun it is only pointed out. */
static void check_weak(struct work *work, const struct conjunction *one)
{
	const struct sori_set_build *set = &work->builder->sets[one->slots[0].set];
	const struct sori_spelling *spelling;
	if (one->slot_count != 1)
		return;
	for (uint32_t i = 0; i < set->count; i++) {
		bool first;
		if (!sori_is_weak(work->builder, set->terms[i], &spelling, &first))
			continue;
		sori_source_find(work->builder->source, first, spelling->place,
				 "a noun of one syllable (%.*s) needs req=, a rule, or left=strict tail=josa",
				 (int)spelling->text.length, spelling->text.at);
	}
}

static void check_duplicate(struct work *work, const struct conjunction *one)
{
	struct sori_builder *builder = work->builder;
	const struct sori_source_entry *source = work->source;
	sori_buffer_reset(&builder->scratch);
	sori_buffer_add_format(&builder->scratch, "%.*s %u", (int)source->category.length, source->category.at, source->within);
	for (unsigned i = 0; i < one->slot_count; i++)
		sori_buffer_add_format(&builder->scratch, " %u%s", one->slots[i].set, one->slots[i].context ? "c" : "");
	for (unsigned i = 0; i < one->constraint_count; i++)
		sori_buffer_add_format(&builder->scratch, " /%u,%u,%u,%u", one->constraints[i].left_slot,
				       one->constraints[i].right_slot, one->constraints[i].relation, one->constraints[i].distance);
	for (unsigned i = 0; i < one->forbid_count; i++)
		sori_buffer_add_format(&builder->scratch, " !%u", one->forbid[i]);
	for (size_t i = 0; i < source->when_count; i++)
		sori_buffer_add_format(&builder->scratch, " ?%zu", i + (size_t)source->place.line);
	struct sori_view key = sori_arena_copy(&builder->source->arena, sori_buffer_view(&builder->scratch));
	struct sori_name *slot = key.at ? sori_names_put(&builder->rule_keys, key) : NULL;
	if (!slot) {
		sori_source_fail(builder->source);
	} else if (slot->value == UINT32_MAX) {
		slot->value = work->entry;
	} else if (slot->value != work->entry) {
		const struct sori_entry *old = &builder->dictionary->entries[slot->value];
		sori_source_find(builder->source, false, source->place, "says the same as %s:%u",
				 builder->source->files[old->file].path, old->line);
	}
}

static bool add_rule(struct work *work, const struct conjunction *one, const struct sori_when *when)
{
	struct sori_builder *builder = work->builder;
	if (one->slot_count == 0) {
		sori_source_find(builder->source, true, work->source->place, "an entry needs a member without !");
		return true;
	}
	check_weak(work, one);
	check_duplicate(work, one);
	if (SORI_GROW(builder->rules, builder->rule_capacity, builder->rule_count + 1))
		return sori_source_fail(builder->source);
	struct sori_rule *rule = &builder->rules[builder->rule_count++];
	*rule = (struct sori_rule){.entry = work->entry, .slot_count = one->slot_count, .constraint_count = one->constraint_count,
				   .forbid_count = one->forbid_count, .when_count = (uint8_t)work->source->when_count,
				   .within = work->source->within, .when = when};
	memcpy(rule->slots, one->slots, sizeof rule->slots);
	memcpy(rule->constraints, one->constraints, sizeof rule->constraints);
	if (one->forbid_count) {
		size_t size = one->forbid_count * sizeof *one->forbid;
		uint16_t *forbid = sori_arena_alloc(&builder->dictionary->arena, size);
		if (!forbid)
			return sori_source_fail(builder->source);
		memcpy(forbid, one->forbid, size);
		rule->forbid = forbid;
	}
	return true;
}

/* ---- 고장나다 also as 고장이 자주 나요: noun <2> light verb */

static struct sori_source_term *part_term(struct work *work, char kind, const struct sori_source_term *from)
{
	struct sori_source_term *term = sori_arena_zero(&work->builder->source->arena, 1, sizeof *term);
	if (!term) {
		sori_source_fail(work->builder->source);
		return NULL;
	}
	*term = *from;
	term->kind = kind;
	term->left = kind == 'v' ? SORI_LEFT_STRICT : SORI_LEFT_OWN;
	term->right = kind == 'v' ? SORI_RIGHT_OPEN : SORI_RIGHT_JOSA;
	term->spellings = NULL;
	term->spelling_count = term->spelling_capacity = 0;
	return term;
}

static bool add_spelling(struct work *work, struct sori_source_term *term, struct sori_view text, struct sori_place place)
{
	struct sori_spelling *spelling =
		SORI_SOURCE_PUSH(work->builder->source, term->spellings, term->spelling_count, term->spelling_capacity);
	if (spelling)
		*spelling = (struct sori_spelling){text, place};
	return spelling != NULL;
}

/* All spellings of the term whose light verb is `verb`, as one pair of members. */
static bool expand_gap(struct work *work, const struct sori_source_term *term, struct sori_view verb, struct expansion *out)
{
	struct sori_source_term *nouns = part_term(work, 'n', term), *light = part_term(work, 'v', term);
	struct sori_view noun, other;
	if (!nouns || !light || !add_spelling(work, light, verb, term->place))
		return false;
	light->label = verb;
	for (size_t i = 0; i < term->spelling_count; i++)
		if (sori_gap_noun(work->builder, term->spellings[i].text, &noun, &other) && sori_view_equal(other, verb) &&
		    !add_spelling(work, nouns, noun, term->spellings[i].place))
			return false;
	struct sori_member members[2] = {
		{.kind = SORI_MEMBER_TERM, .term = nouns, .place = term->place},
		{.kind = SORI_MEMBER_TERM, .term = light, .place = term->place, .relation = SORI_RELATE_GAP, .distance = 2}};
	struct sori_sequence sequence = {members, 2, 2};
	return expand_sequence(work, &sequence, false, out);
}

static bool expand_light(struct work *work, struct expansion *out)
{
	const struct sori_source_entry *source = work->source;
	const struct sori_member *first = source->body_count == 1 && source->body[0].count == 1 ? source->body[0].members : NULL;
	struct sori_view noun, verb, before;
	if (!first || first->kind != SORI_MEMBER_TERM || first->term->kind != 'v')
		return true;
	for (size_t i = 0; i < first->term->spelling_count; i++) {
		bool done = !sori_gap_noun(work->builder, first->term->spellings[i].text, &noun, &verb);
		for (size_t k = 0; k < i && !done; k++)
			done = sori_gap_noun(work->builder, first->term->spellings[k].text, &noun, &before) &&
			       sori_view_equal(before, verb);
		if (!done && !expand_gap(work, first->term, verb, out))
			return false;
	}
	return true;
}

bool sori_build_rules(struct sori_builder *builder, const struct sori_source_entry *source, uint32_t entry)
{
	struct work work = {.builder = builder, .source = source, .entry = entry};
	struct expansion list = {0};
	size_t errors = builder->source->errors;
	bool good = expand_group(&work, source->body, source->body_count, false, &list) && expand_light(&work, &list) &&
		    add_context(&work, &list);
	if (!good && !builder->source->failed && builder->source->errors == errors)
		sori_source_find(builder->source, true, source->place, "the entry cannot be compiled");
	if (!good)
		return !builder->source->failed;
	const struct sori_when *when = source->when_count ? conditions(&work) : NULL;
	if (source->when_count && (!when || source->when_count > UINT8_MAX)) {
		sori_source_find(builder->source, true, source->place, "when= has too many conditions or values");
		return true;
	}
	for (size_t i = 0; i < list.count; i++)
		if (!add_rule(&work, &list.items[i], when))
			return false;
	return !builder->source->failed;
}
