/* Names of persons, by their title. A Korean name here is a surname of the list and one or two syllables that given names are
 * made of, standing at the beginning of a word, right before a title; or half masked by the writer (김OO, 김*수). Common
 * words of the same build (고객님, 이상한 기사님, 구매 고객님) are listed: a missed rare name costs less than a review in which
 * every other word is gone. */
#include "pipeline/base/utf8.h"
#include "pipeline/text/redact_internal.h"

/* Surnames that begin few other words, and those that begin many: after these the title must follow at once. */
static const char *const surnames[] = {
	"김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권", "황", "송", "류", "유", "홍", "고",
	"문", "양", "손", "백", "허", "심", "노", "곽", "민", "엄", "변", "채", "함", "염", "추", "마", "길", "표", "왕", "옥", "맹", "탁", NULL,
};

static const char *const weak_surnames[] = {
	"안", "전", "배", "남", "하", "성", "차", "주", "우", "구", "진", "나", "지", "원", "방", "천", "공", "현", "여", "도", "소", "석",
	"선", "설", "연", "위", "명", "기", "반", "금", "육", "인", "제", "모", "국", "은", "편", "용", "예", "봉", "경", "사", "부", "가",
	"복", "태", "형", "피", "두", "감", "빈", "동", "온", "호", "범", "승", "상", "단", NULL,
};

static const char *const long_surnames[] = {"남궁", "황보", "제갈", "사공", "선우", "독고", "동방", "서문", NULL};

/* Syllables of given names. */
static const char given[] =
	"가강건결겸경계고관광교구국권규균근금기길나남노다단달담대덕도동두득라란람량려련례로록루리린림마만명모목무문미민배백범별병보복"
	"봄봉부빈사산상서석선설섭성세소솔송수숙순슬승시식신실심아안애양언엄여연열영예오옥온완왕요용우욱운웅원월위유육윤율은음의이"
	"익인일임자장재전정제조종주준중지진찬창채천철청초춘충치태택평표필하학한해향헌혁현형혜호홍화환황회효훈휘흔희";

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
	"유일", "한번", "이사님", "문자상", "이외", "이후", "이하", "이상", "서서", "유선", "노선", "조선", "신호", "오호", "최선", "우선", "정선",
	"전선", "장미", "지민원", "신선", "고민", "서민", "이민", "유민", "주민", "국민", "시민", "전철", "지석", "한사람", "이사람", "여사", "한여자", "이여자", "아무개", "금손", "은인", "의인", "손", "임금", "공주", "왕자",
	"상위", "하위", "모범", "명예", "원조", "기술", "고급", "중급", "초급", "전임자", "후임자", "동거인", "보호자", "가족분", NULL,
};

enum title_class { TITLE_CUSTOMER, TITLE_STAFF };

struct title {
	const char *text;
	enum title_class class;
	bool strong; /* also after a two-syllable name */
};

/* Longer ones first. */
static const struct title titles[] = {
	{"설치기사", TITLE_STAFF, true}, {"수리기사", TITLE_STAFF, true}, {"배송기사", TITLE_STAFF, true}, {"택배기사", TITLE_STAFF, true},
	{"엔지니어", TITLE_STAFF, true}, {"지점장", TITLE_STAFF, true},   {"상담사", TITLE_STAFF, true},   {"상담원", TITLE_STAFF, true},
	{"매니저", TITLE_STAFF, true},   {"컨설턴트", TITLE_STAFF, true}, {"고객님", TITLE_CUSTOMER, true}, {"회원님", TITLE_CUSTOMER, true},
	{"기사", TITLE_STAFF, true},     {"과장", TITLE_STAFF, true},     {"대리", TITLE_STAFF, true},     {"팀장", TITLE_STAFF, true},
	{"부장", TITLE_STAFF, true},     {"차장", TITLE_STAFF, true},     {"실장", TITLE_STAFF, true},     {"점장", TITLE_STAFF, true},
	{"주임", TITLE_STAFF, true},     {"사원", TITLE_STAFF, false},    {"직원", TITLE_STAFF, false},    {"고객", TITLE_CUSTOMER, false},
	{"님", TITLE_CUSTOMER, false},   {"씨", TITLE_CUSTOMER, false},
};

