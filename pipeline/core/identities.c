/* Every identity is checked for each input by itself and then in sum: two faults that cancel out in the sum would
 * otherwise hide each other. The first offender is named. */
#include "pipeline/core/identities.h"

#include <stdio.h>

void sori_identities_init(struct sori_identities *identities)
{
	static const struct sori_identity fresh[SORI_IDENTITY_COUNT] = {
#define ROW(id, left_text, right_text) {.name = #id, .left_words = left_text, .right_words = right_text, .ok = true},
		SORI_IDENTITY_LIST(ROW)
#undef ROW
	};

	for (size_t i = 0; i < SORI_IDENTITY_COUNT; i++)
		identities->of[i] = fresh[i];
}

void sori_identities_set(struct sori_identities *identities, enum sori_identity_name name, uint64_t left, uint64_t right)
{
	struct sori_identity *identity = &identities->of[name];

	identity->left = left;
	identity->right = right;
	identity->ok = left == right;
	identity->known = true;
	identity->detail[0] = '\0';
}

/* Remembers the first input where a pair differs. */
static void compare(struct sori_identities *identities, enum sori_identity_name name, const struct sori_input *input,
		    uint64_t left, uint64_t right)
{
	struct sori_identity *identity = &identities->of[name];

	if (left == right || !identity->ok)
		return;
	identity->ok = false;
	(void)snprintf(identity->detail, sizeof identity->detail, "%.100s: %llu is not %llu", input->path ? input->path : "-",
		       (unsigned long long)left, (unsigned long long)right);
}

static void add(struct sori_identities *identities, enum sori_identity_name name, const struct sori_input *input,
		uint64_t left, uint64_t right)
{
	identities->of[name].left += left;
	identities->of[name].right += right;
	compare(identities, name, input, left, right);
}

void sori_identities_inputs(struct sori_identities *identities, struct sori_input *const *inputs, size_t count,
			    const uint64_t *stored)
{
	static const enum sori_identity_name names[] = {SORI_IDENTITY_I1, SORI_IDENTITY_I2, SORI_IDENTITY_I3,
							SORI_IDENTITY_I5};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		sori_identities_set(identities, names[i], 0, 0);
	for (size_t i = 0; i < count; i++) {
		const struct sori_input *input = inputs[i];
		const struct sori_input_counts *counts = &input->counts;
		uint64_t reasons = 0;

		for (size_t reason = 0; reason < SORI_REASON_COUNT; reason++)
			reasons += counts->by_reason[reason];
		add(identities, SORI_IDENTITY_I1, input, counts->read,
		    counts->accepted + counts->rejected + counts->duplicate);
		compare(identities, SORI_IDENTITY_I1, input, counts->seen, 
			counts->header + counts->blank + counts->read);
		add(identities, SORI_IDENTITY_I5, input, counts->rejected, reasons);
		if (input->refused)
			continue;
		add(identities, SORI_IDENTITY_I2, input, counts->decoded_bytes, counts->span_bytes + counts->framing_bytes);
		add(identities, SORI_IDENTITY_I3, input, counts->read - counts->rejected,
		    stored && !input->known ? stored[input->index] : counts->accepted + counts->duplicate);
	}
}

enum sori_status sori_identities_check(const struct sori_identities *identities, struct sori_error *error)
{
	for (size_t i = 0; i < SORI_IDENTITY_COUNT; i++) {
		const struct sori_identity *identity = &identities->of[i];

		if (!identity->known || identity->ok)
			continue;
		return sori_fail(error, SORI_INTERNAL, "identity %s is violated: %s %llu, %s %llu%s%s; nothing was published",
				 identity->name, identity->left_words, (unsigned long long)identity->left,
				 identity->right_words, (unsigned long long)identity->right,
				 identity->detail[0] ? "; " : "", identity->detail);
	}
	return SORI_OK;
}
