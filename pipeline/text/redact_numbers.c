/* Numbers of persons. A text's digits are read as chains of groups ("010-1234-5678" is 3+4+4) and each kind asks what it
 * takes to be sure: a date and a seventh digit (resident numbers), a check digit (cards, IMEI), a prefix and the right number
 * of digits (phones), a cue before (accounts). Everything else is left: prices, dates, models, versions, order numbers. */
#include "pipeline/text/redact_internal.h"

/* The digits of groups [first, last], over at most 20. */
static size_t collect(const struct finder *f, const struct chain *chain, size_t first, size_t last, char digits[24])
{
	size_t count = 0;
	for (size_t g = first; g <= last; g++)
		for (size_t i = chain->item[g].start; i < chain->item[g].end && count < 23; i++)
			digits[count++] = f->text[i];
	digits[count] = '\0';
	return count;
}

static size_t group_length(const struct chain *chain, size_t g) { return chain->item[g].end - chain->item[g].start; }

/* No letter or further digit group glued on either side. */
static bool bounded(const struct finder *f, const struct chain *chain, size_t first, size_t last)
{
	size_t start = chain->item[first].start, end = chain->item[last].end;
	char before = char_before(f, start), after = char_at(f, end);
	if (first == 0 && (is_lower(before) || ((before == '-' || before == '.' || before == '_') && start > 1 &&
						 (is_lower(f->text[start - 2]) || is_digit(f->text[start - 2])))))
		return false;
	if (first > 0 && (chain->item[first].gap == '-' || chain->item[first].gap == '.'))
		return false;
	if (last + 1 < chain->count && chain->item[last + 1].gap != ' ')
		return false;
	if (is_lower(after) || after == '%' || after == '_')
		return false;
	return !(after == '-' && (is_lower(char_at(f, end + 1)) || is_digit(char_at(f, end + 1))));
}

static bool luhn(const char *digits, size_t count)
{
	unsigned sum = 0;
	for (size_t i = 0; i < count; i++) {
		unsigned d = (unsigned)(digits[count - 1 - i] - '0');
		if (i % 2 == 1)
			d = d > 4 ? 2 * d - 9 : 2 * d;
		sum += d;
	}
	return sum % 10 == 0;
}

static unsigned two(const char *digits) { return (unsigned)(digits[0] - '0') * 10 + (unsigned)(digits[1] - '0'); }

static bool is_birth_date(const char *digits)
{
	static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned month = two(digits + 2), day = two(digits + 4);
	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

/* Weights 2..9, 2..5; numbers given since October 2020 need not pass, so this settles doubt only. */
static bool resident_check(const char *digits)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < 12; i++)
		sum += (unsigned)(digits[i] - '0') * (i % 8 + 2);
	return (11 - sum % 11) % 10 == (unsigned)(digits[12] - '0');
}

static bool ean_check(const char *digits)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < 13; i++)
		sum += (unsigned)(digits[i] - '0') * (i % 2 ? 3 : 1);
	return sum % 10 == 0;
}

/* Length of the groups from `first` on that add up to `total` digits, 0 when no group ends there. */
static size_t groups_of(const struct chain *chain, size_t first, size_t total)
{
	size_t digits = 0;
	for (size_t g = first; g < chain->count; g++) {
		digits += group_length(chain, g);
		if (digits == total)
			return g - first + 1;
		if (digits > total)
			break;
	}
	return 0;
}

/* Digit by digit, and nothing else in the row: "1 2 3 4 …" goes on. */
static bool all_single(const struct chain *chain, size_t first, size_t count)
{
	if (first != 0 || count != chain->count)
		return false;
	for (size_t g = first; g < first + count; g++)
		if (group_length(chain, g) != 1)
			return false;
	return true;
}

/* 900101-1234567, with a blank, a dot or nothing between, or digit by digit; 900101-1* half masked. */
static size_t resident(const struct finder *f, const struct chain *chain, size_t first)
{
	char digits[24];
	size_t count = groups_of(chain, first, 13);
	if (count == 0 || collect(f, chain, first, first + count - 1, digits) != 13 || !is_birth_date(digits))
		return 0;
	size_t front = groups_of(chain, first, 6);
	char gap = front && first + front < chain->count ? chain->item[first + front].gap : 0;
	bool shape = count == 1 || (count == 2 && front == 1) || all_single(chain, first, count) ||
		     (front > 0 && front + 1 == count && gap == '-') || (front == 1 && gap == '-');
	if (!shape || ((digits[6] == '9' || digits[6] == '0') && gap != '-'))
		return 0;
	/* Korean bar codes begin with 8801…8809, which reads as a date */
	if (count == 1 && memcmp(digits, "880", 3) == 0 && ean_check(digits) && !resident_check(digits))
		return 0;
	return bounded(f, chain, first, first + count - 1) ? count : 0;
}

