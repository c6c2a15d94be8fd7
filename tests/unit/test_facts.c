/* Facts, blobs and tallies: what goes in comes out, sorted, whatever spills. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/facts.h"
#include "pipeline/core/store_blob.h"
#include "pipeline/core/store_tally.h"

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* Every third has an id, every fifth is undated, every fortieth has the key of another. */
static struct sori_fact fact_of(uint64_t i)
{
	uint64_t key = i % 40 == 39 ? i - 1 : i;
	struct sori_fact fact = {.high = mix(key), .low = (uint32_t)mix(key + 7), .updated = INT64_MIN, .record = i,
				 .cell = (uint32_t)(i % 1000), .set = (uint32_t)(i % 77), .input = (uint32_t)(i % 9),
				 .day = i % 5 ? (sori_day)(19000 + i % 400) : SORI_DAY_NONE, .rating = (int8_t)((int)(i % 12) - 1)};

	if (i % 3 == 0) {
		fact.flags = SORI_FACT_HAS_ID;
		fact.content = mix(i) >> 16;
		fact.updated = i % 2 ? 1700000000 + (int64_t)i : INT64_MIN;
		fact.customer = i % 2 ? mix(i) >> 17 : 0;
	}
	return fact;
}

struct seen {
	uint64_t count, sum;
	unsigned partition;
	bool right;
};

static enum sori_status look(void *user, const struct sori_fact *fact)
{
	struct seen *seen = user;
	struct sori_fact want = fact_of(fact->record);

	seen->count++;
	seen->sum += fact->record;
	seen->right &= fact->high >> 56 == seen->partition && fact->high == want.high && fact->low == want.low &&
		       fact->content == want.content && fact->updated == want.updated && fact->customer == want.customer &&
		       fact->cell == want.cell && fact->set == want.set && fact->day == want.day &&
		       fact->input == want.input && fact->rating == want.rating && fact->flags == want.flags;
	return SORI_OK;
}

static void spilled_facts_come_back(void **state)
{
	enum { MANY = 200000 };
	struct sori_facts *facts = sori_facts_new("/tmp", 2);
	struct sori_facts_local *locals[2];
	struct seen seen = {.right = true};
	struct sori_error error;
	sori_day first, last;
	void *scratch;

	(void)state;
	assert_non_null(facts);
	for (size_t i = 0; i < 2; i++)
		assert_non_null(locals[i] = sori_facts_local_new(facts));
	for (uint64_t i = 0; i < MANY; i++) {
		struct sori_fact fact = fact_of(i);

		assert_int_equal(sori_facts_add(locals[i % 2], &fact, &error), SORI_OK);
	}
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(sori_facts_merge(facts, locals[i], &error), SORI_OK);
		sori_facts_local_free(locals[i]);
	}
	assert_int_equal(sori_facts_count(facts), MANY);
	sori_facts_days(facts, &first, &last);
	assert_int_equal(first, 19001);
	assert_int_equal(last, 19399);
	assert_non_null(scratch = sori_alloc(sori_facts_scratch_size(facts)));
	for (seen.partition = 0; seen.partition < SORI_PARTITIONS; seen.partition++)
		assert_int_equal(sori_facts_visit(facts, seen.partition, scratch, look, &seen, &error), SORI_OK);
	assert_int_equal(seen.count, MANY);
	assert_int_equal(seen.sum, (uint64_t)MANY * (MANY - 1) / 2);
	assert_true(seen.right);
	sori_free(scratch);
	sori_facts_free(facts);
}

