/* dict export and dict import: dictionaries of other programs. Formats:
 *
 *   csv    category,kind,term,options,ko,en,praise,severity,owner; a row a spelling (import needs category and term only)
 *   yaml   everything, in lines of the dictionary language; import also takes plain lists of words under nested names
 *   liwc   LIWC .dic: %, numbered categories, %, patterns with category numbers
 *   ykd    Yoshikoder: XML, cnode and pnode
 *   cat    WordStat: indented names, patterns with weights
 *
 * The last three know words and a * behind them, and nothing else. What does not fit is not bent: it is left out and told,
 * line by line (struct sori_exchange, losses). Category paths are ids with dots. */
#ifndef SORI_CLI_EXCHANGE_H
#define SORI_CLI_EXCHANGE_H

#include "pipeline/base/arena.h"
#include "pipeline/base/buffer.h"
#include "pipeline/base/error.h"
#include "stages/extract/compile.h"

enum sori_exchange_format { SORI_EXCHANGE_CSV, SORI_EXCHANGE_YAML, SORI_EXCHANGE_LIWC, SORI_EXCHANGE_YKD, SORI_EXCHANGE_CAT,
			    SORI_EXCHANGE_COUNT };

struct sori_exchange_category {
	struct sori_view path; /* names as found, dots between levels */
	struct sori_view ko, en, owner;
	bool praise, fallback, known; /* known: the dictionaries loaded have it */
	bool kind_given;              /* with ko and en the file declares it, known or not */
	uint8_t severity;
	bool has_tags;
	uint16_t count_tags;
};

struct sori_exchange_item {
	size_t category;
	struct sori_view text;    /* kind 0: a pattern, * for any letters; else a term */
	struct sori_view options;
	char kind;                /* n v a p e x; 0 pattern; 'l' a line of the language as it is */
	uint32_t line;
};

struct sori_exchange {
	struct sori_arena arena;
	struct sori_exchange_category *categories;
	size_t category_count, category_capacity;
	struct sori_exchange_item *items;
	size_t item_count, item_capacity;
	struct sori_view *lines; /* YAML: sets, glue, exclusions; before all categories */
	size_t line_count, line_capacity;
	struct sori_buffer losses; /* a line each */
	size_t loss_count;
	bool failed; /* memory */
};

#define SORI_EXCHANGE_NONE SIZE_MAX

void sori_exchange_init(struct sori_exchange *exchange);
void sori_exchange_release(struct sori_exchange *exchange);
enum sori_exchange_format sori_exchange_format_of(const char *name); /* SORI_EXCHANGE_COUNT: none */

/* Number of the category of that path, a new one when it is not there. */
size_t sori_exchange_category(struct sori_exchange *exchange, struct sori_view path);
void sori_exchange_add(struct sori_exchange *exchange, struct sori_exchange_item item);
struct sori_view sori_exchange_keep(struct sori_exchange *exchange, struct sori_view text);
void sori_exchange_lose(struct sori_exchange *exchange, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fills the exchange from the dictionary (compiled) and its source (the same folders, parsed). */
bool sori_exchange_from(struct sori_exchange *exchange, const struct sori_dictionary *dictionary, const struct sori_source *source,
			enum sori_exchange_format format);
/* What a category counts, as the dictionary language lists it: plain,past,... */
void sori_exchange_add_tags(struct sori_buffer *out, unsigned tags);
void sori_exchange_write(const struct sori_exchange *exchange, enum sori_exchange_format format, struct sori_buffer *out);

/* Reads a file's bytes (UTF-8, UTF-16 or CP949) in the format; SORI_DATA with line and column. */
enum sori_status sori_exchange_read(struct sori_exchange *exchange, struct sori_view bytes, enum sori_exchange_format format,
				    const char *path, struct sori_error *error);
#endif
