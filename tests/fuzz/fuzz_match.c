/* The matcher against slow, obvious oracles, over any bytes (taken as text after replacing what is no UTF-8):
 *  - every form that stands in the normalised text, found by trying all forms at all places, is found by prefilter and
 *    trie, and nothing else is;
 *  - the vector prefilter proposes what the portable one proposes;
 *  - hits are ordered, inside the text, on code point borders, and the same whether the text is alone in its batch or
 *    stands between others. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "stages/extract/compile.h"
#include "stages/extract/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char dictionary_text[] =
	"@category a ko=\"가\" en=\"a\" kind=pain\n@category b ko=\"나\" en=\"b\" kind=praise\n@in a\n"
	"@prefix 개 너무\n@left 기본 인터넷\n@set N = n:요금 | n:앱 | n:소리 | e:app\n@set F = v:느리다 | v:끊기다 | p:안_되다 | e:crash\n"
	"rule: $N ~3 $F\nrule: $N & $F & !n:해지\nrule: $F > $N within=record\nv:끊기다=끊어지다\nv:불편하다 neg=flip:b\n"
	"n:해지 left=strict\nn:와이파이=wifi,wi-fi\nv:늦다\nv:크다\nn:ㅂㄹ\nn:a/s\nx:보상판매\nn:보상 ex=\"보상금\"\ne:drop out\n"
	"e:no signal\np:어이_없다\na:자꾸\n@in b\nv:친절하다 neg=flip:a\nv:좋다\n";

struct fixture {
	struct sori_dictionary *dictionary;
	struct sori_matcher *matcher;
	struct sori_batch *batch;
};

static void require(bool holds)
{
	if (!holds)
		abort();
}

static struct fixture *fixture(void)
{
	static struct fixture f; /* made once: the target has no other place to keep it */
	if (f.dictionary)
		return &f;
	struct sori_error error = {0};
	const char *folder = SORI_SOURCE_DIR "/dictionaries";
	require(sori_dictionary_compile_text(&f.dictionary, sori_view_of(dictionary_text), folder, NULL, NULL, &error) == SORI_OK);
	require(f.dictionary->grammar ||
		sori_grammar_load(&f.dictionary->grammar, SORI_SOURCE_DIR "/dictionaries/grammar", &error) == SORI_OK);
	require(f.dictionary->index || sori_index_build(f.dictionary, &error) == SORI_OK);
	require(sori_matcher_new(&f.matcher, f.dictionary, &error) == SORI_OK);
	f.batch = sori_batch_new();
	require(f.batch != NULL);
	return &f;
}

static uint32_t syllable(const char *at)
{
	unsigned length;
	uint32_t point = sori_utf8_decode(at, &length);
	return sori_is_hangul_syllable(point) ? point - 0xac00 : UINT32_MAX;
}

/* The form stands at `at`, letter by letter. */
static bool stands(const struct sori_form *form, struct sori_view text, uint32_t at)
{
	struct sori_view word = form->text;
	if (at + word.length > text.length)
		return false;
	bool latin = (unsigned char)word.at[0] < 0x80;
	size_t fixed = form->open ? word.length - 3 : word.length;
	size_t ascii = 0; /* a short Latin form is looked up as a whole word: its ASCII start must end there */
	while (ascii < word.length && (unsigned char)word.at[ascii] < 0x80)
		ascii++;
	for (size_t i = 0; i < fixed; i++) {
		char a = text.at[at + i], b = word.at[i];
		if (latin && i >= 4 && ascii >= 4) {
			a = a == '-' ? ' ' : a;
			b = b == '-' ? ' ' : b;
		}
		if (a != b)
			return false;
	}
	if (latin && ascii < 4 && at + ascii < text.length && sori_is_word_byte((unsigned char)text.at[at + ascii]))
		return false;
	if (!form->open)
		return true;
	uint32_t got = syllable(text.at + at + fixed), want = syllable(word.at + fixed);
	return got != UINT32_MAX && got / 28 == want / 28;
}

/* Ends of the forms that stand at `at`, as a set of bits by length. */
static uint64_t slow_ends(const struct sori_dictionary *d, struct sori_view text, uint32_t at)
{
	uint64_t ends = 0;
	for (uint32_t i = 0; i < d->form_count; i++)
		if (stands(&d->forms[i], text, at) && d->forms[i].text.length < 64)
			ends |= UINT64_C(1) << d->forms[i].text.length;
	return ends;
}

static uint64_t fast_ends(const struct sori_index *index, struct sori_view text, uint32_t at, unsigned kind)
{
	struct sori_found found[SORI_FOUND_LIMIT];
	uint64_t ends = 0;
	unsigned count = sori_index_find(index, text, at, kind, found);
	for (unsigned i = 0; i < count; i++)
		if (found[i].end - at < 64)
			ends |= UINT64_C(1) << (found[i].end - at);
	return ends;
}

/* Forms of one syllable are proposed at the start of a run of Hangul only. */
static uint64_t without_single(uint64_t ends, struct sori_view text, uint32_t at)
{
	bool inner = at >= 3 && ((unsigned char)text.at[at - 3] >= 0xea) && ((unsigned char)text.at[at - 3] <= 0xed);
	return inner && (unsigned char)text.at[at] >= 0x80 ? ends & ~(UINT64_C(1) << 3) : ends;
}

