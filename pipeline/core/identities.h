/* The identities I1 to I9: sums that must agree after every run. Each is two numbers computed along different ways. */
#ifndef SORI_CORE_IDENTITIES_H
#define SORI_CORE_IDENTITIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/core/reader.h"

/* X(name, left, right) */
#define SORI_IDENTITY_LIST(X) \
	X(I1, "records read", "accepted + rejected + duplicate") \
	X(I2, "decoded bytes", "bytes of records + framing") \
	X(I3, "records that left the readers", "records that reached the store") \
	X(I4, "documents in the daily counts", "documents matched + unmatched") \
	X(I5, "records rejected", "records rejected by reason") \
	X(I6, "records stored less duplicates and replaced", "documents in the daily counts") \
	X(I7, "inputs in force", "different inputs in force") \
	X(I8, "documents in the fact blobs", "documents in the daily counts") \
	X(I9, "outputs planned", "outputs written")

enum sori_identity_name {
#define SORI_IDENTITY_ENUM(name, left, right) SORI_IDENTITY_##name,
	SORI_IDENTITY_LIST(SORI_IDENTITY_ENUM)
#undef SORI_IDENTITY_ENUM
	SORI_IDENTITY_COUNT
};

struct sori_identity {
	const char *name;       /* "I1" */
	const char *left_words; /* what the numbers are */
	const char *right_words;
	uint64_t left, right;
	bool ok;
	bool known; /* false: not computed yet (I9 until the outputs are written) */
	char detail[160]; /* the first offender; "" when ok */
};

struct sori_identities {
	struct sori_identity of[SORI_IDENTITY_COUNT];
};

void sori_identities_init(struct sori_identities *identities);

/* Sets one; ok = left equals right. */
void sori_identities_set(struct sori_identities *identities, enum sori_identity_name name, uint64_t left, uint64_t right);

/* I1, I2, I3 and I5 from the inputs, one by one as well as in sum; `stored` is the number of records that reached the
 * store per input (by index), NULL to take accepted + duplicate. Refused inputs add nothing to I2 and I3. */
void sori_identities_inputs(struct sori_identities *identities, struct sori_input *const *inputs, size_t count,
			    const uint64_t *stored);

/* SORI_OK when all known ones hold, else SORI_INTERNAL with the first that does not. */
enum sori_status sori_identities_check(const struct sori_identities *identities, struct sori_error *error);

#endif
