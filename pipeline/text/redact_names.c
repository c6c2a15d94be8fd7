/* Names of persons, by their title. A Korean name here is a surname of the list and one or two syllables that given names are
 * made of, standing at the beginning of a word, right before a title; or half masked by the writer (김OO, 김*수). Common
 * words of the same build (고객님, 이상한 기사님, 구매 고객님) are listed: a missed rare name costs less than a review in which
 * every other word is gone. */
#include "pipeline/base/utf8.h"
#include "pipeline/text/redact_internal.h"

/* Sets of syllables, in byte order.
 * Surnames that begin few other words, and those that begin many: after these the title must follow at once. */
static const char surnames[] = "강고곽권길김노류마맹문민박백변서손송신심양엄염오옥왕유윤이임장정조채최추탁표한함허홍황";
static const char weak_surnames[] =
	"가감경공구국금기나남단도동두명모반방배범복봉부빈사상석선설성소승안여연예온용우원위육은인전제주지진차천태편피하현형호";

/* Syllables of given names. */
static const char given[] =
	"가강건결겸경계고관광교구국권규균근금기길나남노다단달담대덕도동두득라란람량려련례로록루리린림마만명모목무문미민배백범별병보복"
	"봄봉부빈사산상서석선설섭성세소솔송수숙순슬승시식신실심아안애양언엄여연열영예오옥온완왕요용우욱운웅원월위유육윤율은음의이"
	"익인일임자장재전정제조종주준중지진찬창채천철청초춘충치태택평표필하학한해향헌혁현형혜호홍화환황회효훈휘흔희";

/* One-syllable given names that are frequent enough to trust. */
static const char short_given[] = "건결균란린미민범빈석선섭솔숙영욱웅윤율준진찬철혁현호환훈희";

static const char *const long_surnames[] = {"남궁", "황보", "제갈", "사공", "선우", "독고", "동방", "서문", NULL};

