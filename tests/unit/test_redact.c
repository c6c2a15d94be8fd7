/* Redaction: readable cases (tests/spec/redact.txt), then recall over generated personal data in sentences and precision over
 * sentences full of numbers and names that are nobody's. The floors are those of the reliability goals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "pipeline/base/memory.h"
#include "pipeline/text/redact_internal.h"
#include "tests/unit/spec.h"

struct redaction {
	struct sori_buffer normalized;
	struct sori_map map;
	struct sori_mask_list masks;
};

static void redaction_reset(struct redaction *r)
{
	sori_buffer_reset(&r->normalized);
	r->map.count = r->masks.count = 0;
}

static void redaction_run(struct redaction *r, struct sori_view text, const struct sori_redact_options *options)
{
	redaction_reset(r);
	assert_int_equal(sori_normalize(text, &r->normalized, &r->map), SORI_OK);
	assert_int_equal(sori_redact(r->normalized.at, r->normalized.length, r->map.points, r->map.count, options, &r->masks), SORI_OK);
}

static void redaction_init(struct redaction *r)
{
	memset(r, 0, sizeof *r);
	sori_buffer_init(&r->normalized, 32 << 20);
}

static void redaction_release(struct redaction *r)
{
	sori_buffer_release(&r->normalized);
	sori_free(r->map.points);
	sori_free(r->masks.masks);
}

static void mask(const char *title, struct sori_view input, struct sori_buffer *output)
{
	struct redaction r;
	(void)title;
	redaction_init(&r);
	redaction_run(&r, input, NULL);
	sori_mask_text(input, r.masks.masks, r.masks.count, output);
	redaction_release(&r);
}

static void test_spec(void **state)
{
	(void)state;
	spec_run(SORI_SOURCE_DIR "/tests/spec/redact.txt", mask, 40);
}

static uint64_t random_state = 42;

static unsigned below(unsigned n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)((random_state >> 13) % n);
}

static const char *one_of(const char *const *list, unsigned count) { return list[below(count)]; }
#define ONE_OF(list) one_of((list), sizeof(list) / sizeof *(list))

static void digits(char *out, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		out[i] = (char)('0' + below(10));
	out[count] = '\0';
}

static void luhn_digits(char *out, const char *prefix, unsigned count)
{
	unsigned sum = 0, start = (unsigned)strlen(prefix);
	memcpy(out, prefix, start);
	digits(out + start, count - 1 - start);
	for (unsigned i = 0; i + 1 < count; i++) {
		unsigned d = (unsigned)(out[count - 2 - i] - '0');
		sum += i % 2 == 0 ? (d > 4 ? 2 * d - 9 : 2 * d) : d;
	}
	out[count - 1] = (char)('0' + (10 - sum % 10) % 10);
	out[count] = '\0';
}

#define ITEM 160

static void make_resident(char *out)
{
	static const char *const gaps[] = {"-", " ", "", ".", " - ", "－"};
	char tail[8];
	digits(tail, 6);
	(void)snprintf(out, ITEM, "%02u%02u%02u%s%u%s", below(100), 1 + below(12), 1 + below(28), ONE_OF(gaps), 1 + below(8), tail);
}

static void make_card(char *out)
{
	static const char *const gaps[] = {"-", " ", ""};
	static const char *const prefixes[] = {"4", "51", "55", "9410", "62", "2221"};
	const char *gap = ONE_OF(gaps);
	char n[24];
	if (below(6) == 0) {
		luhn_digits(n, "37", 15);
		(void)snprintf(out, ITEM, "%.4s%s%.6s%s%.5s", n, gap, n + 4, gap, n + 10);
		return;
	}
	luhn_digits(n, ONE_OF(prefixes), 16);
	(void)snprintf(out, ITEM, "%.4s%s%.4s%s%.4s%s%.4s", n, gap, n + 4, gap, n + 8, gap, n + 12);
}

static void make_phone(char *out)
{
	static const char *const gaps[] = {"-", " ", "", "."};
	static const char *const areas[] = {"02", "031", "051", "064", "070"};
	static const char *const words[] = {"공", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"};
	const char *gap = ONE_OF(gaps);
	char a[8], b[8];
	digits(a, 4);
	digits(b, 4);
	switch (below(6)) {
	case 0:
		(void)snprintf(out, ITEM, "%s%s%s%s%s", ONE_OF(areas), gap[0] ? gap : "-", a, gap[0] ? gap : "-", b);
		break;
	case 1:
		(void)snprintf(out, ITEM, "+82 10%s%s%s%s", gap[0] ? gap : "-", a, gap[0] ? gap : "-", b);
		break;
	case 2:
		(void)snprintf(out, ITEM, "공일공 %s%s%s%s %s%s%s%s", words[below(10)], words[below(10)], words[below(10)], words[below(10)],
			       words[below(10)], words[below(10)], words[below(10)], words[below(10)]);
		break;
	case 3:
		(void)snprintf(out, ITEM, "０１０－%s－%s", a, b);
		break;
	default:
		(void)snprintf(out, ITEM, "010%s%s%s%s", gap, a, gap, b);
	}
}

static void make_email(char *out)
{
	static const char *const names[] = {"hong", "kim.minsu", "lee_jh", "star-77", "a1b2c3", "Park.JY"};
	static const char *const hosts[] = {"naver.com", "gmail.com", "daum.net", "example.co.kr", "mail.example.org"};
	(void)snprintf(out, ITEM, "%s%u@%s", ONE_OF(names), below(1000), ONE_OF(hosts));
}

static void make_account(char *out)
{
	static const char *const cues[] = {"국민은행 ", "신한 ", "농협 계좌 ", "환불계좌: ", "계좌번호는 ", "카카오뱅크 ", "우리은행: "};
	static const unsigned shapes[][3] = {{3, 3, 6}, {6, 2, 6}, {4, 2, 7}, {3, 4, 6}};
	unsigned shape = below(4);
	char a[8], b[8], c[8];
	digits(a, shapes[shape][0]);
	digits(b, shapes[shape][1]);
	digits(c, shapes[shape][2]);
	a[0] = '1' + (char)below(8);
	(void)snprintf(out, ITEM, "%s%s%s%s%s%s", ONE_OF(cues), a, below(3) ? "-" : "", b, below(3) ? "-" : "", c);
}

static void make_name(char *out)
{
	static const char *const surnames[] = {"김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권"};
	static const char *const first[] = {"민", "지", "서", "현", "영", "수", "은", "태", "재", "성", "미", "경"};
	static const char *const second[] = {"수", "영", "준", "호", "희", "진", "철", "숙", "훈", "연", "민", "정"};
	static const char *const titles[] = {" 고객님", " 기사님", " 상담사님", " 매니저님", "님", "씨", " 과장님", " 상담원", "대리님"};
	if (below(4) == 0)
		(void)snprintf(out, ITEM, "%s%s%s", ONE_OF(surnames), below(2) ? "OO" : "**", ONE_OF(titles));
	else
		(void)snprintf(out, ITEM, "%s%s%s%s", ONE_OF(surnames), ONE_OF(first), ONE_OF(second), ONE_OF(titles));
}

static void make_address(char *out)
{
	static const char *const cities[] = {"서울시 강남구", "경기도 성남시 분당구", "부산 해운대구", "대전광역시 유성구", "분당구"};
	static const char *const roads[] = {"테헤란로", "판교역로", "센텀중앙로", "대학로", "봉은사로", "엑스포로", "새마을길"};
	switch (below(4)) {
	case 0:
		(void)snprintf(out, ITEM, "%s %s %u 3층", ONE_OF(cities), ONE_OF(roads), 1 + below(400));
		break;
	case 1:
		(void)snprintf(out, ITEM, "%u동 %u호", 101 + below(30), 101 + below(1500));
		break;
	case 2:
		(void)snprintf(out, ITEM, "%u maple %s", 10 + below(4000), below(2) ? "street" : "Avenue");
		break;
	default:
		(void)snprintf(out, ITEM, "%s %s %u-%u", ONE_OF(cities), ONE_OF(roads), 1 + below(400), 1 + below(30));
	}
}

static void make_vehicle(char *out)
{
	static const char *const usage[] = {"가", "나", "다", "라", "마", "거", "너", "더", "허", "하"};
	char tail[8];
	digits(tail, 4);
	(void)snprintf(out, ITEM, "%u%s%s%s", 10 + below(890), ONE_OF(usage), below(2) ? " " : "", tail);
}

static void make_serial(char *out)
{
	static const char *const cues[] = {"S/N ", "시리얼 번호: ", "제조번호 ", "serial number is "};
	char n[24], tail[8];
	digits(tail, 6);
	if (below(3) == 0) {
		luhn_digits(n, "35", 15);
		(void)snprintf(out, ITEM, "IMEI %s", n);
	} else {
		(void)snprintf(out, ITEM, "%s%c%cK%s", ONE_OF(cues), 'A' + (char)below(26), 'A' + (char)below(26), tail);
	}
}

static const struct {
	enum sori_mask_kind kind;
	void (*make)(char *out);
	double recall; /* floor */
} kinds[] = {
	{SORI_MASK_RESIDENT, make_resident, 0.995}, {SORI_MASK_CARD, make_card, 0.995},       {SORI_MASK_PHONE, make_phone, 0.99},
	{SORI_MASK_EMAIL, make_email, 0.99},        {SORI_MASK_ACCOUNT, make_account, 0.95},  {SORI_MASK_NAME, make_name, 0.95},
	{SORI_MASK_ADDRESS, make_address, 0.95},    {SORI_MASK_VEHICLE, make_vehicle, 0.95}, {SORI_MASK_SERIAL, make_serial, 0.95},
};

