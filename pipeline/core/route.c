/* Records are kept with their texts, sorted before anything is grouped (text, then place), so that groups do not depend on the order
 * of reading. A unit sees a record once, under the most severe of its categories. */
#include "pipeline/core/route.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/batch.h"
#include "pipeline/core/similar.h"

struct kept {
	struct sori_route_item item; /* category and others are the unit's, filled when it is grouped */
	uint64_t categories[SORI_CATEGORY_LIMIT / 64];
	struct sori_sketch sketch;
};

struct sori_route {
	const struct sori_catalog *catalog;
	sori_day day;
	struct sori_arena arena;
	struct kept *list;
	size_t count, capacity;
	struct sori_route_unit *units;
	size_t unit_count;
	struct sori_similar similar;
};

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

struct sori_route *sori_route_new(const struct sori_catalog *catalog, sori_day day)
{
	struct sori_route *route = sori_alloc_zero(1, sizeof *route);

	if (!route)
		return NULL;
	route->catalog = catalog;
	route->day = day;
	sori_arena_init(&route->arena, 1 << 16);
	return route;
}

void sori_route_free(struct sori_route *route)
{
	if (!route)
		return;
	sori_free(route->list);
	sori_similar_release(&route->similar);
	sori_arena_release(&route->arena);
	sori_free(route);
}

static const char *keep(struct sori_route *route, struct sori_view text)
{
	struct sori_view copy = sori_arena_copy(&route->arena, text);

	return copy.at ? copy.at : text.length ? NULL : "";
}

enum sori_status sori_route_add(struct sori_route *route, const struct sori_route_record *record, struct sori_error *error)
{
	struct kept *kept;

	if (SORI_GROW(route->list, route->capacity, route->count + 1) != 0)
		return no_memory(error);
	kept = &route->list[route->count];
	*kept = (struct kept){.item = {.text = keep(route, record->text), .place = keep(route, record->place),
				       .channel = keep(route, record->channel), .product = keep(route, record->product),
				       .region = keep(route, record->region), .rating = record->rating, .customer = record->customer},
			      .sketch = record->sketch};
	memcpy(kept->categories, record->categories, sizeof kept->categories);
	if (!kept->item.text || !kept->item.place || !kept->item.channel || !kept->item.product || !kept->item.region)
		return no_memory(error);
	route->count++;
	return SORI_OK;
}

static bool has(const struct kept *kept, size_t category)
{
	return kept->categories[category / 64] >> category % 64 & 1;
}

static int by_text(const void *left, const void *right)
{
	const struct kept *a = left, *b = right;
	int order = strcmp(a->item.text, b->item.text);

	return order ? order : strcmp(a->item.place, b->item.place);
}

/* Which categories a unit owns. */
static bool owns(const struct sori_route *route, const struct sori_route_unit *unit, size_t category)
{
	const struct sori_category *c = &route->catalog->categories[category];

	return unit->praise ? c->praise : !c->praise && !strcmp(c->owner, unit->owner);
}

/* The most severe of the unit's categories that the record has; catalog->count: none. */
static size_t first_category(const struct sori_route *route, const struct sori_route_unit *unit, const struct kept *kept)
{
	size_t best = route->catalog->count;

	for (size_t c = 0; c < route->catalog->count; c++)
		if (has(kept, c) && owns(route, unit, c) &&
		    (best == route->catalog->count || route->catalog->categories[c].severity > route->catalog->categories[best].severity))
			best = c;
	return best;
}

static enum sori_status copy_item(struct sori_route *route, const struct kept *kept, size_t category, struct sori_route_item *item,
				  struct sori_error *error)
{
	size_t *others = sori_arena_zero(&route->arena, route->catalog->count + 1, sizeof *others);

	if (!others)
		return no_memory(error);
	*item = kept->item;
	item->category = category;
	item->others = others;
	for (size_t c = 0; c < route->catalog->count; c++)
		if (c != category && has(kept, c))
			others[item->other_count++] = c;
	return SORI_OK;
}

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static enum sori_status count_customers(struct sori_route_group *group, struct sori_error *error)
{
	uint64_t *customers = sori_alloc((group->count + 1) * sizeof *customers);
	size_t known = 0;

	if (!customers)
		return no_memory(error);
	for (size_t i = 0; i < group->count; i++)
		if (group->items[i]->customer)
			customers[known++] = group->items[i]->customer;
	if (known)
		qsort(customers, known, sizeof *customers, by_value);
	for (size_t i = 0; i < known; i++)
		group->customers += i == 0 || customers[i] != customers[i - 1];
	sori_free(customers);
	return SORI_OK;
}

struct member {
	size_t at, group; /* in the list; first member's index */
};

