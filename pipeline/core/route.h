/* Who has to know what tonight: the complaints of one day by the unit that owns their categories, and the ledger of what became
 * of them.
 *
 *   records of tonight (re-read from the dumps, masked) --sori_route_add--> sori_route --sori_route_finish--> units
 *        units: severity first, then size of the group of alike complaints; groups by near-duplicate sketch
 *   status ledger (actions of people, a plain file) <--sori_ledger_merge-- one line per category and night
 *
 * The ledger is status.tsv in the folder of the outputs: UTF-8, LF, tab-separated, a header line, '#' comments and blank lines
 * kept. People edit it; the program validates all of it, appends lines, and never changes or loses a byte of what is there
 * (appended to a copy, synced, renamed; refused when the file changed meanwhile). Columns, in any order, further ones are kept:
 *
 *   id        RECEIVED-CATEGORY, e.g. 2026-08-03-delivery.late: one line per category and night, so a second run adds nothing
 *   owner     unit
 *   category  id
 *   documents complaints of that night
 *   received  접수  day YYYY-MM-DD, written by the program
 *   routed    전달  day, written by the program when the unit's file was written
 *   improved  개선  day, written by people: the action whose effect is asked for (`sori effect` reads it)
 *   verified  확인  day, written by people
 *   note      free text
 * Days must stand in that order; empty means not yet. */
#ifndef SORI_CORE_ROUTE_H
#define SORI_CORE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/buffer.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"
#include "pipeline/core/catalog.h"
#include "pipeline/text/sketch.h"

/* One record of tonight; texts are borrowed during the call. */
struct sori_route_record {
	struct sori_view text;     /* masked */
	struct sori_view place;    /* path#record */
	struct sori_view channel, product, region;
	const uint64_t *categories;/* counted ones, bits by catalog index */
	struct sori_sketch sketch; /* of the normalised text */
	uint64_t text_hash;        /* of the normalised text: short texts are alike when it is equal */
	uint64_t customer;         /* keyed hash; 0 none */
	int rating;                /* -1 none */
};

/* A complaint as a unit sees it: in the first of its categories by severity, then catalog order. */
struct sori_route_item {
	const char *text, *place, *channel, *product, *region;
	size_t category;        /* catalog index, of this unit */
	const size_t *others;   /* further categories, this unit's or not */
	size_t other_count;
	int rating;
	uint64_t customer;
};

/* Alike complaints of one unit and category. */
struct sori_route_group {
	size_t category;
	const struct sori_route_item *const *items; /* [count] the one that speaks for them first: smallest text */
	size_t count, customers;                    /* customers: distinct; 0 when unknown */
	int severity;
};

struct sori_route_unit {
	const char *owner;      /* "" : categories without an owner */
	bool praise;            /* the file for awards: praise of staff, whoever owns it */
	struct sori_route_group *groups; /* severity, then count, then text */
	size_t group_count, documents;   /* documents: complaints in it, each once */
};

struct sori_route;

/* new: NULL when memory is out. `catalog` outlives it. */
struct sori_route *sori_route_new(const struct sori_catalog *catalog, sori_day day);
void sori_route_free(struct sori_route *route);
enum sori_status sori_route_add(struct sori_route *route, const struct sori_route_record *record, struct sori_error *error);

/* Groups and sorts; the result does not depend on the order of adding. Units in byte order of owner, praise last. Owned by
 * the route. */
enum sori_status sori_route_finish(struct sori_route *route, const struct sori_route_unit **units, size_t *count,
				   struct sori_error *error);

/* A document in force on a day: what a record that is read again must be. */
#define SORI_ROUTE_HASH_BITS 48 /* of content that are kept */
struct sori_route_document {
	uint64_t high, content, customer;
	uint32_t low, input; /* input: the ledger's number */
	uint32_t left;       /* so many equal ones, without id */
};
int sori_route_document_compare(const void *left, const void *right);

struct sqlite3;
/* Those of a day, sorted by identity, each once; *total counts equal ones, *matched those of them with a category. The caller frees the list (sori_free), also after a failure. */
enum sori_status sori_route_documents(struct sqlite3 *database, sori_day day, struct sori_route_document **list, size_t *count, size_t *total,
				      size_t *matched, struct sori_error *error);

/* A line of the status ledger. Texts live in the ledger's arena, "" for none. */
struct sori_status_line {
	const char *id, *owner, *category, *note;
	uint64_t documents;
	sori_day received, routed, improved, verified; /* SORI_DAY_NONE: not yet */
	uint64_t line; /* of the file, 1-based */
};

struct sori_side_table;

struct sori_status_ledger {
	struct sori_arena arena;
	struct sori_buffer bytes; /* the file as it is */
	const char **header;      /* [columns] as the file has them */
	size_t columns;
	struct sori_status_line *lines;
	const struct sori_status_line **by_id; /* [count] */
	size_t count;
	bool exists;
};

/* Reads and validates; a missing file is an empty ledger. SORI_CONFIG with file, line and column (a bad day, days out of order, an
 * id twice, a missing column). Release afterwards, also after a failure. */
enum sori_status sori_status_read(struct sori_status_ledger *ledger, const char *path, struct sori_error *error);
void sori_status_release(struct sori_status_ledger *ledger);

/* Adds the lines whose ids the ledger lacks (their received and routed day is `day`) and writes FOLDER/name if there are any.
 * *added (may be NULL) says how many. SORI_BUSY: the file was changed by somebody since it was read; nothing is written. */
struct sori_status_new {
	const char *owner, *category;
	uint64_t documents;
};
enum sori_status sori_status_append(struct sori_status_ledger *ledger, const char *folder, const char *name, sori_day day,
				    const struct sori_status_new *lines, size_t count, size_t *added, struct sori_error *error);

#endif
