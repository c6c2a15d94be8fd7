/* splitmix64 (Steele, Lea & Flood 2014); gamma by Marsaglia & Tsang (2000); Poisson by products, in halves above 30 through the
 * gamma-binomial recursion of Ahrens & Dieter (1974). A negative binomial is a Poisson with a gamma mean. */
#include "tests/eval/simulate.h"

#include <math.h>
#include <stdlib.h>

#define PI 3.14159265358979323846

uint64_t random_bits(struct random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

double random_uniform(struct random *random)
{
	return ((double)(random_bits(random) >> 12) + 0.5) / 4503599627370496.0;
}

static double random_normal(struct random *random)
{
	return sqrt(-2.0 * log(random_uniform(random))) * cos(2.0 * PI * random_uniform(random));
}

static double random_gamma(struct random *random, double shape)
{
	double d, c;

	if (shape < 1.0)
		return random_gamma(random, shape + 1.0) * pow(random_uniform(random), 1.0 / shape);
	d = shape - 1.0 / 3.0;
	c = 1.0 / sqrt(9.0 * d);
	for (;;) {
		double x = random_normal(random), v = 1.0 + c * x;

		if (v <= 0.0)
			continue;
		v = v * v * v;
		if (log(random_uniform(random)) < 0.5 * x * x + d - d * v + d * log(v))
			return d * v;
	}
}

static double random_binomial(struct random *random, double n, double p)
{
	double count = 0.0;

	for (double i = 0.0; i < n; i += 1.0)
		count += random_uniform(random) < p;
	return count;
}

double random_poisson(struct random *random, double mean)
{
	double count = 0.0, product = 1.0, limit;

	while (mean > 30.0) {
		double m = floor(mean * 7.0 / 8.0), x = random_gamma(random, m);

		if (x > mean)
			return count + random_binomial(random, m - 1.0, mean / x);
		count += m;
		mean -= x;
	}
	limit = exp(-mean);
	for (;;) {
		product *= random_uniform(random);
		if (product <= limit)
			return count;
		count += 1.0;
	}
}

double random_count(struct random *random, double mean, double phi)
{
	if (phi <= 1.0)
		return random_poisson(random, mean);
	return random_poisson(random, random_gamma(random, mean / (phi - 1.0)) * (phi - 1.0));
}

/* Share of the category on a day, before bursts. */
static double share_of(const struct world *world, size_t day)
{
	static const double weekday[7] = {1.1, 1.0, 0.95, 0.95, 1.0, 1.2, 0.8};
	double years = (double)day / 365.0, share = world->mean / world->documents;

	share *= pow(world->trend > 0.0 ? world->trend : 1.0, years) * exp(world->season * sin(2.0 * PI * years));
	if (world->weekdays)
		share *= weekday[day % 7];
	if (world->step > 0.0 && day >= world->step_at)
		share *= world->step;
	return share;
}

static void make_day(const struct world *world, struct random *random, struct series *s, size_t day)
{
	static const double weekday[7] = {1.2, 1.1, 1.1, 1.1, 1.1, 0.7, 0.7};
	double mean = world->documents * (world->weekdays ? weekday[day % 7] : 1.0), share = share_of(world, day);

	s->holiday[day] = world->holiday_every && day % world->holiday_every == world->holiday_every - 1;
	if (s->holiday[day])
		mean /= 3.0;
	if (world->burst > 0.0 && day >= world->burst_at && day < world->burst_at + world->burst_days)
		share *= world->burst;
	s->all[day] = random_count(random, mean, world->volume_phi > 1.0 ? world->volume_phi : 1.0);
	s->expected[day] = s->all[day] * share;
	s->sigma[day] = sqrt(world->phi * s->expected[day]);
	s->category[day] = fmin(s->all[day], s->expected[day] > 0.0 ? random_count(random, s->expected[day], world->phi) : 0.0);
	s->complaints[day] = s->category[day];
	if (world->campaign_copies && day == world->campaign_at) {
		s->category[day] += (double)world->campaign_copies;
		s->all[day] += (double)world->campaign_copies;
		s->complaints[day] += 1.0;
	}
	if (world->late[0] > 0.0 && world->days - 1 - day < 3) { /* what is in by the last day */
		double in = world->late[world->days - 1 - day];

		s->all[day] = floor(s->all[day] * in + 0.5);
		s->category[day] = fmin(s->all[day], floor(s->category[day] * in + 0.5));
		s->complaints[day] = fmin(s->category[day], s->complaints[day]);
	}
	if (world->missing > 0.0 && day + 1 < world->days && random_uniform(random) < world->missing)
		s->all[day] = s->category[day] = -1.0;
}

bool world_run(const struct world *world, struct random *random, struct series *series)
{
	double *room = malloc(5 * world->days * sizeof *room);

	*series = (struct series){.all = room, .holiday = malloc(world->days)};
	if (!room || !series->holiday) {
		series_free(series);
		return false;
	}
	series->category = room + world->days;
	series->complaints = room + 2 * world->days;
	series->expected = room + 3 * world->days;
	series->sigma = room + 4 * world->days;
	for (size_t day = 0; day < world->days; day++)
		make_day(world, random, series, day);
	return true;
}

void series_free(struct series *series)
{
	free(series->all);
	free(series->holiday);
	*series = (struct series){0};
}
