/* Many tests at once: false discovery rates. */
#ifndef SORI_STATS_MULTIPLE_H
#define SORI_STATS_MULTIPLE_H

#include <stddef.h>

#include "pipeline/base/error.h"

/* Benjamini-Hochberg (1995) adjusted p into `bh` and Benjamini-Yekutieli (2001) into `by`; either may be NULL. A missing p
 * stays missing and is left out of the family. Returns in *family (may be NULL) how many were tested. Ties get the
 * same q. SORI_SYSTEM when memory is out. */
enum sori_status sori_fdr(const double *p, size_t count, double *bh, double *by, size_t *family,
			  struct sori_error *error);

#endif
