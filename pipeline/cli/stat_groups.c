/* Methods over groups of rows: periods by category, strata, drivers, hidden cells. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/cli/stat.h"
#include "pipeline/stats/compare.h"
#include "pipeline/stats/drivers.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/multiple.h"
#include "pipeline/stats/suppression.h"

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

/* ab-daily */

static enum sori_status read_period(const struct sori_sheet *input, size_t row, size_t column, bool *second,
				    struct sori_error *error)
{
	struct sori_view text = sori_view_trim(sori_sheet_cell(input, row, column));

	*second = sori_view_is(text, "B");
	if (*second || sori_view_is(text, "A"))
		return SORI_OK;
	return sori_sheet_fail(input, row, error, "column 'period': '%.*s' is neither A nor B",
			       text.length > 40 ? 40 : (int)text.length, text.length ? text.at : "");
}

static enum sori_status read_days(const struct sori_sheet *input, struct sori_ab_day *days, size_t *category,
				  struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {{"dow", SORI_CELL_COUNT, false, 0},
							{"y", SORI_CELL_MAYBE_COUNT, false, 0},
							{"n", SORI_CELL_MAYBE, false, 0},
							{0}};
	size_t columns[3], period;
	double values[3];
	enum sori_status status = sori_sheet_need(input, "cat", category, error);

	if (status == SORI_OK)
		status = sori_sheet_need(input, "period", &period, error);
	if (status == SORI_OK)
		status = sori_stat_columns(input, fields, columns, error);
	for (size_t i = 0; status == SORI_OK && i < input->rows; i++) {
		status = sori_stat_row(input, i, fields, columns, values, error);
		if (status == SORI_OK && values[0] > 15.0)
			status = sori_sheet_fail(input, i, error, "column 'dow': a class is 0 to 15");
		if (status == SORI_OK && values[2] < 0.0)
			status = sori_sheet_fail(input, i, error, "column 'n': negative");
		if (status == SORI_OK)
			status = read_period(input, i, period, &days[i].second, error);
		if (status != SORI_OK)
			break;
		days[i].weekday = (int)values[0];
		days[i].documents = values[1];
		days[i].denominator = isnan(values[2]) ? 0.0 : values[2];
	}
	return status;
}

static void print_ab(const struct sori_stat_call *call, struct sori_view name, const struct sori_ab_result *r, double bh)
{
	const struct sori_ab_model *m = &r->plain, *w = &r->weekday;
	const double values[] = {
		r->a, r->n_a, r->b, r->n_b, r->share_a, r->share_b, r->difference, r->difference_limits.low,
		r->difference_limits.high, r->ratio, r->p_mid, m->raw_dispersion, m->dispersion, m->log_ratio, m->error,
		m->ratio.low, m->ratio.high, m->p, w->raw_dispersion, w->dispersion, w->log_ratio, w->error, w->ratio.low,
		w->ratio.high, w->p, r->eligible, r->p, bh,
	};

	sori_sheet_put_text(call->out, name);
	sori_stat_values(call, values, sizeof values / sizeof *values);
}

static void tell_ab(const struct sori_ab_result *r, struct sori_view name)
{
	int length = name.length > 60 ? 60 : (int)name.length;
	const char *text = length ? name.at : "";

	if (r->a > 0.0 && r->b > 0.0 && r->weekday.outcome != SORI_GLM_FITTED)
		sori_cli_warn("category '%.*s': weekday model: %s", length, text, sori_glm_outcome_text(r->weekday.outcome));
	else if (r->weekday.dropped)
		sori_cli_warn("category '%.*s': %zu columns of the weekday model depend on others and are dropped", length, text,
			      r->weekday.dropped);
}

enum sori_status sori_stat_ab_daily(const struct sori_stat_call *call, struct sori_error *error)
{
	const struct sori_sheet *input = call->input;
	size_t category = 0;
	struct sori_groups groups = {0};
	struct sori_ab_day *days = sori_alloc_zero(input->rows * 2, sizeof *days);
	struct sori_ab_result *results = sori_alloc_zero(input->rows, sizeof *results);
	double *p = sori_alloc(input->rows * 2 * sizeof *p);
	enum sori_status status = days && results && p ? read_days(input, days, &category, error) : no_memory(error);

