/* Redaction over any valid UTF-8: masks sorted, disjoint, on code point borders; the masked text valid. */
#include <stdint.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/text/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static int on_border(struct sori_view text, size_t at)
{
	return at == text.length || (at < text.length && ((unsigned char)text.at[at] & 0xc0) != 0x80);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sori_view text = {(const char *)data, size};
	struct sori_buffer normalized, masked;
	struct sori_map map = {0};
	struct sori_mask_list masks = {0};

	text.length = sori_utf8_valid_prefix(text);
	sori_buffer_init(&normalized, 64 << 20);
	sori_buffer_init(&masked, 64 << 20);
	if (sori_normalize(text, &normalized, &map) == SORI_OK) {
		size_t length = normalized.length;
		check(sori_redact(normalized.at, length, map.points, map.count, NULL, &masks) == SORI_OK);
		check(sori_utf8_is_valid(sori_buffer_view(&normalized)));
		for (size_t i = 0; i < masks.count; i++) {
			check(masks.masks[i].start < masks.masks[i].end && masks.masks[i].kind < SORI_MASK_COUNT);
			check(i == 0 || masks.masks[i].start >= masks.masks[i - 1].end);
			check(on_border(text, masks.masks[i].start) && on_border(text, masks.masks[i].end));
		}
		sori_mask_text(text, masks.masks, masks.count, &masked);
		check(sori_utf8_is_valid(sori_buffer_view(&masked)));
	}
	sori_buffer_release(&normalized);
	sori_buffer_release(&masked);
	sori_free(map.points);
	sori_free(masks.masks);
	return 0;
}
