/* Dates: one tokeniser for all civil forms (numbers, month names, Korean unit words, time, zone), then the style gives
 * the numbers their meaning. A tokeniser instead of a list of formats, because dumps mix separators, weekday names and
 * times in more ways than any list holds. A four-digit year in front and a month name settle the order by themselves. */
#include "pipeline/text/dates.h"

#include <string.h>

#define VALUE_LIMIT 64
#define GUESS_LIMIT 4096

struct civil {
	int number[3], digits[3];
	unsigned numbers;
	int month_name;        /* 1..12, 0 none */
	unsigned month_before; /* how many numbers stand before the month name */
	bool year_marked;      /* first number is followed by 년 */
	bool has_time, has_zone;
	int hour, minute, second;
	int half;              /* 0 none, 1 am, 2 pm */
	int zone;              /* minutes east */
};

struct word {
	const char *text;
	int value;
};

static const char *const month_names[12] = {"january", "february", "march",	"april",   "may",      "june",
					    "july",    "august",   "september", "october", "november", "december"};
static const char *const weekday_names[7] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
static const struct word zone_names[] = {{"utc", 0},	 {"gmt", 0},	{"z", 0},      {"kst", 540},  {"jst", 540}, {"est", -300},
					 {"edt", -240}, {"cst", -360}, {"cdt", -300}, {"mst", -420}, {"mdt", -360},
					 {"pst", -480}, {"pdt", -420}, {"bst", 60},   {"cet", 60},   {"cest", 120}};
static const char *const filler_words[] = {"t", "of", "at", "on", "st", "nd", "rd", "th", "the"};
/* what may stand in a Korean date besides numbers; longer ones first */
static const struct word korean_words[] = {{"오전", 1}, {"오후", 2}, {"월요일", 0}, {"화요일", 0}, {"수요일", 0}, {"목요일", 0},
					   {"금요일", 0}, {"토요일", 0}, {"일요일", 0}, {"년", 3},    {"월", 0},     {"일", 0},
					   {"시", 4},	{"분", 0},    {"초", 0},    {"화", 0},	   {"수", 0},	 {"목", 0},
					   {"금", 0},	{"토", 0}};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

static int read_number(const char **at, const char *end, int *digits)
{
	int value = 0, count = 0;
	while (*at < end && is_digit(**at)) {
		if (count < 9)
			value = value * 10 + (**at - '0');
		count++;
		(*at)++;
	}
	*digits = count;
	return value;
}

/* Prefix of at least three letters of one of the names; 1-based, 0 none. */
static int name_index(const char *word, size_t length, const char *const *all, int count)
{
	if (length < 3)
		return 0;
	if (length == 4 && memcmp(word, "sept", 4) == 0 && count == 12)
		return 9;
	for (int i = 0; i < count; i++) {
		size_t full = strlen(all[i]);
		if ((length == 3 || length == full || (count == 7 && length <= full)) && length <= full &&
		    memcmp(word, all[i], length) == 0)
			return i + 1;
	}
	return 0;
}

static bool take_word(struct civil *civil, const char **at, const char *end)
{
	char word[16] = {0};
	size_t length = 0;
	while (*at < end && is_letter(**at)) {
		if (length == sizeof word)
			return false;
		word[length++] = (char)(**at | 32);
		(*at)++;
	}
	int month = name_index(word, length, month_names, 12);
	if (month) {
		if (civil->month_name)
			return false;
		civil->month_name = month;
		civil->month_before = civil->numbers;
		return true;
	}
	if (name_index(word, length, weekday_names, 7))
		return true;
	if ((length == 2 && word[1] == 'm' && (word[0] == 'a' || word[0] == 'p')) ||
	    (length == 1 && civil->has_time && (word[0] == 'a' || word[0] == 'p'))) {
		civil->half = word[0] == 'a' ? 1 : 2;
		return true;
	}
	for (size_t i = 0; i < sizeof zone_names / sizeof *zone_names; i++) {
		if (civil->has_time && strlen(zone_names[i].text) == length && memcmp(word, zone_names[i].text, length) == 0) {
			civil->has_zone = true;
			civil->zone = zone_names[i].value;
			return true;
		}
	}
	for (size_t i = 0; i < sizeof filler_words / sizeof *filler_words; i++)
		if (strlen(filler_words[i]) == length && memcmp(word, filler_words[i], length) == 0)
			return true;
	return false;
}

