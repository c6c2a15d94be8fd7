/* Bump allocator: many small pieces, freed together.
 *
 *   block 0            block 1 (grown)
 *   [used......|free]  [used|free............]
 *
 * reset keeps the blocks and poisons them under AddressSanitizer, so that a view that outlives its batch is found.
 * Not thread-safe; one per owner. */
#ifndef SORI_BASE_ARENA_H
#define SORI_BASE_ARENA_H

#include <stddef.h>

#include "pipeline/base/view.h"

struct sori_arena_block;

struct sori_arena {
	struct sori_arena_block *first;
	struct sori_arena_block *current;
	size_t block_size; /* bytes of a normal block */
	size_t total;      /* bytes handed out since the last reset */
};

void sori_arena_init(struct sori_arena *arena, size_t block_size);
void sori_arena_release(struct sori_arena *arena);
void sori_arena_reset(struct sori_arena *arena);

/* `size` bytes aligned to 16, uninitialised; NULL when memory is out. Valid until reset or release. */
void *sori_arena_alloc(struct sori_arena *arena, size_t size) __attribute__((warn_unused_result));
void *sori_arena_zero(struct sori_arena *arena, size_t count, size_t size) __attribute__((warn_unused_result));

/* Copies text into the arena; the view's `at` is NULL when memory is out and the text was not empty. The copy is
 * followed by a NUL byte, so it can serve as a C string when it has none inside. */
struct sori_view sori_arena_copy(struct sori_arena *arena, struct sori_view text);

#endif
