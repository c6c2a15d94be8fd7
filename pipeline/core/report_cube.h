/* Counts by slice and time, small enough to travel inside the page, so that a reader can filter without the store.
 *
 * A block is the store projected onto some of the dimensions: for every combination of their values that occurs, every
 * category and every bucket a count. One block with all dimensions answers any question; where that would be too large there
 * is a block for each dimension and for each pair that fits. Values beyond the first KEPT of a dimension are one value.
 *
 *   rows   0 all documents, 1 with a pain point, 2 without category, 3... the model's categories
 *   slots  the model's buckets, then one for what no bucket holds (undated, or before the first bucket) */
#ifndef SORI_CORE_REPORT_CUBE_H
#define SORI_CORE_REPORT_CUBE_H

#include <stdint.h>

#include "pipeline/core/report.h"

#define SORI_CUBE_KEPT 30
#define SORI_CUBE_ROWS_BEFORE 3

struct sori_report_block {
	unsigned dimensions;  /* bit d: dimension d is told apart; the others are added up */
	size_t combinations;
	uint8_t (*values)[SORI_REPORT_DIMENSIONS]; /* number of the value, SORI_CUBE_KEPT: all others; 0 where not told apart */
	uint32_t *counts;     /* [combinations][rows][slots] */
};

struct sori_report_cube {
	size_t rows, slots;
	unsigned dimensions;  /* that can be filtered by: used, with two values or more */
	struct sori_report_block *blocks; /* all dimensions, when it was small enough; else single ones, then pairs */
	size_t block_count;
	struct sori_arena arena; /* holds the arrays: megabytes, apart from the model's */
	uint32_t **cells;     /* while loading: [blocks][cells] number of the combination */
};

/* From the model's ranked dimensions and buckets; `values` are the value numbers (ranks) of each cell. model->cube stays NULL
 * when no dimension tells documents apart. */
enum sori_status sori_report_cube_begin(struct sori_report_model *model, const uint32_t (*values)[SORI_REPORT_DIMENSIONS],
					size_t cell_count, struct sori_error *error);
void sori_report_cube_add(struct sori_report_cube *cube, size_t cell, size_t row, size_t slot, uint64_t documents);
/* Derives single dimensions and pairs from the whole when a writer finds that too large: NULL when memory is out. The result
 * lives in the cube's arena. */
struct sori_report_block *sori_report_cube_project(struct sori_report_cube *cube, const struct sori_report_block *from,
						   unsigned dimensions);
void sori_report_cube_free(struct sori_report_cube *cube);

#endif
