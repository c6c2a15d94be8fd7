/* Header names and what they stand for. Names are compared without case, blanks and punctuation; a list is in order of
 * preference, so that "content" beats "title" when a dump has both. The second list of a role is looked for as a word
 * inside longer names ("Consumer complaint narrative"). */
#include <string.h>

#include "pipeline/base/utf8.h"
#include "pipeline/core/columns.h"

#define EXACT_LIMIT 900 /* ranks of exact names are below, of inner words above */

static const char *const text_names[] = {
	"내용", "본문", "리뷰내용", "리뷰본문", "후기내용", "상담내용", "문의내용", "접수내용", "불만내용", "민원내용", "의견내용",
	"글내용", "댓글내용", "평가내용", "고객의견", "고객의소리", "자유의견", "기타의견", "주관식", "주관식답변", "서술형", "voc", "voc내용",
	"리뷰", "후기", "의견", "상품평", "구매평", "이용후기", "사용후기", "댓글", "코멘트", "한줄평", "요청사항", "불편사항", "건의사항",
	"text", "reviewtext", "reviewbody", "reviewcontent", "content", "contents", "body", "review", "reviews", "verifiedreviews",
	"comment", "comments", "commenttext", "feedbacktext", "customercomplaint", "consumercomplaintnarrative",
	"complaint", "complainttext", "complaintdescription", "narrative", "verbatim", "message", "fulltext", "tweet", "tweettext",
	"sentence", "utterance", "document", "opinion", "response", "answer", "openanswer", "openended", "remarks", "remark", "memo",
	"notes", "note", "description", "details", "detail", "feedback", "posttext", "post", "contentencoded", "summary", "메모",
	"상세내용", "설명", "텍스트", "문장", "메시지", "답변", "제목및내용", "reviewtitle", "title", "subject", "제목", "value",
};
static const char *const text_words[] = {"narrative", "verbatim", "comment", "comments", "complaint", "review", "feedback",
					  "내용", "의견", "후기", "리뷰", "본문", "text", "content"};
static const char *const date_names[] = {
	"날짜", "작성일", "작성일자", "작성일시", "작성시간", "등록일", "등록일자", "등록일시", "접수일", "접수일자", "접수일시", "리뷰작성일",
	"게시일", "게시일자", "상담일", "상담일자", "상담일시", "응답일", "응답일시", "설문일", "문의일", "문의일자", "방문일", "발생일",
	"발생일자", "이용일", "일자", "일시", "입력일", "생성일", "생성일시", "date", "datetime", "day", "createdat", "created",
	"createddate", "createdon", "createtime", "creationdate", "tweetcreated", "datereceived", "receiveddate", "receivedat",
	"received", "reviewdate", "reviewedat", "reviewcreateddate", "reviewtime", "at", "postdate", "posteddate", "postedat", "posted",
	"postedon", "publishedat", "publisheddate", "published", "pubdate", "dcdate", "submittedat", "submitdate", "submissiondate",
	"submitted", "submissiondateandtime", "timestamp", "time", "ts", "unixreviewtime", "opendate", "opened", "openedat",
	"eventdate", "responsedate", "surveydate", "feedbackdate", "datecreated", "dateposted", "dateadded", "reviewsdate", "구매일",
	"datemonthyear", "when", "시간",
};
static const char *const date_words[] = {"date", "일자", "일시", "날짜", "timestamp", "datetime"};
static const char *const rating_names[] = {
	"평점", "별점", "점수", "평가점수", "리뷰점수", "만족도", "만족도점수", "고객만족도", "별", "평가", "추천점수", "rating", "ratings",
	"score", "scores", "star", "stars", "starscore", "starrating", "reviewrating", "reviewscore", "reviewsrating", "overall",
	"overallrating", "ratingvalue", "userrating", "rate", "nps", "npsscore", "csat", "satisfaction", "grade", "imrating",
};
static const char *const rating_words[] = {"rating", "평점", "별점", "만족도", "stars"};
static const char *const id_names[] = {
	"접수번호", "문의번호", "상담번호", "민원번호", "글번호", "게시글번호", "리뷰번호", "리뷰아이디", "문서번호", "일련번호", "관리번호",
	"응답번호", "요청번호", "voc번호", "reviewid", "reviewsid", "tweetid", "commentid", "complaintid", "ticketid", "ticket",
	"ticketno", "ticketnumber", "caseid", "caseno", "casenumber", "recordid", "feedbackid", "messageid", "responseid", "docid",
	"documentid", "postid", "guid", "uuid", "key", "uniqid", "uniqueid", "id", "rid", "idx", "번호", "no", "seq", "순번", "아이디",
};
static const char *const author_names[] = {
	"고객번호", "고객id", "고객아이디", "고객", "고객명", "회원번호", "회원id", "회원아이디", "회원", "작성자", "작성자명", "작성자id", "글쓴이",
	"닉네임", "이름", "성명", "사용자", "사용자id", "author", "authorid", "authorname", "user", "userid", "username", "customer",
	"customerid", "customername", "reviewer", "reviewerid", "reviewername", "nickname", "screenname", "memberid", "member",
	"subscriberid", "accountid", "dccreator", "creator", "name",
};
static const char *const updated_names[] = {"수정일", "수정일자", "수정일시", "갱신일", "변경일", "변경일시", "최종수정일", "updated", "updatedat",
					     "updateddate", "lastupdated", "modified", "modifiedat", "modifieddate", "lastmodified",
					     "editedat", "dateupdated", "updatetime"};
