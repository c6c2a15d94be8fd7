/* Interrupted time series: three tables of one fit. */
#include <math.h>

#include "pipeline/base/memory.h"
#include "pipeline/cli/stat_series.h"
#include "pipeline/stats/its.h"
#include "pipeline/stats/missing.h"

enum print_what { PRINT_COEF, PRINT_FIT, PRINT_EFFECT };

struct its_input {
	struct sori_its_data data;
	double *room;
	bool *excluded;
};

static enum sori_status read_its(const struct sori_sheet *input, const size_t *rows, size_t count, struct its_input *in,
				 struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {{"t", SORI_CELL_NUMBER, false, 0},
							{"y", SORI_CELL_MAYBE_COUNT, false, 0},
							{"n", SORI_CELL_MAYBE, false, 0},
							{"excluded", SORI_CELL_FLAG, true, 0},
							{0}};
	size_t columns[4];
	double v[4];
	enum sori_status status = sori_stat_columns(input, fields, columns, error);

	in->room = sori_alloc(count * 3 * sizeof *in->room);
	in->excluded = sori_alloc(count * sizeof *in->excluded);
	if (status == SORI_OK && (!in->room || !in->excluded))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; status == SORI_OK && i < count; i++) {
		status = sori_stat_row(input, rows[i], fields, columns, v, error);
		if (status != SORI_OK)
			break;
		if (i && !(v[0] > in->room[i - 1]))
			return sori_sheet_fail(input, rows[i], error, "column 't': it does not rise within the series");
		in->room[i] = v[0];
		in->room[count + i] = v[1];
		in->room[2 * count + i] = isnan(v[2]) ? 0.0 : v[2];
		in->excluded[i] = v[3] == 1.0;
	}
	in->data = (struct sori_its_data){{count, in->room, in->room + count, in->room + 2 * count}, in->excluded};
	return status;
}

/* What the spec says; what it does not say is recommended. */
static enum sori_status read_settings(const struct sori_sheet *spec, size_t row, const struct sori_its_data *data,
				      struct sori_its_settings *settings, struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {
		{"T0", SORI_CELL_NUMBER, false, 0},        {"K", SORI_CELL_MAYBE_COUNT, true, NAN},
		{"period", SORI_CELL_MAYBE, true, NAN},    {"slope", SORI_CELL_MAYBE_SHARE, true, NAN},
		{"nw_lag", SORI_CELL_MAYBE_COUNT, true, NAN}, {0}};
	size_t columns[5];
	double v[5];
	enum sori_its_tier tier;
	enum sori_status status = sori_stat_columns(spec, fields, columns, error);

	if (status == SORI_OK)
		status = sori_stat_row(spec, row, fields, columns, v, error);
	if (status != SORI_OK)
		return status;
	if (v[1] > 4.0 || v[2] <= 0.0 || v[4] > 1000.0)
		return sori_sheet_fail(spec, row, error, "K is 0 to 4, period over 0, nw_lag at most 1000");
	tier = sori_its_recommend(data, v[0], settings);
	if (isnan(v[3]) && tier == SORI_ITS_REFUSED)
		return sori_sheet_fail(spec, row, error, "under 6 points before T0 or none after: too little data");
	if (isnan(v[3]) && tier == SORI_ITS_WEAK)
		sori_cli_warn("under 12 points before T0 or under 8 after: level only, weak");
	if (!isnan(v[1]))
		settings->harmonics = (size_t)v[1];
	if (!isnan(v[2]))
		settings->period = v[2];
	if (!isnan(v[3]))
		settings->slope = v[3] > 0.0;
	if (!isnan(v[4]))
		settings->lag = (size_t)v[4];
	return SORI_OK;
}

static void print_coefficients(const struct sori_stat_call *call, struct sori_view name, const struct sori_its *r)
{
	for (size_t k = 0; k < r->columns; k++) {
		struct sori_its_estimate quasi = sori_its_coefficient(r, k, false), nw = sori_its_coefficient(r, k, true);
		const double values[] = {quasi.value, quasi.error, quasi.limits.low, quasi.limits.high, quasi.p,
					 nw.error, nw.limits.low, nw.limits.high, nw.p};
		char term[16];

		sori_its_term(r, k, term);
		sori_sheet_put_text(call->out, name);
		sori_buffer_add_byte(call->out, ',');
		sori_buffer_add_text(call->out, term);
		sori_stat_values(call, values, sizeof values / sizeof *values);
	}
}

static void print_fit(const struct sori_stat_call *call, struct sori_view name, const struct sori_its *r)
{
	const double na = sori_na();
	const struct sori_its_settings *s = &r->settings;
	bool good = r->outcome == SORI_GLM_FITTED;
	const double values[] = {s->t0, (double)s->harmonics, s->period, s->slope, (double)s->lag, (double)r->model.rows,
				 good ? r->fit.df : na, good ? r->fit.dispersion : na, good ? r->fit.deviance : na,
				 good ? r->acf1 : na, good ? r->box_lag : na, good ? r->box : na, good ? r->box_p : na};

	sori_sheet_put_text(call->out, name);
	sori_stat_values(call, values, sizeof values / sizeof *values);
}

