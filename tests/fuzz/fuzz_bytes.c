/* Any bytes as a stored file, gzip or not, of any format: no crash, identities hold, read size does not matter; and with
 * the two bytes of a gzip header put in front, so that the inflate loop is reached quickly. */
#include <string.h>

#include "tests/fuzz/fuzz_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
	fuzz_format(data, size, NULL);
	uint8_t *gzip = malloc(size + sizeof header);
	fuzz_check(gzip != NULL);
	memcpy(gzip, header, sizeof header);
	if (size)
		memcpy(gzip + sizeof header, data, size);
	fuzz_format(gzip, size + sizeof header, NULL);
	free(gzip);
	return 0;
}
