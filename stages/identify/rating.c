/* The first number of the value, or the number of filled stars. A scale that is named ("5점 만점에 4점", "out of", "/") is
 * recognised only so far as not to take it for the rating; "100" style scores are divided, everything else over ten is
 * no rating. */
#include <string.h>

#include "pipeline/base/utf8.h"
#include "stages/identify/identify_parts.h"

#define STAR 0x2605
#define EMOJI_STAR 0x2b50

static int digit_of(uint32_t point)
{
	if (point >= '0' && point <= '9')
		return (int)(point - '0');
	if (point >= 0xff10 && point <= 0xff19) /* full-width */
		return (int)(point - 0xff10);
	return -1;
}

struct number {
	bool found;
	int tenths;   /* 0..9999 */
	size_t end;   /* bytes */
};

/* The first number at or after `from`, with at most one decimal looked at. */
static struct number number_from(struct sori_view value, size_t from)
{
	struct number number = {.found = false};
	int whole = 0, decimals = 0, tenth = 0;
	bool point_seen = false;
	size_t at = from;

	while (at < value.length) {
		unsigned length;
		uint32_t point = sori_utf8_decode(value.at + at, &length);
		int digit = digit_of(point);

		if (digit < 0 && !number.found) {
			at += length;
			continue;
		}
		if (digit >= 0 && !point_seen) {
			whole = whole > 999 ? 999 : whole * 10 + digit;
		} else if (digit >= 0) {
			tenth = decimals++ == 0 ? digit : tenth;
		} else if ((point == '.' || point == ',') && !point_seen) {
			point_seen = true;
		} else {
			break;
		}
		number.found = true;
		at += length;
	}
	number.tenths = whole * 10 + tenth;
	number.end = at;
	return number;
}

static bool holds(struct sori_view text, const char *word)
{
	return text.length && memmem(text.at, text.length, word, strlen(word)) != NULL;
}

static bool begins(struct sori_view text, const char *word)
{
	return text.length >= strlen(word) && memcmp(text.at, word, strlen(word)) == 0;
}

static int8_t stars(struct sori_view value)
{
	int count = 0;

	for (size_t at = 0; at < value.length;) {
		unsigned length;
		uint32_t point = sori_utf8_decode(value.at + at, &length);

		count += point == STAR || point == EMOJI_STAR;
		at += length;
	}
	return count > 0 && count <= 10 ? (int8_t)count : -1;
}

int8_t sori_rating_parse(struct sori_view value)
{
	struct number number;
	struct sori_view rest;
	int tenths;

	value = sori_view_trim(value);
	if (value.length == 0 || value.length > 64)
		return -1;
	if (value.length == 1 && value.at[0] >= '0' && value.at[0] <= '9')
		return (int8_t)(value.at[0] - '0');
	number = number_from(value, 0);
	if (!number.found)
		return stars(value);
	if (value.at[0] == '-')
		return -1;
	rest = sori_view_slice(value, number.end, value.length);
	if (holds(rest, "만점에")) {
		struct number second = number_from(value, number.end);

		number = second.found ? second : number;
		rest = sori_view_slice(value, number.end, value.length);
	}
	tenths = number.tenths;
	if (tenths > 100 && tenths <= 1000 &&
	    (begins(rest, "%") || begins(rest, "점") || begins(rest, "/100") || begins(rest, " / 100")))
		tenths /= 20;
	else if (begins(rest, "%"))
		tenths /= 20;
	return (int8_t)(tenths <= 100 ? (tenths + 5) / 10 : -1);
}
