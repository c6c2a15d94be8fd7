/* The one door to the heap, so that a test can make the n-th allocation fail (sori_memory_fail_after). */
#ifndef SORI_BASE_MEMORY_H
#define SORI_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* As malloc/calloc/realloc/free; NULL on failure. `size` 0 gives a valid pointer. Thread-safe. */
void *sori_alloc(size_t size) __attribute__((malloc, warn_unused_result));
void *sori_alloc_zero(size_t count, size_t size) __attribute__((malloc, warn_unused_result));
void *sori_realloc(void *old, size_t size) __attribute__((warn_unused_result));
void sori_free(void *memory);
char *sori_strdup_n(const char *text, size_t length) __attribute__((malloc, warn_unused_result));

/* Test hook: the allocation number `n` from now (1 = next) fails, and all after it when `forever`; 0 switches off.
 * Also read once at start from SORI_TEST_FAIL_ALLOC ("n" or "n+") by the command line. */
void sori_memory_fail_after(uint64_t n, int forever);
uint64_t sori_memory_count(void);

/* Grows *array (of *capacity elements of `size` bytes) to hold at least `needed`; doubles. 0 on success, -1 when
 * memory is out, the old array stays valid then. */
int sori_grow(void **array, size_t *capacity, size_t needed, size_t size);
#define SORI_GROW(array, capacity, needed) \
	((needed) <= (capacity) ? 0 : sori_grow((void **)&(array), &(capacity), (needed), sizeof *(array)))

/* For large arrays on the stack of hot functions: they are written before they are read, and clearing them first, as the
 * hardening flags would, costs more than the function. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#define SORI_UNINITIALIZED __attribute__((uninitialized))
#elif defined(__clang__)
#define SORI_UNINITIALIZED __attribute__((uninitialized))
#else
#define SORI_UNINITIALIZED
#endif

#endif
