/* Byte counting, which compilers vectorise: in UTF-8 the syllables U+AC00..D7A3 are exactly (but for a few hundred Yi and
 * Meetei letters) the sequences that begin with 0xEA..0xED, and no continuation byte falls there. */
#include "stages/identify/identify_parts.h"

enum sori_language sori_language_of(struct sori_view normalized)
{
	const unsigned char *at = (const unsigned char *)normalized.at;
	size_t hangul = 0, latin = 0;

	for (size_t i = 0; i < normalized.length; i++) {
		hangul += (unsigned char)(at[i] - 0xea) < 4;
		latin += (unsigned char)((at[i] | 0x20) - 'a') < 26;
	}
	hangul *= 2;
	if (hangul + latin == 0)
		return SORI_LANG_UND;
	if (hangul * 10 >= (hangul + latin) * 7)
		return SORI_LANG_KO;
	if (latin * 10 >= (hangul + latin) * 9)
		return SORI_LANG_EN;
	return SORI_LANG_MIXED;
}
