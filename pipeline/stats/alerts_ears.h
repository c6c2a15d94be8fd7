/* EARS C1, C2, C3 (Hutwagner et al. 2003): today against the mean and spread of a short baseline. For histories that are too
 * short for anything better; weekends widen the spread and hide what happens in the week. *
 * C3 is that of R's surveillance::earsC: its upper bound is today's count plus what is left of z after the excess of the two
 * days before, so it alarms on those days' excess and not on today's count. */
#ifndef SORI_STATS_ALERTS_EARS_H
#define SORI_STATS_ALERTS_EARS_H

#include <stddef.h>

enum sori_ears_method { SORI_EARS_C1 = 1, SORI_EARS_C2, SORI_EARS_C3 };

struct sori_ears_settings {
	enum sori_ears_method method; /* C1: baseline ends yesterday; C2: three days ago; C3: three C2 statistics added up */
	size_t baseline;              /* days, at least 2 */
	double minimum_sigma;         /* lower bound of the spread; 0 divides by zero on a flat baseline */
	double alpha;                 /* .001; C3 .025 */
};
extern const struct sori_ears_settings sori_ears_recommended; /* C2, 28 days, spread at least 1 */

struct sori_ears {
	double upper; /* NA: under four fifths of the baseline is there; NaN: spread and excess both run off (C3, sigma 0) */
	double alarm; /* 1: y over upper; 0; NA */
};

/* Judges day `at` (index) of a daily series; NaN days are left out of the baseline. The first day that has a whole
 * baseline is `sori_ears_first`. */
struct sori_ears sori_ears(const struct sori_ears_settings *settings, const double *y, size_t at);
size_t sori_ears_first(const struct sori_ears_settings *settings);

#endif
