/* What the report says with statistics, computed once when the model is loaded, by the functions that the commands call, so
 * that the report and `sori compare`, `sori alerts` and the others show the same numbers. */
#ifndef SORI_CORE_REPORT_FINDINGS_H
#define SORI_CORE_REPORT_FINDINGS_H

#include "pipeline/core/analyse.h"
#include "pipeline/core/analyse_emerging.h"
#include "pipeline/core/analyse_restate.h"
#include "pipeline/core/classifier.h"
#include "pipeline/core/inquiry.h"
#include "pipeline/core/report.h"

struct sori_report_findings {
	struct sori_panel *periods;        /* of the two windows; NULL: the period is too short for any */
	struct sori_compare_result changes; /* zeroes without `periods` */
	struct sori_restated restated;     /* of `periods`: what was reported before a recount; not in a published report */
	struct sori_panel *history;        /* up to the as-of day; NULL: no dated document */
	struct sori_alerts_result alerts;
	size_t watch, alert, quiet, unjudged; /* rows of alerts.rows below the group level, volume included */
	struct sori_classifier *classifier; /* never NULL; empty when no text was labelled */
	/* The inquiries below are left out of a report that is published. */
	struct sori_drivers_result *drivers; /* NULL: no document has a rating */
	struct sori_effect **effects;      /* [query.actions->count], in its order; NULL: no ledger given */
	size_t effect_count, effect_family;
	struct sori_panel *weeks;          /* that emerging borrows from */
	struct sori_emerging *emerging;    /* NULL: the query has no grammar */
	struct sori_season_result *season; /* NULL: under a year of history */
};

/* The row of a category; NULL: it has none. */
const struct sori_compare_row *sori_report_change_of(const struct sori_report_findings *findings, const char *id);
/* A category's change over the windows as it was reported, split into data and dictionary; known is false without a recount. */
struct sori_restate_split sori_report_split_of(const struct sori_report_model *model, const char *id);
const struct sori_drivers_row *sori_report_driver_of(const struct sori_report_findings *findings, const char *id);
const struct sori_season_row *sori_report_season_of(const struct sori_report_findings *findings, const char *id);

/* The model's category of a row of a result (both are in byte order of id); NULL for the volume row of the alerts. */
const struct sori_report_category *sori_report_category_of(const struct sori_report_model *model,
							   const struct sori_panel_category *category);

/* Fills model->findings, every category's `change` and `usual`, and what `windows` says of comparability. The model's
 * windows, series and as-of day must be known. */
enum sori_status sori_report_find(struct sori_report_model *model, struct sori_error *error);
void sori_report_findings_free(struct sori_report_findings *findings);

#endif
