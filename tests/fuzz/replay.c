/* Replays a folder of seeds through LLVMFuzzerTestOneInput without the fuzzer: every seed as it is, then mutations of it
 * drawn from a fixed generator, so that a plain build and the sanitizer builds run the same inputs every time. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEED_LIMIT ((size_t)1 << 20)
#define MUTATIONS 40

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* A few bytes changed, a piece cut out or doubled. The copy is allocated to its exact size, so that a read past the end
 * is seen by the sanitizer. */
static void run_mutation(const uint8_t *seed, size_t size, uint64_t *random)
{
	size_t cut = size ? next_random(random) % size : 0, length = size ? next_random(random) % (size - cut + 1) : 0;
	int doubled = (int)(next_random(random) & 1);
	size_t total = doubled ? size + length : size - length;
	uint8_t *copy = malloc(total ? total : 1);

	if (!copy)
		exit(2);
	if (doubled) {
		memcpy(copy, seed, cut + length);
		memcpy(copy + cut + length, seed + cut, size - cut);
	} else {
		memcpy(copy, seed, cut);
		memcpy(copy + cut, seed + cut + length, size - cut - length);
	}
	for (unsigned i = 0; total && i < 4; i++)
		copy[next_random(random) % total] = (uint8_t)next_random(random);
	(void)LLVMFuzzerTestOneInput(copy, total);
	free(copy);
}

static size_t run_file(const char *path)
{
	uint8_t *bytes = malloc(SEED_LIMIT);
	FILE *file = fopen(path, "rbe");
	uint64_t random = UINT64_C(0x9e3779b97f4a7c15);
	size_t size;

	if (!bytes || !file) {
		(void)fprintf(stderr, "cannot read %s\n", path);
		exit(2);
	}
	size = fread(bytes, 1, SEED_LIMIT, file);
	(void)fclose(file);
	bytes = realloc(bytes, size ? size : 1);
	if (!bytes)
		exit(2);
	(void)LLVMFuzzerTestOneInput(bytes, size);
	for (int i = 0; i < MUTATIONS; i++)
		run_mutation(bytes, size, &random);
	free(bytes);
	return MUTATIONS + 1;
}

int main(int argc, char **argv)
{
	size_t runs = 0;

	for (int i = 1; i < argc; i++) {
		struct dirent **entries;
		int count = scandir(argv[i], &entries, NULL, alphasort);

		for (int k = 0; k < count; k++) {
			char path[4096];

			if (entries[k]->d_name[0] != '.') {
				(void)snprintf(path, sizeof path, "%s/%s", argv[i], entries[k]->d_name);
				runs += run_file(path);
			}
			free(entries[k]);
		}
		if (count >= 0)
			free(entries);
	}
	(void)printf("%zu inputs\n", runs);
	return runs == 0;
}
