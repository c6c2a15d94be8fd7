/* Things with a place or a plate: vehicle registrations, addresses down to the street, serials with a cue, e-mail.
 *
 * "로" is a road and the commonest particle ("카드로 30000원", "앱으로 2번"), "구" and "시" end hundreds of words. So a road needs
 * an administrative unit or a cue before it, or a flat behind it, and its number must not be followed by a counter. */
#include "pipeline/text/redact_internal.h"

static const char *const counters[] = {
	"원", "만", "천", "백", "년", "월", "일", "시", "분", "초", "개", "명", "번", "회", "장", "대", "인", "살", "세", "주", "건",
	"배", "퍼센트", "프로", "프롬", "가지", "등", "급", "점", "차", "박", "도", "킬로", "미터", "인치", "기가", "메가", "와트", "리터",
	"그램", "불", "달러", "에서", "으로", "로", "까지", "부터", "정도", "이상", "이하", "여", "쪽", "위", "단계", "칸", "줄", "개월",
	"ml", "kg", "km", "cm", "mm", "gb", "mb", "tb", "hz", "w", "v", "%", "p", "g", "l", "m", "k", NULL,
};

static bool is_counted(const struct finder *f, size_t end)
{
	static const char *const after_blank[] = {"원", "만원", "번", "개", "명", "분", "시간", "년", "월", "회", NULL};
	char next = char_at(f, end);
	/* 번지 and 번길 are parts of an address */
	if (text_at(f, end, "번지") || text_at(f, end, "번길"))
		return false;
	if (next == ' ')
		return !text_at(f, end + 1, "번지") && !text_at(f, end + 1, "번길") && any_at(f, end + 1, after_blank) > 0;
	if (next == ',' || next == '.')
		return is_digit(char_at(f, end + 1));
	return any_at(f, end, counters) > 0;
}

static size_t skip_digits(const struct finder *f, size_t at)
{
	while (is_digit(char_at(f, at)))
		at++;
	return at;
}

/* Looks back 60 bytes at most; no name of a place is longer. */
static size_t word_start(const struct finder *f, size_t at)
{
	size_t stop = at > 60 ? at - 60 : 0;
	while (at > stop && (syllable_before(f, at) || is_digit(f->text[at - 1]) || f->text[at - 1] == '-')) {
		if (syllable_before(f, at))
			at -= 3;
		else
			at--;
	}
	return at;
}

/* ---- plates ---- */

static bool plate_syllable(const struct finder *f, size_t at)
{
	static const char *const usage[] = {
		"가", "나", "다", "라", "마", "거", "너", "더", "러", "머", "버", "서", "어", "저", "고", "노", "도", "로", "모", "보",
		"소", "오", "조", "구", "누", "두", "루", "무", "부", "수", "우", "주", "아", "바", "사", "자", "하", "허", "호", "배", NULL,
	};
	return any_at(f, at, usage) > 0;
}

/* 30도 2000, 12주 1500, 101호 2024 count something unless a cue says otherwise. */
static bool plate_doubtful(const struct finder *f, size_t start, size_t at)
{
	static const char *const doubtful[] = {"도", "주", "부", "호", "구", "조", "로", "배", "수", "자", "사", NULL};
	static const char *const cues[] = {"차량", "차 번호", "차번호", "번호판", "자동차", "렌트카", "렌터카", "주차", NULL};
	for (const char *const *cue = cues; *cue; cue++)
		if (cue_before(f, start, 40, *cue))
			return false;
	return any_at(f, at, doubtful) > 0 && char_at(f, at + 3) == ' ';
}

static void find_plate(struct finder *f, const struct group *group)
{
	static const char *const after[] = {"원", "만", "천", "년", "개", "명", "번", "시", "%", "w", "k", "m", "g", NULL};
	size_t length = group->end - group->start, at = group->end;
	size_t number = at + 3 + (char_at(f, at + 3) == ' ' || char_at(f, at + 3) == '-');
	if (length < 2 || length > 3 || !is_digit(char_at(f, number)) || group->gap == '.' ||
	    is_lower(char_before(f, group->start)) || !plate_syllable(f, at))
		return;
	size_t end = skip_digits(f, number);
	if (end - number != 4 || any_at(f, end, after) || is_lower(char_at(f, end)) ||
	    ((char_at(f, end) == '-' || char_at(f, end) == '.' || char_at(f, end) == ',') && is_digit(char_at(f, end + 1))))
		return;
	if (!plate_doubtful(f, group->start, at))
		found_add(f, SORI_MASK_VEHICLE, group->start, end);
}

