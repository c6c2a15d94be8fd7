/* The category map over any bytes: it is read or refused with a line, and what was read keeps its promises: changes by day,
 * ids asked for on any day lead to ids, and to several only after a split. */
#include "tests/fuzz/fuzz_input.h"

#include "pipeline/core/category_map.h"

static void ask(const struct sori_category_map *map, const char *id)
{
	const char *ids[SORI_MOVE_LIMIT];
	sori_day days[4];
	bool split;

	for (size_t i = 0; i <= map->count && i < 50; i++) {
		sori_day day = i < map->count ? map->changes[i].day - 1 : SORI_DAY_NONE;
		size_t count = sori_category_map_now(map, id, day, ids, &split);

		fuzz_check(count >= 1 && count <= SORI_MOVE_LIMIT && (count == 1 || split));
		for (size_t k = 0; k < count; k++)
			fuzz_check(ids[k] && ids[k][0]);
	}
	(void)sori_category_map_breaks(map, id, days, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sori_category_map *map;
	struct sori_error error;
	enum sori_status status = sori_category_map_parse(&map, sori_view_make((const char *)data, size), "map", &error);

	if (status != SORI_OK) {
		fuzz_check(status == SORI_CONFIG && error.line > 0 && !map);
		return 0;
	}
	for (size_t i = 0; i < map->count; i++) {
		fuzz_check(i == 0 || map->changes[i - 1].day <= map->changes[i].day);
		fuzz_check(map->changes[i].from_count && map->changes[i].to_count);
		if (i < 20) {
			ask(map, map->changes[i].from[0]);
			ask(map, map->changes[i].to[0]);
		}
	}
	sori_category_map_free(map);
	return 0;
}