static int by_group(const void *left, const void *right)
{
	const struct member *a = left, *b = right;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

/* Groups of one category of a unit; members are in the list's order. */
static enum sori_status make_groups(struct sori_route *route, struct sori_route_unit *unit, size_t category, struct member *members,
				    size_t count, struct sori_error *error)
{
	struct sori_sketch *sketches = sori_alloc((count + 1) * sizeof *sketches);
	enum sori_status status = sketches ? SORI_OK : no_memory(error);

	for (size_t i = 0; i < count && status == SORI_OK; i++)
		sketches[i] = route->list[members[i].at].sketch;
	if (status == SORI_OK)
		status = sori_similar_group(&route->similar, sketches, sizeof *sketches, count, error);
	for (size_t i = 0; i < count && status == SORI_OK; i++)
		members[i].group = route->similar.parent[i];
	if (status == SORI_OK)
		qsort(members, count, sizeof *members, by_group);
	for (size_t from = 0, to; from < count && status == SORI_OK; from = to) {
		struct sori_route_group *group = &unit->groups[unit->group_count++];
		const struct sori_route_item **items;

		for (to = from + 1; to < count && members[to].group == members[from].group;)
			to++;
		items = sori_arena_zero(&route->arena, to - from + 1, sizeof *items);
		*group = (struct sori_route_group){.category = category, .items = items, .severity = route->catalog->categories[category].severity};
		if (!items)
			status = no_memory(error);
		for (size_t i = from; i < to && status == SORI_OK; i++) {
			struct sori_route_item *item = sori_arena_zero(&route->arena, 1, sizeof *item);

			status = item ? copy_item(route, &route->list[members[i].at], category, item, error) : no_memory(error);
			items[group->count++] = item;
		}
		if (status == SORI_OK)
			status = count_customers(group, error);
	}
	sori_free(sketches);
	return status;
}

static int by_weight(const void *left, const void *right)
{
	const struct sori_route_group *a = left, *b = right;
	int order;

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->category != b->category)
		return a->category < b->category ? -1 : 1;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	order = strcmp(a->items[0]->text, b->items[0]->text);
	return order ? order : strcmp(a->items[0]->place, b->items[0]->place);
}

static enum sori_status fill_unit(struct sori_route *route, struct sori_route_unit *unit, struct sori_error *error)
{
	struct member *members = sori_alloc((route->count + 1) * sizeof *members);
	enum sori_status status = members ? SORI_OK : no_memory(error);

	unit->groups = sori_arena_zero(&route->arena, route->count + 1, sizeof *unit->groups);
	if (!unit->groups)
		status = no_memory(error);
	for (size_t c = 0; c < route->catalog->count && status == SORI_OK; c++) {
		size_t count = 0;

		if (!owns(route, unit, c))
			continue;
		for (size_t i = 0; i < route->count; i++)
			if (has(&route->list[i], c) && first_category(route, unit, &route->list[i]) == c)
				members[count++] = (struct member){.at = i};
		unit->documents += count;
		if (count)
			status = make_groups(route, unit, c, members, count, error);
	}
	if (status == SORI_OK && unit->group_count)
		qsort(unit->groups, unit->group_count, sizeof *unit->groups, by_weight);
	sori_free(members);
	return status;
}

static int by_owner(const void *left, const void *right)
{
	const struct sori_route_unit *a = left, *b = right;

	if (a->praise != b->praise)
		return a->praise - b->praise;
	return strcmp(a->owner, b->owner);
}

/* Every owner of a complaint category, and one for praise. */
static enum sori_status list_units(struct sori_route *route, struct sori_error *error)
{
	route->units = sori_arena_zero(&route->arena, route->catalog->count + 2, sizeof *route->units);
	if (!route->units)
		return no_memory(error);
	for (size_t c = 0; c < route->catalog->count; c++) {
		const struct sori_category *category = &route->catalog->categories[c];
		size_t u = 0;

		if (category->praise)
			continue;
		while (u < route->unit_count && strcmp(route->units[u].owner, category->owner) != 0)
			u++;
		if (u == route->unit_count)
			route->units[route->unit_count++].owner = category->owner;
	}
	route->units[route->unit_count++] = (struct sori_route_unit){.owner = "", .praise = true};
	qsort(route->units, route->unit_count, sizeof *route->units, by_owner);
	return SORI_OK;
}

enum sori_status sori_route_finish(struct sori_route *route, const struct sori_route_unit **units, size_t *count,
				   struct sori_error *error)
{
	enum sori_status status = list_units(route, error);

	if (route->count)
		qsort(route->list, route->count, sizeof *route->list, by_text);
	for (size_t u = 0; u < route->unit_count && status == SORI_OK; u++)
		status = fill_unit(route, &route->units[u], error);
	*units = route->units;
	*count = route->unit_count;
	return status;
}
