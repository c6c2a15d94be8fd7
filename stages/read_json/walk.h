/* One JSON element as a list of dotted names and scalar values, by yajl. */
#ifndef SORI_READ_JSON_WALK_H
#define SORI_READ_JSON_WALK_H

#include <stdbool.h>

#include "pipeline/base/view.h"
#include "pipeline/core/batch.h"

#define JSON_NAME_LIMIT 256

struct json_walker;

/* Called for every scalar: its dotted name ("value" for an element that is a scalar itself) and its text; `inside_array`
 * when it stands in an array. The views end with the call. False stops with SORI_REASON_SYNTAX. */
typedef bool json_take(void *user, struct sori_view name, struct sori_view value, bool inside_array);

/* new: NULL when memory is out. */
struct json_walker *sori_json_walker_new(json_take *take, void *user);
void sori_json_walker_free(struct json_walker *walker);

/* Parses one element (valid UTF-8); SORI_REASON_NONE when it is exactly one value. *memory is set when memory ran out. */
enum sori_reason sori_json_walk(struct json_walker *walker, struct sori_view element, bool *memory);

/* True when the text has a \u escape of half a surrogate pair (yajl would turn it into '?'). */
bool sori_json_has_lone_surrogate(struct sori_view text);

#endif
