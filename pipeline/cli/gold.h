/* A gold set: feedback texts and the categories that a reader gave them, one JSON object a line:
 * {"id","lang","source","text","categories":[…],"unsure":[…]}. Other members are passed over. */
#ifndef SORI_CLI_GOLD_H
#define SORI_CLI_GOLD_H

#include "pipeline/base/arena.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"

struct sori_gold_text {
	struct sori_view id, language, source, text;
	struct sori_view *wanted, *unsure; /* category ids */
	size_t wanted_count, unsure_count;
};

struct sori_gold {
	struct sori_gold_text *texts;
	size_t count, capacity;
	struct sori_arena arena; /* owns all views */
};

/* Reads the file; a line that is no such object is SORI_DATA with its number. Released by the caller, also on failure. */
enum sori_status sori_gold_read(struct sori_gold *gold, const char *path, struct sori_error *error);
void sori_gold_release(struct sori_gold *gold);

#endif