/* No run of four digits of the item, and for names no more than the title, is readable afterwards. */
static bool is_hidden(const struct redaction *r, const char *text, enum sori_mask_kind kind)
{
	struct sori_buffer masked;
	bool hidden = r->masks.count >= 1;
	size_t run = 0;
	sori_buffer_init(&masked, 1 << 16);
	sori_mask_text(sori_view_of(text), r->masks.masks, r->masks.count, &masked);
	for (size_t i = 0; i < masked.length; i++) {
		run = masked.at[i] >= '0' && masked.at[i] <= '9' ? run + 1 : 0;
		hidden = hidden && run < 4;
	}
	const char *placeholder = sori_mask_placeholder(kind);
	hidden = hidden && memmem(masked.at, masked.length, placeholder, strlen(placeholder)) != NULL;
	sori_buffer_release(&masked);
	return hidden;
}

static void test_recall(void **state)
{
	static const char *const frames[] = {
		"%s", "제 정보는 %s 입니다 확인 부탁드려요", "어제 문의드렸는데요, %s 으로 처리가 안 됐어요ㅠㅠ", "%s\n세탁기가 또 고장났어요!!!",
		"The app asked for %s and then crashed.", "<b>%s</b> 빨리 연락 주세요",
	};
	struct redaction r;
	(void)state;
	redaction_init(&r);
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		const unsigned rounds = 600;
		unsigned hidden = 0;
		for (unsigned i = 0; i < rounds; i++) {
			char item[ITEM], text[ITEM * 2];
			const char *frame = ONE_OF(frames);
			const char *hole = strstr(frame, "%s");
			kinds[k].make(item);
			(void)snprintf(text, sizeof text, "%.*s%s%s", (int)(hole - frame), frame, item, hole + 2);
			redaction_run(&r, sori_view_of(text), NULL);
			if (is_hidden(&r, text, kinds[k].kind))
				hidden++;
			else if (i - hidden < 3)
				print_message("  missed: %s\n", text);
		}
		print_message("%s recall %u/%u\n", sori_mask_placeholder(kinds[k].kind), hidden, rounds);
		assert_true(hidden >= kinds[k].recall * rounds);
	}
	redaction_release(&r);
}

