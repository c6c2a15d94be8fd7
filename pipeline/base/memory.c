/* The allocation hook. The counters are the one exception to "no mutable globals": the test that makes the n-th
 * allocation fail has to reach every caller, and production leaves them at rest. */
#include "pipeline/base/memory.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static _Atomic uint64_t allocations;
static _Atomic uint64_t fail_at; /* 0: never */
static _Atomic int fail_forever;
static _Atomic int armed; /* so that the normal path costs one relaxed load */

static bool refused(void)
{
	uint64_t number, limit;

	if (!atomic_load_explicit(&armed, memory_order_relaxed))
		return false;
	number = atomic_fetch_add(&allocations, 1) + 1;
	limit = atomic_load(&fail_at);
	return limit && (number == limit || (number > limit && atomic_load(&fail_forever)));
}

void *sori_alloc(size_t size)
{
	return refused() ? NULL : malloc(size ? size : 1);
}

void *sori_alloc_zero(size_t count, size_t size)
{
	return refused() ? NULL : calloc(count ? count : 1, size ? size : 1);
}

void *sori_realloc(void *old, size_t size)
{
	return refused() ? NULL : realloc(old, size ? size : 1);
}

void sori_free(void *memory)
{
	free(memory);
}

char *sori_strdup_n(const char *text, size_t length)
{
	char *copy = sori_alloc(length + 1);

	if (copy) {
		if (length)
			memcpy(copy, text, length);
		copy[length] = '\0';
	}
	return copy;
}

void sori_memory_fail_after(uint64_t n, int forever)
{
	atomic_store(&allocations, 0);
	atomic_store(&fail_forever, forever);
	atomic_store(&fail_at, n);
	atomic_store(&armed, 1);
}

uint64_t sori_memory_count(void)
{
	return atomic_load(&allocations);
}

int sori_grow(void **array, size_t *capacity, size_t needed, size_t size)
{
	size_t wanted = *capacity ? *capacity : 16;
	void *larger;

	if (needed <= *capacity)
		return 0;
	while (wanted < needed) {
		if (wanted > SIZE_MAX / 2)
			return -1;
		wanted *= 2;
	}
	if (wanted > SIZE_MAX / size)
		return -1;
	larger = sori_realloc(*array, wanted * size);
	if (!larger)
		return -1;
	*array = larger;
	*capacity = wanted;
	return 0;
}
