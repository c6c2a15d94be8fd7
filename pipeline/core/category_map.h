/* What became of a category: FOLDER/categories.map, beside the dictionaries, lets a series go on when its category is renamed,
 * merged with others or split. Language: dictionaries/LANGUAGE.md, section "Category map". A change is dated by the first
 * day that was counted under the new ids; what was counted before belongs, under its old id, to
 *
 *   rename, merge   the new category: its series simply goes on. A document that had two of the merged categories counts
 *                   twice in days before the change, since days are kept as counts
 *   split           itself: nobody can say which part of the old count is which. The old series ends, the new ones begin
 *                   with a break
 *
 * Changes are applied in the order of their days, so that they may follow one another (a to b, later b to c). Read-only
 * after reading, thread-safe. */
#ifndef SORI_CORE_CATEGORY_MAP_H
#define SORI_CORE_CATEGORY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"

struct sqlite3;

enum sori_category_move { SORI_MOVE_RENAME, SORI_MOVE_MERGE, SORI_MOVE_SPLIT };

#define SORI_MOVE_LIMIT 16 /* ids on one side */

struct sori_category_change {
	enum sori_category_move move;
	sori_day day; /* first day under the new ids */
	const char *from[SORI_MOVE_LIMIT], *to[SORI_MOVE_LIMIT];
	size_t from_count, to_count;
	const char *file;
	uint32_t line;
};

struct sori_category_map {
	const struct sori_category_change *changes; /* by day, then as written */
	size_t count;
};

/* Reads text; `name` stands in errors (SORI_CONFIG with line and column). Owned by the caller. */
enum sori_status sori_category_map_parse(struct sori_category_map **map, struct sori_view text, const char *name,
					 struct sori_error *error);
/* Reads categories.map of every folder that has one; an empty map when none has. */
enum sori_status sori_category_map_read(struct sori_category_map **map, const char *const *folders, size_t folder_count,
					struct sori_error *error);
void sori_category_map_free(struct sori_category_map *map);

/* What a category that was counted on `day` (SORI_DAY_NONE: before everything) is now: fills `ids` (borrowed from the map, or
 * `id` itself) and returns how many. Over one only when *split. */
size_t sori_category_map_now(const struct sori_category_map *map, const char *id, sori_day day,
			     const char *ids[SORI_MOVE_LIMIT], bool *split);

/* The days on which a category of now began to mean something else (it came from a split, or was merged): where a series
 * shows a break. Ascending; returns how many there are, writes at most `limit`. */
size_t sori_category_map_breaks(const struct sori_category_map *map, const char *id, sori_day *days, size_t limit);

/* ---- in the store */

/* Keeps the map's text in the store (meta, key 'category_map'); an empty map removes it. The connection is one for
 * writing. */
enum sori_status sori_category_map_save(const struct sori_category_map *map, struct sqlite3 *database, struct sori_error *error);

/* Lets every later query of this connection see history under the ids of now: temporary views `daily` and `sample` stand before
 * the tables of those names. Only for connections that read from then on. Nothing happens when the store keeps no map, or none of its ids occur. A target that the store has not met yet
 * (no run with the new dictionaries) is left under its old id. */
enum sori_status sori_category_map_install(struct sqlite3 *database, struct sori_error *error);

#endif