static void print_horizon(const struct sori_stat_call *call, struct sori_view name, const struct sori_its *r, double h)
{
	const double na = sori_na();
	double values[9] = {h, na, na, na, na, na, na, na, na};

	if (isnan(h)) {
		struct sori_its_estimate avoided = sori_its_avoided(r, false);

		values[6] = avoided.value;
		values[7] = avoided.limits.low;
		values[8] = avoided.limits.high;
	} else {
		struct sori_its_estimate quasi = sori_its_effect(r, h, false), nw = sori_its_effect(r, h, true);

		values[1] = quasi.value;
		values[2] = quasi.limits.low;
		values[3] = quasi.limits.high;
		values[4] = nw.limits.low;
		values[5] = nw.limits.high;
	}
	sori_sheet_put_text(call->out, name);
	sori_stat_values(call, values, sizeof values / sizeof *values);
}

/* The horizons of this series in the file; 0, 4, 12 and the documents avoided without a file. */
static enum sori_status print_effects(const struct sori_stat_call *call, struct sori_view name, const struct sori_its *r,
				      struct sori_error *error)
{
	const double usual[] = {0.0, 4.0, 12.0, sori_na()};
	size_t series, column;
	enum sori_status status;

	for (size_t i = 0; !call->horizons && i < sizeof usual / sizeof *usual; i++)
		print_horizon(call, name, r, usual[i]);
	if (!call->horizons)
		return SORI_OK;
	status = sori_sheet_need(call->horizons, "series", &series, error);
	if (status == SORI_OK)
		status = sori_sheet_need(call->horizons, "h_after_T0", &column, error);
	for (size_t i = 0; status == SORI_OK && i < call->horizons->rows; i++) {
		double h;

		if (!sori_view_equal(sori_sheet_cell(call->horizons, i, series), name))
			continue;
		status = sori_sheet_number(call->horizons, i, column, SORI_CELL_MAYBE, &h, error);
		if (status == SORI_OK)
			print_horizon(call, name, r, isnan(h) ? sori_na() : h);
	}
	return status;
}

static enum sori_status its_series(const struct sori_stat_call *call, enum print_what what, size_t spec_row,
				   const struct sori_groups *groups, size_t group, struct sori_error *error)
{
	const size_t *rows = groups->rows + groups->from[group], count = groups->from[group + 1] - groups->from[group];
	struct sori_view name = sori_sheet_cell(call->input, rows[0], groups->column);
	struct its_input in = {0};
	struct sori_its_settings settings;
	struct sori_its result = {0};
	enum sori_status status = read_its(call->input, rows, count, &in, error);

	if (status == SORI_OK)
		status = read_settings(call->spec, spec_row, &in.data, &settings, error);
	if (status == SORI_OK)
		status = sori_its_fit(&in.data, &settings, &result, error);
	if (status == SORI_OK && result.outcome != SORI_GLM_FITTED)
		sori_cli_warn("series '%.*s': %s", (int)name.length, name.length ? name.at : "",
			      sori_glm_outcome_text(result.outcome));
	else if (status == SORI_OK && result.fit.rank < result.columns)
		sori_cli_warn("series '%.*s': %zu terms depend on the others and are dropped", (int)name.length,
			      name.length ? name.at : "", result.columns - result.fit.rank);
	if (status == SORI_OK && what == PRINT_COEF)
		print_coefficients(call, name, &result);
	if (status == SORI_OK && what == PRINT_FIT)
		print_fit(call, name, &result);
	if (status == SORI_OK && what == PRINT_EFFECT)
		status = print_effects(call, name, &result, error);
	if (status == SORI_OK)
		sori_its_release(&result);
	sori_free(in.room);
	sori_free(in.excluded);
	return status;
}

enum sori_status sori_stat_its(const struct sori_stat_call *call, struct sori_error *error)
{
	static const char *const keys[] = {"series", "T0", "K", "period", "slope", "nw_lag"};
	static const char *const headers[] = {
		"series,term,coef,se_quasi,lo_quasi,hi_quasi,p_quasi,se_nw,lo_nw,hi_nw,p_nw\n",
		"series,T0,K,period,slope,nw_lag,n_used,df,dispersion_raw,deviance,acf1,lb_lag,lb_stat,lb_p\n",
		"series,h_after_T0,rr,rr_lo_quasi,rr_hi_quasi,rr_lo_nw,rr_hi_nw,avoided,av_lo_quasi,av_hi_quasi\n",
	};
	enum print_what what = !call->print || call->print[0] == 'c' ? PRINT_COEF
			       : call->print[0] == 'f'		     ? PRINT_FIT
								     : PRINT_EFFECT;
	size_t columns[6], name, group;
	struct sori_groups groups = {0};
	struct sori_stat_wanted wanted = {0};
	enum sori_status status;

	if (!call->spec)
		return sori_fail(error, SORI_USAGE, "stat its needs --spec FILE with the columns series and T0");
	status = sori_sheet_need(call->input, "series", &name, error);
	for (size_t k = 0; status == SORI_OK && k < 6; k++) {
		columns[k] = sori_sheet_column(call->spec, keys[k]);
		if (k < 2)
			status = sori_sheet_need(call->spec, keys[k], &columns[k], error);
	}
	if (status == SORI_OK)
		status = sori_groups_make(&groups, call->input, name, error);
	if (status == SORI_OK)
		status = sori_stat_distinct(call->spec, columns, 6, &wanted, error);
	sori_buffer_add_text(call->out, headers[what]);
	for (size_t i = 0; status == SORI_OK && i < wanted.count; i++) {
		size_t row = wanted.rows[i];

		status = sori_stat_wanted_series(call, &groups, row, columns[0], &group, error);
		if (status == SORI_OK)
			status = its_series(call, what, row, &groups, group, error);
	}
	sori_groups_release(&groups);
	sori_free(wanted.rows);
	return status;
}