/* ---- addresses ---- */

/* 101동 1203호, 3층, (역삼동) behind a number: the end of the address. */
static size_t address_tail(const struct finder *f, size_t end)
{
	for (;;) {
		size_t at = end;
		while (char_at(f, at) == ' ' || char_at(f, at) == ',')
			at++;
		size_t number = skip_digits(f, at);
		size_t unit = number > at ? (text_at(f, number, "동") || text_at(f, number, "호") || text_at(f, number, "층")) ? 3 : 0 : 0;
		if (unit == 0 || number - at > 4)
			return end;
		end = number + unit;
	}
}

/* An administrative unit of two syllables or more that ends before `end`; its start in *start. */
static bool unit_before(const struct finder *f, size_t end, size_t *start)
{
	static const char *const endings[] = {"구", "시", "군", "읍", "면", "동", "도", "리", NULL};
	static const char *const cities[] = {"서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기", "강원", "충북",
					     "충남", "전북", "전남", "경북", "경남", "제주", NULL};
	static const char *const words[] = {"다시", "역시", "잠시", "혹시", "즉시", "수시", "일시", "임시", "필시", "무시", "표시",
					    "친구", "요구", "가구", "연구", "도구", "복구", "영구", "누구", "입구", "출구", "기구",
					    "하면", "되면", "라면", "화면", "반면", "측면", "전면", "방면", "정도", "제도", "속도",
					    "온도", "그래도", "아도", "에도", "자동", "수동", "작동", "이동", "행동", "활동", "진동",
					    "처리", "수리", "소리", "자리", "거리", "정리", "관리", "빨리", "머리", "우리", "미리", NULL};
	size_t from = word_start(f, end);
	size_t length = end - from;
	if (length < 6 || length > 24 || any_before(f, end, words))
		return false;
	*start = from;
	return any_before(f, end, endings) > 0 || (length == 6 && any_before(f, end, cities) > 0);
}

static size_t widen_units(const struct finder *f, size_t start, bool *found)
{
	for (int i = 0; i < 4; i++) {
		size_t unit;
		if (char_before(f, start) != ' ' || !unit_before(f, start - 1, &unit))
			break;
		start = unit;
		*found = true;
	}
	return start;
}

static bool address_cue(const struct finder *f, size_t at)
{
	static const char *const cues[] = {"주소", "배송지", "거주", "사는 곳", "자택", NULL};
	for (const char *const *cue = cues; *cue; cue++)
		if (cue_before(f, at, 40, *cue))
			return true;
	return false;
}

/* 강남구 테헤란로 123, 테헤란로14길 22-3 101동 1203호; 역삼동 123-45, 신림동 12번지 */
static void find_korean_address(struct finder *f, const struct chain *chain)
{
	size_t number = chain->item[0].start;
	size_t name_end = number - (char_before(f, number) == ' ');
	if (!syllable_before(f, name_end))
		return;
	bool road = text_before(f, name_end, "로") || text_before(f, name_end, "길");
	bool lot = text_before(f, name_end, "동") || text_before(f, name_end, "읍") || text_before(f, name_end, "면") ||
		   text_before(f, name_end, "리") || text_before(f, name_end, "가");
	if (!road && !lot)
		return;
	size_t name = word_start(f, name_end);
	if (name_end - name < 6 || name_end - name > 36 || text_before(f, name_end, "으로") ||
	    chain->item[0].end - chain->item[0].start > 4)
		return;
	size_t end = chain->item[0].end;
	bool dashed = chain->count > 1 && chain->item[1].gap == '-' && chain->item[1].end - chain->item[1].start <= 4;
	if (dashed)
		end = chain->item[1].end;
	if (chain->count > (dashed ? 2u : 1u) && chain->item[dashed ? 2 : 1].gap != ' ')
		return;
	bool parcel = text_at(f, end, "번지") || text_at(f, end, " 번지"), lane = text_at(f, end, "번길");
	if (is_counted(f, end))
		return;
	if (parcel)
		end += char_at(f, end) == ' ' ? 7 : 6;
	if (lane) {
		end += char_at(f, end + 6) == ' ' ? 7 : 6;
		end = skip_digits(f, end);
	}
	bool unit = false, branch = false; /* 테헤란로14길 */
	for (size_t i = name; i + 6 < name_end; i++)
		branch |= text_at(f, i, "로") && is_digit(f->text[i + 3]) && text_before(f, name_end, "길");
	size_t start = widen_units(f, name, &unit), tail = address_tail(f, end);
	if (road ? unit || lane || branch || tail > end || address_cue(f, start) : (unit && dashed) || parcel)
		found_add(f, SORI_MASK_ADDRESS, start, tail);
}

