/* Sets. A set is its ascending list of terms, nothing else: two that hold the same terms are one, whatever their names,
 * so that the matcher looks a term's sets up once. */
#include "stages/extract/compile.h"

#include <stdlib.h>

#include "pipeline/base/memory.h"

#define NESTING_LIMIT 64
#define SET_LIMIT 65535

static int compare_terms(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	return (a > b) - (a < b);
}

static size_t sort_unique(uint32_t *terms, size_t count)
{
	size_t kept = 0;
	if (count > 1)
		qsort(terms, count, sizeof *terms, compare_terms);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || terms[kept - 1] != terms[i])
			terms[kept++] = terms[i];
	return kept;
}

struct sori_named_set *sori_find_named_set(struct sori_builder *builder, struct sori_view name)
{
	const struct sori_name *slot = sori_names_find(&builder->set_names, name);
	return slot ? &builder->named[slot->value] : NULL;
}

static bool resolve(struct sori_builder *builder, struct sori_named_set *set, unsigned depth);

static bool collect_named(struct sori_builder *builder, const struct sori_member *member, unsigned depth, uint32_t **list,
			  size_t *count, size_t *capacity)
{
	struct sori_named_set *set = sori_find_named_set(builder, member->set);
	if (!set) {
		sori_source_find(builder->source, true, member->place, "the set $%.*s is nowhere defined",
				 (int)member->set.length, member->set.at);
		return true;
	}
	set->used = true;
	if (set->state == 1) {
		sori_source_find(builder->source, true, member->place, "the set $%.*s holds itself",
				 (int)member->set.length, member->set.at);
		return true;
	}
	if (set->state == 0 && depth >= NESTING_LIMIT) {
		sori_source_find(builder->source, true, member->place, "sets are nested too deep (64)");
		return true;
	}
	if (set->state == 0 && !resolve(builder, set, depth + 1))
		return false;
	for (uint32_t i = 0; i < set->term_count; i++) {
		uint32_t *slot = SORI_SOURCE_PUSH(builder->source, *list, *count, *capacity);
		if (!slot)
			return false;
		*slot = set->terms[i];
	}
	return true;
}

static bool collect(struct sori_builder *builder, const struct sori_member *member, unsigned depth, uint32_t **list,
		    size_t *count, size_t *capacity)
{
	if (member->kind == SORI_MEMBER_SET)
		return collect_named(builder, member, depth, list, count, capacity);
	if (member->term->kind == 'x')
		sori_source_find(builder->source, true, member->place, "an exclusion (x:) stands alone on its line");
	return sori_build_term(builder, member->term, list, count, capacity, NULL);
}

bool sori_collect_terms(struct sori_builder *builder, const struct sori_member *member, uint32_t **list, size_t *count,
			size_t *capacity)
{
	return collect(builder, member, 0, list, count, capacity);
}

static bool resolve(struct sori_builder *builder, struct sori_named_set *set, unsigned depth)
{
	size_t count = 0, capacity = 0;
	uint32_t *terms = NULL;
	set->state = 1;
	for (size_t i = 0; i < set->part_count; i++)
		for (size_t k = 0; k < set->parts[i]->count; k++)
			if (!collect(builder, &set->parts[i]->items[k], depth, &terms, &count, &capacity))
				return false;
	if (count == 0)
		sori_source_find(builder->source, true, set->place, "the set $%.*s is empty", (int)set->name.length,
				 set->name.at);
	set->terms = terms;
	set->term_count = (uint32_t)sort_unique(terms, count);
	set->state = 2;
	return true;
}

static struct sori_named_set *named_of(struct sori_builder *builder, const struct sori_source_set *part)
{
	struct sori_name *slot = sori_names_put(&builder->set_names, part->name);
	if (!slot)
		return NULL;
	if (slot->value == UINT32_MAX) {
		struct sori_named_set *set =
			SORI_SOURCE_PUSH(builder->source, builder->named, builder->named_count, builder->named_capacity);
		if (!set)
			return NULL;
		*set = (struct sori_named_set){.name = part->name, .place = part->place, .set = SORI_NO_SET};
		slot->value = (uint32_t)(builder->named_count - 1);
	}
	return &builder->named[slot->value];
}

/* A second `=` in the same folder is a slip; in a later folder it replaces. */
static void check_again(struct sori_builder *builder, struct sori_named_set *set, const struct sori_source_set *part)
{
	for (size_t i = 0; i < set->part_count; i++) {
		const struct sori_source_set *old = set->parts[i];
		const struct sori_source_file *files = builder->source->files;
		if (old->append)
			continue;
		if (files[old->place.file].folder != files[part->place.file].folder)
			set->part_count = 0;
		else
			sori_source_find(builder->source, true, part->place, "the set $%.*s is already defined at %s:%u; use +=",
					 (int)part->name.length, part->name.at, files[old->place.file].path, old->place.line);
		return;
	}
}

bool sori_build_named_sets(struct sori_builder *builder)
{
	struct sori_source *source = builder->source;
	for (size_t i = 0; i < source->set_count; i++) {
		struct sori_named_set *set = named_of(builder, &source->sets[i]);
		if (!set)
			return sori_source_fail(source);
		if (!source->sets[i].append)
			check_again(builder, set, &source->sets[i]);
		const struct sori_source_set **part = SORI_SOURCE_PUSH(source, set->parts, set->part_count, set->part_capacity);
		if (!part)
			return false;
		*part = &source->sets[i];
	}
	for (size_t i = 0; i < builder->named_count; i++)
		if (builder->named[i].state == 0 && !resolve(builder, &builder->named[i], 0))
			return false;
	return true;
}

uint32_t sori_build_set_of_terms(struct sori_builder *builder, uint32_t *terms, size_t count, struct sori_view name)
{
	count = sort_unique(terms, count);
	struct sori_view key = {(const char *)terms, count * sizeof *terms};
	struct sori_name *slot = count ? sori_names_put(&builder->set_keys, key) : NULL;
	if (!slot) {
		if (count)
			sori_source_fail(builder->source); /* memory is out */
		return SORI_NO_SET;
	}
	if (slot->value != UINT32_MAX)
		return slot->value;
	if (builder->set_count >= SET_LIMIT) {
		if (builder->set_count++ == SET_LIMIT)
			sori_source_find(builder->source, true, (struct sori_place){0}, "there are over 65535 sets and terms in rules");
		return SORI_NO_SET;
	}
	struct sori_set_build *set = SORI_SOURCE_PUSH(builder->source, builder->sets, builder->set_count, builder->set_capacity);
	if (!set)
		return SORI_NO_SET;
	*set = (struct sori_set_build){terms, (uint32_t)count, sori_arena_copy(&builder->dictionary->arena, name)};
	if (!set->name.at)
		sori_source_fail(builder->source);
	slot->value = (uint32_t)(builder->set_count - 1);
	return slot->value;
}

uint32_t sori_build_set_of_name(struct sori_builder *builder, struct sori_view name, struct sori_place place)
{
	struct sori_named_set *set = sori_find_named_set(builder, name);
	if (!set) {
		sori_source_find(builder->source, true, place, "the set $%.*s is nowhere defined", (int)name.length, name.at);
		return SORI_NO_SET;
	}
	set->used = true;
	if (set->set == SORI_NO_SET) {
		sori_buffer_reset(&builder->scratch);
		sori_buffer_add_byte(&builder->scratch, '$');
		sori_buffer_add_view(&builder->scratch, name);
		set->set = sori_build_set_of_terms(builder, set->terms, set->term_count, sori_buffer_view(&builder->scratch));
	}
	return set->set;
}
