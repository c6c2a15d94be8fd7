/* What the store's own files share. Not for others. */
#ifndef SORI_CORE_STORE_INTERNAL_H
#define SORI_CORE_STORE_INTERNAL_H

#include <sqlite3.h>

#include "pipeline/base/arena.h"
#include "pipeline/core/cells.h"
#include "pipeline/core/facts.h"
#include "pipeline/core/identities.h"
#include "pipeline/core/samples.h"
#include "pipeline/core/voices.h"
#include "pipeline/core/store.h"
#include "pipeline/core/store_intern.h"
#include "pipeline/core/store_similar.h"
#include "pipeline/core/store_tally.h"

#define SORI_STORE_SCHEMA 2
#define SORI_STORE_APPLICATION 0x534f5249 /* "SORI" */
#define SORI_STORE_BLOBS 8 /* blobs of a partition before they are merged into one */
#define SORI_STORE_KEY_SIZE 16

/* Numbers of the rows that are no category. */
enum { SORI_CATEGORY_ALL, SORI_CATEGORY_NO, SORI_CATEGORY_PAIN, SORI_CATEGORY_FIRST };

struct sori_store {
	char *path;
	char *folder;    /* of path, for temporary files */
	char *file_path; /* the file that `database` has open: path, or path.new for a new store */
	int lock;        /* -1 none */
	sqlite3 *database;
	bool write, fresh, begun, in_transaction;
	unsigned char key[SORI_STORE_KEY_SIZE];
	struct sori_run run;
	struct sori_cells *cells;
	struct sori_facts *facts;
	struct sori_samples *samples;
	struct sori_voices *voices;
	struct sori_similar_heap *similar;
};

/* --- store.c: a new store takes its name, once its run is committed; nothing for an old one --- */
enum sori_status sori_store_publish(struct sori_store *store, struct sori_error *error);

/* --- store_sql.c: SQLite with its errors turned into ours --- */
enum sori_status sori_sql_failed(sqlite3 *database, struct sori_error *error);
enum sori_status sori_sql_exec(sqlite3 *database, const char *sql, struct sori_error *error);
enum sori_status sori_sql_prepare(sqlite3 *database, sqlite3_stmt **statement, const char *sql, struct sori_error *error);
/* SORI_OK: a row, SORI_END: done. */
enum sori_status sori_sql_step(sqlite3_stmt *statement, struct sori_error *error);
/* Steps once to the end and resets, for writing statements. */
enum sori_status sori_sql_run(sqlite3_stmt *statement, struct sori_error *error);
/* First column of the first row as an integer; 0 when there is none or it is NULL. */
enum sori_status sori_sql_number(sqlite3 *database, const char *sql, int64_t *number, struct sori_error *error);
struct sori_view sori_sql_text(sqlite3_stmt *statement, int column);
void sori_sql_bind_text(sqlite3_stmt *statement, int index, const char *text);
void sori_sql_bind_view(sqlite3_stmt *statement, int index, struct sori_view text);

/* --- store_schema.c --- */
enum sori_status sori_store_create_schema(sqlite3 *database, struct sori_error *error);
enum sori_status sori_store_check_schema(sqlite3 *database, struct sori_error *error);

/* --- store_ledger.c --- */
/* The ledger's number of an input in force with this content and source, whatever its dictionary; the same path is
 * preferred. 0: none. `refused_only` looks among refused rows only. */
enum sori_status sori_ledger_find(struct sori_store *store, const struct sori_input *input, bool refused_only,
				  uint32_t *number, struct sori_error *error);
/* Warns when the same bytes were counted as another source: identity is per source, so they would count again. */
enum sori_status sori_ledger_elsewhere(struct sori_store *store, struct sori_input *input, struct sori_error *error);
/* Fills the input from its row when dictionary and configuration are those of the run; *known says whether. */
enum sori_status sori_ledger_recall(struct sori_store *store, struct sori_input *input, bool refused, bool *known,
				    struct sori_error *error);
enum sori_status sori_ledger_write(struct sori_store *store, const struct sori_input *input, uint32_t number,
				   int64_t run, int64_t dictionary, struct sori_error *error);
/* accepted less replaced of a row. */
enum sori_status sori_ledger_documents(struct sori_store *store, uint32_t number, int64_t *documents,
				       struct sori_error *error);
void sori_ledger_config_text(uint64_t config, char text[17]);

/* --- a run being merged --- */
struct sori_merge_input {
	uint32_t number;  /* in the ledger; 0: adds nothing */
	bool again;       /* the ledger had it already: its old facts are void */
	int64_t before;   /* its documents before this run */
	int64_t change;   /* documents it added less those it lost */
	uint64_t stored, accepted, duplicate, undated;
};

struct sori_watch; /* store_samples.c: identities that samples depend on */

struct sori_merge {
	struct sori_store *store;
	struct sori_merge_input *inputs; /* by run index */
	uint32_t *index_of;              /* ledger number -> run index + 1; 0 not of this run */
	size_t number_limit;             /* places of index_of */
	int64_t run;
	int64_t dictionary;
	int64_t matched;                 /* change of the documents with a counted category */
	int64_t named;                   /* change of the documents with a customer */
	uint32_t *cell_map;              /* run's cell -> store's */
	uint32_t *set_map;               /* run's set -> store's */
	struct sori_store_set *sets;     /* by store number */
	size_t set_count;
	uint16_t *category_map;          /* catalog index -> store number */
	struct sori_arena arena;         /* sets */
	struct sori_tally *tallies;      /* one a thread */
	size_t thread_count;
	struct sori_watch *watch;
};

/* --- store_maps.c: the run's numbers to the store's; writes category, category_set and cell rows --- */
enum sori_status sori_merge_map_categories(struct sori_merge *merge, struct sori_error *error);
enum sori_status sori_merge_map_sets(struct sori_merge *merge, struct sori_error *error);
/* --- store_cells.c --- */
enum sori_status sori_merge_map_cells(struct sori_merge *merge, struct sori_error *error);

/* --- store_merge.c: all partitions, on thread_count threads --- */
enum sori_status sori_merge_partitions(struct sori_merge *merge, struct sori_error *error);
/* --- store_samples.c --- */
enum sori_status sori_watch_new(struct sori_watch **watch, struct sori_merge *merge, struct sori_error *error);
void sori_watch_free(struct sori_watch *watch);
/* True when a sample may depend on this identity: a bit test. */
bool sori_watch_has(const struct sori_watch *watch, uint64_t high);
/* What became of a key: `before` and `after` may be NULL (not there). */
void sori_watch_tell(struct sori_watch *watch, const struct sori_fact *before, const struct sori_fact *after);
enum sori_status sori_watch_write(struct sori_watch *watch, struct sori_merge *merge, struct sori_error *error);

#endif