static bool take_korean(struct civil *civil, const char **at, const char *end)
{
	for (size_t i = 0; i < sizeof korean_words / sizeof *korean_words; i++) {
		size_t length = strlen(korean_words[i].text);
		if ((size_t)(end - *at) < length || memcmp(*at, korean_words[i].text, length) != 0)
			continue;
		*at += length;
		if (korean_words[i].value == 1 || korean_words[i].value == 2)
			civil->half = korean_words[i].value;
		else if (korean_words[i].value == 3)
			civil->year_marked = civil->numbers == 1;
		return true;
	}
	return false;
}

/* hh:mm[:ss[.fraction]], the hour already read */
static bool take_time(struct civil *civil, int hour, const char **at, const char *end)
{
	int digits;
	if (civil->has_time)
		return false;
	civil->has_time = true;
	civil->hour = hour;
	(*at)++;
	civil->minute = read_number(at, end, &digits);
	if (digits < 1 || digits > 2)
		return false;
	if (*at < end && **at == ':') {
		(*at)++;
		civil->second = read_number(at, end, &digits);
		if (digits < 1 || digits > 2)
			return false;
		if (*at + 1 < end && (**at == '.' || **at == ',') && is_digit((*at)[1])) {
			(*at)++;
			read_number(at, end, &digits);
		}
	}
	return hour <= 24 && civil->minute < 60 && civil->second <= 60;
}

/* +hh, +hhmm, +hh:mm behind a time */
static bool take_zone(struct civil *civil, const char **at, const char *end)
{
	int sign = **at == '-' ? -1 : 1, digits, minutes = 0;
	(*at)++;
	int value = read_number(at, end, &digits);
	if (digits == 4) {
		minutes = value % 100;
		value /= 100;
	} else if (digits != 2) {
		return false;
	} else if (*at < end && **at == ':') {
		(*at)++;
		minutes = read_number(at, end, &digits);
		if (digits != 2)
			return false;
	}
	civil->has_zone = true;
	civil->zone = sign * (value * 60 + minutes);
	return value <= 14 && minutes < 60;
}

static bool take_digits(struct civil *civil, const char **at, const char *end)
{
	int digits;
	int value = read_number(at, end, &digits);
	bool more = end - *at >= 3;
	if (*at < end && **at == ':')
		return digits <= 2 && take_time(civil, value, at, end);
	if (more && memcmp(*at, "시", 3) == 0) { /* 3시 20분 */
		civil->has_time = true;
		civil->hour = value;
		return value <= 24;
	}
	if (civil->has_time && more && memcmp(*at, "분", 3) == 0) {
		civil->minute = value;
		return value < 60;
	}
	if (civil->has_time && more && memcmp(*at, "초", 3) == 0) {
		civil->second = value;
		return value <= 60;
	}
	if (digits == 8 && civil->numbers == 0) {
		civil->number[0] = value / 10000;
		civil->number[1] = value / 100 % 100;
		civil->number[2] = value % 100;
		civil->digits[0] = 4;
		civil->digits[1] = civil->digits[2] = 2;
		civil->numbers = 3;
		return true;
	}
	if (digits == 6 && civil->numbers == 3 && !civil->has_time) { /* 20240301T120000 */
		civil->has_time = true;
		civil->hour = value / 10000;
		civil->minute = value / 100 % 100;
		civil->second = value % 100;
		return civil->hour <= 24 && civil->minute < 60 && civil->second <= 60;
	}
	if (digits > 4 || civil->numbers == 3)
		return false;
	civil->number[civil->numbers] = value;
	civil->digits[civil->numbers++] = digits;
	return true;
}