/* %d: a number of 1 to 5 digits. None of it is anybody's. */
static const char *const harmless[] = {
	"갤럭시 S%d 배터리 %dmAh", "가격이 %d,900원이라 비싸요", "주문번호 2024%d%d 확인", "%d번 전화했는데 1588-%d 안 받아요", "버전 %d.%d.%d 업데이트",
	"2024-03-15 10:%d 접수", "24.03.15에 산 %d인치 TV", "송장 %d-%d 조회", "%dGB 메모리 %d코어", "별 %d개 중 3개", "할인 %d%% 쿠폰 %d장", "%d개월 약정 %d원",
	"192.168.0.%d 공유기", "%dx%d 해상도", "5G %dMbps 속도", "에어컨 %d평형 온도 24도 %d와트", "앱으로 %d번 접속", "카드로 %d원 결제", "새로 %d번 켰어요",
	"고객님 안녕하세요 %d번", "기사님이 %d시에 오셨어요", "진짜 기사님 %d분", "상담원 연결이 %d분", "구매 고객님 %d명", "설치 기사님 %d명", "사장님이 불친절 %d점",
	"아저씨가 %d번", "날씨가 %d도", "글씨가 %d포인트", "a %d hour drive", "%d star service", "%d minute drive to the store", "order %d shipped",
	"MS Office %d", "500 ms ping on %d", "@support %d days", "model WF%dA", "LG %dZ90Q 노트북", "%d호선 %d번 출구", "1+1 행사 %d원", "포인트 %d,000점",
	"%d년 %d월 구매", "30도 %d원", "12주 %d원", "%d회 실패 %d회 성공", "1.%d배 느림", "i miss version %d", "%d차 수리 후 %d일", "코드 E%d 오류", "%d 도로 정체",
};

