/* Encoding decision and CP949 decoding of any bytes: what is called valid decodes to valid UTF-8, and the other way round. */
#include <string.h>

#include "pipeline/core/encoding.h"
#include "tests/fuzz/fuzz_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char problem[256];
	char *copy = malloc(size + 1);
	fuzz_check(copy != NULL);
	if (size)
		memcpy(copy, data, size);
	struct sori_view text = sori_view_make(copy, size), out;
	struct sori_arena arena;
	sori_arena_init(&arena, 4096);
	enum sori_encoding whole = sori_encoding_guess(text, true, problem);
	fuzz_check((whole == SORI_ENCODING_UNKNOWN) == (problem[0] != '\0'));
	sori_encoding_guess(text, false, problem);
	bool decoded = sori_cp949_to_utf8(text, &arena, &out);
	fuzz_check(decoded == sori_cp949_is_valid(text));
	if (decoded)
		fuzz_check(out.at && sori_utf8_is_valid(out));
	sori_arena_release(&arena);
	free(copy);
	return 0;
}