static bool tokenise(struct sori_view value, struct civil *civil)
{
	const char *at = value.at, *end = value.at + value.length;
	*civil = (struct civil){0};
	while (at < end) {
		bool fine;
		if (is_digit(*at))
			fine = take_digits(civil, &at, end);
		else if (is_letter(*at))
			fine = take_word(civil, &at, end);
		else if ((*at == '+' || *at == '-') && civil->has_time && !civil->has_zone && end - at >= 3 && is_digit(at[1]) &&
			 is_digit(at[2]))
			fine = take_zone(civil, &at, end);
		else if ((unsigned char)*at >= 0x80)
			fine = take_korean(civil, &at, end);
		else if (strchr(" \t-./,()'", *at))
			fine = (at++, true);
		else
			fine = false;
		if (!fine)
			return false;
	}
	return true;
}

static int full_year(int year, int digits)
{
	if (digits > 2)
		return year;
	return year < 70 ? 2000 + year : 1900 + year;
}

/* Gives the numbers their meaning; false when they do not fit the style. */
static bool order(const struct civil *c, enum sori_date_style style, int *year, int *month, int *day)
{
	if (c->month_name) {
		if (c->numbers != 2)
			return false;
		bool year_first = c->digits[0] > 2 && c->month_before <= 1;
		unsigned y = year_first ? 0 : 1;
		*year = full_year(c->number[y], c->digits[y]);
		*month = c->month_name;
		*day = c->number[1 - y];
		return c->digits[1 - y] <= 2;
	}
	if (c->numbers != 3)
		return false;
	unsigned y = 2, m = 1, d = 0;
	if (c->digits[0] > 2 || c->year_marked || style == SORI_DATE_YMD) {
		y = 0;
		d = 2;
	} else if (style == SORI_DATE_MDY) {
		m = 0;
		d = 1;
	} else if (style != SORI_DATE_DMY) {
		return false;
	}
	if (c->digits[m] > 2 || c->digits[d] > 2 || (c->digits[y] != 2 && c->digits[y] != 4))
		return false;
	*year = full_year(c->number[y], c->digits[y]);
	*month = c->number[m];
	*day = c->number[d];
	return true;
}

static bool finish(sori_day day, int hour, int minute, int second, const int *zone, int zone_minutes, sori_day *result,
		   int64_t *seconds)
{
	if (day == SORI_DAY_NONE)
		return false;
	int64_t moment = (int64_t)day * 86400 + hour * 3600 + minute * 60 + second;
	if (zone) {
		moment -= (int64_t)*zone * 60;
		int64_t local = moment + (int64_t)zone_minutes * 60;
		day = (sori_day)(local >= 0 ? local / 86400 : -((86399 - local) / 86400));
	} else {
		moment -= (int64_t)zone_minutes * 60;
	}
	*result = day;
	if (seconds)
		*seconds = moment;
	return true;
}

static bool parse_civil(enum sori_date_style style, struct sori_view value, int zone_minutes, sori_day *day, int64_t *seconds)
{
	struct civil civil;
	int year, month, of_month;
	if (!tokenise(value, &civil) || !order(&civil, style, &year, &month, &of_month))
		return false;
	if (civil.half && (civil.hour < 1 || civil.hour > 12) && civil.has_time && civil.hour > 12)
		civil.half = 0; /* "15:20 PM" is written, and means 15:20 */
	if (civil.half == 2 && civil.hour < 12)
		civil.hour += 12;
	else if (civil.half == 1 && civil.hour == 12)
		civil.hour = 0;
	return finish(sori_day_of(year, month, of_month), civil.hour, civil.minute, civil.second,
		      civil.has_zone ? &civil.zone : NULL, zone_minutes, day, seconds);
}

