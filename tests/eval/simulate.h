/* Invented worlds with planted truth: daily counts of all documents and of one category with trend, yearly season, weekdays,
 * holidays, bursts, a campaign's copies, a step after an action, over-dispersion, missing days and late data. Everything comes
 * from the seed. */
#ifndef SORI_TESTS_EVAL_SIMULATE_H
#define SORI_TESTS_EVAL_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

uint64_t random_bits(struct random *random);
double random_uniform(struct random *random);               /* (0, 1) */
double random_poisson(struct random *random, double mean);
/* Negative binomial with variance phi * mean; Poisson when phi is 1. */
double random_count(struct random *random, double mean, double phi);

struct world {
	size_t days;
	double documents;       /* a mean day, before weekday and season */
	double mean;            /* documents with the category on a mean day */
	double phi;             /* over-dispersion of the category */
	double volume_phi;      /* of all documents */
	double trend;           /* factor a year, on the category's share */
	double season;          /* amplitude of the yearly wave of the log share */
	bool weekdays;          /* weekends bring half the documents, and their own share */
	size_t holiday_every;   /* days between holidays, which bring a third of the documents; 0: none */
	size_t burst_at, burst_days;
	double burst;           /* factor on the share */
	size_t campaign_at, campaign_copies; /* one text so many times more, that day */
	size_t step_at;
	double step;            /* factor on the share from step_at on; 0: none */
	double missing;         /* chance of a day without data */
	double late[3];         /* share of a day's documents that is in 0, 1, 2 days later; all 0: at once */
};

struct series {
	double *all, *category;           /* documents; -1: the day is missing */
	double *complaints;               /* distinct ones of the category */
	double *expected, *sigma;         /* of the category, given all */
	unsigned char *holiday;
};

/* Allocates the arrays of `series`; series_free releases them. False when memory is out. */
bool world_run(const struct world *world, struct random *random, struct series *series);
void series_free(struct series *series);

#endif
