/* Every cell of the store gets, for every block, the number of the combination that its values make there; a row of `daily`
 * then costs one addition a block. Sizes are settled before anything is counted: the cells are known, so are the buckets. */
#include "pipeline/core/report_cube.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/report_query.h"

#define WHOLE_LIMIT ((size_t)4 << 20)  /* counts of the block with all dimensions */
#define PART_LIMIT ((size_t)1 << 20)   /* of one of the others */
#define PARTS_LIMIT ((size_t)6 << 20)  /* of those together */

struct keyed {
	uint8_t values[SORI_REPORT_DIMENSIONS];
	size_t cell;
};

static int by_values(const void *left, const void *right)
{
	const struct keyed *a = left, *b = right;
	int order = memcmp(a->values, b->values, sizeof a->values);

	return order ? order : a->cell < b->cell ? -1 : a->cell > b->cell;
}

static void fold(unsigned dimensions, const uint32_t values[SORI_REPORT_DIMENSIONS], uint8_t folded[SORI_REPORT_DIMENSIONS])
{
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		folded[d] = !(dimensions >> d & 1U) ? 0
			    : values[d] < SORI_CUBE_KEPT ? (uint8_t)values[d]
							 : SORI_CUBE_KEPT;
}

/* Numbers the combinations in the order of their values. */
static bool number(struct sori_arena *arena, struct sori_report_block *block, uint32_t *cells, struct keyed *keyed, size_t count)
{
	if (count > 0)
		qsort(keyed, count, sizeof *keyed, by_values);
	block->combinations = 0;
	for (size_t i = 0; i < count; i++)
		block->combinations += i == 0 || memcmp(keyed[i].values, keyed[i - 1].values, sizeof keyed->values) != 0;
	block->values = sori_arena_zero(arena, block->combinations + 1, sizeof *block->values);
	if (!block->values)
		return false;
	for (size_t i = 0, at = 0; i < count; i++) {
		at += i > 0 && memcmp(keyed[i].values, keyed[i - 1].values, sizeof keyed->values) != 0;
		memcpy(block->values[at], keyed[i].values, sizeof keyed->values);
		cells[keyed[i].cell] = (uint32_t)at;
	}
	return true;
}

static unsigned told_apart(const struct sori_report_model *model)
{
	unsigned dimensions = 0;

	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		if (model->dimensions[d].used && model->dimensions[d].count > 1 && model->dimensions[d].values[1].documents > 0)
			dimensions |= 1U << d;
	return dimensions;
}

struct building {
	struct sori_report_cube *cube;
	const uint32_t (*values)[SORI_REPORT_DIMENSIONS];
	struct keyed *keyed;
	size_t cell_count, total;
};

/* Adds the block when it stays under the limits; *added tells. */
static bool add_block(struct building *building, unsigned dimensions, size_t limit, size_t total_limit, bool *added)
{
	struct sori_report_cube *cube = building->cube;
	struct sori_report_block *block = &cube->blocks[cube->block_count];
	size_t size;

	*added = false;
	for (size_t i = 0; i < building->cell_count; i++) {
		building->keyed[i].cell = i;
		fold(dimensions, building->values[i], building->keyed[i].values);
	}
	cube->cells[cube->block_count] = sori_arena_zero(&cube->arena, building->cell_count + 1, sizeof(uint32_t));
	if (!cube->cells[cube->block_count] ||
	    !number(&cube->arena, block, cube->cells[cube->block_count], building->keyed, building->cell_count))
		return false;
	block->dimensions = dimensions;
	size = block->combinations * cube->rows * cube->slots;
	if (size > limit || building->total + size > total_limit)
		return true;
	block->counts = sori_arena_zero(&cube->arena, size + 1, sizeof *block->counts);
	if (!block->counts)
		return false;
	building->total += size;
	cube->block_count++;
	*added = true;
	return true;
}