/* ---- plain numbers ---- */

/* Digits with at most one decimal point; *whole and *fraction (of one) of it. */
static bool plain_number(struct sori_view value, int64_t *whole, double *fraction, int *digits)
{
	const char *at = value.at, *end = value.at + value.length;
	double scale = 0.1;
	*whole = 0;
	*fraction = 0;
	*digits = 0;
	for (; at < end && is_digit(*at); at++) {
		if (++*digits > 15)
			return false;
		*whole = *whole * 10 + (*at - '0');
	}
	if (at < end && *at == '.') {
		for (at++; at < end && is_digit(*at); at++, scale /= 10)
			*fraction += scale * (*at - '0');
	}
	return at == end && *digits > 0;
}

static bool parse_epoch(struct sori_view value, int zone_minutes, sori_day *day, int64_t *seconds)
{
	int64_t whole;
	double fraction;
	int digits, utc = 0;
	if (!plain_number(value, &whole, &fraction, &digits))
		return false;
	if (whole > 100000000000)
		whole /= 1000;
	if (whole < 631152000 || whole >= 4102444800) /* 1990..2100 */
		return false;
	return finish((sori_day)(whole / 86400), (int)(whole % 86400 / 3600), (int)(whole % 3600 / 60), (int)(whole % 60), &utc,
		      zone_minutes, day, seconds);
}

static bool parse_excel(struct sori_view value, int zone_minutes, sori_day *day, int64_t *seconds)
{
	int64_t whole;
	double fraction;
	int digits;
	if (!plain_number(value, &whole, &fraction, &digits) || whole < 32874 || whole > 73050)
		return false;
	int second = (int)(fraction * 86400 + 0.5);
	return finish((sori_day)(whole - 25569), 0, 0, second > 86399 ? 86399 : second, NULL, zone_minutes, day, seconds);
}

/* ---- a given pattern, as strptime without locale ---- */

static bool pattern_number(const char **at, const char *end, int most, int *value)
{
	int digits = 0;
	*value = 0;
	while (*at < end && is_digit(**at) && digits < most) {
		*value = *value * 10 + (**at - '0');
		(*at)++;
		digits++;
	}
	return digits > 0;
}

static bool pattern_name(const char **at, const char *end, struct civil *civil)
{
	char word[16] = {0};
	size_t length = 0;
	while (*at < end && is_letter(**at) && length < sizeof word)
		word[length++] = (char)(*(*at)++ | 32);
	civil->month_name = name_index(word, length, month_names, 12);
	return civil->month_name != 0;
}

