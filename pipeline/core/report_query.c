/* SQLite calls of the report model, in one place so that every error is named the same way. */
#include "pipeline/core/report_query.h"

#include <string.h>

#include "pipeline/base/utf8.h"

static enum sori_status sql_failed(sqlite3 *database, struct sori_error *error)
{
	enum sori_status status = SORI_IO;
	switch (sqlite3_errcode(database) & 0xff) {
	case SQLITE_NOMEM:
		status = SORI_SYSTEM;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_INTERRUPT:
		status = SORI_BUSY;
		break;
	case SQLITE_ERROR: /* a table or column is missing */
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		status = SORI_DATA;
		break;
	default:
		break;
	}
	return sori_fail(error, status, "cannot read the store: %s", sqlite3_errmsg(database));
}

enum sori_status sori_report_prepare(sqlite3 *database, sqlite3_stmt **statement, const char *sql,
				     struct sori_error *error)
{
	*statement = NULL;
	if (sqlite3_prepare_v2(database, sql, -1, statement, NULL) != SQLITE_OK)
		return sql_failed(database, error);
	return SORI_OK;
}

enum sori_status sori_report_step(sqlite3_stmt *statement, struct sori_error *error)
{
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return SORI_OK;
	case SQLITE_DONE:
		return SORI_END;
	default:
		return sql_failed(sqlite3_db_handle(statement), error);
	}
}

const char *sori_report_text(struct sori_arena *arena, sqlite3_stmt *statement, int column)
{
	const char *at = (const char *)sqlite3_column_text(statement, column);
	size_t length = (size_t)sqlite3_column_bytes(statement, column);
	if (!at)
		return sqlite3_column_type(statement, column) == SQLITE_NULL ? "" : NULL;
	struct sori_view text = {at, length};
	text.length = sori_utf8_valid_prefix(text);
	return sori_arena_copy(arena, text).at;
}

uint64_t sori_report_count(sqlite3_stmt *statement, int column)
{
	sqlite3_int64 value = sqlite3_column_int64(statement, column);
	return value > 0 ? (uint64_t)value : 0;
}

enum sori_status sori_report_no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "no memory for the report");
}
