/* Comparison of borrowed text. Plain loops: none of these runs on the hot path. */
#include "pipeline/base/view.h"

#include <limits.h>

int sori_view_compare(struct sori_view a, struct sori_view b)
{
	size_t common = a.length < b.length ? a.length : b.length;
	int order = common ? memcmp(a.at, b.at, common) : 0;

	if (order)
		return order;
	return (a.length > b.length) - (a.length < b.length);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool sori_view_equal_nocase(struct sori_view a, struct sori_view b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++)
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	return true;
}

bool sori_view_to_u64(struct sori_view text, unsigned long long *value)
{
	unsigned long long sum = 0;

	if (text.length == 0)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		unsigned digit = (unsigned)(unsigned char)text.at[i] - '0';

		if (digit > 9 || sum > (ULLONG_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*value = sum;
	return true;
}

size_t sori_edit_distance(const char *a, const char *b)
{
	size_t row[33], a_length = strnlen(a, 32), b_length = strnlen(b, 32);

	for (size_t j = 0; j <= b_length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);

			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[b_length];
}
