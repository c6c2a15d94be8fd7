/* Sorting the forms: by the first eight bytes of their order with counting passes, byte after byte from the last; what is
 * equal in these is left to qsort. A dictionary has some hundred thousand forms, which one qsort of whole comparisons
 * would be most of the time that loading takes. */
#include "stages/extract/index.h"

#include <stdlib.h>

#include "pipeline/base/memory.h"

struct keyed {
	uint64_t key;
	uint32_t at;
};

/* One pass per byte that differs anywhere. */
static struct keyed *sort_keys(struct keyed *from, struct keyed *to, size_t count)
{
	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t first[257] = {0};
		for (size_t i = 0; i < count; i++)
			first[(from[i].key >> shift & 0xff) + 1]++;
		if (first[(from[0].key >> shift & 0xff) + 1] == count)
			continue;
		for (unsigned i = 0; i < 256; i++)
			first[i + 1] += first[i];
		for (size_t i = 0; i < count; i++)
			to[first[from[i].key >> shift & 0xff]++] = from[i];
		struct keyed *sorted = to;
		to = from;
		from = sorted;
	}
	return from;
}

bool sori_index_sort(void *items, size_t count, size_t size, uint64_t (*key)(const void *item),
		     int (*compare)(const void *left, const void *right))
{
	if (count < 2)
		return true;
	struct keyed *keys = sori_alloc(2 * count * sizeof *keys);
	char *copy = sori_alloc(count * size);
	bool fine = keys && copy;
	if (fine) {
		memcpy(copy, items, count * size);
		for (size_t i = 0; i < count; i++)
			keys[i] = (struct keyed){key(copy + i * size), (uint32_t)i};
		struct keyed *sorted = sort_keys(keys, keys + count, count);
		for (size_t i = 0; i < count; i++)
			memcpy((char *)items + i * size, copy + sorted[i].at * size, size);
		for (size_t from = 0, to; from < count; from = to) {
			for (to = from + 1; to < count && sorted[to].key == sorted[from].key; to++)
				;
			if (compare && to - from > 1)
				qsort((char *)items + from * size, to - from, size, compare);
		}
	}
	sori_free(keys);
	sori_free(copy);
	return fine;
}