	if (status == SORI_OK)
		status = sori_groups_make(&groups, input, category, error);
	for (size_t g = 0; status == SORI_OK && g < groups.count; g++) {
		size_t from = groups.from[g], count = groups.from[g + 1] - from;

		for (size_t i = 0; i < count; i++)
			days[input->rows + i] = days[groups.rows[from + i]];
		status = sori_ab_compare(days + input->rows, count, &sori_ab_recommended, &results[g], error);
		p[g] = results[g].eligible ? results[g].p : sori_na();
	}
	if (status == SORI_OK)
		status = sori_fdr(p, groups.count, p + input->rows, NULL, NULL, error);
	if (status == SORI_OK) {
		sori_buffer_add_text(call->out,
				     "cat,a,nA,b,nB,shareA,shareB,diff,diff_lo,diff_hi,rr,p_mid_naive,disp_raw0,phi0,logrr0,se0,rr_lo0,"
				     "rr_hi0,p0,disp_raw_dow,phi_dow,logrr_dow,se_dow,rr_lo_dow,rr_hi_dow,p_dow,eligible,p_used,bh\n");
		for (size_t g = 0; g < groups.count; g++)
			tell_ab(&results[g], sori_sheet_cell(input, groups.rows[groups.from[g]], category));
		for (size_t g = 0; g < groups.count; g++)
			print_ab(call, sori_sheet_cell(input, groups.rows[groups.from[g]], category), &results[g],
				 p[input->rows + g]);
	}
	sori_groups_release(&groups);
	sori_free(days);
	sori_free(results);
	sori_free(p);
	return status;
}

/* strata */

static void print_strata(const struct sori_stat_call *call, struct sori_view name, const struct sori_strata_result *r)
{
	const double values[] = {r->crude_ratio, r->mh_ratio, r->mh_limits.low, r->mh_limits.high, r->mh_odds, r->cmh_chi2,
				 r->cmh_p, r->standardised, r->standardised_error, r->crude_difference, r->rate_part, r->mix_part};

	sori_sheet_put_text(call->out, name);
	sori_stat_values(call, values, sizeof values / sizeof *values);
}

static enum sori_status read_strata(const struct sori_sheet *input, struct sori_stratum *strata, struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {{"x1", SORI_CELL_COUNT, false, 0},
							{"n1", SORI_CELL_COUNT, false, 0},
							{"x2", SORI_CELL_COUNT, false, 0},
							{"n2", SORI_CELL_COUNT, false, 0},
							{0}};
	size_t columns[4];
	double v[4];
	enum sori_status status = sori_stat_columns(input, fields, columns, error);

	for (size_t i = 0; status == SORI_OK && i < input->rows; i++) {
		status = sori_stat_row(input, i, fields, columns, v, error);
		if (status == SORI_OK && (v[0] > v[1] || v[2] > v[3]))
			status = sori_sheet_fail(input, i, error, "column '%s' is larger than column '%s'", v[0] > v[1] ? "x1" : "x2",
						 v[0] > v[1] ? "n1" : "n2");
		strata[i] = (struct sori_stratum){v[0], v[1], v[2], v[3]};
	}
	return status;
}

enum sori_status sori_stat_strata(const struct sori_stat_call *call, struct sori_error *error)
{
	const struct sori_sheet *input = call->input;
	size_t set = 0;
	struct sori_groups groups = {0};
	struct sori_stratum *strata = sori_alloc_zero(input->rows * 2, sizeof *strata);
	enum sori_status status = strata ? sori_sheet_need(input, "set", &set, error) : no_memory(error);

	if (status == SORI_OK)
		status = read_strata(input, strata, error);
	if (status == SORI_OK)
		status = sori_groups_make(&groups, input, set, error);
	if (status == SORI_OK)
		sori_buffer_add_text(call->out, "set,crude_rr,mh_rr,mh_rr_lo,mh_rr_hi,mh_or,cmh_chi2,cmh_p,std_diff,std_diff_se,"
						"crude_diff,kitagawa_rate,kitagawa_mix\n");
	for (size_t g = 0; status == SORI_OK && g < groups.count; g++) {
		size_t from = groups.from[g], count = groups.from[g + 1] - from;
		struct sori_strata_result result;

		for (size_t i = 0; i < count; i++)
			strata[input->rows + i] = strata[groups.rows[from + i]];
		result = sori_strata_compare(strata + input->rows, count, 0.95);
		print_strata(call, sori_sheet_cell(input, groups.rows[from], set), &result);
	}
	sori_groups_release(&groups);
	sori_free(strata);
	return status;
}

/* drivers */

struct driver_input {
	struct sori_driver_cells cells;
	unsigned char *has;
	size_t *channel;
	double *numbers; /* rating, then documents */
};

static enum sori_status read_pattern(const struct sori_sheet *input, size_t row, size_t column, struct driver_input *in,
				     struct sori_error *error)
{
	struct sori_view text = sori_view_trim(sori_sheet_cell(input, row, column));
	size_t cell = in->cells.cells;