/* Whole words that look like a name. */
static const char *const not_names[] = {
	"고객", "기사", "사장", "선생", "부모", "담당", "직원", "주인", "원장", "어머", "아버", "사원", "상담", "이모", "장모", "진행",
	"전무", "이사", "강사", "교수", "목사", "신부", "하나", "사모", "도련", "주임", "이웃", "천사", "고수", "도사", "장인", "기장",
	"국장", "차장", "반장", "이장", "시장", "소장", "조장", "설계", "문의", "지인", "노인", "유저", "진상", "안내", "모든", "우리",
	"이런", "기존", "신규", "전체", "일부", "해당", "방문", "주문", "구매", "이용", "안녕", "현재", "장기", "최고", "진짜", "설치",
	"배송", "수리", "오신", "이번", "남자", "여자", "우수", "단골", "소중", "주요", "연로", "하는", "오는", "가는", "보는", "주는",
	"사는", "모시", "당사", "여성", "남성", "성인", "고령", "노년", "젊은", "예비", "이전", "다른", "전문", "지원", "정비", "공사",
	"경비", "운전", "여기", "저기", "거기", "이분", "그분", "저분", "어느", "어떤", "무슨", "한분", "두분", "여러", "동네", "지역",
	"전담", "인도", "도착", "예약", "주차", "정말", "방금", "지금", "오늘", "어제", "내일", "이제", "아주", "너무", "전화", "연락",
	"문자", "상점", "가게", "한명", "두명", "세명", "유능", "성실", "예의", "인사", "반가", "위의", "동일", "공식", "전국", "이달",
	"상대", "방송", "기본", "온라", "고마", "미안", "제발", "설마", "단지", "오히", "금방", "형님", "동생", "부장", "과장", "팀장",
	"실장", "점장", "대리", "간호", "의사", "변호", "판사", "경찰", "소방", "선배", "후배", "조교", "감독", "작가", "배우", "가수",
	"기자", "대표", "회장", "의원", "위원", "총무", "부사", "상무", "본부", "지점", "지사", "공장", "상사", "동료", "사수", "인턴",
	"구매자", "이용자", "소비자", "사용자", "판매자", "관리자", "개발자", "운영자", "담당자", "상담원", "상담사", "설치기", "수리기",
	"배송기", "방문자", "신청자", "가입자", "주문자", "이상한", "조용한", "정확한", "신속한", "편안한", "안전한", "진정한", "성실한",
	"유능한", "지점장", "부지점", "고객센", "전문가", "선생님", "사모님", "부모님", "어머님", "아버님", "시부모", "도우미", "하우스",
	"이벤트", "지하철", "오전조", "오후조", "정수기", "김치", "공기청", "전자레", "여사장", "남사장", "부사장", "원장님", "사회자",
	"주민분", "노부부", "기존의", "모시는", "전기차", "현대차", "기아차", "이번주", "지난주", "다음주", "여의도", "서울시", "경기도",
	"인천시", "성남시", "수원시", "고양시", "용인시", "부천시", "안양시", "안산시", "천안시", "전주시", "광주시", "제주도", "강남구",
	"문의하", "주문한", "구매한", "방문한", "이용한", "전화한", "상담한", "예약한", "설치한", "수리한", "고생한", "기다린", "오신분",
	"이상의", "하시는", "오시는", "가시는", "계시는", "보시는", "여직원", "남직원", "한직원", "두직원", "그직원", "신입", "선임",
	"주말", "이쪽", "저쪽", "한국", "미국", "중국", "일본", "해외", "국내", "지방", "시골", "도시", "서울", "부산", "대구", "인천",
	"광주", "대전", "울산", "세종", "경기", "강원", "충북", "충남", "전북", "전남", "경북", "경남", "제주", "현지", "전임", "후임",
	"온세상", "하느", "배달원", "문구나", "정상아", "남상담", "조중동", "목소리", "이상해", "신속정", "고기", "장소", "정도", "조금", "최소", "최대",
	"유일", "오로지", "한번", "이사님", "문자상", "이외", "이후", "이하", "이상", "서서", "유선", "노선", "조선", "신호", "오호", "최선", "우선", "정선",
	"전선", "장미", "지민원", "신선", "고민", "서민", "이민", "유민", "주민", "국민", "시민", "전철", "지석", "한사람", "이사람", "여사", "한여자", "이여자", "아무개", "금손", "은인", "의인", "손", "임금", "공주", "왕자",
	"이건", "조건", "안건", "용건", "여건", "문건", "주문건", "노란", "이란", "소란", "표준", "기준", "수준", "조율", "표현", "구현", "경영", "추진",
	"전환", "변환", "연결", "한결", "추석", "구석", "방석", "배민", "한진", "선호", "상호", "부진", "선진", "방진", "노원구", "서초구", "강서구",
	"성동구", "강동구", "도봉구", "금천구", "양천구", "구로구", "수성구", "연수구", "남동구", "유성구", "상위", "하위", "모범", "명예", "원조", "기술", "고급", "중급", "초급", "전임자", "후임자", "동거인", "보호자", "가족분", NULL,
};

/* By bisection: a list of pointers is a hundred comparisons that the processor cannot foresee. */
static bool in_set(const struct finder *f, size_t at, const char *set, size_t size)
{
	size_t low = 0, high = size / 3;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(f->text + at, set + 3 * middle, 3);
		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}
#define IN_SET(f, at, set) in_set(f, at, set, sizeof(set) - 1)

static bool is_given(const struct finder *f, size_t at) { return IN_SET(f, at, given); }

/* Start of the run of syllables that ends before `end`; at most six are looked at. */
static size_t run_start(const struct finder *f, size_t end)
{
	size_t at = end;
	while (syllable_before(f, at) && end - at < 18)
		at -= 3;
	return at;
}

/* A surname and two syllables of given names, the last no particle or ending. */
static bool is_whole_name(const struct finder *f, size_t start, bool spaced)
{
	static const char *const particles[] = {"도", "로", "고", "여", "이", "의", "한", "하", "해", "을", "시", NULL}; /* 시: 오산시 */
	static const char *const weak_particles[] = {"은", "서", "운", "나", "아", "원", "사", "만", "지", NULL};
	bool strong = IN_SET(f, start, surnames);
	if (!strong && (spaced || !IN_SET(f, start, weak_surnames) || any_at(f, start + 6, weak_particles)))
		return false;
	return is_given(f, start + 3) && is_given(f, start + 6) && !any_at(f, start + 6, particles);
}

