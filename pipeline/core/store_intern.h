/* Byte strings to dense numbers 0, 1, 2 … in order of arrival; the strings are kept. One owner or one lock at a time. */
#ifndef SORI_CORE_STORE_INTERN_H
#define SORI_CORE_STORE_INTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/view.h"

struct sori_intern {
	struct sori_arena arena; /* owns the strings */
	struct sori_view *text;  /* by number */
	uint64_t *hash;          /* by number */
	size_t count, capacity, hash_capacity;
	uint32_t *slots;         /* number + 1, 0 free; power of two */
	size_t slot_count;
};

#define SORI_INTERN_NONE UINT32_MAX

void sori_intern_init(struct sori_intern *intern);
void sori_intern_release(struct sori_intern *intern);

/* The number of `text`, SORI_INTERN_NONE when it is not there. */
uint32_t sori_intern_find(const struct sori_intern *intern, struct sori_view text);

/* The number of `text`, added when new (*added says so; may be NULL). SORI_INTERN_NONE when memory is out. */
uint32_t sori_intern_add(struct sori_intern *intern, struct sori_view text, bool *added);

/* Numbers 0..count-1 in byte order of their strings, written to `order` (count places). */
void sori_intern_sort(const struct sori_intern *intern, uint32_t *order);

#endif
