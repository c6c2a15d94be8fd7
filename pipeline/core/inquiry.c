/* Words for what the three questions answer, in both languages. */
#include "pipeline/core/inquiry.h"

#include <stdio.h>

const char *sori_refusal_id(enum sori_refusal refusal)
{
	static const char *const ids[SORI_REFUSAL_COUNT] = {
		"", "too-early", "short-before", "short-history", "few-documents", "none-on-a-side", "dictionary-changed", "unknown",
		"no-exposure", "no-exposure-of-scope", "no-fit",
	};

	return ids[refusal];
}

const char *sori_refusal_text(enum sori_refusal refusal, bool english)
{
	static const char *const en[SORI_REFUSAL_COUNT] = {
		"",
		"under 8 whole weeks since",
		"under 6 whole weeks before",
		"under two full years of weeks",
		"too few documents",
		"no document of the category before or since",
		"the weeks were counted by different dictionaries",
		"the store has no such category, or no document in the scope",
		"the exposure does not cover the weeks",
		"the exposure is not given for the scope",
		"the model has no solution",
	};
	static const char *const ko[SORI_REFUSAL_COUNT] = {
		"",
		"시행 뒤 온전한 주가 8주가 안 됨",
		"시행 전 온전한 주가 6주가 안 됨",
		"온전한 두 해가 안 됨",
		"문서가 너무 적음",
		"전이나 후에 이 분류의 문서가 없음",
		"주마다 다른 사전으로 집계됨",
		"저장소에 없는 분류이거나 범위 안에 문서가 없음",
		"노출 자료가 그 주들을 다 덮지 않음",
		"노출 자료가 그 범위로 나뉘어 있지 않음",
		"모형의 해가 없음",
	};

	return english ? en[refusal] : ko[refusal];
}

const char *sori_inquiry_caution(enum sori_inquiry which, bool english)
{
	static const char *const en[] = {
		("A change at a date is an association in time, no proof of a cause: actions tend to begin at a peak, and much else changes with "
		 "them."),
		"What goes with low ratings need not be their cause: categories and ratings come from the same customers' words.",
		"A season is a pattern of past years; it says when, not why.",
	};
	static const char *const ko[] = {
		"시점의 변화는 시간상의 연관일 뿐 원인의 증거가 아닙니다. 조치는 대개 불만이 가장 많을 때 시작되고, 그때 다른 것도 함께 바뀝니다.",
		"낮은 평점과 함께 나타난다고 해서 그 원인이라는 뜻은 아닙니다. 분류와 평점은 같은 고객의 같은 글에서 나옵니다.",
		"계절성은 지난 해들의 모양입니다. 언제인지를 말할 뿐 까닭은 말하지 않습니다.",
	};

	return english ? en[which] : ko[which];
}

static void next_refused(const struct sori_effect *effect, bool english, char *room, size_t size)
{
	char day[11];

	sori_day_text(effect->judge_from, day);
	switch (effect->line.refusal) {
	case SORI_REFUSAL_EARLY:
		(void)snprintf(room, size, english ? "can be judged from %s" : "%s부터 판단할 수 있음", day);
		break;
	case SORI_REFUSAL_BEFORE:
		(void)snprintf(room, size, "%s", english ? "add older dumps: sori run" : "더 오래된 덤프를 더할 것: sori run");
		break;
	case SORI_REFUSAL_DICTIONARY:
		(void)snprintf(room, size, "%s", english ? "run the old dumps again with this dictionary" : "옛 덤프를 지금 사전으로 다시 집계할 것");
		break;
	case SORI_REFUSAL_UNKNOWN:
		(void)snprintf(room, size, "%s", english ? "check category and scope of this line" : "이 줄의 분류와 범위를 확인할 것");
		break;
	case SORI_REFUSAL_EXPOSURE:
		(void)snprintf(room, size, "%s", english ? "complete the exposure table" : "노출 표를 채울 것");
		break;
	case SORI_REFUSAL_SCOPE: /* a table of the ledger has room for no other words */
		(void)snprintf(room, size, "%s", english ? "the exposure is not given for the scope: add it, or judge without"
							 : "노출 자료에 이 범위가 없음: 채우거나 노출 없이 판정할 것");
		break;
	default:
		(void)snprintf(room, size, "%s", english ? "read the complaints themselves: sori kwic" : "불만 글을 직접 읽을 것: sori kwic");
	}
}

void sori_effect_next(const struct sori_effect *effect, const struct sori_action *action, bool english, char *room, size_t size)
{
	char day[11];

	if (effect->line.refusal != SORI_REFUSAL_NONE) {
		next_refused(effect, english, room, size);
	} else if (effect->verdict == SORI_VERDICT_UNCLEAR) {
		sori_day_text(effect->as_of + 1 + 8 * 7, day);
		(void)snprintf(room, size, english ? "look again on %s" : "%s에 다시 볼 것", day);
	} else if (!effect->better) {
		(void)snprintf(room, size, "%s", english ? "it got worse: find out why before going on" : "나빠짐: 이어 가기 전에 까닭을 찾을 것");
	} else if (effect->placebo_doubt) {
		(void)snprintf(room, size, "%s", english ? "as large a step is common here: wait, or compare with where it was not done"
							 : "이만한 변화가 평소에도 있음: 더 기다리거나 조치가 없던 곳과 비교할 것");
	} else if (action && action->state != SORI_ACTION_VERIFIED) {
		(void)snprintf(room, size, "%s", english ? "set the status to verified" : "상태를 확인으로 바꿀 것");
	} else {
		(void)snprintf(room, size, "%s", english ? "nothing; alerts watch on" : "없음, 경보가 계속 봄");
	}
}