static bool parse_pattern(const char *pattern, struct sori_view value, int zone_minutes, sori_day *day, int64_t *seconds)
{
	const char *at = value.at, *end = value.at + value.length;
	struct civil civil = {0};
	int year = 0, month = 0, of_month = 0, ignored;
	for (; *pattern; pattern++) {
		if (*pattern != '%' || !pattern[1]) {
			if (*pattern == ' ') {
				while (at < end && *at == ' ')
					at++;
				continue;
			}
			if (at >= end || *at != *pattern)
				return false;
			at++;
			continue;
		}
		bool fine = true;
		switch (*++pattern) {
		case 'Y': fine = pattern_number(&at, end, 4, &year); break;
		case 'y':
			fine = pattern_number(&at, end, 2, &year);
			year = full_year(year, 2);
			break;
		case 'm': fine = pattern_number(&at, end, 2, &month); break;
		case 'd':
		case 'e': fine = pattern_number(&at, end, 2, &of_month); break;
		case 'b':
		case 'B':
			fine = pattern_name(&at, end, &civil);
			month = civil.month_name;
			break;
		case 'H':
		case 'I': fine = pattern_number(&at, end, 2, &civil.hour) && civil.hour <= 24; break;
		case 'M': fine = pattern_number(&at, end, 2, &civil.minute) && civil.minute < 60; break;
		case 'S': fine = pattern_number(&at, end, 2, &civil.second) && civil.second <= 60; break;
		case 'f': fine = pattern_number(&at, end, 9, &ignored); break;
		case 'p': fine = at < end && (is_letter(*at) ? take_word(&civil, &at, end) : take_korean(&civil, &at, end)); break;
		case 'a':
		case 'A': fine = at < end && (is_letter(*at) ? take_word(&civil, &at, end) : take_korean(&civil, &at, end)); break;
		case 'z':
			if (at < end && (*at == 'Z' || *at == 'z')) {
				civil.has_zone = true;
				at++;
			} else {
				fine = at < end && (*at == '+' || *at == '-') && take_zone(&civil, &at, end);
			}
			break;
		default: fine = at < end && *at++ == *pattern; break;
		}
		if (!fine)
			return false;
	}
	if (at != end)
		return false;
	if (civil.half == 2 && civil.hour < 12)
		civil.hour += 12;
	else if (civil.half == 1 && civil.hour == 12)
		civil.hour = 0;
	return finish(sori_day_of(year, month, of_month), civil.hour, civil.minute, civil.second,
		      civil.has_zone ? &civil.zone : NULL, zone_minutes, day, seconds);
}

bool sori_date_parse(enum sori_date_style style, const char *pattern, struct sori_view value, int zone_minutes,
		     sori_day *day, int64_t *seconds)
{
	value = sori_view_trim(value);
	if (value.length == 0 || value.length > VALUE_LIMIT)
		return false;
	switch (style) {
	case SORI_DATE_EPOCH: return parse_epoch(value, zone_minutes, day, seconds);
	case SORI_DATE_EXCEL: return parse_excel(value, zone_minutes, day, seconds);
	case SORI_DATE_PATTERN: return pattern && parse_pattern(pattern, value, zone_minutes, day, seconds);
	case SORI_DATE_YMD:
	case SORI_DATE_MDY:
	case SORI_DATE_DMY:
	case SORI_DATE_NONE: break;
	}
	sori_day plain; /* the commonest form, without the tokeniser */
	if (value.length == 10 && sori_day_parse_iso(value, &plain))
		return finish(plain, 0, 0, 0, NULL, zone_minutes, day, seconds);
	return parse_civil(style, value, zone_minutes, day, seconds);
}

const char *sori_date_style_name(enum sori_date_style style)
{
	static const char *const all[] = {"none", "ymd", "mdy", "dmy", "epoch", "excel", "pattern"};
	return all[style];
}

/* ---- guessing ---- */

struct tally {
	size_t values, plain, ymd, mdy, dmy, epoch, excel, settled, day_month, month_day;
	unsigned first[100], third[100]; /* how often two-digit first and third numbers occur, for the year's place */
};

static void count_value(struct tally *tally, struct sori_view value)
{
	sori_day day;
	int64_t whole;
	double fraction;
	int digits;
	value = sori_view_trim(value);
	if (value.length == 0)
		return;
	tally->values++;
	if (value.length > VALUE_LIMIT)
		return;
	if (plain_number(value, &whole, &fraction, &digits)) {
		tally->plain++;
		tally->ymd += digits == 8 && parse_civil(SORI_DATE_YMD, value, 0, &day, NULL) && whole >= 19700101 && whole < 21000101;
		tally->epoch += parse_epoch(value, 0, &day, NULL);
		tally->excel += parse_excel(value, 0, &day, NULL);
		return;
	}
	tally->ymd += parse_civil(SORI_DATE_YMD, value, 0, &day, NULL);
	tally->mdy += parse_civil(SORI_DATE_MDY, value, 0, &day, NULL);
	tally->dmy += parse_civil(SORI_DATE_DMY, value, 0, &day, NULL);
	struct civil civil;
	if (!tokenise(value, &civil))
		return;
	tally->settled += civil.month_name != 0 || (civil.numbers && (civil.digits[0] > 2 || civil.year_marked));
	if (civil.month_name && civil.numbers == 2 && civil.digits[0] <= 2) {
		tally->day_month += civil.month_before == 1;
		tally->month_day += civil.month_before == 0;
	}
	if (civil.numbers == 3 && civil.digits[0] <= 2 && civil.digits[2] <= 2) {
		tally->first[civil.number[0]]++;
		tally->third[civil.number[2]]++;
	}
}

