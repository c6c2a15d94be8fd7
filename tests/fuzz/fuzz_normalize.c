/* The normaliser over any valid UTF-8: output valid, map sound, normalising twice the same. */
#include <stdint.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/text/normalize.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void respell(const struct sori_buffer *out, struct sori_buffer *again)
{
	for (size_t i = 0; i < out->length; i++) {
		if (out->at[i] == SORI_CHAR_MOOD)
			sori_buffer_add_text(again, "😀");
		else
			sori_buffer_add_byte(again, out->at[i] == SORI_CHAR_BREAK ? '\n' : out->at[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sori_view text = {(const char *)data, size};
	struct sori_buffer once, again, twice;
	struct sori_map map = {0};

	text.length = sori_utf8_valid_prefix(text);
	sori_buffer_init(&once, 64 << 20);
	sori_buffer_init(&again, 64 << 20);
	sori_buffer_init(&twice, 64 << 20);
	if (sori_normalize(text, &once, &map) == SORI_OK) {
		check(sori_utf8_is_valid(sori_buffer_view(&once)));
		check(map.count >= 2 && map.points[0].at == 0 && map.points[map.count - 1].at == once.length &&
		      map.points[map.count - 1].original == text.length);
		for (size_t i = 1; i < map.count; i++)
			check(map.points[i].at >= map.points[i - 1].at && map.points[i].original >= map.points[i - 1].original);
		respell(&once, &again);
		check(sori_normalize(sori_buffer_view(&again), &twice, NULL) == SORI_OK);
		check(sori_view_equal(sori_buffer_view(&once), sori_buffer_view(&twice)));
	}
	sori_buffer_reset(&twice);
	(void)sori_normalize_term(text, &twice);
	sori_buffer_release(&once);
	sori_buffer_release(&again);
	sori_buffer_release(&twice);
	sori_free(map.points);
	return 0;
}