/* `strong`: names of two syllables are taken too; `spaced`: a blank stands between it and the title. */
static bool looks_like_name(const struct finder *f, size_t start, size_t end, bool strong, bool spaced)
{
	size_t length = end - start;
	if (length == 12)
		return any_at(f, start, long_surnames) > 0 && is_given(f, start + 6) && is_given(f, start + 9);
	if (length == 9)
		return (any_at(f, start, long_surnames) > 0 && is_given(f, start + 6)) || is_whole_name(f, start, spaced);
	return length == 6 && strong && IN_SET(f, start + 3, short_given) &&
	       (IN_SET(f, start, surnames) || (!spaced && IN_SET(f, start, weak_surnames)));
}

static bool is_name(const struct finder *f, size_t start, size_t end, bool strong, bool spaced)
{
	return looks_like_name(f, start, end, strong, spaced) && !equals_any(f, start, end, not_names);
}

/* Stars, circles and what is written for them before `end`: the length. */
static size_t stars_before(const struct finder *f, size_t end)
{
	static const char *const stars[] = {"oo", "○", "〇", "◯", "*", "xx", "ㅇㅇ", "00", "o", "0", "x", "●", "ㅇ", NULL};
	switch ((unsigned char)char_before(f, end)) { /* their last bytes */
	case 'o': case '0': case 'x': case '*': case 0x8b: case 0x87: case 0xaf: case 0x8f:
		return any_before(f, end, stars);
	default:
		return 0;
	}
}

/* 김oo, 김○○, 김*수, 김*: the part that stands before `end`. Its start, or `end` when it is none. */
static size_t masked_name(const struct finder *f, size_t end)
{
	size_t at = end;
	if (syllable_before(f, at) && stars_before(f, at - 3))
		at -= 3;
	size_t length = stars_before(f, at);
	if (length == 0)
		return end;
	at -= length;
	if (!syllable_before(f, at) || syllable_before(f, at - 3) ||
	    !(IN_SET(f, at - 3, surnames) || IN_SET(f, at - 3, weak_surnames)))
		return end;
	return at - 3;
}

/* A title or the cue before a name. */
struct title {
	size_t length;   /* bytes; 0: none */
	bool is_title;   /* a name may stand before it */
	bool is_staff;
	bool is_strong;  /* also a name of two syllables */
	bool staff_cue;  /* 상담사 김민수 */
	bool own_cue;    /* 이름은 김민수 */
};

#define PAIR(first, second) ((uint32_t)(first) << 16 | (second))

/* 지하주차장, 남성위주임, 신림대리점: a word of which the two syllables at `at` are a part is no title, save before 님. */
static bool is_inside_word(const struct finder *f, size_t at)
{
	static const struct {
		const char *title, *before[4], *after[11];
	} words[] = {
		{"차장", {"주", "세", "승", NULL}, {NULL}}, /* 주차장 세차장 승차장 */
		{"주임", {"위", NULL}, {NULL}},              /* 성인위주임 */
		{"과장", {NULL}, {"하지", "하는", "하여", "한 ", "하면", "해서", "되", "된", "광고", "스러", NULL}},
		{"대리", {NULL}, {"점", "운전", "석", "만족", "구매", "결제", "주문", "수령", NULL}},
		{"부장", {NULL}, {"치", "비", "착", "소", NULL}},                /* 외부장치 일부장비 */
		{"실장", {"욕", "거", "침", NULL}, {"치", "착", NULL}},          /* 거실장 침실장 실장착 */
		{"점장", {NULL}, {"비", "치", "소", NULL}},                      /* 상점장비 */
		{"기사", {NULL}, {"용", NULL}},                                /* 보기사용 */
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text_at(f, at, words[i].title))
			return !text_at(f, at + 6, "님") && (any_before(f, at, words[i].before) || any_at(f, at + 6, words[i].after));
	return false;
}

