/* Any bytes as XML: no crash, identities hold, the records do not depend on the read size. */
#include "tests/fuzz/fuzz_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format(data, size, "xml");
}