	if (text.length < 2 || text.at[0] != 'b' || strspn(text.at + 1, "01") < text.length - 1)
		return sori_sheet_fail(input, row, error, "column 'pattern': 'b' and one bit for each category are wanted");
	if (text.length - 1 != in->cells.categories)
		return sori_sheet_fail(input, row, error, "column 'pattern': %zu bits, the first row has %zu", text.length - 1,
				       in->cells.categories);
	for (size_t k = 0; k < in->cells.categories; k++)
		in->has[cell * in->cells.categories + k] = text.at[k + 1] == '1';
	return SORI_OK;
}

static enum sori_status read_cells(const struct sori_sheet *input, const struct sori_groups *channels, size_t pattern,
				   struct driver_input *in, struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {
		{"rating", SORI_CELL_MAYBE, false, 0}, {"docs", SORI_CELL_COUNT, true, 1}, {0}};
	size_t columns[2], *channel_of = in->channel + input->rows;
	double values[2];
	enum sori_status status = sori_stat_columns(input, fields, columns, error);

	for (size_t g = 0; g < channels->count; g++)
		for (size_t i = channels->from[g]; i < channels->from[g + 1]; i++)
			channel_of[channels->rows[i]] = g;
	for (size_t i = 0; status == SORI_OK && i < input->rows; i++) {
		status = sori_stat_row(input, i, fields, columns, values, error);
		if (status != SORI_OK || isnan(values[0]) || values[1] == 0.0)
			continue; /* not rated */
		status = read_pattern(input, i, pattern, in, error);
		in->channel[in->cells.cells] = channel_of[i];
		in->numbers[in->cells.cells] = values[0];
		in->numbers[input->rows + in->cells.cells++] = values[1];
	}
	return status;
}

static void print_drivers(const struct sori_stat_call *call, const struct sori_driver *drivers, size_t count)
{
	sori_buffer_add_text(call->out, "cat,n_with,low_with,n_without,low_without,rd,rd_lo,rd_hi,rr,paf_crude,mean_with,mean_without,"
					"impact_mean,logit_b,logit_se,ame,adj_excess_low,paf_adj,ols_b,ols_se\n");
	for (size_t k = 0; k < count; k++) {
		const struct sori_driver *d = &drivers[k];
		const double values[] = {d->with, d->low_with, d->without, d->low_without, d->difference, d->difference_limits.low,
					 d->difference_limits.high, d->ratio, d->crude_part, d->mean_with, d->mean_without,
					 d->impact, d->logit, d->logit_error, d->effect, d->excess, d->adjusted_part, d->linear,
					 d->linear_error};

		sori_buffer_add_u64(call->out, k + 1);
		sori_stat_values(call, values, sizeof values / sizeof *values);
	}
}

enum sori_status sori_stat_drivers(const struct sori_stat_call *call, struct sori_error *error)
{
	const struct sori_sheet *input = call->input;
	struct driver_input in = {.cells = {.low = 2.0}};
	struct sori_drivers_summary summary;
	struct sori_groups channels = {0};
	struct sori_driver *drivers = NULL;
	size_t pattern = 0, width = 0;
	enum sori_status status = sori_sheet_need(input, "pattern", &pattern, error);

	if (status == SORI_OK && input->rows) {
		width = sori_view_trim(sori_sheet_cell(input, 0, pattern)).length;
		in.cells.categories = width ? width - 1 : 0;
	}
	in.has = sori_alloc_zero(input->rows, width + 1);
	in.channel = sori_alloc_zero(input->rows * 2, sizeof *in.channel);
	in.numbers = sori_alloc_zero(input->rows * 2, sizeof *in.numbers);
	drivers = sori_alloc_zero(width + 1, sizeof *drivers);
	if (status == SORI_OK && (!in.has || !in.channel || !in.numbers || !drivers))
		status = no_memory(error);
	if (status == SORI_OK)
		status = sori_groups_make(&channels, input, sori_sheet_column(input, "channel"), error);
	if (status == SORI_OK)
		status = read_cells(input, &channels, pattern, &in, error);
	if (status == SORI_OK) {
		in.cells.has = in.has;
		in.cells.channel = in.channel;
		in.cells.channels = channels.count;
		in.cells.rating = in.numbers;
		in.cells.documents = in.numbers + input->rows;
		status = sori_drivers(&in.cells, drivers, &summary, error);
	}
	if (status == SORI_OK && summary.logit != SORI_GLM_FITTED)
		sori_cli_warn("adjusted model: %s", sori_glm_outcome_text(summary.logit));
	else if (status == SORI_OK && summary.dropped)
		sori_cli_warn("adjusted model: %zu columns depend on others and are dropped", summary.dropped);
	if (status == SORI_OK)
		print_drivers(call, drivers, in.cells.categories);
	sori_groups_release(&channels);
	sori_free(in.has);
	sori_free(in.channel);
	sori_free(in.numbers);
	sori_free(drivers);
	return status;
}