static void sets_are_numbered_once(void **state)
{
	struct sori_facts *facts = sori_facts_new("/tmp", 1);
	struct sori_facts_local *a = sori_facts_local_new(facts), *b = sori_facts_local_new(facts);
	uint64_t bits[4] = {0, 0, 0, 0};
	uint32_t first, second;
	struct sori_error error;

	(void)state;
	assert_int_equal(sori_facts_set(a, bits, &first, &error), SORI_OK);
	assert_int_equal(first, 0);
	bits[3] = (uint64_t)1 << 63;
	assert_int_equal(sori_facts_set(a, bits, &first, &error), SORI_OK);
	assert_int_equal(sori_facts_set(b, bits, &second, &error), SORI_OK);
	assert_int_equal(first, second);
	assert_memory_equal(sori_facts_set_bits(facts, first), bits, sizeof bits);
	assert_int_equal(sori_facts_set_count(facts), 2);
	sori_facts_local_free(a);
	sori_facts_local_free(b);
	sori_facts_free(facts);
}

static void check_sorted(struct sori_fact *facts, size_t count)
{
	struct sori_fact_key *keys = calloc(count + 1, sizeof *keys), *scratch = calloc(count + 1, sizeof *scratch);
	uint32_t *starts = calloc(SORI_FACTS_SORT_STARTS, sizeof *starts);
	uint64_t sum = 0;

	sori_facts_sort(facts, keys, scratch, starts, count);
	for (size_t i = 0; i < count; i++) {
		const struct sori_fact *b = &facts[keys[i].index], *a = i ? &facts[keys[i - 1].index] : b;

		sum += keys[i].index;
		assert_true(a->high < b->high || (a->high == b->high && a->low < b->low) ||
			    (a->high == b->high && a->low == b->low &&
			     (a->input < b->input || (a->input == b->input && a->record <= b->record))));
	}
	assert_int_equal(sum, count * (count - (count > 0)) / 2);
	free(keys);
	free(scratch);
	free(starts);
}

static void sorts_hashes_ties_and_equal_ones(void **state)
{
	enum { MANY = 40000 };
	struct sori_fact *facts = calloc(MANY, sizeof *facts);

	(void)state;
	for (size_t count = 0; count <= MANY; count = count * 7 + 1) {
		for (size_t i = 0; i < count; i++)
			facts[i] = fact_of(i);
		check_sorted(facts, count);
	}
	for (size_t i = 0; i < MANY; i++) /* one macro, sent forty thousand times, in three files */
		facts[i] = (struct sori_fact){.high = 5, .low = 6, .input = (uint32_t)(i % 3), .record = mix(i)};
	check_sorted(facts, MANY);
	for (size_t i = 0; i < MANY; i++)
		facts[i].high = i % 2 ? 0 : UINT64_MAX;
	check_sorted(facts, MANY);
	free(facts);
}

static int by_key(const void *a, const void *b)
{
	return sori_fact_compare(a, b);
}

static void blobs_come_back_and_damage_is_seen(void **state)
{
	enum { MANY = 10000 };
	struct sori_fact *facts = calloc(MANY, sizeof *facts);
	struct sori_blob_writer writer;
	struct sori_blob_reader reader;
	struct sori_error error;
	const struct sori_fact *fact;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		facts[i] = fact_of(i);
		facts[i].occurrence = (uint32_t)i % 40 == 39;
		facts[i].dictionary = (uint32_t)(i / 5000);
		facts[i].record = 0;
	}
	facts[0].high = 0;
	facts[1].high = UINT64_MAX;
	facts[2].day = -25567;
	qsort(facts, MANY, sizeof *facts, by_key);
	assert_int_equal(sori_blob_writer_init(&writer, &error), SORI_OK);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(sori_blob_add(&writer, &facts[i], &error), SORI_OK);
	assert_int_equal(sori_blob_end(&writer, &error), SORI_OK);
	assert_int_equal(writer.count, MANY);
	assert_int_equal(sori_blob_reader_init(&reader, sori_buffer_view(&writer.out), &error), SORI_OK);
	while (sori_blob_next(&reader, &fact, &error) == SORI_OK)
		assert_memory_equal(fact, &facts[count++], sizeof *fact);
	assert_int_equal(count, MANY);
	sori_blob_reader_release(&reader);
	for (size_t at = 0; at < writer.out.length; at += 997) { /* flipped and cut: an error, or fewer whole chunks */
		enum sori_status status;

		writer.out.at[at] = (char)(writer.out.at[at] ^ 0x10);
		status = sori_blob_reader_init(&reader, sori_buffer_view(&writer.out), &error);
		while (status == SORI_OK)
			status = sori_blob_next(&reader, &fact, &error);
		assert_int_equal(status, SORI_DATA);
		sori_blob_reader_release(&reader);
		writer.out.at[at] = (char)(writer.out.at[at] ^ 0x10);
		status = sori_blob_reader_init(&reader, sori_view_make(writer.out.at, at), &error);
		while (status == SORI_OK)
			status = sori_blob_next(&reader, &fact, &error);
		assert_true(status == SORI_DATA || status == SORI_END);
		sori_blob_reader_release(&reader);
	}
	sori_blob_writer_release(&writer);
	free(facts);
}

