/* Samples: the same ones however the work is split; masked, with spans where the words are. */
#include "tests/unit/store_fixture.h"

#include "pipeline/core/samples.h"

static const struct sori_catalog catalog = {.categories = fixture_categories, .count = 3};

struct kept {
	char text[100000];
	size_t length, count;
};

static enum sori_status keep(void *user, int32_t month, size_t category, struct sori_verbatim *sample,
			     struct sori_error *error)
{
	struct kept *kept = user;

	(void)error;
	kept->count++;
	kept->length += (size_t)snprintf(kept->text + kept->length, sizeof kept->text - kept->length, "%d %zu %llu %llu %.*s\n",
					 month, category, (unsigned long long)sample->rank, (unsigned long long)sample->record,
					 (int)sample->text_length, sample->text);
	return SORI_OK;
}

static void fill(struct sori_batch *batch, size_t from, size_t count)
{
	sori_batch_reset(batch);
	for (size_t i = from; i < from + count; i++) {
		struct sori_record *record = sori_batch_add(batch);
		struct sori_view text;
		char buffer[48];

		(void)snprintf(buffer, sizeof buffer, "말 %zu", i % 900); /* every wording comes twice or more */
		text = sori_arena_copy(&batch->arena, sori_view_of(buffer));
		record->number = i + 1;
		record->field[SORI_ROLE_TEXT] = text;
		record->norm_start = (uint32_t)batch->normalized.length;
		record->norm_length = (uint32_t)text.length;
		sori_buffer_add_view(&batch->normalized, text);
		record->identity = sori_hash128(sori_view_make((const char *)&i, sizeof i), 9);
		record->day = i % 7 ? (sori_day)(19700 + i % 70) : SORI_DAY_NONE;
		record->categories[0] = i % 8;
	}
}

static void collect(unsigned threads, size_t batch_size, struct kept *kept)
{
	enum { MANY = 5000 };
	struct sori_input input = {.index = 0};
	struct sori_samples *samples = sori_samples_new(&catalog);
	struct sori_samples_local *locals[3];
	struct sori_batch *batch = sori_batch_new();
	struct sori_error error;

	for (unsigned i = 0; i < threads; i++)
		assert_non_null(locals[i] = sori_samples_local_new(samples));
	for (size_t at = 0, turn = 0; at < MANY; at += batch_size, turn++) {
		fill(batch, at, MANY - at < batch_size ? MANY - at : batch_size);
		batch->input = &input;
		for (size_t i = 0; i < batch->count; i++)
			assert_int_equal(sori_samples_offer(locals[turn % threads], batch, &batch->records[i], &error), SORI_OK);
	}
	for (unsigned i = threads; i-- > 0;) {
		assert_int_equal(sori_samples_merge(samples, locals[i], &error), SORI_OK);
		sori_samples_local_free(locals[i]);
	}
	kept->length = kept->count = 0;
	assert_int_equal(sori_samples_visit(samples, keep, kept, &error), SORI_OK);
	sori_batch_free(batch);
	sori_samples_free(samples);
}

static void any_split_keeps_the_same(void **state)
{
	static struct kept first, other;

	(void)state;
	collect(1, 1024, &first);
	assert_int_equal(first.count, 4 * 3 * SORI_SAMPLES_CANDIDATES); /* undated and three months, three categories */
	for (unsigned threads = 1; threads <= 3; threads++) {
		for (size_t size = 1; size <= 1000; size *= 10) {
			collect(threads, size, &other);
			assert_string_equal(first.text, other.text);
		}
	}
}

struct one {
	char text[4096], spans[512];
};

static enum sori_status take(void *user, int32_t month, size_t category, struct sori_verbatim *sample,
			     struct sori_error *error)
{
	struct one *one = user;

	(void)error;
	(void)category;
	assert_int_equal(month, 202403);
	(void)snprintf(one->text, sizeof one->text, "%.*s", (int)sample->text_length, sample->text);
	(void)snprintf(one->spans, sizeof one->spans, "%.*s", (int)sample->spans_length, sample->spans);
	return SORI_OK;
}

/* One record of `text` with a mask and a hit (bytes of the text). */
static void show(const char *text, struct sori_mask mask, uint32_t start, uint32_t end, struct one *one)
{
	static const struct sori_view entries[] = {{"a:1", 3}, {"b:2", 3}};
	const struct sori_catalog with_entries = {.categories = fixture_categories, .count = 3, .entries = entries, .entry_count = 2};
	struct sori_samples *samples = sori_samples_new(&with_entries);
	struct sori_samples_local *local = sori_samples_local_new(samples);
	struct sori_batch *batch = sori_batch_new();
	struct sori_record *record = sori_batch_add(batch);
	struct sori_hit hit = {.category = 1, .entry = 1, .start = start, .end = end, .counted = 1};
	struct sori_input input = {.index = 0};
	struct sori_error error;

	batch->input = &input;
	record->day = 19787;
	record->field[SORI_ROLE_TEXT] = sori_view_of(text);
	record->categories[0] = 2;
	record->mask_count = mask.end ? 1 : 0;
	batch->masks = (struct sori_mask_list){&mask, record->mask_count, 0};
	batch->hits = &hit;
	record->hit_count = 1;
	assert_int_equal(sori_samples_offer(local, batch, record, &error), SORI_OK);
	assert_int_equal(sori_samples_merge(samples, local, &error), SORI_OK);
	assert_int_equal(sori_samples_visit(samples, take, one, &error), SORI_OK);
	batch->masks = (struct sori_mask_list){NULL, 0, 0};
	batch->hits = NULL;
	sori_batch_free(batch);
	sori_samples_local_free(local);
	sori_samples_free(samples);
}

static void masked_with_spans(void **state)
{
	struct one one;

	(void)state;
	show("010-1234-5678 late", (struct sori_mask){0, 13, SORI_MASK_PHONE}, 14, 18, &one);
	assert_string_equal(one.text, "[전화번호] late");
	assert_string_equal(one.spans, "[[15,19,\"delivery.late\",\"b:2\",1]]");
}

static void long_texts_are_cut_around_the_hit(void **state)
{
	static char text[9001];
	struct one one;
	unsigned start = 0, end = 0;

	(void)state;
	for (size_t i = 0; i < 3000; i++)
		memcpy(text + i * 3, "가", 3);
	memcpy(text + 6000, "late..", 6);
	show(text, (struct sori_mask){0, 0, 0}, 6000, 6004, &one);
	assert_true(strlen(one.text) <= SORI_SAMPLE_TEXT_LIMIT + 6);
	assert_int_equal(sscanf(one.spans, "[[%u,%u,", &start, &end), 2);
	assert_memory_equal(one.text + start, "late", 4);
	assert_int_equal(end - start, 4);
	assert_memory_equal(one.text, "…가", 6);
	assert_string_equal(one.text + strlen(one.text) - 3, "…");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_split_keeps_the_same),
		cmocka_unit_test(masked_with_spans),
		cmocka_unit_test(long_texts_are_cut_around_the_hit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