/* 101동 1203호 on its own, with the name of the estate. */
static void find_flat(struct finder *f, const struct group *group)
{
	size_t at = group->end;
	if (group->end - group->start > 4 || !text_at(f, at, "동"))
		return;
	at += char_at(f, at + 3) == ' ' ? 4 : 3;
	size_t end = skip_digits(f, at);
	if (end == at || end - at > 4 || !text_at(f, end, "호"))
		return;
	size_t start = group->start;
	if (char_before(f, start) == ' ' && (text_before(f, start - 1, "아파트") || text_before(f, start - 1, "빌라") ||
					     text_before(f, start - 1, "오피스텔") || text_before(f, start - 1, "빌딩")))
		start = word_start(f, start - 1);
	found_add(f, SORI_MASK_ADDRESS, start, end + 3);
}

static const char *const streets[] = {"street", "avenue", "boulevard", "lane", "road", "drive", "court",
				      "blvd", "ave", "st", "rd", "ln", NULL};
static const char *const no_street[] = {
	"minute", "minutes", "min", "mins", "km", "kms", "gig", "gigs", "tera", "ssd", "hdd", "rpm", "hour", "hours", "mile", "miles", "day", "days", "star", "stars", "year", "years", "month",
	"months", "week", "weeks", "times", "more", "the", "of", "in", "on", "a", "an", "and", "or", "to", "for", "from", "with", "my",
	"percent", "dollars", "people", "gb", "tb", "mb", "hard", "disk", "external", "usb", "cd", "dvd", "flash", "long", "off", "is",
	"are", "was", "were", "at", "that", "this", "different", "other", "down", "up", "across", "test", "dollar", "cars", "by", NULL,
};

static bool is_street(const struct finder *f, size_t start, size_t end)
{
	return strchr("sablrdc", f->text[start]) != NULL && equals_any(f, start, end, streets);
}

/* 1600 pennsylvania avenue, 42 west oak st. apt 5: up to three words that may be a name, then a street. Most numbers have
 * no street behind them, so that is asked first. */
static void find_english_address(struct finder *f, const struct group *group)
{
	size_t at = group->end, starts[4], ends[4];
	if (char_at(f, at) != ' ' || !is_lower(char_at(f, at + 1)) || at - group->start > 5 ||
	    char_before(f, group->start) == '$' || is_lower(char_before(f, group->start)) || group->gap == '.')
		return;
	for (size_t words = 0; words < 4; words++) {
		size_t start = at + 1, end = start;
		while (is_lower(char_at(f, end)))
			end++;
		if (char_at(f, at) != ' ' || end == start)
			return;
		if (is_street(f, start, end)) {
			bool name = words > 0;
			for (size_t i = 0; i < words && name; i++)
				name = ends[i] - starts[i] == 1 || !equals_any(f, starts[i], ends[i], no_street);
			if (name)
				found_add(f, SORI_MASK_ADDRESS, group->start, end);
			return;
		}
		if (end - start < 3 && !(end - start == 1 && strchr("nsew", f->text[start]) != NULL))
			return;
		starts[words] = start;
		ends[words] = end;
		at = end + (char_at(f, end) == '.');
	}
}

/* ---- serials ---- */