static void test_precision(void **state)
{
	struct redaction r;
	unsigned texts = 0, wrong = 0;
	(void)state;
	redaction_init(&r);
	for (unsigned round = 0; round < 20; round++)
		for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
			char text[512];
			size_t length = 0;
			for (const char *p = harmless[i]; *p; p++) {
				if (p[0] == '%' && p[1] == 'd') {
					length += (size_t)snprintf(text + length, sizeof text - length, "%u",
								   below(below(2) ? 100 : 20000));
					p++;
				} else if (p[0] != '%' || p[1] != '%') {
					text[length++] = *p;
				}
			}
			text[length] = '\0';
			redaction_run(&r, sori_view_of(text), NULL);
			texts++;
			if (r.masks.count > 0) {
				wrong++;
				print_message("  wrongly masked: %s\n", text);
			}
		}
	print_message("%u of %u harmless texts masked\n", wrong, texts);
	assert_true(wrong * 100 <= texts);
	redaction_release(&r);
}

static void test_staff_names(void **state)
{
	const struct sori_redact_options options = {.keep_staff_names = true};
	const char text[] = "박지영 상담사님 친절, 홍길동 고객님";
	struct redaction r;
	(void)state;
	redaction_init(&r);
	redaction_run(&r, sori_view_of(text), &options);
	assert_int_equal(r.masks.count, 1);
	assert_memory_equal(text + r.masks.masks[0].start, "홍길동", 9);
	redaction_run(&r, sori_view_of(text), NULL);
	assert_int_equal(r.masks.count, 2);
	redaction_release(&r);
}

static void test_offsets(void **state)
{
	const char text[] = "“AS” 010-1234-5678 느려요 a@b.com 끝";
	struct redaction r;
	struct sori_buffer masked;
	(void)state;
	redaction_init(&r);
	sori_buffer_init(&masked, 1 << 16);
	redaction_run(&r, sori_view_of(text), NULL);
	assert_int_equal(r.masks.count, 2);
	/* as many class bytes as were masked, nothing else touched */
	size_t bytes = 0;
	for (size_t i = 0; i < r.normalized.length; i++)
		bytes += r.normalized.at[i] == SORI_CHAR_MASK;
	assert_int_equal(bytes, 13 + 7);
	sori_mask_text(sori_view_of(text), r.masks.masks, r.masks.count, &masked);
	const char *words[] = {"“AS”", "느려요", "끝"};
	for (size_t i = 0; i < 3; i++) {
		size_t original = (size_t)(strstr(text, words[i]) - text);
		size_t offset = sori_mask_offset(r.masks.masks, r.masks.count, original);
		assert_memory_equal(masked.at + offset, words[i], strlen(words[i]));
	}
	sori_buffer_release(&masked);
	redaction_release(&r);
}

#if defined(__x86_64__)
/* Texts of pieces that the scan looks for, in part and whole: both versions see the same places. */
static void test_scans_agree(void **state)
{
	static const char *const pieces[] = {"님", "씨", "공", "영", "고객", "기사", "상담", "매니", "고", "객", "가나다", "은행", "m", "mr", "my n",
					     "ms ", "7", "12", "@", " ", "a", "é", "😀", "\x01", "0", ":", "/", "9"};
	(void)state;
	if (!__builtin_cpu_supports("avx2"))
		skip();
	for (unsigned round = 0; round < 20000; round++) {
		char text[1024] = {0};
		size_t length = 0, base = 0;
		for (unsigned i = below(160); i > 0; i--)
			length += (size_t)snprintf(text + length, 8, "%s", ONE_OF(pieces));
		length -= length > 0 && below(4) == 0;
		while (base < length) {
			struct sori_redact_block a[SORI_REDACT_BLOCKS], b[SORI_REDACT_BLOCKS];
			size_t next = base, other = base;
			size_t count = redact_scan_portable(text, length, &next, a);
			assert_int_equal(redact_scan_avx2(text, length, &other, b), count);
			assert_int_equal(next, other);
			assert_memory_equal(a, b, count * sizeof *a);
			base = next;
		}
	}
}
#endif