static void check_index(const struct fixture *f, struct sori_view text)
{
	enum { LIMIT = 4096 };
	uint32_t at[2][LIMIT];
	uint8_t kind[2][LIMIT];
	struct sori_candidate_list lists[2] = {{at[0], kind[0], 0, LIMIT}, {at[1], kind[1], 0, LIMIT}};
	struct sori_scan scans[2] = {{0}, {0}};
	sori_scan_run(f->dictionary->index, text, &scans[0], &lists[0]);
	sori_scan_run_portable(f->dictionary->index, text, &scans[1], &lists[1]);
	require(lists[0].count == lists[1].count && scans[0].at >= text.length);
	size_t next = 0;
	for (uint32_t i = 0; i < text.length; i++) {
		if (((unsigned char)text.at[i] & 0xc0) == 0x80)
			continue;
		unsigned proposed = 0;
		if (next < lists[0].count && at[0][next] == i) {
			require(at[1][next] == i && kind[0][next] == kind[1][next]);
			proposed = kind[0][next++];
		}
		bool word_inside = i > 0 && sori_is_word_byte((unsigned char)text.at[i]) && sori_is_word_byte((unsigned char)text.at[i - 1]);
		uint64_t slow = word_inside ? 0 : slow_ends(f->dictionary, text, i);
		uint64_t fast = proposed ? fast_ends(f->dictionary->index, text, i, proposed) : 0;
		require(without_single(slow, text, i) == without_single(fast, text, i));
	}
	require(next == lists[0].count);
}

static void check_hits(const struct sori_batch *batch, const struct sori_record *record)
{
	struct sori_view text = record->field[SORI_ROLE_TEXT];
	for (uint32_t i = 0; i < record->hit_count; i++) {
		const struct sori_hit *hit = &batch->hits[record->hit_first + i];
		require(hit->start < hit->end && hit->end <= text.length);
		require(((unsigned char)text.at[hit->start] & 0xc0) != 0x80);
		require(hit->end == text.length || ((unsigned char)text.at[hit->end] & 0xc0) != 0x80);
		require(i == 0 || hit[-1].start <= hit->start);
		bool inside = record->categories[hit->category / 64] >> (hit->category % 64) & 1;
		require(!hit->counted || inside);
		for (uint32_t k = 0; k < record->mask_count; k++) {
			const struct sori_mask *mask = &batch->masks.masks[record->mask_first + k];
			require(hit->end <= mask->start || hit->start >= mask->end);
		}
	}
}

static bool same_hit(const struct sori_hit *a, const struct sori_hit *b)
{
	return a->category == b->category && a->tags == b->tags && a->entry == b->entry && a->start == b->start &&
	       a->end == b->end && a->counted == b->counted;
}

/* The same hits when another line stands before and after. */
static void check_batch(const struct fixture *f, const struct sori_hit *alone, uint32_t count)
{
	static const char other[] = "인터넷이 자꾸 끊겨요";
	struct sori_error error = {0};
	struct sori_buffer whole;
	struct sori_batch *batch = f->batch;
	struct sori_record first = batch->records[0];
	sori_buffer_init(&whole, (size_t)8 << 20);
	sori_buffer_add(&whole, other, sizeof other - 1);
	sori_buffer_add_byte(&whole, '\n');
	sori_buffer_add(&whole, batch->normalized.at, first.norm_length + 1);
	sori_buffer_add(&whole, other, sizeof other - 1);
	sori_buffer_add_byte(&whole, '\n');
	require(sori_buffer_reserve(&whole, SORI_BATCH_PADDING) && !whole.failed);
	memset(whole.at + whole.length, 0, SORI_BATCH_PADDING);
	struct sori_buffer old = batch->normalized;
	batch->normalized = whole;
	for (int i = 0; i < 2; i++)
		require(sori_batch_add(batch) != NULL);
	struct sori_record *records = batch->records;
	records[1] = records[0];
	records[1].norm_start = sizeof other;
	for (int i = 0; i < 3; i += 2) {
		records[i] = (struct sori_record){.rating = -1, .norm_length = sizeof other - 1};
		records[i].norm_start = i ? (uint32_t)sizeof other + first.norm_length + 1 : 0;
	}
	require(sori_matcher_run(f->matcher, batch, &error) == SORI_OK);
	require(records[1].hit_count == count && records[0].hit_count == records[2].hit_count && records[0].hit_count > 0);
	for (uint32_t i = 0; i < count; i++)
		require(same_hit(&batch->hits[records[1].hit_first + i], &alone[i]));
	batch->normalized = old;
	sori_buffer_release(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fixture *f = fixture();
	struct sori_error error = {0};
	struct sori_view text = {(const char *)data, size < 2048 ? size : 2048};
	text.length = sori_utf8_valid_prefix(text);
	enum sori_status status = sori_extract_text(f->matcher, text, f->batch, &error);
	if (status == SORI_DATA)
		return 0;
	require(status == SORI_OK);
	struct sori_record *record = &f->batch->records[0];
	check_hits(f->batch, record);
	check_index(f, sori_record_text(f->batch, record));
	struct sori_hit *alone = sori_alloc((record->hit_count + 1) * sizeof *alone);
	require(alone != NULL);
	memset(alone, 0, (record->hit_count + 1) * sizeof *alone);
	if (record->hit_count)
		memcpy(alone, f->batch->hits + record->hit_first, record->hit_count * sizeof *alone);
	check_batch(f, alone, record->hit_count);
	sori_free(alone);
	return 0;
}