/* "s/n: abc12345678", "시리얼 번호는 305KRWX12345", "imei 3567…": a token with at least six letters or digits, three of them digits. */
static size_t serial_token(const struct finder *f, size_t at)
{
	size_t end = at, digits = 0, letters = 0;
	while (end - at < 64 &&
	       (is_digit(char_at(f, end)) || is_lower(char_at(f, end)) || (char_at(f, end) == '-' && end > at))) {
		digits += is_digit(f->text[end]);
		letters += is_lower(f->text[end]);
		end++;
	}
	while (end > at && f->text[end - 1] == '-')
		end--;
	return digits >= 3 && digits + letters >= 6 ? end : 0;
}

static void find_serial(struct finder *f, const struct group *group)
{
	static const char *const cues[] = {"s/n", "serial", "시리얼", "제조번호", "제조 번호", "일련번호", "일련 번호", "기기번호", "imei", NULL};
	static const char *const fillers[] = {"number", "no.", "no", "num", "번호", "넘버", "is", "은", "는", "이", "가", ":", "#", " ",
					      "(", ".", "=", "-", NULL};
	size_t start = group->start, stop = start > 40 ? start - 40 : 0;
	while (start > stop && (is_lower(f->text[start - 1]) || is_digit(f->text[start - 1]) || f->text[start - 1] == '-'))
		start--;
	size_t at = start, end = serial_token(f, start);
	for (int round = 0; end > 0 && round < 8; round++) {
		if (any_before(f, at, cues)) {
			found_add(f, SORI_MASK_SERIAL, start, end);
			return;
		}
		size_t length = any_before(f, at, fillers);
		if (length == 0)
			return;
		at -= length;
	}
}

void find_places(struct finder *f, const struct chain *chain)
{
	const struct group *last = &chain->item[chain->count - 1];
	find_plate(f, last);
	find_korean_address(f, chain);
	find_flat(f, last);
	find_english_address(f, last);
	find_serial(f, &chain->item[0]);
}

/* ---- e-mail ---- */

static bool is_local(char c) { return is_lower(c) || is_digit(c) || (c != '\0' && strchr("._%+-", c) != NULL); }

static size_t domain_end(const struct finder *f, size_t at)
{
	size_t end = at, dot = 0;
	while (end - at < 255 &&
	       (is_lower(char_at(f, end)) || is_digit(char_at(f, end)) || char_at(f, end) == '-' || char_at(f, end) == '.')) {
		if (f->text[end] == '.')
			dot = end;
		end++;
	}
	while (end > at && (f->text[end - 1] == '.' || f->text[end - 1] == '-')) {
		end--;
		dot = 0;
	}
	for (size_t i = end; dot == 0 && i > at; i--)
		if (f->text[i - 1] == '.')
			dot = i - 1;
	if (dot <= at || end - dot < 3)
		return 0;
	for (size_t i = dot + 1; i < end; i++)
		if (!is_lower(f->text[i]))
			return 0;
	return end;
}

/* someone@example.com; "someone @ naver.com" with a known provider, also without its ".com". */
void find_email(struct finder *f, size_t sign)
{
	static const char *const providers[] = {"naver", "gmail", "daum", "hanmail", "kakao", "nate", "hotmail", "yahoo", "outlook",
						"icloud", "hanmir", "dreamwiz", "lycos", "korea.com", NULL};
	size_t domain = sign + 1 + (char_at(f, sign + 1) == ' '), local = sign - (char_before(f, sign) == ' ');
	bool spaced = local != sign || domain != sign + 1;
	size_t start = local;
	while (start > 0 && local - start < 64 && is_local(f->text[start - 1]))
		start--;
	while (start < local && (f->text[start] == '.' || f->text[start] == '-' || f->text[start] == '+'))
		start++;
	if (start == local)
		return;
	size_t provider = any_at(f, domain, providers);
	size_t end = domain_end(f, domain);
	if (end == 0 && provider > 0 && !is_lower(char_at(f, domain + provider)))
		end = domain + provider;
	if (end > 0 && (!spaced || provider > 0))
		found_add(f, SORI_MASK_EMAIL, start, end);
}