/* What begins at `at`. The four titles that end in 기사 (설치기사 …) are found by their end. */
static struct title title_at(const struct finder *f, size_t at)
{
	static const struct title none = {0}, one = {3, true, false, false, false, false}, weak = {6, true, true, false, false, false},
				  strong = {6, true, true, true, false, false}, cue = {9, true, true, true, true, false},
				  own = {6, false, false, false, false, true};
	unsigned width;
	uint32_t first = sori_utf8_decode(f->text + at, &width);
	if (first == 0xb2d8 || first == 0xc528) /* 님 씨 */
		return one;
	if (!syllable_at(f, at + 3))
		return none;
	switch (PAIR(first, sori_utf8_decode(f->text + at + 3, &width))) {
	case PAIR(0xae30, 0xc0ac): /* 기사 */
		return (struct title){6, true, true, true, true, false};
	case PAIR(0xacfc, 0xc7a5): case PAIR(0xb300, 0xb9ac): case PAIR(0xd300, 0xc7a5): case PAIR(0xbd80, 0xc7a5): /* 과장 대리 팀장 부장 */
	case PAIR(0xcc28, 0xc7a5): case PAIR(0xc2e4, 0xc7a5): case PAIR(0xc810, 0xc7a5): case PAIR(0xc8fc, 0xc784): /* 차장 실장 점장 주임 */
		return strong;
	case PAIR(0xc0ac, 0xc6d0): case PAIR(0xc9c1, 0xc6d0): /* 사원 직원 */
		return weak;
	case PAIR(0xace0, 0xac1d): /* 고객, 고객님 */
		return (struct title){6, true, false, text_at(f, at + 6, "님"), false, false};
	case PAIR(0xd68c, 0xc6d0): /* 회원님 */
		return text_at(f, at + 6, "님") ? (struct title){9, true, false, true, false, false} : none;
	case PAIR(0xc0c1, 0xb2f4): /* 상담사, 상담원 */
		return text_at(f, at + 6, "사") || text_at(f, at + 6, "원") ? cue : none;
	case PAIR(0xb9e4, 0xb2c8):
		return text_at(f, at + 6, "저") ? cue : none;
	case PAIR(0xc9c0, 0xc810):
		return text_at(f, at + 6, "장") ? strong : none;
	case PAIR(0xc5d4, 0xc9c0):
		return text_at(f, at + 6, "니어") ? (struct title){12, true, true, true, true, false} : none;
	case PAIR(0xcee8, 0xc124):
		return text_at(f, at + 6, "턴트") ? strong : none;
	case PAIR(0xb2f4, 0xb2f9): /* 담당자 */
		return text_at(f, at + 6, "자") ? (struct title){9, false, true, false, true, false} : none;
	case PAIR(0xc774, 0xb984): case PAIR(0xc131, 0xd568): /* 이름 성함 */
		return own;
	default:
		return none;
	}
}

static void find_before_title(struct finder *f, size_t at, bool strong)
{
	size_t end = at - (char_before(f, at) == ' ');
	/* "님", "씨", "고객" directly after the name or, 씨 and 님, after one blank */
	size_t start = masked_name(f, end);
	if (start < end) {
		found_add(f, SORI_MASK_NAME, start, end);
		return;
	}
	start = run_start(f, end);
	if (start < end && is_name(f, start, end, strong, end < at))
		found_add(f, SORI_MASK_NAME, start, end);
}

