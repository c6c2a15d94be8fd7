/* The action ledger: what was done about complaints, when, by whom and where. Tab-separated UTF-8 with a header line, '#'
 * comments; columns in any order:
 *
 *   id        unique, no blanks                                          needed
 *   date      YYYY-MM-DD, the day from which it holds                    needed
 *   category  a category's id, or the group before its dot: "delivery"   needed
 *   owner     unit
 *   scope     DIM=VALUE;DIM=VALUE where it was done; the same dimension again is an alternative; empty: everywhere
 *   kind      action or release (action)
 *   title     what was done
 *   status    접수 전달 개선 확인, or received routed improved verified  (received)
 *   phase_in  weeks until it is in place, 0 to 26 (0)
 *   note      free text, not read
 *
 * People write it; the program only reads it. The status ledger that `sori route` keeps (pipeline/core/route.h: no date, but a column
 * improved) is read as well: each line with an improved day is an action of that day in its category, everywhere; lines that have
 * none are not actions yet. */
#ifndef SORI_CORE_ACTIONS_H
#define SORI_CORE_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/core/analyse.h"

enum sori_action_kind { SORI_ACTION_DONE, SORI_ACTION_RELEASE };
enum sori_action_state { SORI_ACTION_RECEIVED, SORI_ACTION_ROUTED, SORI_ACTION_IMPROVED, SORI_ACTION_VERIFIED };
const char *sori_action_kind_id(enum sori_action_kind kind);    /* "action" "release" */
const char *sori_action_state_id(enum sori_action_state state); /* "received" … */
const char *sori_action_state_ko(enum sori_action_state state); /* "접수" … */

struct sori_action {
	const char *id, *owner, *category, *title; /* "" none; id and category never */
	sori_day date;
	struct sori_slice scope; /* no terms: everywhere */
	enum sori_action_kind kind;
	enum sori_action_state state;
	unsigned phase_in;       /* weeks */
	uint64_t line;           /* in the file */
};

struct sori_actions {
	struct sori_arena arena; /* owns all texts */
	struct sori_action *list; /* by date, then id */
	size_t count;
};

/* Either kind of ledger. SORI_CONFIG with file, line and column. *actions is NULL unless SORI_OK. NULL is fine for free. */
enum sori_status sori_actions_read(struct sori_actions **actions, const char *path, struct sori_error *error);
void sori_actions_free(struct sori_actions *actions);
const struct sori_action *sori_actions_find(const struct sori_actions *actions, const char *id); /* NULL: none */

#endif