static bool add_blocks(struct building *building)
{
	unsigned all = building->cube->dimensions;
	bool added;

	if (!add_block(building, all, WHOLE_LIMIT, WHOLE_LIMIT, &added) || added)
		return added;
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		if (all >> d & 1U && !add_block(building, 1U << d, PART_LIMIT, PARTS_LIMIT, &added))
			return false;
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		for (size_t e = d + 1; e < SORI_REPORT_DIMENSIONS; e++)
			if (all >> d & 1U && all >> e & 1U &&
			    !add_block(building, 1U << d | 1U << e, PART_LIMIT, PARTS_LIMIT, &added))
				return false;
	return true;
}

enum sori_status sori_report_cube_begin(struct sori_report_model *model, const uint32_t (*values)[SORI_REPORT_DIMENSIONS],
					size_t cell_count, struct sori_error *error)
{
	const size_t blocks = 1 + SORI_REPORT_DIMENSIONS + SORI_REPORT_DIMENSIONS * (SORI_REPORT_DIMENSIONS - 1) / 2;
	struct building building = {.values = values, .cell_count = cell_count};
	unsigned dimensions = told_apart(model);
	bool good;

	if (dimensions == 0 || model->documents == 0)
		return SORI_OK;
	struct sori_report_cube *cube = building.cube = model->cube = sori_alloc_zero(1, sizeof *model->cube);
	if (!cube)
		return sori_report_no_memory(error);
	sori_arena_init(&cube->arena, (size_t)256 * 1024);
	cube->dimensions = dimensions;
	cube->rows = model->category_count + SORI_CUBE_ROWS_BEFORE;
	cube->slots = model->bucket_count + 1;
	cube->blocks = sori_arena_zero(&cube->arena, blocks, sizeof *cube->blocks);
	cube->cells = sori_arena_zero(&cube->arena, blocks, sizeof *cube->cells);
	building.keyed = sori_alloc_zero(cell_count + 1, sizeof *building.keyed);
	good = cube->blocks && cube->cells && building.keyed && add_blocks(&building);
	sori_free(building.keyed);
	return good ? SORI_OK : sori_report_no_memory(error);
}

void sori_report_cube_add(struct sori_report_cube *cube, size_t cell, size_t row, size_t slot, uint64_t documents)
{
	if (!cube)
		return;
	for (size_t b = 0; b < cube->block_count; b++)
		cube->blocks[b].counts[(cube->cells[b][cell] * cube->rows + row) * cube->slots + slot] += (uint32_t)documents;
}

struct sori_report_block *sori_report_cube_project(struct sori_report_cube *cube, const struct sori_report_block *from,
						   unsigned dimensions)
{
	struct sori_report_block *block = sori_arena_zero(&cube->arena, 1, sizeof *block);
	struct keyed *keyed = sori_alloc_zero(from->combinations + 1, sizeof *keyed);
	uint32_t *numbers = sori_alloc_zero(from->combinations + 1, sizeof *numbers);
	size_t page = cube->rows * cube->slots;
	bool good = block && keyed && numbers;

	for (size_t i = 0; i < from->combinations && good; i++) {
		keyed[i].cell = i;
		for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
			keyed[i].values[d] = dimensions >> d & 1U ? from->values[i][d] : 0;
	}
	good = good && number(&cube->arena, block, numbers, keyed, from->combinations);
	if (good) {
		block->dimensions = dimensions;
		block->counts = sori_arena_zero(&cube->arena, block->combinations * page + 1, sizeof *block->counts);
		good = block->counts != NULL;
	}
	for (size_t i = 0; i < from->combinations && good; i++)
		for (size_t k = 0; k < page; k++)
			block->counts[numbers[i] * page + k] += from->counts[i * page + k];
	sori_free(keyed);
	sori_free(numbers);
	return good ? block : NULL;
}

void sori_report_cube_free(struct sori_report_cube *cube)
{
	if (!cube)
		return;
	sori_arena_release(&cube->arena);
	sori_free(cube);
}
