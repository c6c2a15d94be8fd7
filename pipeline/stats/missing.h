/* Not defined or not given (NA), told apart from the NaN of 0/0 the way R does: a quiet NaN with a payload. Only
 * assignment keeps the difference; arithmetic with either gives some NaN. */
#ifndef SORI_STATS_MISSING_H
#define SORI_STATS_MISSING_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline double sori_na(void)
{
	const uint64_t bits = UINT64_C(0x7ff80000000007a2);
	double value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

static inline bool sori_is_na(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return isnan(value) && (bits & UINT64_C(0xffffffff)) == UINT64_C(0x7a2);
}

#endif