/* suppression-audit */

#define PUBLISH_INSIDE 5

static size_t label_index(const struct sori_groups *groups, const struct sori_sheet *input, size_t row)
{
	return sori_groups_find(groups, input, sori_sheet_cell(input, row, groups->column));
}

/* Expected order: by column, then by row, as the labels first appear. */
static int by_column(const void *left, const void *right)
{
	const struct sori_hidden_cell *a = left, *b = right;

	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

struct audit_input {
	size_t set, row, column;
	struct sori_groups rows, columns;
};

static enum sori_status audit_set(const struct sori_stat_call *call, const struct audit_input *in, const size_t *list,
				  size_t count, struct sori_hidden_cell *cells, struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {
		{"count", SORI_CELL_COUNT, false, 0}, {"suppressed", SORI_CELL_FLAG, false, 0}, {0}};
	const struct sori_sheet *input = call->input;
	size_t columns[2], hidden = 0;
	double values[2];
	enum sori_status status = sori_stat_columns(input, fields, columns, error);

	for (size_t i = 0; status == SORI_OK && i < count; i++) {
		status = sori_stat_row(input, list[i], fields, columns, values, error);
		if (status == SORI_OK && values[1] == 1.0)
			cells[hidden++] = (struct sori_hidden_cell){
				label_index(&in->rows, input, list[i]), label_index(&in->columns, input, list[i]),
				(int64_t)values[0], 0, 0};
	}
	if (status != SORI_OK)
		return status;
	if (hidden)
		qsort(cells, hidden, sizeof *cells, by_column);
	for (size_t i = 1; i < hidden; i++)
		if (by_column(&cells[i], &cells[i - 1]) == 0)
			return sori_sheet_fail(input, list[0], error, "a cell of the set that begins here is there twice");
	status = sori_suppression_audit(cells, hidden, error);
	for (size_t i = 0; status == SORI_OK && i < hidden; i++) {
		const struct sori_hidden_cell *c = &cells[i];
		const double numbers[] = {(double)c->count, (double)c->low, (double)c->high, c->low == c->high,
					  c->high - c->low < PUBLISH_INSIDE};

		if (in->set != SORI_SHEET_NONE)
			sori_sheet_put_text(call->out, sori_sheet_cell(input, list[0], in->set));
		sori_buffer_add_byte(call->out, ',');
		sori_sheet_put_text(call->out, sori_sheet_cell(input, in->rows.rows[in->rows.from[c->row]], in->row));
		sori_buffer_add_byte(call->out, ',');
		sori_sheet_put_text(call->out, sori_sheet_cell(input, in->columns.rows[in->columns.from[c->column]], in->column));
		sori_stat_values(call, numbers, sizeof numbers / sizeof *numbers);
	}
	return status;
}

enum sori_status sori_stat_suppression(const struct sori_stat_call *call, struct sori_error *error)
{
	const struct sori_sheet *input = call->input;
	struct audit_input in = {.set = sori_sheet_column(input, "set")};
	struct sori_groups sets = {0};
	struct sori_hidden_cell *cells = sori_alloc_zero(input->rows, sizeof *cells);
	enum sori_status status = cells ? sori_sheet_need(input, "row", &in.row, error) : no_memory(error);

	if (status == SORI_OK)
		status = sori_sheet_need(input, "col", &in.column, error);
	if (status == SORI_OK)
		status = sori_groups_make(&sets, input, in.set, error);
	if (status == SORI_OK)
		status = sori_groups_make(&in.rows, input, in.row, error);
	if (status == SORI_OK)
		status = sori_groups_make(&in.columns, input, in.column, error);
	if (status == SORI_OK)
		sori_buffer_add_text(call->out, "set,row,col,count,attacker_min,attacker_max,disclosed,width_lt_k\n");
	for (size_t g = 0; status == SORI_OK && g < sets.count; g++)
		status = audit_set(call, &in, sets.rows + sets.from[g], sets.from[g + 1] - sets.from[g], cells, error);
	sori_groups_release(&sets);
	sori_groups_release(&in.rows);
	sori_groups_release(&in.columns);
	sori_free(cells);
	return status;
}