static bool is_given(const struct finder *f, size_t at)
{
	for (size_t i = 0; i + 3 < sizeof given; i += 3)
		if (memcmp(given + i, f->text + at, 3) == 0)
			return true;
	return false;
}

/* Start of the run of syllables that ends before `end`; at most six are looked at. */
static size_t run_start(const struct finder *f, size_t end)
{
	size_t at = end;
	while (syllable_before(f, at) && end - at < 18)
		at -= 3;
	return at;
}

/* One-syllable given names that are frequent enough to trust. */
static bool is_short_given(const struct finder *f, size_t at)
{
	static const char *const common[] = {"준", "현", "민", "훈", "진", "혁", "석", "철", "영", "솔", "윤", "빈", "건", "찬", "욱", "율",
					     "결", "웅", "범", "섭", "균", "린", "호", "환", "선", "희", "미", "숙", "란", NULL};
	return any_at(f, at, common) > 0;
}

/* A surname and two syllables of given names, the last no particle or ending. */
static bool is_whole_name(const struct finder *f, size_t start, bool spaced)
{
	static const char *const particles[] = {"도", "로", "고", "여", "이", "의", "한", "하", "해", "을", NULL};
	static const char *const weak_particles[] = {"은", "서", "운", "나", "아", "원", "사", "만", "지", NULL};
	if (!is_given(f, start + 3) || !is_given(f, start + 6) || any_at(f, start + 6, particles))
		return false;
	if (any_at(f, start, surnames))
		return true;
	return !spaced && any_at(f, start, weak_surnames) && !any_at(f, start + 6, weak_particles);
}

/* `strong`: names of two syllables are taken too; `spaced`: a blank stands between it and the title. */
static bool looks_like_name(const struct finder *f, size_t start, size_t end, bool strong, bool spaced)
{
	size_t length = end - start;
	if (length == 12)
		return any_at(f, start, long_surnames) > 0 && is_given(f, start + 6) && is_given(f, start + 9);
	if (length == 9)
		return (any_at(f, start, long_surnames) > 0 && is_given(f, start + 6)) || is_whole_name(f, start, spaced);
	return length == 6 && strong && is_short_given(f, start + 3) &&
	       (any_at(f, start, surnames) > 0 || (!spaced && any_at(f, start, weak_surnames) > 0));
}

static bool is_name(const struct finder *f, size_t start, size_t end, bool strong, bool spaced)
{
	return looks_like_name(f, start, end, strong, spaced) && !equals_any(f, start, end, not_names);
}

/* 김oo, 김○○, 김*수, 김*: the part that stands before `end`. Its start, or `end` when it is none. */
static size_t masked_name(const struct finder *f, size_t end)
{
	static const char *const stars[] = {"oo", "○", "〇", "◯", "*", "xx", "ㅇㅇ", "00", "o", "0", "x", "●", "ㅇ", NULL};
	size_t at = end;
	if (syllable_before(f, at) && any_before(f, at - 3, stars))
		at -= 3;
	size_t length = any_before(f, at, stars);
	if (length == 0)
		return end;
	at -= length;
	if (!syllable_before(f, at) || !(any_at(f, at - 3, surnames) || any_at(f, at - 3, weak_surnames)) || syllable_before(f, at - 3))
		return end;
	return at - 3;
}

/* The first syllable of some title? */
static bool may_be_title(const struct finder *f, size_t at)
{
	unsigned width;
	switch (sori_utf8_decode(f->text + at, &width)) {
	case 0xc124: case 0xc218: case 0xbc30: case 0xd0dd: case 0xc5d4: case 0xc9c0: case 0xc0c1: case 0xb9e4: /* 설수배택엔지상매 */
	case 0xcee8: case 0xace0: case 0xd68c: case 0xae30: case 0xacfc: case 0xb300: case 0xd300: case 0xbd80: /* 컨고회기과대팀부 */
	case 0xcc28: case 0xc2e4: case 0xc810: case 0xc8fc: case 0xc0ac: case 0xc9c1: case 0xb2d8: case 0xc528: /* 차실점주사직님씨 */
		return true;
	default:
		return false;
	}
}