static unsigned distinct(const unsigned counts[100])
{
	unsigned n = 0;
	for (int i = 0; i < 100; i++)
		n += counts[i] != 0;
	return n;
}

/* Days over 12 that fall into few months, days up to 12 over many, and those days being just the few months. */
static bool looks_exchanged(enum sori_date_style style, const struct sori_view *values, size_t count)
{
	unsigned months_over = 0, months_under = 0, days_under = 0, years = 0;
	size_t over = 0, under = 0;
	for (size_t i = 0; i < count; i++) {
		sori_day day;
		int year, month, of_month;
		if (!sori_date_parse(style, NULL, values[i], 0, &day, NULL))
			continue;
		sori_day_split(day, &year, &month, &of_month);
		years |= 1u << (year & 31);
		if (of_month > 12) {
			over++;
			months_over |= 1u << month;
		} else {
			under++;
			months_under |= 1u << month;
			days_under |= 1u << of_month;
		}
	}
	int few = __builtin_popcount(months_over), many = __builtin_popcount(months_under);
	return over >= 20 && under >= 20 && many >= few + 4 && many >= 2 * few && (days_under & ~months_over) == 0 &&
	       __builtin_popcount(years) == 1;
}

enum sori_date_style sori_date_guess(const struct sori_view *values, size_t count, bool prefer_mdy, bool *exchange)
{
	struct tally tally = {0};
	if (exchange)
		*exchange = false;
	if (count > GUESS_LIMIT)
		count = GUESS_LIMIT;
	for (size_t i = 0; i < count; i++)
		count_value(&tally, values[i]);
	size_t half = tally.values / 2 + 1;
	if (tally.values == 0)
		return SORI_DATE_NONE;
	enum sori_date_style style = SORI_DATE_NONE;
	if (tally.plain * 2 > tally.values) {
		/* a column of plain numbers must be dates nearly throughout: counts and codes hit the ranges now and then */
		size_t most = tally.values - tally.values / 10;
		if (tally.ymd >= most)
			return SORI_DATE_YMD;
		if (tally.epoch >= most)
			return SORI_DATE_EPOCH;
		return tally.excel >= most ? SORI_DATE_EXCEL : SORI_DATE_NONE;
	}
	size_t best = tally.ymd > tally.mdy ? tally.ymd : tally.mdy;
	best = best > tally.dmy ? best : tally.dmy;
	if (best < half)
		return SORI_DATE_NONE;
	bool ymd = tally.ymd == best, mdy = tally.mdy == best, dmy = tally.dmy == best;
	if (ymd && (mdy || dmy) && tally.settled < best)
		ymd = distinct(tally.first) < distinct(tally.third) || (!mdy && distinct(tally.first) == distinct(tally.third));
	if (ymd && (tally.day_month > best / 2 || tally.month_day > best / 2)) /* names: any order reads them, say the real one */
		style = tally.day_month > tally.month_day ? SORI_DATE_DMY : SORI_DATE_MDY;
	else if (ymd)
		style = SORI_DATE_YMD;
	else if (mdy && dmy)
		style = prefer_mdy ? SORI_DATE_MDY : SORI_DATE_DMY;
	else
		style = mdy ? SORI_DATE_MDY : SORI_DATE_DMY;
	if (exchange)
		*exchange = looks_exchanged(style, values, count);
	return style;
}