static bool resident_masked(const struct finder *f, const struct chain *chain, size_t first)
{
	char digits[24];
	if (first + 1 >= chain->count || group_length(chain, first) != 6 || group_length(chain, first + 1) != 1)
		return false;
	collect(f, chain, first, first + 1, digits);
	char after = char_at(f, chain->item[first + 1].end);
	return chain->item[first + 1].gap == '-' && (after == '*' || after == 'x') && is_birth_date(digits) && digits[6] >= '1' &&
	       digits[6] <= '8';
}

static bool issuer_fits(const char *digits, size_t count)
{
	switch (digits[0]) {
	case '4':
		return count == 13 || count == 16 || count == 19;
	case '5':
		return count == 16;
	case '2':
		return count == 16 && two(digits) >= 22 && two(digits) <= 27;
	case '3':
		if (digits[1] == '4' || digits[1] == '7')
			return count == 15;
		return digits[1] == '5' ? count >= 16 : (digits[1] == '6' || digits[1] == '8' || digits[1] == '0') && count >= 14;
	case '6':
		return count >= 13 && count != 15;
	case '9':
		return count == 16;
	default:
		return false;
	}
}

/* 4+4+4+(1..7), 4+6+5, 4+6+4 or one group; check digit and issuer. */
static size_t card(const struct finder *f, const struct chain *chain, size_t first)
{
	char digits[24];
	size_t count = 1;
	if (group_length(chain, first) == 4) {
		size_t left = chain->count - first;
		if (left >= 4 && group_length(chain, first + 1) == 4 && group_length(chain, first + 2) == 4)
			count = left >= 5 && group_length(chain, first + 3) == 4 && group_length(chain, first + 4) == 3 ? 5 : 4;
		else if (left >= 3 && group_length(chain, first + 1) == 6)
			count = 3;
		else
			return 0;
	}
	size_t total = collect(f, chain, first, first + count - 1, digits);
	if (total < 13 || total > 19 || !issuer_fits(digits, total) || !luhn(digits, total))
		return 0;
	return bounded(f, chain, first, first + count - 1) ? count : 0;
}

static bool imei(const struct finder *f, const struct chain *chain, size_t first)
{
	char digits[24];
	if (group_length(chain, first) != 15)
		return false;
	collect(f, chain, first, first, digits);
	return luhn(digits, 15) && bounded(f, chain, first, first);
}

static bool is_mobile(const char *d) { return d[0] == '0' && d[1] == '1' && strchr("016789", d[2]) != NULL && d[2] != '\0'; }

/* 02, 031-033, 041-044, 051-055, 061-064 and 070; 050x but 0505. 15xx, 16xx, 18xx and 080 are services. */
static size_t area_code(const char *d)
{
	if (d[0] != '0')
		return 0;
	if (d[1] == '2')
		return 2;
	if (d[1] == '5' && d[2] == '0')
		return d[3] != '5' && d[3] >= '2' && d[3] <= '8' ? 4 : 0;
	static const char highest[] = "0003454";
	if (d[1] >= '3' && d[1] <= '6')
		return d[2] >= '1' && d[2] <= highest[d[1] - '0'] ? 3 : 0;
	return d[1] == '7' && d[2] == '0' ? 3 : 0;
}

/* Groups of a Korean number beginning with 0: code + (3..4) + 4, in one to three groups or digit by digit. */
static bool phone_shape(const struct chain *chain, size_t first, size_t count, size_t total, size_t code)
{
	size_t body = total - code;
	if (body < 7 || body > 8)
		return false;
	if (count == 1)
		return true;
	if (count == 2)
		return group_length(chain, first) == code || group_length(chain, first + 1) == 4;
	if (count == 3)
		return group_length(chain, first) == code && group_length(chain, first + 2) == 4;
	return all_single(chain, first, count) ||
	       (count == 4 && group_length(chain, first) == code && group_length(chain, first + 2) == 2);
}

static size_t domestic_phone(const struct finder *f, const struct chain *chain, size_t first)
{
	char digits[24];
	if (f->text[chain->item[first].start] != '0')
		return 0;
	for (size_t total = 12; total >= 9; total--) {
		size_t count = groups_of(chain, first, total);
		if (count == 0 || collect(f, chain, first, first + count - 1, digits) != total)
			continue;
		size_t code = is_mobile(digits) ? 3 : area_code(digits);
		if (code == 0 || !phone_shape(chain, first, count, total, code))
			continue;
		if (count == 1 && memcmp(digits, "010", 3) == 0 && total != 11)
			continue;
		if (bounded(f, chain, first, first + count - 1))
			return count;
	}
	return 0;
}