/* And of a cue: 이름, 성함, 상담, 담당자, 기사, 매니저, 엔지니어. */
static bool may_be_cue(const struct finder *f, size_t at)
{
	unsigned width;
	switch (sori_utf8_decode(f->text + at, &width)) {
	case 0xc774: case 0xc131: case 0xc0c1: case 0xb2f4: case 0xae30: case 0xb9e4: case 0xc5d4:
		return true;
	default:
		return false;
	}
}

static const struct title *title_at(const struct finder *f, size_t at)
{
	if (!may_be_title(f, at))
		return NULL;
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		if (text_at(f, at, titles[i].text))
			return &titles[i];
	return NULL;
}

static void find_before_title(struct finder *f, size_t at, const struct title *title)
{
	size_t end = at - (char_before(f, at) == ' ');
	/* "님", "씨", "고객" directly after the name or, 씨 and 님, after one blank */
	size_t start = masked_name(f, end);
	if (start < end) {
		found_add(f, SORI_MASK_NAME, start, end);
		return;
	}
	start = run_start(f, end);
	if (start < end && is_name(f, start, end, title->strong, end < at))
		found_add(f, SORI_MASK_NAME, start, end);
}

/* 상담사 김민수, 제 이름은 박지영이고: a whole name after the cue, followed by an end, a title or a particle. */
static void find_after_cue(struct finder *f, size_t at, bool keep_staff)
{
	static const char *const own[] = {"이름은", "성함은", "이름:", "이름 :", "성함:", NULL};
	static const char *const staff[] = {"상담사", "상담원", "담당자", "기사", "매니저", "엔지니어", NULL};
	static const char *const after[] = {"님", "씨", "입니다", "이고", "이라", "이에요", "예요", "이며", "에게", "한테", "이 ", "가 ", "은 ",
					    "는 ", "께", "라고", "이라고", "이가", "분", NULL};
	size_t cue = any_at(f, at, own);
	if (cue == 0 && !keep_staff)
		cue = any_at(f, at, staff);
	if (cue == 0)
		return;
	size_t start = at + cue + (char_at(f, at + cue) == ' ');
	if (start == at + cue && f->text[start - 1] != ':')
		return;
	if (start + 9 > f->length || !syllable_at(f, start) || !syllable_at(f, start + 3) || !syllable_at(f, start + 6))
		return;
	bool ended = start + 9 == f->length || !syllable_at(f, start + 9) || any_at(f, start + 9, after) > 0;
	if (ended && is_name(f, start, start + 9, false, true))
		found_add(f, SORI_MASK_NAME, start, start + 9);
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
static void find_english_names(struct finder *f)
{
	static const char *const forms[] = {"mrs. ", "mrs ", "mr. ", "mr.", "mr ", "ms. ", NULL};
	for (size_t at = 0; at < f->length; at++) {
		if (f->text[at] != 'm' || (at > 0 && (is_lower(f->text[at - 1]) || is_digit(f->text[at - 1]))))
			continue;
		size_t length = any_at(f, at, forms);
		if (length > 0) {
			find_latin_after(f, at + length, false);
		} else if (text_at(f, at, "ms ") && !(at > 1 && is_digit(f->text[at - 2]))) {
			find_latin_after(f, at + 3, false);
		} else if (text_at(f, at, "my name is ")) {
			find_latin_after(f, at + 11, true);
		}
	}
}

void find_names(struct finder *f, bool keep_staff, bool english)
{
	if (english)
		find_english_names(f);
	for (size_t at = 0; at + 3 <= f->length; at++) {
		if (!syllable_at(f, at))
			continue;
		const struct title *title = at > 0 ? title_at(f, at) : NULL;
		if (title && !(keep_staff && title->class == TITLE_STAFF))
			find_before_title(f, at, title);
		if (may_be_cue(f, at))
			find_after_cue(f, at, keep_staff);
		at += 2;
	}
}
