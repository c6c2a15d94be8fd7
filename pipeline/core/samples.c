/* A page per month of one short sorted list per category, behind a directory by month number, so that the usual case (the
 * record's hash is larger than the list's last) is two loads and a compare. Text is masked and spans are written only for
 * a record that enters a list; a list holds a wording once, the one with the smallest hash. */
#include "pipeline/core/samples.h"

#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/reader.h"
#include "pipeline/text/redact.h"

#define FIRST_YEAR 1900
#define MONTHS (1 + 300 * 12) /* 0: undated */

struct list {
	uint64_t worst; /* rank of the last when full, else UINT64_MAX */
	struct sori_verbatim **at;
	unsigned count;
};

struct page {
	struct list lists[SORI_CATEGORY_LIMIT];
};

/* Shared and local ones are the same thing. */
struct sori_samples {
	const struct sori_catalog *catalog;
	struct page *pages[MONTHS];
	struct sori_buffer text, spans;
	sori_day cached_day;
	size_t cached_month;
};

struct sori_samples_local {
	struct sori_samples own;
};

uint64_t sori_sample_rank(uint64_t high, uint32_t low)
{
	uint64_t mix = (high ^ (uint64_t)low << 31) + 0x9e3779b97f4a7c15u;

	mix = (mix ^ mix >> 30) * 0xbf58476d1ce4e5b9u;
	mix = (mix ^ mix >> 27) * 0x94d049bb133111ebu;
	return (mix ^ mix >> 31) >> 1;
}

static size_t month_index(sori_day day)
{
	int year, month, of_month;

	if (day == SORI_DAY_NONE)
		return 0;
	sori_day_split(day, &year, &month, &of_month);
	if (year < FIRST_YEAR || year >= FIRST_YEAR + 300)
		return 0;
	return 1 + (size_t)(year - FIRST_YEAR) * 12 + (size_t)(month - 1);
}

static int32_t month_name(size_t index)
{
	if (index == 0)
		return 0;
	return (int32_t)((FIRST_YEAR + (index - 1) / 12) * 100 + (index - 1) % 12 + 1);
}

int32_t sori_sample_month(sori_day day)
{
	return month_name(month_index(day));
}

static void init(struct sori_samples *samples, const struct sori_catalog *catalog)
{
	samples->catalog = catalog;
	samples->cached_day = SORI_DAY_NONE;
	sori_buffer_init(&samples->text, (size_t)8 * 1024 * 1024);
	sori_buffer_init(&samples->spans, (size_t)1024 * 1024);
}

static void drop(struct sori_verbatim *sample)
{
	if (--sample->uses == 0)
		sori_free(sample);
}

static void release(struct sori_samples *samples)
{
	for (size_t month = 0; month < MONTHS; month++) {
		struct page *page = samples->pages[month];

		for (size_t i = 0; page && i < SORI_CATEGORY_LIMIT; i++) {
			for (unsigned k = 0; k < page->lists[i].count; k++)
				drop(page->lists[i].at[k]);
			sori_free(page->lists[i].at);
		}
		sori_free(page);
		samples->pages[month] = NULL;
	}
	sori_buffer_release(&samples->text);
	sori_buffer_release(&samples->spans);
}

struct sori_samples *sori_samples_new(const struct sori_catalog *catalog)
{
	struct sori_samples *samples = sori_alloc_zero(1, sizeof *samples);

	if (samples)
		init(samples, catalog);
	return samples;
}

void sori_samples_free(struct sori_samples *samples)
{
	if (samples)
		release(samples);
	sori_free(samples);
}

struct sori_samples_local *sori_samples_local_new(struct sori_samples *samples)
{
	struct sori_samples_local *local = sori_alloc_zero(1, sizeof *local);

	if (local)
		init(&local->own, samples->catalog);
	return local;
}

void sori_samples_local_free(struct sori_samples_local *local)
{
	if (local)
		release(&local->own);
	sori_free(local);
}

static struct page *page_of(struct sori_samples *samples, size_t month)
{
	struct page *page = samples->pages[month];

	if (page)
		return page;
	page = sori_alloc_zero(1, sizeof *page);
	for (size_t i = 0; page && i < SORI_CATEGORY_LIMIT; i++)
		page->lists[i].worst = UINT64_MAX;
	samples->pages[month] = page;
	return page;
}

/* A total order, so that ties do not depend on arrival. */
static int compare(const struct sori_verbatim *a, const struct sori_verbatim *b)
{
#define BY(field) \
	if (a->field != b->field) \
		return a->field < b->field ? -1 : 1
	BY(rank);
	BY(high);
	BY(low);
	BY(content);
	BY(text_hash);
	BY(input);
	BY(record);
#undef BY
	return 0;
}