/* +82 10 …, 82-10-…; any other country with a '+'. */
static size_t foreign_phone(const struct finder *f, const struct chain *chain, size_t first)
{
	char digits[24];
	bool plus = char_before(f, chain->item[first].start) == '+';
	size_t best = 0;
	for (size_t last = first; last < chain->count && last < first + 6; last++) {
		size_t total = collect(f, chain, first, last, digits);
		if (total > 15)
			break;
		bool korean = digits[0] == '8' && digits[1] == '2' &&
			      (digits[2] == '0' ? total >= 12 && total <= 13 : total >= 10 && total <= 12);
		bool korean_mobile = korean && (memcmp(digits + 2, "10", 2) == 0 || memcmp(digits + 2, "010", 3) == 0);
		bool known = (plus && total >= 10) || (korean_mobile && last > first);
		if (known && bounded(f, chain, first, last))
			best = last - first + 1;
	}
	return best;
}

/* (555) 123-4567, 555-123-4567, 1-555-…; free-phone codes are services. */
static size_t american_phone(const struct finder *f, const struct chain *chain, size_t first)
{
	static const char *const services[] = {"800", "888", "877", "866", "855", "844", "833", "900", NULL};
	size_t g = first;
	if (group_length(chain, g) == 1 && f->text[chain->item[g].start] == '1' && g + 3 < chain->count)
		g++;
	if (g + 2 >= chain->count || group_length(chain, g) != 3 || group_length(chain, g + 1) != 3 ||
	    group_length(chain, g + 2) != 4)
		return 0;
	size_t at = chain->item[g].start;
	char one = chain->item[g + 1].gap, second = chain->item[g + 2].gap;
	if (second == ' ' || (one == ' ' && second != '-') || f->text[at] < '2')
		return 0;
	if (any_at(f, at, services))
		return 0;
	return bounded(f, chain, first, g + 2) ? g + 2 - first + 1 : 0;
}

static const char *const banks[] = {
	"국민", "신한", "우리", "하나", "농협", "기업", "카카오뱅크", "카뱅", "토스뱅크", "토스", "케이뱅크", "새마을금고", "새마을",
	"수협", "우체국", "제일", "씨티", "부산", "대구", "광주", "전북", "경남", "제주", "산업", "신협", "축협", "외환", "kb", "nh",
	"ibk", "sc", "bank", NULL,
};

static bool account_cue(const struct finder *f, size_t start, size_t end)
{
	static const char *const fillers[] = {"은행", "뱅크", "계좌", "번호", "은", "는", ":", " ", "(", ")", "로", NULL};
	if (cue_before(f, start, 45, "계좌") || cue_before(f, start, 30, "account n") || cue_before(f, start, 24, "입금") ||
	    cue_before(f, start, 24, "acct") || cue_before(f, start, 16, "account:"))
		return true;
	for (size_t at = start, round = 0; round < 6; round++) {
		if (any_before(f, at, banks))
			return true;
		size_t length = any_before(f, at, fillers);
		if (length == 0)
			break;
		at -= length;
	}
	size_t at = end + (char_at(f, end) == ' ');
	if (char_at(f, at) == '(')
		at++;
	size_t bank = any_at(f, at, banks);
	return bank > 0 && (text_at(f, at + bank, "은행") || text_at(f, at + bank, ")") || text_at(f, at + bank, "뱅크"));
}

static size_t account(const struct finder *f, const struct chain *chain, size_t first)
{
	char digits[24];
	size_t best = 0;
	for (size_t last = first; last < chain->count && last < first + 5; last++) {
		size_t total = collect(f, chain, first, last, digits);
		if (total > 16)
			break;
		if (total >= 10 && bounded(f, chain, first, last))
			best = last - first + 1;
	}
	if (best == 0 || !account_cue(f, chain->item[first].start, chain->item[first + best - 1].end))
		return 0;
	return best;
}

/* Start of a phone number with its '+' and opening bracket. */
static size_t widened_start(const struct finder *f, size_t start)
{
	if (char_before(f, start) == '(')
		start--;
	if (char_before(f, start) == '+')
		start--;
	return start;
}

