/* The schema of store.h, word for word, and its check when a store is opened. */
#include "pipeline/core/store_internal.h"

#define TEXT_NUMBER(x) #x
#define NUMBER_TEXT(x) TEXT_NUMBER(x)

static const char *const schema =
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
	"CREATE TABLE dictionary(dictionary INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE);"
	"CREATE TABLE category(category INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ko TEXT, en TEXT, kind TEXT,"
	" owner TEXT, severity INTEGER, fallback INTEGER);"
	"CREATE TABLE cell(cell INTEGER PRIMARY KEY, source TEXT NOT NULL, channel TEXT NOT NULL, product TEXT NOT NULL,"
	" region TEXT NOT NULL, lang TEXT NOT NULL, dim1 TEXT NOT NULL, dim2 TEXT NOT NULL, dim3 TEXT NOT NULL,"
	" UNIQUE(source, channel, product, region, lang, dim1, dim2, dim3));"
	"CREATE TABLE daily(day INTEGER NOT NULL, cell INTEGER NOT NULL, category INTEGER NOT NULL,"
	" dictionary INTEGER NOT NULL, documents INTEGER NOT NULL, complaints INTEGER NOT NULL,"
	" customers INTEGER NOT NULL, PRIMARY KEY(day, cell, category, dictionary)) WITHOUT ROWID;"
	"CREATE TABLE run(run INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, dictionary INTEGER, config TEXT,"
	" as_of INTEGER);"
	"CREATE TABLE input(input INTEGER PRIMARY KEY, run INTEGER, path TEXT, source TEXT, hash TEXT, bytes INTEGER,"
	" format TEXT, encoding TEXT, compression TEXT, seen INTEGER, header INTEGER, blank INTEGER, read INTEGER,"
	" accepted INTEGER, rejected INTEGER, duplicate INTEGER, replaced INTEGER, undated INTEGER, columns TEXT,"
	" reasons TEXT, status TEXT, problem TEXT, warning TEXT, dictionary INTEGER, config TEXT,"
	" span_bytes INTEGER, framing_bytes INTEGER, decoded_bytes INTEGER, detail TEXT, superseded INTEGER);"
	"CREATE INDEX input_hash ON input(hash);"
	"CREATE TABLE sample(month INTEGER NOT NULL, category INTEGER NOT NULL, rank INTEGER NOT NULL,"
	" identity BLOB NOT NULL, day INTEGER, cell INTEGER, place TEXT, rating INTEGER, text TEXT, spans TEXT,"
	" PRIMARY KEY(month, category, rank, identity)) WITHOUT ROWID;"
	"CREATE TABLE fact(partition INTEGER NOT NULL, run INTEGER NOT NULL, count INTEGER NOT NULL, data BLOB NOT NULL,"
	" live INTEGER NOT NULL, PRIMARY KEY(partition, run));"
	"CREATE TABLE similar(day INTEGER NOT NULL, chunk INTEGER NOT NULL, count INTEGER NOT NULL, data BLOB NOT NULL,"
	" PRIMARY KEY(day, chunk));"
	"CREATE TABLE category_set(category_set INTEGER PRIMARY KEY, categories TEXT NOT NULL UNIQUE);"
	"CREATE VIEW category_daily AS SELECT"
	" CASE WHEN d.day = -2147483648 THEN NULL ELSE d.day * 86400 END AS time,"
	" CASE WHEN d.day = -2147483648 THEN NULL ELSE date(d.day * 86400, 'unixepoch') END AS day,"
	" k.id AS category, k.ko, k.en, k.kind, c.source, c.channel, c.product, c.region, c.lang, c.dim1, c.dim2, c.dim3,"
	" sum(d.documents) AS documents,"
	" (SELECT sum(a.documents) FROM daily a WHERE a.day = d.day AND a.cell = d.cell AND a.category = 0) AS denominator,"
	" sum(d.complaints) AS distinct_complaints, sum(d.customers) AS customers"
	" FROM daily d JOIN category k ON k.category = d.category JOIN cell c ON c.cell = d.cell"
	" WHERE d.category > 2 GROUP BY d.day, d.cell, d.category;"
	"INSERT INTO meta VALUES('schema_version', '" NUMBER_TEXT(SORI_STORE_SCHEMA) "'), ('sori_version', '" SORI_VERSION "');"
	"INSERT INTO category VALUES(0, '*', '전체', 'all', '', '', 0, 0), (1, '*none', '미분류', 'unclassified', '', '', 0, 0),"
	" (2, '*pain', '불편 있음', 'any pain', '', '', 0, 0);"
	"INSERT INTO category_set VALUES(1, '0,1');"
	"PRAGMA user_version = " NUMBER_TEXT(SORI_STORE_SCHEMA) ";"
	"PRAGMA application_id = 1397707337;";

_Static_assert(SORI_STORE_APPLICATION == 1397707337, "the application id of the schema text");

enum sori_status sori_store_create_schema(sqlite3 *database, struct sori_error *error)
{
	return sori_sql_exec(database, schema, error);
}

enum sori_status sori_store_check_schema(sqlite3 *database, struct sori_error *error)
{
	int64_t application = 0, version = 0;
	enum sori_status status = sori_sql_number(database, "PRAGMA application_id", &application, error);

	if (status == SORI_OK)
		status = sori_sql_number(database, "PRAGMA user_version", &version, error);
	if (status != SORI_OK)
		return status;
	if (application != SORI_STORE_APPLICATION)
		return sori_fail(error, SORI_DATA, "this SQLite file is not a store of sori; give another --store");
	if (version > SORI_STORE_SCHEMA)
		return sori_fail(error, SORI_CONFIG, "the store has schema %lld, this program reads up to %d: use a newer sori",
				 (long long)version, SORI_STORE_SCHEMA);
	if (version < 1)
		return sori_fail(error, SORI_DATA, "the store has no schema version; restore it from a copy");
	if (version < SORI_STORE_SCHEMA)
		return sori_fail(error, SORI_CONFIG, "the store has schema %lld of an earlier sori, which kept no distinct complaints;"
				 " give another --store and run over the dumps again", (long long)version);
	return SORI_OK;
}