static void remove_at(struct list *list, unsigned index)
{
	drop(list->at[index]);
	memmove(list->at + index, list->at + index + 1, (list->count - index - 1) * sizeof *list->at);
	list->count--;
}

/* Keeps the smallest of each wording, and the smallest wordings. */
static bool insert(struct list *list, struct sori_verbatim *sample)
{
	unsigned place = 0;

	if (!list->at) {
		list->at = sori_alloc((SORI_SAMPLES_CANDIDATES + 1) * sizeof *list->at);
		if (!list->at)
			return false;
	}
	for (unsigned i = 0; i < list->count; i++) {
		if (list->at[i]->text_hash != sample->text_hash)
			continue;
		if (compare(list->at[i], sample) <= 0)
			return true;
		remove_at(list, i);
		break;
	}
	while (place < list->count && compare(list->at[place], sample) < 0)
		place++;
	memmove(list->at + place + 1, list->at + place, (list->count - place) * sizeof *list->at);
	list->at[place] = sample;
	list->count++;
	sample->uses++;
	if (list->count > SORI_SAMPLES_CANDIDATES)
		remove_at(list, list->count - 1);
	list->worst = list->count == SORI_SAMPLES_CANDIDATES ? list->at[list->count - 1]->rank : UINT64_MAX;
	return true;
}

/* Start of the shown window of a long text: a quarter before the first counted hit, on a code point border. */
static size_t window_start(const struct sori_samples *samples, const struct sori_batch *batch,
			   const struct sori_record *record)
{
	const struct sori_mask *masks = batch->masks.masks + record->mask_first;
	size_t first = 0;
	bool found = false;

	if (samples->text.length <= SORI_SAMPLE_TEXT_LIMIT)
		return 0;
	for (uint32_t i = 0; i < record->hit_count && !found; i++) {
		const struct sori_hit *hit = &batch->hits[record->hit_first + i];

		found = hit->counted;
		first = found ? sori_mask_offset(masks, record->mask_count, hit->start) : 0;
	}
	if (first < SORI_SAMPLE_TEXT_LIMIT * 3 / 4)
		return 0;
	first -= SORI_SAMPLE_TEXT_LIMIT / 4;
	if (first > samples->text.length - SORI_SAMPLE_TEXT_LIMIT)
		first = samples->text.length - SORI_SAMPLE_TEXT_LIMIT;
	while (first > 0 && ((unsigned char)samples->text.at[first] & 0xc0) == 0x80)
		first--;
	return first;
}

#define ELLIPSIS "…"
#define ELLIPSIS_SIZE 3

/* Cuts samples->text to [start, start + limit) with ellipses; returns by how much offsets move (they are start less). */
static size_t cut_text(struct sori_samples *samples, size_t start)
{
	struct sori_buffer *text = &samples->text;
	size_t end = start + SORI_SAMPLE_TEXT_LIMIT;

	if (text->length <= SORI_SAMPLE_TEXT_LIMIT)
		return 0;
	if (end < text->length) {
		while (((unsigned char)text->at[end] & 0xc0) == 0x80)
			end--;
		text->length = end;
		sori_buffer_add_text(text, ELLIPSIS);
	}
	if (start < ELLIPSIS_SIZE)
		return 0;
	memmove(text->at + ELLIPSIS_SIZE, text->at + start, text->length - start);
	memcpy(text->at, ELLIPSIS, ELLIPSIS_SIZE);
	text->length -= start - ELLIPSIS_SIZE;
	return start - ELLIPSIS_SIZE;
}

static void add_span(struct sori_samples *samples, const struct sori_batch *batch, const struct sori_record *record,
		     const struct sori_hit *hit, size_t moved)
{
	const struct sori_mask *masks = batch->masks.masks + record->mask_first;
	const struct sori_catalog *catalog = samples->catalog;
	size_t start = sori_mask_offset(masks, record->mask_count, hit->start);
	size_t end = sori_mask_offset(masks, record->mask_count, hit->end);
	struct sori_buffer *json = &samples->spans;

	if (start < moved + (moved ? ELLIPSIS_SIZE : 0) || end <= start || end - moved > samples->text.length)
		return;
	sori_buffer_add_text(json, json->length > 1 ? ",[" : "[");
	sori_buffer_add_u64(json, start - moved);
	sori_buffer_add_byte(json, ',');
	sori_buffer_add_u64(json, end - moved);
	sori_buffer_add_byte(json, ',');
	sori_buffer_add_json(json, sori_view_of(catalog->categories[hit->category].id));
	sori_buffer_add_byte(json, ',');
	sori_buffer_add_json(json, catalog->entries && hit->entry < catalog->entry_count ? catalog->entries[hit->entry]
											 : (struct sori_view){"", 0});
	sori_buffer_add_text(json, hit->counted ? ",1]" : ",0]");
}

