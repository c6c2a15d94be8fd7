/* A dump is counted again only when its bytes are those that the ledger has: then its old facts are void and its days restated. A
 * file of the same name with other content is another dump, and reading it here would count it as new. */
#include "pipeline/cli/restate.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store.h"

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

static const char *text_of(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text ? text : "";
}

bool sori_restate_unchanged(const char *path, const char *hash)
{
	struct sori_hash128 now;
	struct sori_error ignored;
	uint64_t bytes;
	char text[33];

	if (access(path, R_OK) != 0 || sori_store_hash_file(path, &now, &bytes, &ignored) != SORI_OK)
		return false;
	sori_hash128_text(now, text);
	return !strcmp(text, hash);
}

static enum sori_status add(struct sori_restate_list *list, const char *path, const char *source, struct sori_error *error)
{
	struct sori_view copy = sori_arena_copy(&list->arena, sori_view_of(path)), from = sori_arena_copy(&list->arena, sori_view_of(source));

	if (!copy.at || SORI_GROW(list->paths, list->capacity, list->count + 1) != 0 ||
	    SORI_GROW(list->sources, list->source_capacity, list->count + 1) != 0)
		return no_memory(error);
	list->paths[list->count] = copy.at;
	list->sources[list->count++] = from.at ? from.at : "";
	return SORI_OK;
}

static enum sori_status read_rows(struct sori_restate_list *list, sqlite3 *database, const char *dictionary, const char *config,
				  struct sori_error *error)
{
	static const char *const sql = "SELECT i.path, i.source, i.hash, i.config, d.hash FROM input i LEFT JOIN dictionary d"
				       " ON d.dictionary = i.dictionary WHERE i.superseded IS NULL AND i.status <> 'refused' ORDER BY i.path";
	sqlite3_stmt *row = NULL;
	enum sori_status status = SORI_OK;
	int code = SQLITE_DONE;

	if (sqlite3_prepare_v2(database, sql, -1, &row, NULL) != SQLITE_OK)
		return sori_fail(error, SORI_DATA, "cannot read the ledger: %s", sqlite3_errmsg(database));
	while (status == SORI_OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
		if (!strcmp(text_of(row, 4), dictionary))
			list->current++;
		else if (strcmp(text_of(row, 3), config) != 0)
			list->other++;
		else if (!sori_restate_unchanged(text_of(row, 0), text_of(row, 2)))
			list->gone++;
		else
			status = add(list, text_of(row, 0), text_of(row, 1), error);
	}
	if (status == SORI_OK && code != SQLITE_DONE)
		status = sori_fail(error, SORI_IO, "cannot read the ledger: %s", sqlite3_errmsg(database));
	sqlite3_finalize(row);
	return status;
}

enum sori_status sori_restate_find(struct sori_restate_list *list, const char *store_path, struct sori_hash128 dictionary, uint64_t config,
				   struct sori_error *error)
{
	struct sori_store *store = NULL;
	char hash[33], options[17];
	enum sori_status status, closed;

	*list = (struct sori_restate_list){0};
	sori_arena_init(&list->arena, 4096);
	status = sori_store_open(&store, store_path, false, error);
	if (status != SORI_OK)
		return status;
	sori_hash128_text(dictionary, hash);
	(void)snprintf(options, sizeof options, "%016llx", (unsigned long long)config);
	status = read_rows(list, sori_store_connection(store), hash, options, error);
	closed = sori_store_close(store, status == SORI_OK ? error : NULL);
	return status == SORI_OK ? closed : status;
}

void sori_restate_release(struct sori_restate_list *list)
{
	sori_free((void *)list->paths);
	sori_free((void *)list->sources);
	sori_arena_release(&list->arena);
	*list = (struct sori_restate_list){0};
}

enum sori_status sori_restate_sources(const struct sori_restate_list *list, struct sori_input_list *inputs, struct sori_error *error)
{
	for (size_t i = 0; i < inputs->count; i++)
		for (size_t k = 0; k < list->count; k++) {
			char *source;

			if (strcmp(inputs->inputs[i]->path, list->paths[k]) != 0)
				continue;
			source = sori_strdup_n(list->sources[k], strlen(list->sources[k]));
			if (!source)
				return no_memory(error);
			sori_free(inputs->inputs[i]->source);
			inputs->inputs[i]->source = source;
			break;
		}
	return SORI_OK;
}

void sori_restate_tell(const struct sori_cli *cli, const struct sori_restate_list *list)
{
	if (list->gone)
		sori_cli_warn("%zu dumps of the ledger are gone or hold something else; their days stay as they were reported, and the series"
			      " breaks there", list->gone);
	if (list->other)
		sori_cli_warn("%zu dumps were read with other options; give the same ones with --restate", list->other);
	if (!list->count)
		sori_cli_note(cli, "nothing to restate: %zu dumps are counted by this dictionary", list->current);
}
