/* HTML to text. Feedback quotes angle brackets of its own ("<제품명>", "a < b", "<3"), so a tag is only what has the name of
 * an HTML element, is closed by '>' within 2 KiB, and holds no other bracket. Entities are decoded until none is left: dumps
 * hold doubly escaped ones (&amp;lt;br&amp;gt;). */
#include "pipeline/text/normalize_internal.h"

#define TAG_LIMIT 2048
#define ENTITY_LIMIT 10 /* from the '&' to before the ';' */

struct entity {
	char name[8];
	uint32_t point;
};

/* In byte order of the name. Names are lower case as the output is; where HTML tells cases apart (Eacute, eacute) the
 * letter is folded later anyway. */
static const struct entity entities[] = {
	{"aacute", 0xe1}, {"acirc", 0xe2}, {"acute", 0xb4}, {"aelig", 0xe6}, {"agrave", 0xe0}, {"amp", '&'}, {"apos", '\''},
	{"aring", 0xe5}, {"atilde", 0xe3}, {"auml", 0xe4}, {"bdquo", 0x201e}, {"bull", 0x2022}, {"ccedil", 0xe7},
	{"cent", 0xa2}, {"copy", 0xa9}, {"deg", 0xb0}, {"divide", 0xf7}, {"eacute", 0xe9}, {"ecirc", 0xea}, {"egrave", 0xe8},
	{"emsp", 0x2003}, {"ensp", 0x2002}, {"euml", 0xeb}, {"euro", 0x20ac}, {"frac12", 0xbd}, {"frac14", 0xbc},
	{"frac34", 0xbe}, {"gt", '>'}, {"hearts", 0x2665}, {"hellip", 0x2026}, {"iacute", 0xed}, {"icirc", 0xee},
	{"iexcl", 0xa1}, {"igrave", 0xec}, {"iquest", 0xbf}, {"iuml", 0xef}, {"laquo", 0xab}, {"larr", 0x2190},
	{"ldquo", 0x201c}, {"lsquo", 0x2018}, {"lt", '<'}, {"mdash", 0x2014}, {"micro", 0xb5}, {"middot", 0xb7},
	{"minus", 0x2212}, {"nbsp", 0xa0}, {"ndash", 0x2013}, {"ntilde", 0xf1}, {"oacute", 0xf3}, {"ocirc", 0xf4},
	{"oelig", 0x153}, {"ograve", 0xf2}, {"ordm", 0xba}, {"oslash", 0xf8}, {"otilde", 0xf5}, {"ouml", 0xf6},
	{"para", 0xb6}, {"plusmn", 0xb1}, {"pound", 0xa3}, {"quot", '"'}, {"raquo", 0xbb}, {"rarr", 0x2192},
	{"rdquo", 0x201d}, {"reg", 0xae}, {"rsquo", 0x2019}, {"sbquo", 0x201a}, {"sect", 0xa7}, {"shy", 0xad},
	{"szlig", 0xdf}, {"thinsp", 0x2009}, {"tilde", 0x2dc}, {"times", 0xd7}, {"trade", 0x2122}, {"uacute", 0xfa},
	{"ucirc", 0xfb}, {"ugrave", 0xf9}, {"uuml", 0xfc}, {"yen", 0xa5}, {"yuml", 0xff}, {"zwj", 0x200d}, {"zwnj", 0x200c},
};

/* Numeric references to C1 controls mean Windows-1252, as every browser reads them. */
static const uint16_t windows_1252[32] = {
	0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
	0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
};