/* Many texts in one buffer, some skipped: each is masked as it is alone. */
static void test_batch_is_the_same(void **state)
{
	static const char *const pieces[] = {"홍길동 고객님", "김OO 기사", "010-1234-5678", "3년째", "12가 3456", "강남구 테헤란로 123 3층", "a@b.com",
					     "mr smith", "공일공 일이삼사 오육칠팔", " ", "가", "느려요", "5 times ", "101동 1203호", "x"};
	enum { TEXTS = 40 };
	struct redaction all, one;
	(void)state;
	redaction_init(&all);
	redaction_init(&one);
	for (unsigned round = 0; round < 200; round++) {
		size_t starts[TEXTS + 1], points[TEXTS + 1];
		struct sori_redactor redactor;
		redaction_reset(&all);
		for (unsigned i = 0; i < TEXTS; i++) {
			char text[600] = {0};
			starts[i] = all.normalized.length;
			points[i] = all.map.count;
			for (unsigned n = below(9); n > 0; n--)
				(void)snprintf(text + strlen(text), ITEM, "%s", ONE_OF(pieces));
			assert_int_equal(sori_normalize(sori_view_of(text), &all.normalized, &all.map), SORI_OK);
			sori_buffer_add_byte(&all.normalized, '\n');
		}
		starts[TEXTS] = all.normalized.length;
		points[TEXTS] = all.map.count;
		assert_true(sori_buffer_reserve(&all.normalized, 64));
		redaction_reset(&one);
		sori_buffer_add_view(&one.normalized, sori_buffer_view(&all.normalized));
		assert_true(sori_buffer_reserve(&one.normalized, 64));
		sori_redact_begin(&redactor, all.normalized.at, all.normalized.length, NULL, &all.masks);
		for (unsigned i = 0; i < TEXTS; i++) {
			size_t length = starts[i + 1] - starts[i] - 1, count = points[i + 1] - points[i];
			size_t masks = all.masks.count, first = one.masks.count;
			if (i % 7 == 3)
				continue;
			assert_int_equal(sori_redact_next(&redactor, starts[i], length, all.map.points + points[i], count), SORI_OK);
			assert_int_equal(sori_redact(one.normalized.at + starts[i], length, all.map.points + points[i], count, NULL,
						     &one.masks),
					 SORI_OK);
			assert_int_equal(all.masks.count - masks, one.masks.count - first);
		}
		assert_true(one.masks.count > 0);
		assert_memory_equal(all.masks.masks, one.masks.masks, one.masks.count * sizeof *one.masks.masks);
		assert_memory_equal(all.normalized.at, one.normalized.at, one.normalized.length);
	}
	redaction_release(&all);
	redaction_release(&one);
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A megabyte of each within two seconds, sanitizers included: a quadratic search takes minutes. */
static void test_no_input_is_slow(void **state)
{
	static const char *const bad[] = {"1", "1 ", "010-1234-5678 ", "a@", "@", "김민수님 ", "님", "공일", "101동 ", "강남구 ", "로1", "mr ", "12가", "*", "s/n"};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct redaction r;
		struct sori_buffer text;
		redaction_init(&r);
		sori_buffer_init(&text, 4 << 20);
		while (text.length < 1000000)
			sori_buffer_add_text(&text, bad[i]);
		double start = seconds();
		redaction_run(&r, sori_buffer_view(&text), NULL);
		if (seconds() - start > 2)
			fail_msg("'%s' takes %.1f s", bad[i], seconds() - start);
		sori_buffer_release(&text);
		redaction_release(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spec),        cmocka_unit_test(test_recall),  cmocka_unit_test(test_precision),
#if defined(__x86_64__)
		cmocka_unit_test(test_scans_agree),
#endif
		cmocka_unit_test(test_batch_is_the_same),
		cmocka_unit_test(test_staff_names), cmocka_unit_test(test_offsets), cmocka_unit_test(test_no_input_is_slow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
