/* Stores with a known truth: daily counts with over-dispersion, weekday, season, a step at a day, for the tests of effect and season;
 * facts with ratings for those of drivers. Seeded: the same seed gives the same store. */
#ifndef SORI_TESTS_PLANTED_H
#define SORI_TESTS_PLANTED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <sqlite3.h>

#include "pipeline/base/day.h"
#include "pipeline/core/store_blob.h"
#include "tests/unit/sql_fixture.h"

struct planted_random {
	uint64_t state;
};

static inline uint64_t planted_bits(struct planted_random *random) /* splitmix64 */
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static inline double planted_uniform(struct planted_random *random)
{
	return ((double)(planted_bits(random) >> 11) + 0.5) / 9007199254740992.0;
}

static inline double planted_normal(struct planted_random *random)
{
	return sqrt(-2.0 * log(planted_uniform(random))) * cos(6.283185307179586 * planted_uniform(random));
}

/* Marsaglia & Tsang (2000), shape at least 1; smaller ones by the usual boost. */
static inline double planted_gamma(struct planted_random *random, double shape)
{
	double d, c;

	if (shape < 1.0)
		return planted_gamma(random, shape + 1.0) * pow(planted_uniform(random), 1.0 / shape);
	d = shape - 1.0 / 3.0;
	c = 1.0 / sqrt(9.0 * d);
	for (;;) {
		double x = planted_normal(random), v = (1.0 + c * x) * (1.0 + c * x) * (1.0 + c * x);

		if (v > 0.0 && log(planted_uniform(random)) < 0.5 * x * x + d - d * v + d * log(v))
			return d * v;
	}
}

static inline int planted_poisson(struct planted_random *random, double mean)
{
	double sum = -log(planted_uniform(random));
	int count = 0;

	for (; sum < mean; count++)
		sum -= log(planted_uniform(random));
	return count;
}

/* Mean and variance / mean. */
static inline int planted_count(struct planted_random *random, double mean, double phi)
{
	if (!(mean > 0.0))
		return 0;
	return planted_poisson(random, phi > 1.0 ? planted_gamma(random, mean / (phi - 1.0)) * (phi - 1.0) : mean);
}

/* Categories a.x (3), a.y (4), b.z (5), praise.p (6); cells 1 부산/앱/TV, 2 서울/앱/TV, 3 서울/콜센터/phone. */
static inline sqlite3 *planted_new(void)
{
	sqlite3 *store;

	assert_int_equal(sqlite3_open(":memory:", &store), SQLITE_OK);
	sql_run(store,
		    "CREATE TABLE category(category INTEGER PRIMARY KEY, id TEXT, ko TEXT, en TEXT, kind TEXT, owner TEXT, severity, fallback);"
		    "INSERT INTO category VALUES (0,'*','','','','',0,0),(1,'*none','','','','',0,0),(2,'*pain','','','','',0,0),"
		    "(3,'a.x','가','ex','pain','',3,0),(4,'a.y','나','why','pain','',3,0),(5,'b.z','다','zed','pain','',0,0),"
		    "(6,'praise.p','칭찬','praise','praise','',0,0);"
		    "CREATE TABLE cell(cell INTEGER PRIMARY KEY, source, channel, product, region, lang, dim1, dim2, dim3);"
		    "INSERT INTO cell VALUES (1,'s','앱','TV','부산','ko','','',''),(2,'s','앱','TV','서울','ko','','',''),"
		    "(3,'s','콜센터','phone','서울','ko','','','');"
		    "CREATE TABLE input(input INTEGER PRIMARY KEY, run INTEGER, columns TEXT, superseded);"
		    "INSERT INTO input VALUES (1, 1, '{}', NULL);"
		    "CREATE TABLE run(run INTEGER PRIMARY KEY, as_of INTEGER);"
		    "CREATE TABLE category_set(category_set INTEGER PRIMARY KEY, categories TEXT);"
		    "INSERT INTO category_set VALUES (1,'0,1');"
		    "CREATE TABLE fact(partition INTEGER, run INTEGER, count INTEGER, data BLOB, live INTEGER);"
		    "CREATE TABLE daily(day INTEGER, cell INTEGER, category INTEGER, dictionary INTEGER, documents INTEGER,"
		    " PRIMARY KEY(day, cell, category, dictionary)) WITHOUT ROWID");
	return store;
}