/* The first eight bytes of a zero-filled name as a number in byte order. */
static uint64_t order_of(const char *name)
{
	uint64_t word;
	memcpy(&word, name, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

static uint32_t named_entity(const unsigned char *name, size_t length)
{
	size_t low = 0, high = sizeof entities / sizeof *entities;
	char key[8] = {0};
	if (length == 0 || length > 6)
		return 0;
	memcpy(key, name, length);
	uint64_t wanted = order_of(key);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t met = order_of(entities[middle].name);
		if (wanted == met)
			return entities[middle].point;
		if (wanted < met)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

static int digit_of(unsigned char c, bool hexadecimal)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (hexadecimal && c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static uint32_t numeric_entity(const unsigned char *text, size_t length)
{
	bool hexadecimal = length > 0 && text[0] == 'x';
	size_t i = hexadecimal ? 1 : 0;
	uint32_t value = 0;
	if (i == length)
		return 0;
	for (; i < length; i++) {
		int digit = digit_of(text[i], hexadecimal);
		if (digit < 0 || value > 0x110000)
			return 0;
		value = value * (hexadecimal ? 16 : 10) + (uint32_t)digit;
	}
	if (value >= 0x80 && value <= 0x9f)
		value = windows_1252[value - 0x80];
	if (value < 9 || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	return value;
}

bool norm_entity(struct norm *s, size_t to)
{
	size_t back = 1;
	while (back <= ENTITY_LIMIT && back <= s->length && norm_tail(s, back) != '&')
		back++;
	if (back > ENTITY_LIMIT || back > s->length || back < 3)
		return false;
	const unsigned char *name = s->out + s->length - back + 1;
	uint32_t point = name[0] == '#' ? numeric_entity(name + 1, back - 2) : named_entity(name, back - 1);
	/* these would have to compose with what stands before: too rare, the entity stays as it is written */
	if (point == 0 || norm_is_conjoining(point) || norm_is_mark(point))
		return false;
	size_t position = s->length - back;
	size_t from = norm_origin(s, position);
	norm_pop(s, position);
	norm_feed(s, norm_to_compat_jamo(point), from, to);
	return true;
}

enum tag_effect { TAG_NOTHING, TAG_BLANK, TAG_BREAK };

struct element {
	char name[12];
	enum tag_effect effect;
};

static const struct element elements[] = {
	{"a", TAG_NOTHING}, {"abbr", TAG_NOTHING}, {"article", TAG_BREAK}, {"audio", TAG_NOTHING}, {"b", TAG_NOTHING},
	{"big", TAG_NOTHING}, {"blockquote", TAG_BREAK}, {"body", TAG_NOTHING}, {"br", TAG_BREAK}, {"button", TAG_NOTHING},
	{"center", TAG_BREAK}, {"code", TAG_NOTHING}, {"dd", TAG_BREAK}, {"del", TAG_NOTHING}, {"div", TAG_BREAK},
	{"dl", TAG_BREAK}, {"dt", TAG_BREAK}, {"em", TAG_NOTHING}, {"figure", TAG_BREAK}, {"font", TAG_NOTHING},
	{"footer", TAG_BREAK}, {"form", TAG_BREAK}, {"h1", TAG_BREAK}, {"h2", TAG_BREAK}, {"h3", TAG_BREAK},
	{"h4", TAG_BREAK}, {"h5", TAG_BREAK}, {"h6", TAG_BREAK}, {"head", TAG_NOTHING}, {"header", TAG_BREAK},
	{"hr", TAG_BREAK}, {"html", TAG_NOTHING}, {"i", TAG_NOTHING}, {"iframe", TAG_NOTHING}, {"img", TAG_BLANK},
	{"input", TAG_NOTHING}, {"ins", TAG_NOTHING}, {"label", TAG_NOTHING}, {"li", TAG_BREAK}, {"link", TAG_NOTHING},
	{"mark", TAG_NOTHING}, {"meta", TAG_NOTHING}, {"o:p", TAG_NOTHING}, {"ol", TAG_BREAK}, {"option", TAG_BREAK},
	{"p", TAG_BREAK}, {"pre", TAG_BREAK}, {"q", TAG_NOTHING}, {"s", TAG_NOTHING}, {"script", TAG_NOTHING},
	{"section", TAG_BREAK}, {"select", TAG_NOTHING}, {"small", TAG_NOTHING}, {"source", TAG_NOTHING},
	{"span", TAG_NOTHING}, {"strike", TAG_NOTHING}, {"strong", TAG_NOTHING}, {"style", TAG_NOTHING},
	{"sub", TAG_NOTHING}, {"sup", TAG_NOTHING}, {"svg", TAG_NOTHING}, {"table", TAG_BREAK}, {"tbody", TAG_NOTHING},
	{"td", TAG_BLANK}, {"textarea", TAG_NOTHING}, {"tfoot", TAG_NOTHING}, {"th", TAG_BLANK}, {"thead", TAG_NOTHING},
	{"title", TAG_BREAK}, {"tr", TAG_BREAK}, {"tt", TAG_NOTHING}, {"u", TAG_NOTHING}, {"ul", TAG_BREAK},
	{"video", TAG_NOTHING},
};

static const struct element *find_element(const unsigned char *name, size_t length)
{
	char key[12] = {0};
	size_t low = 0, high = sizeof elements / sizeof *elements;
	if (length == 0 || length >= sizeof key)
		return NULL;
	memcpy(key, name, length);
	uint64_t wanted = order_of(key);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t met = order_of(elements[middle].name);
		int order = wanted != met ? (wanted > met) - (wanted < met) : memcmp(key + 8, elements[middle].name + 8, sizeof key - 8);
		if (order == 0)
			return &elements[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Is out[tag, length) a tag but for its '>'? */
static bool read_tag(const struct norm *s, enum tag_effect *effect)
{
	const unsigned char *at = s->out + s->tag + 1, *end = s->out + s->length;
	if (at < end && *at == '!') { /* comment or doctype */
		*effect = TAG_NOTHING;
		return at + 1 < end && (at[1] == '-' || at[1] == 'd' || at[1] == '[');
	}
	if (at < end && *at == '/')
		at++;
	const unsigned char *name = at;
	while (at < end && ((*at >= 'a' && *at <= 'z') || (*at >= '1' && *at <= '6') || *at == ':'))
		at++;
	const struct element *element = find_element(name, (size_t)(at - name));
	if (!element || (at < end && *at != ' ' && *at != '/' && *at != SORI_CHAR_BREAK))
		return false;
	*effect = element->effect;
	return true;
}

/* The '<' that may still begin a tag, now that one behind it is gone. */
void norm_find_bracket(struct norm *s)
{
	size_t stop = s->length > TAG_LIMIT ? s->length - TAG_LIMIT : 0;
	const unsigned char *end = s->out + s->length, *found = memrchr(s->out + stop, '<', s->length - stop);
	if (found && !memchr(found, '>', (size_t)(end - found)))
		s->tag = (size_t)(found - s->out);
}

bool norm_tag(struct norm *s, size_t to)
{
	enum tag_effect effect = TAG_NOTHING;
	if (s->tag == NORM_NONE)
		return false;
	bool found = s->length - s->tag <= TAG_LIMIT && read_tag(s, &effect);
	if (!found) {
		s->tag = NORM_NONE;
		return false;
	}
	size_t from = norm_origin(s, s->tag);
	norm_pop(s, s->tag);
	norm_find_bracket(s);
	if (effect == TAG_BREAK)
		norm_feed_break(s, from, to);
	else if (effect == TAG_BLANK)
		norm_feed_blank(s, from, to);
	return true;
}