/* One allocation: the sample, its text, its spans. uses starts at 0. */
static struct sori_verbatim *make(struct sori_samples *samples, const struct sori_batch *batch,
				const struct sori_record *record)
{
	struct sori_verbatim *sample;
	size_t moved;
	char *at;

	sori_buffer_reset(&samples->text);
	sori_buffer_reset(&samples->spans);
	sori_mask_text(record->field[SORI_ROLE_TEXT], batch->masks.masks + record->mask_first, record->mask_count,
		       &samples->text);
	moved = cut_text(samples, window_start(samples, batch, record));
	sori_buffer_add_byte(&samples->spans, '[');
	for (uint32_t i = 0; i < record->hit_count; i++)
		if (batch->hits[record->hit_first + i].category < samples->catalog->count)
			add_span(samples, batch, record, &batch->hits[record->hit_first + i], moved);
	sori_buffer_add_byte(&samples->spans, ']');
	if (samples->text.failed || samples->spans.failed)
		return NULL;
	sample = sori_alloc(sizeof *sample + samples->text.length + samples->spans.length);
	if (!sample)
		return NULL;
	at = (char *)(sample + 1);
	memcpy(at, samples->text.at ? samples->text.at : "", samples->text.length);
	memcpy(at + samples->text.length, samples->spans.at, samples->spans.length);
	*sample = (struct sori_verbatim){
		.high = record->identity.high, .low = (uint32_t)record->identity.low, .identity = record->identity,
		.content = record->content & (((uint64_t)1 << 48) - 1),
		.record = record->number, .day = record->day, .cell = record->cell, .rating = record->rating,
		.text = at, .text_length = samples->text.length, .spans = at + samples->text.length,
		.spans_length = samples->spans.length,
	};
	return sample;
}

static size_t month_of(struct sori_samples *samples, sori_day day)
{
	if (day == SORI_DAY_NONE)
		return 0;
	if (day != samples->cached_day) {
		samples->cached_day = day;
		samples->cached_month = month_index(day);
	}
	return samples->cached_month;
}

static enum sori_status enter(struct sori_samples *samples, struct page *page, const uint64_t *categories,
			      struct sori_verbatim *sample, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	sample->uses++; /* ours, so that a list does not free it under our hands */
	for (size_t i = 0; i < samples->catalog->count && status == SORI_OK; i++) {
		if (!(categories[i / 64] >> i % 64 & 1) || sample->rank > page->lists[i].worst)
			continue;
		if (!insert(&page->lists[i], sample))
			status = sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	drop(sample);
	return status;
}

enum sori_status sori_samples_offer(struct sori_samples_local *local, const struct sori_batch *batch,
				    const struct sori_record *record, struct sori_error *error)
{
	struct sori_samples *samples = &local->own;
	uint64_t rank = sori_sample_rank(record->identity.high, (uint32_t)record->identity.low);
	struct page *page = page_of(samples, month_of(samples, record->day));
	struct sori_verbatim *sample;
	bool wanted = false;

	if (!page)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t word = 0; word < SORI_CATEGORY_LIMIT / 64; word++)
		for (uint64_t bits = record->categories[word]; bits; bits &= bits - 1)
			wanted |= rank <= page->lists[word * 64 + (size_t)__builtin_ctzll(bits)].worst;
	if (!wanted)
		return SORI_OK;
	sample = make(samples, batch, record);
	if (!sample)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sample->rank = rank;
	sample->input = batch->input->index;
	sample->text_hash = sori_hash64(sori_record_text(batch, record), 0);
	return enter(samples, page, record->categories, sample, error);
}

enum sori_status sori_samples_merge(struct sori_samples *samples, struct sori_samples_local *local,
				    struct sori_error *error)
{
	for (size_t month = 0; month < MONTHS; month++) {
		struct page *from = local->own.pages[month], *to = from ? page_of(samples, month) : NULL;

		if (from && !to)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		for (size_t i = 0; from && i < SORI_CATEGORY_LIMIT; i++)
			for (unsigned k = 0; k < from->lists[i].count; k++)
				if (from->lists[i].at[k]->rank <= to->lists[i].worst &&
				    !insert(&to->lists[i], from->lists[i].at[k]))
					return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	release(&local->own);
	init(&local->own, samples->catalog);
	return SORI_OK;
}

enum sori_status sori_samples_visit(const struct sori_samples *samples,
				    enum sori_status (*visit)(void *user, int32_t month, size_t category,
							      struct sori_verbatim *sample, struct sori_error *error),
				    void *user, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t month = 0; month < MONTHS; month++) {
		const struct page *page = samples->pages[month];

		for (size_t i = 0; page && i < SORI_CATEGORY_LIMIT; i++)
			for (unsigned k = 0; k < page->lists[i].count && status == SORI_OK; k++)
				status = visit(user, month_name(month), i, page->lists[i].at[k], error);
	}
	return status;
}