/* 상담사 김민수, 제 이름은 박지영이고: a whole name after the cue, followed by an end, a title or a particle. `end`: of the cue. */
static void find_after_cue(struct finder *f, size_t end)
{
	static const char *const after[] = {"님", "씨", "입니다", "이고", "이라", "이에요", "예요", "이며", "에게", "한테", "이 ", "가 ", "은 ",
					    "는 ", "께", "라고", "이라고", "이가", "분", NULL};
	size_t start = end + (char_at(f, end) == ' ');
	if (start == end && f->text[start - 1] != ':')
		return;
	if (start + 9 > f->length || !syllable_at(f, start) || !syllable_at(f, start + 3) || !syllable_at(f, start + 6))
		return;
	bool ended = start + 9 == f->length || !syllable_at(f, start + 9) || any_at(f, start + 9, after) > 0;
	if (ended && is_name(f, start, start + 9, false, true))
		found_add(f, SORI_MASK_NAME, start, start + 9);
}

/* 이름은, 이름:, 이름 : before a name: the end, 0 when there is none of them. */
static size_t own_cue_end(const struct finder *f, size_t at)
{
	static const char *const forms[] = {"이름은", "성함은", "이름:", "이름 :", "성함:", NULL};
	size_t length = any_at(f, at, forms);
	return length ? at + length : 0;
}

void find_name(struct finder *f, size_t at, bool keep_staff)
{
	static const char *const technicians[] = {"설치", "수리", "배송", "택배", NULL};
	if (!syllable_at(f, at))
		return;
	struct title title = title_at(f, at);
	if (title.is_title && at > 0 && !(keep_staff && title.is_staff) && !is_inside_word(f, at)) {
		if (title.staff_cue && title.length == 6 && at > 6 && any_before(f, at, technicians))
			find_before_title(f, at - 6, true);
		find_before_title(f, at, title.is_strong);
	}
	if (title.staff_cue && !keep_staff)
		find_after_cue(f, at + title.length);
	size_t end = title.own_cue ? own_cue_end(f, at) : 0;
	if (end > 0)
		find_after_cue(f, end);
}

static size_t latin_end(const struct finder *f, size_t at)
{
	while (is_lower(char_at(f, at)))
		at++;
	return at;
}

static const char *const no_latin_name[] = {
	"a", "an", "the", "of", "in", "on", "to", "and", "or", "is", "was", "for", "from", "at", "not", "my", "your", "office", "word", "excel",
	"windows", "teams", "access", "edge", "outlook", "store", "project", "paint", "dos", "surface", "azure", "coffee", "clean", "robot",
	"price", "bean", "delay", "lag", "ping", "latency", "per", "response", "that", "this", "it", "no", "being", "listed", "spelled",
	"misspelled", "wrong", "incorrect", "already", "still", "also", "but", "with", "as", "because", "who", "which", "powerpoint", "applications",
	"application", "app", "apps", "products", "software", "and", "live", "money", "works", "would", "could",
	"should", "will", "can", "has", "had", "have", "does", "did", "do", "made", "makes", "off", "out", "so", "if", "just", "now", NULL,
};

static void find_latin_after(struct finder *f, size_t at, bool two_words)
{
	size_t end = latin_end(f, at);
	if (end - at < 2 || equals_any(f, at, end, no_latin_name))
		return;
	if (two_words && char_at(f, end) == ' ') {
		size_t second = latin_end(f, end + 1);
		if (second - end > 2 && !equals_any(f, end + 1, second, no_latin_name) &&
		    (char_at(f, second) == '.' || char_at(f, second) == ',' || second == f->length || char_at(f, second) < ' '))
			end = second;
	}
	found_add(f, SORI_MASK_NAME, at, end);
}

/* mr smith, mrs. jones, ms lee; my name is jane (doe). "miss" is a verb more often than a title. */
void find_latin_name(struct finder *f, size_t at)
{
	static const char *const forms[] = {"mrs. ", "mrs ", "mr. ", "mr.", "mr ", "ms. ", NULL};
	if (at > 0 && (is_lower(f->text[at - 1]) || is_digit(f->text[at - 1])))
		return;
	size_t length = any_at(f, at, forms);
	if (length > 0) {
		find_latin_after(f, at + length, false);
	} else if (text_at(f, at, "ms ") && !(at > 1 && is_digit(f->text[at - 2]))) {
		find_latin_after(f, at + 3, false);
	} else if (text_at(f, at, "my name is ")) {
		find_latin_after(f, at + 11, true);
	}
}