static const char *const channel_names[] = {
	"채널", "접수채널", "유입채널", "상담채널", "접수경로", "유입경로", "접수방법", "접수유형", "매체", "플랫폼", "출처", "쇼핑몰", "판매처",
	"channel", "receivedvia", "submittedvia", "via", "contactchannel", "medium", "platform", "origin", "datasource", "source",
	"mall", "mallname", "malllogo", "market", "marketplace",
};
static const char *const product_names[] = {
	"제품", "제품명", "상품", "상품명", "모델", "모델명", "품목", "제품군", "기종", "단말", "단말기", "서비스", "서비스명", "앱", "앱이름", "앱명",
	"product", "productname", "producttitle", "productid", "model", "modelname", "item", "itemname", "device", "devicename",
	"service", "app", "appname", "appid", "variation", "asin", "airline", "hotel", "restaurant", "business",
};
static const char *const region_names[] = {
	"지역", "지역명", "시도", "광역시도", "시군구", "권역", "region", "state", "province", "county", "area", "지점", "지점명", "매장", "매장명",
	"점포", "점포명", "대리점", "branch", "branchname", "store", "storename", "shop", "location", "city", "도시", "country", "국가",
	"nation", "territory", "district", "주소지역",
};

struct alias_list {
	const char *const *exact;
	size_t exact_count;
	const char *const *words;
	size_t word_count;
};
#define LIST(a) (a), sizeof(a) / sizeof *(a)

static const struct alias_list aliases[SORI_ROLE_COUNT] = {
	[SORI_ROLE_TEXT] = {LIST(text_names), LIST(text_words)},
	[SORI_ROLE_DATE] = {LIST(date_names), LIST(date_words)},
	[SORI_ROLE_RATING] = {LIST(rating_names), LIST(rating_words)},
	[SORI_ROLE_ID] = {LIST(id_names), NULL, 0},
	[SORI_ROLE_AUTHOR] = {LIST(author_names), NULL, 0},
	[SORI_ROLE_UPDATED] = {LIST(updated_names), NULL, 0},
	[SORI_ROLE_CHANNEL] = {LIST(channel_names), NULL, 0},
	[SORI_ROLE_PRODUCT] = {LIST(product_names), NULL, 0},
	[SORI_ROLE_REGION] = {LIST(region_names), NULL, 0},
};

static bool is_word_byte(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters and digits only, lower case; a dotted name (nested JSON, XML) counts by its last part. */
static size_t squeeze(struct sori_view name, char out[128])
{
	size_t length = 0;
	for (size_t i = 0; i < name.length; i++) {
		unsigned char c = (unsigned char)name.at[i];
		if (c == '.' && i + 1 < name.length && is_word_byte((unsigned char)name.at[i + 1]))
			length = 0;
		if (!is_word_byte(c))
			continue;
		if (length == 128)
			return 0;
		out[length++] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
	}
	return length;
}

static bool ends_or_starts_word(struct sori_view name, const char *word)
{
	/* a whole word of the name: letters that a blank, punctuation or a capital sets apart; Korean also at its end */
	size_t length = strlen(word);
	for (size_t i = 0; i + length <= name.length; i++) {
		if (!sori_view_equal_nocase(sori_view_make(name.at + i, length), sori_view_of(word)))
			continue;
		unsigned char before = i ? (unsigned char)name.at[i - 1] : ' ';
		unsigned char after = i + length < name.length ? (unsigned char)name.at[i + length] : ' ';
		bool korean = (unsigned char)word[0] >= 0x80;
		bool front = korean || !is_word_byte(before) || before >= 0x80 ||
			     (name.at[i] >= 'A' && name.at[i] <= 'Z' && before >= 'a' && before <= 'z');
		bool back = !is_word_byte(after) || after >= 0x80 || (after >= 'A' && after <= 'Z');
		if (front && (korean ? i + length == name.length : back))
			return true;
	}
	return false;
}

unsigned sori_column_rank(enum sori_role role, struct sori_view name)
{
	char squeezed[128];
	size_t length = squeeze(name, squeezed);
	const struct alias_list *list = &aliases[role];
	if (!length)
		return 0;
	for (size_t i = 0; i < list->exact_count; i++)
		if (strlen(list->exact[i]) == length && memcmp(squeezed, list->exact[i], length) == 0)
			return (unsigned)i + 1;
	for (size_t i = 0; i < list->word_count; i++)
		if (ends_or_starts_word(name, list->words[i]))
			return EXACT_LIMIT + (unsigned)i;
	return 0;
}

bool sori_column_is_known(struct sori_view name)
{
	for (int role = 0; role < SORI_ROLE_COUNT; role++) {
		unsigned rank = sori_column_rank((enum sori_role)role, name);
		if (rank && rank < EXACT_LIMIT)
			return true;
	}
	return false;
}