enum { CELLS = 50, DAYS = 30, SETS = 4 };
static int64_t expected[DAYS + 1][CELLS + 1][8][3];

struct order {
	uint64_t last, rows;
	bool right;
};

static enum sori_status check_row(void *user, const struct sori_tally_row *row, struct sori_error *error)
{
	struct order *order = user;
	size_t day = row->day == SORI_DAY_NONE ? 0 : (size_t)(row->day - 18999);
	uint64_t place = (day * 100 + row->cell) * 10 + row->category;

	(void)error;
	order->right &= place >= order->last && expected[day][row->cell][row->category][row->dictionary - 70] == row->delta;
	expected[day][row->cell][row->category][row->dictionary - 70] = 0;
	order->last = place;
	order->rows++;
	return SORI_OK;
}

static void tally(size_t places)
{
	static uint16_t lists[SETS][3] = {{0, 1}, {0, 2, 5}, {0, 7}, {0}};
	const struct sori_store_set sets[SETS] = {{lists[0], 2}, {lists[1], 3}, {lists[2], 2}, {lists[3], 1}};
	struct sori_tally tallies[2];
	struct order order = {.right = true};
	struct sori_error error;

	memset(expected, 0, sizeof expected);
	for (size_t i = 0; i < 2; i++)
		sori_tally_init(&tallies[i], "/tmp", 19000, 19020, places);
	for (uint64_t i = 0; i < 60000; i++) {
		uint64_t random = mix(i);
		size_t day = random % (DAYS + 1), cell = 1 + random / 64 % CELLS, set = random / 8192 % SETS;
		uint32_t dictionary = (uint32_t)(random >> 40) % 3;
		int32_t sign = (random >> 50) % 4 ? 1 : -1;
		struct sori_tally *mine = &tallies[random >> 60 & 1];
		uint64_t key = sori_tally_key(day ? (sori_day)(18999 + day) : SORI_DAY_NONE, (uint32_t)cell, 0,
					      sori_tally_dictionary(mine, dictionary + 70));

		assert_int_equal(sori_tally_add(mine, key, (uint32_t)set, sign, &error), SORI_OK);
		for (uint16_t k = 0; k < sets[set].count; k++)
			expected[day][cell][lists[set][k]][dictionary] += sign;
	}
	assert_int_equal(sori_tally_visit(tallies, 2, sets, check_row, &order, &error), SORI_OK);
	assert_true(order.right);
	assert_true(order.rows > 5000);
	for (size_t i = 0; i < sizeof expected / sizeof(int64_t); i++) /* all that was not zero was visited */
		assert_int_equal(((int64_t *)expected)[i], 0);
	for (size_t i = 0; i < 2; i++)
		sori_tally_release(&tallies[i]);
}

static void tallies_agree_with_plain_counting(void **state)
{
	(void)state;
	tally(0);
	tally(64); /* the table spills over and over */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spilled_facts_come_back),
		cmocka_unit_test(sets_are_numbered_once),
		cmocka_unit_test(sorts_hashes_ties_and_equal_ones),
		cmocka_unit_test(blobs_come_back_and_damage_is_seen),
		cmocka_unit_test(tallies_agree_with_plain_counting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
