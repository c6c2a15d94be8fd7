/* Bump allocation over a chain of blocks that survives reset. A piece larger than a block gets a block of its own. */
#include "pipeline/base/arena.h"

#include <stdint.h>

#include "pipeline/base/memory.h"

#if defined(__SANITIZE_ADDRESS__)
#define SORI_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SORI_ASAN 1
#endif
#endif
#ifdef SORI_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(at, size) ASAN_POISON_MEMORY_REGION((at), (size))
#define UNPOISON(at, size) ASAN_UNPOISON_MEMORY_REGION((at), (size))
#else
#define POISON(at, size) ((void)(at), (void)(size))
#define UNPOISON(at, size) ((void)(at), (void)(size))
#endif

struct sori_arena_block {
	struct sori_arena_block *next;
	size_t capacity;
	size_t used;
	size_t padding; /* keeps bytes[] aligned to 16 */
	unsigned char bytes[];
};

void sori_arena_init(struct sori_arena *arena, size_t block_size)
{
	*arena = (struct sori_arena){.block_size = block_size};
}

void sori_arena_release(struct sori_arena *arena)
{
	struct sori_arena_block *block = arena->first;

	while (block) {
		struct sori_arena_block *next = block->next;

		UNPOISON(block->bytes, block->capacity);
		sori_free(block);
		block = next;
	}
	*arena = (struct sori_arena){.block_size = arena->block_size};
}

void sori_arena_reset(struct sori_arena *arena)
{
	for (struct sori_arena_block *block = arena->first; block; block = block->next) {
		block->used = 0;
		POISON(block->bytes, block->capacity);
	}
	arena->current = arena->first;
	arena->total = 0;
}

static struct sori_arena_block *add_block(struct sori_arena *arena, size_t size)
{
	size_t capacity = size > arena->block_size ? size : arena->block_size;
	struct sori_arena_block *block;

	if (capacity > SIZE_MAX - sizeof *block)
		return NULL;
	block = sori_alloc(sizeof *block + capacity);
	if (!block)
		return NULL;
	block->capacity = capacity;
	block->used = 0;
	POISON(block->bytes, capacity);
	if (arena->current) {
		block->next = arena->current->next;
		arena->current->next = block;
	} else {
		block->next = arena->first;
		arena->first = block;
	}
	return block;
}

void *sori_arena_alloc(struct sori_arena *arena, size_t size)
{
	struct sori_arena_block *block = arena->current;
	void *piece;

	if (size > SIZE_MAX - 15)
		return NULL;
	size = (size + 15) & ~(size_t)15;
	while (block && block->capacity - block->used < size) {
		if (!block->next)
			break;
		block = block->next;
		arena->current = block;
	}
	if (!block || block->capacity - block->used < size) {
		block = add_block(arena, size);
		if (!block)
			return NULL;
		arena->current = block;
	}
	piece = block->bytes + block->used;
	block->used += size;
	arena->total += size;
	UNPOISON(piece, size);
	return piece;
}

void *sori_arena_zero(struct sori_arena *arena, size_t count, size_t size)
{
	void *piece;

	if (size && count > SIZE_MAX / size)
		return NULL;
	piece = sori_arena_alloc(arena, count * size);
	if (piece)
		memset(piece, 0, count * size);
	return piece;
}

struct sori_view sori_arena_copy(struct sori_arena *arena, struct sori_view text)
{
	char *copy = sori_arena_alloc(arena, text.length + 1);

	if (!copy)
		return (struct sori_view){NULL, 0};
	if (text.length)
		memcpy(copy, text.at, text.length);
	copy[text.length] = '\0';
	return (struct sori_view){copy, text.length};
}
