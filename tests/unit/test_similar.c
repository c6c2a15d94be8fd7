/* Sketches: what is alike, vectors against plain arithmetic. Groups: against every pair compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/core/similar.h"

static uint64_t state;

static uint64_t draw(void)
{
	uint64_t mix = state += 0x9e3779b97f4a7c15u;

	mix = (mix ^ mix >> 30) * 0xbf58476d1ce4e5b9u;
	mix = (mix ^ mix >> 27) * 0x94d049bb133111ebu;
	return mix ^ mix >> 31;
}

static unsigned equal_bins(const char *a, const char *b)
{
	struct sori_sketch left, right;

	sori_sketch_of(sori_view_of(a), &left);
	sori_sketch_of(sori_view_of(b), &right);
	assert_int_equal(sori_sketch_equal(&left, &right), sori_sketch_equal(&right, &left));
	return sori_sketch_equal(&left, &right);
}

static void alike_texts_agree(void **unused)
{
	const char *text = "지난주에 주문한 공기청정기가 아직도 도착하지 않아 고객센터에 전화했더니 기다리라는 말만 합니다";

	(void)unused;
	assert_int_equal(equal_bins(text, text), 32);
	assert_int_equal(equal_bins(text, "  지난주에 주문한 공기청정기가 아직도 도착하지 않아 고객센터에 전화했더니 기다리라는 말만 합니다!!"), 32);
	assert_true(equal_bins(text, "지난주에 주문한 공기청정기가 아직도 도착하지 않아 고객센터에 전화했더니 기다리라는 말만 하네요") >= SORI_SKETCH_ALIKE);
	assert_true(equal_bins(text, "설치 기사님이 시간을 잘 지켜 주셨고 사용법도 차근차근 알려 주셔서 고마웠습니다") < 6);
	assert_true(equal_bins(text, "") < 6);
	/* the number of an order, a date */
	assert_int_equal(equal_bins("order 1234567 of may 3 has not arrived and nobody answers the phone",
				    "order 7654321 of may 9 has not arrived and nobody answers the phone"), 32);
}

static void a_repeated_block_counts_once(void **unused)
{
	(void)unused;
	assert_int_equal(equal_bins("늦어요", "늦어요 늦어요 늦어요"), 32);
	assert_int_equal(equal_bins("늦어요", "늦어요!! 늦어요!! 늦어요"), 32);
	assert_int_equal(equal_bins("the app crashes whenever i open the map",
				    "the app crashes whenever i open the map. the app crashes whenever i open the map."), 32);
	/* no whole block at the end */
	assert_true(equal_bins("가나다라 가나다라 가나", "가나다라") < SORI_SKETCH_ALIKE);
}

static void short_texts_are_alike_when_equal(void **unused)
{
	(void)unused;
	assert_int_equal(equal_bins("배송이 느려요", "배송이 느려요"), 32);
	assert_true(equal_bins("배송이 느려요", "배송이 느려오") < 6);
	assert_true(equal_bins("12 characters", "13 characters") < 6);
	assert_int_equal(equal_bins("", " "), 32);
}

static void vectors_agree_with_plain_arithmetic(void **unused)
{
	static const char *const letters[] = {"a", "b", "7", " ", ".", "é", "ß", "가", "나", "힣", "\xe3\x85\x8b", "\xf0\x9f\x98\x80", "\x01"};
	char *text = malloc(65536);

	(void)unused;
	assert_non_null(text);
	state = 1;
	for (int round = 0; round < 3000; round++) {
		size_t characters = draw() % (round % 100 ? 200 : 12000), length = 0;
		size_t kinds = 1 + draw() % (sizeof letters / sizeof *letters);
		struct sori_sketch fast, plain;
		char *copy;

		for (size_t i = 0; i < characters; i++) {
			const char *letter = letters[draw() % kinds];

			memcpy(text + length, letter, strlen(letter));
			length += strlen(letter);
		}
		copy = malloc(length ? length : 1); /* of just this size, so that reading past the end shows */
		assert_non_null(copy);
		memcpy(copy, text, length);
		sori_sketch_of(sori_view_make(copy, length), &fast);
		sori_sketch_plain(sori_view_make(copy, length), &plain);
		assert_memory_equal(&fast, &plain, sizeof fast);
		free(copy);
	}
	free(text);
}