static inline void planted_put(sqlite3 *store, sori_day day, int cell, int category, int dictionary, int documents)
{
	sqlite3_stmt *row;

	if (documents <= 0)
		return;
	assert_int_equal(sqlite3_prepare_v2(store, "INSERT OR REPLACE INTO daily VALUES (?, ?, ?, ?, ?)", -1, &row, NULL), SQLITE_OK);
	sqlite3_bind_int(row, 1, day);
	sqlite3_bind_int(row, 2, cell);
	sqlite3_bind_int(row, 3, category);
	sqlite3_bind_int(row, 4, dictionary);
	sqlite3_bind_int(row, 5, documents);
	assert_int_equal(sqlite3_step(row), SQLITE_DONE);
	sqlite3_finalize(row);
}

/* What the counts of a cell follow. */
struct planted_world {
	uint64_t seed;
	int cell;
	sori_day from, to;
	double documents;      /* a day, before weekday and season */
	double share;          /* of a.x */
	double phi;            /* over-dispersion of a.x */
	double season;         /* log amplitude of a.x: exp(season cos) */
	sori_day peak;         /* a day at which the season is highest */
	sori_day step;         /* from here the share is times `factor` */
	double factor;
	double slope;          /* log share a year */
};

static inline double planted_share(const struct planted_world *world, sori_day day, bool changed)
{
	double share = world->share * exp(world->season * cos(6.283185307179586 * (day - world->peak) / 365.2425) +
					  world->slope * (day - world->from) / 365.2425);

	return changed && day >= world->step ? share * world->factor : share;
}

/* Other categories keep steady shares: a.y 3 %, b.z 5 %, praise.p 10 %. */
static inline void planted_grow(sqlite3 *store, const struct planted_world *world)
{
	struct planted_random random = {world->seed};

	sql_run(store, "BEGIN");
	for (sori_day day = world->from; day <= world->to; day++) {
		double weekday = sori_day_weekday(day) >= 5 ? 0.6 : 1.15;
		int all = planted_count(&random, world->documents * weekday, 1.3);
		int with = planted_count(&random, all * planted_share(world, day, true), world->phi);

		with = with < all ? with : all;
		planted_put(store, day, world->cell, 0, 1, all);
		planted_put(store, day, world->cell, 3, 1, with);
		planted_put(store, day, world->cell, 4, 1, planted_count(&random, all * 0.03, 1.0));
		planted_put(store, day, world->cell, 5, 1, planted_count(&random, all * 0.05, 1.0));
		planted_put(store, day, world->cell, 6, 1, planted_count(&random, all * 0.10, 1.0));
	}
	sql_run(store, "COMMIT");
}

/* Facts, each with its own key; sets are category lists as the store writes them ("0,2,3"). */
struct planted_facts {
	sqlite3 *store;
	struct sori_blob_writer writer;
	uint64_t next;
};

static inline void planted_facts_begin(struct planted_facts *facts, sqlite3 *store)
{
	struct sori_error error;

	*facts = (struct planted_facts){.store = store};
	assert_int_equal(sori_blob_writer_init(&facts->writer, &error), SORI_OK);
}

static inline void planted_fact(struct planted_facts *facts, sori_day day, int cell, int set, int rating, int dictionary)
{
	struct sori_error error;
	struct sori_fact fact = {.high = facts->next++, .updated = INT64_MIN, .cell = (uint32_t)cell, .set = (uint32_t)set, .day = day,
				 .input = 1, .dictionary = (uint32_t)dictionary, .rating = (int8_t)rating};

	assert_int_equal(sori_blob_add(&facts->writer, &fact, &error), SORI_OK);
}

static inline void planted_facts_end(struct planted_facts *facts)
{
	struct sori_error error;
	sqlite3_stmt *row;

	assert_int_equal(sori_blob_end(&facts->writer, &error), SORI_OK);
	assert_int_equal(sqlite3_prepare_v2(facts->store, "INSERT INTO fact VALUES (0, 1, ?, ?, ?)", -1, &row, NULL), SQLITE_OK);
	sqlite3_bind_int64(row, 1, (sqlite3_int64)facts->next);
	sqlite3_bind_blob64(row, 2, facts->writer.out.at, facts->writer.out.length, SQLITE_TRANSIENT);
	sqlite3_bind_int64(row, 3, (sqlite3_int64)facts->next);
	assert_int_equal(sqlite3_step(row), SQLITE_DONE);
	sqlite3_finalize(row);
	sori_blob_writer_release(&facts->writer);
}

#endif