static size_t find_at(struct finder *f, const struct chain *chain, size_t first)
{
	size_t start = chain->item[first].start, count;
	enum sori_mask_kind kind = SORI_MASK_RESIDENT;
	if (resident_masked(f, chain, first)) {
		size_t end = chain->item[first + 1].end;
		while (char_at(f, end) == '*' || char_at(f, end) == 'x')
			end++;
		found_add(f, kind, start, end);
		return 2;
	}
	if ((count = resident(f, chain, first)) > 0) {
		kind = SORI_MASK_RESIDENT;
	} else if ((count = card(f, chain, first)) > 0) {
		kind = SORI_MASK_CARD;
	} else if ((count = domestic_phone(f, chain, first)) > 0 || (count = foreign_phone(f, chain, first)) > 0 ||
		   (count = american_phone(f, chain, first)) > 0) {
		kind = SORI_MASK_PHONE;
		start = widened_start(f, start);
	} else if (imei(f, chain, first)) {
		kind = SORI_MASK_SERIAL;
		count = 1;
	} else if ((count = account(f, chain, first)) > 0) {
		kind = SORI_MASK_ACCOUNT;
	} else {
		return 0;
	}
	found_add(f, kind, start, chain->item[first + count - 1].end);
	return count;
}

/* What stands between two groups: "-", ".", " ", " - ", ")", ") ", ")-"; its length, 0 when the chain ends. */
static size_t gap_at(const struct finder *f, size_t at, char *sign)
{
	char one = char_at(f, at);
	size_t length = 1;
	if (one != ' ' && one != '-' && one != '.' && one != ')')
		return 0;
	if (one == ' ' && char_at(f, at + 1) == '-' && char_at(f, at + 2) == ' ')
		length = 3;
	else if (one == ')' && (char_at(f, at + 1) == ' ' || char_at(f, at + 1) == '-'))
		length = 2;
	if (!is_digit(char_at(f, at + length)))
		return 0;
	*sign = length == 3 ? '-' : one;
	return length;
}

/* The number of digits in the chain that begins at `at`. */
static size_t read_chain(const struct finder *f, size_t at, struct chain *chain)
{
	char gap = 0;
	size_t digits = 0;
	chain->count = 0;
	while (chain->count < CHAIN_GROUPS) {
		struct group *group = &chain->item[chain->count++];
		size_t end = at + 1;
		while (is_digit(char_at(f, end)))
			end++;
		*group = (struct group){at, end, gap};
		digits += end - at;
		size_t length = gap_at(f, end, &gap);
		if (length == 0)
			break;
		at = end + length;
	}
	return digits;
}

size_t find_number(struct finder *f, size_t at)
{
	struct chain chain NOT_ZEROED;
	size_t digits = read_chain(f, at, &chain);
	for (size_t g = 0; digits >= 7 && g < chain.count;) { /* no number of a person has fewer */
		size_t used = find_at(f, &chain, g);
		g += used ? used : 1;
	}
	find_places(f, &chain);
	return chain.item[chain.count - 1].end;
}

static int hangul_digit(const struct finder *f, size_t at)
{
	static const char *const digits[] = {"공", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구", "영", NULL};
	for (int i = 0; digits[i]; i++)
		if (text_at(f, at, digits[i]))
			return i % 10;
	return -1;
}

/* 공일공 일이삼사 오육칠팔: 공 or 영, 일, and nine more. */
void find_spoken_phone(struct finder *f, size_t start)
{
	size_t at = start + 3;
	while (char_at(f, at) == ' ' || char_at(f, at) == '-' || char_at(f, at) == '.')
		at++;
	if ((char_at(f, at) != '1' && !text_at(f, at, "일")) || (!text_at(f, start, "공") && !text_at(f, start, "영")) ||
	    (syllable_before(f, start) && hangul_digit(f, start - 3) >= 0))
		return;
	char digits[12] = {0};
	size_t count = 1, end = at;
	digits[0] = '0';
	while (count < 11) {
		int digit = hangul_digit(f, at);
		if (digit >= 0 || is_digit(char_at(f, at))) {
			digits[count++] = digit >= 0 ? (char)('0' + digit) : f->text[at];
			at += digit >= 0 ? 3 : 1;
			end = at;
		} else if (char_at(f, at) == ' ' || char_at(f, at) == '-' || char_at(f, at) == '.') {
			at++;
		} else if (text_at(f, at, "에") && count >= 3) { /* spoken "공일공에 …" */
			at += 3;
		} else {
			break;
		}
	}
	if (count >= 10 && is_mobile(digits) && (count == 11 || digits[2] != '0'))
		found_add(f, SORI_MASK_PHONE, start, end);
}