static bool share_band(const struct sori_sketch *a, const struct sori_sketch *b)
{
	for (size_t band = 0; band < SORI_SKETCH_BANDS; band++)
		if (memcmp(a->bins + band * 4, b->bins + band * 4, 4) == 0)
			return true;
	return false;
}

/* Labels by repeated relaxation over all pairs. */
static void naive(const struct sori_sketch *sketches, uint32_t *labels, size_t count)
{
	bool moved = true;

	for (uint32_t i = 0; i < count; i++)
		labels[i] = i;
	while (moved) {
		moved = false;
		for (size_t i = 0; i < count; i++)
			for (size_t k = 0; k < i; k++)
				if (labels[i] != labels[k] && share_band(&sketches[i], &sketches[k]) &&
				    sori_sketch_alike(&sketches[i], &sketches[k])) {
					labels[i] = labels[k] = labels[i] < labels[k] ? labels[i] : labels[k];
					moved = true;
				}
	}
}

static void groups_are_what_comparing_all_pairs_finds(void **unused)
{
	enum { COUNT = 1200 };
	struct sori_sketch *sketches = calloc(COUNT, sizeof *sketches);
	uint32_t *labels = calloc(COUNT, sizeof *labels);
	struct sori_similar similar = {.parent = NULL};
	struct sori_error error;

	(void)unused;
	assert_true(sketches && labels);
	state = 7;
	for (int round = 0; round < 5; round++) {
		size_t groups = 0, count = round == 4 ? 1 : COUNT;

		for (size_t i = 0; i < count; i++) {
			size_t changes = draw() % 9;

			for (size_t bin = 0; bin < SORI_SKETCH_BINS; bin++)
				sketches[i].bins[bin] = (unsigned char)draw();
			if (i && draw() % 3) { /* a copy of an earlier one with a few bins changed */
				sketches[i] = sketches[draw() % i];
				while (changes--)
					sketches[i].bins[draw() % SORI_SKETCH_BINS] = (unsigned char)draw();
			}
		}
		naive(sketches, labels, count);
		assert_int_equal(sori_similar_group(&similar, sketches, sizeof *sketches, count, &error), SORI_OK);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(similar.parent[i], labels[i]);
			groups += labels[i] == i;
		}
		assert_true(round == 4 || (groups > 300 && groups < 900));
	}
	sori_similar_release(&similar);
	free(sketches);
	free(labels);
}

/* Ten thousand unlike texts that share a band: no pair of all of them. */
static void a_common_band_is_no_burden(void **unused)
{
	enum { COUNT = 10000 };
	struct sori_sketch *sketches = calloc(COUNT, sizeof *sketches);
	struct sori_similar similar = {.parent = NULL};
	struct sori_error error;

	(void)unused;
	assert_non_null(sketches);
	state = 3;
	for (size_t i = 0; i < COUNT; i++)
		for (size_t bin = 4; bin < SORI_SKETCH_BINS; bin++)
			sketches[i].bins[bin] = (unsigned char)draw();
	assert_int_equal(sori_similar_group(&similar, sketches, sizeof *sketches, COUNT, &error), SORI_OK);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(similar.parent[i], i);
	sori_similar_release(&similar);
	free(sketches);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alike_texts_agree),
		cmocka_unit_test(a_repeated_block_counts_once),
		cmocka_unit_test(short_texts_are_alike_when_equal),
		cmocka_unit_test(vectors_agree_with_plain_arithmetic),
		cmocka_unit_test(groups_are_what_comparing_all_pairs_finds),
		cmocka_unit_test(a_common_band_is_no_burden),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
