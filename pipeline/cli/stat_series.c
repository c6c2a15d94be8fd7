/* Methods over series: EARS, Farrington, season. */
#include "pipeline/cli/stat_series.h"

#include <math.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/stats/alerts_ears.h"
#include "pipeline/stats/farrington.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/season.h"

#define SPAN_LIMIT 1000000.0

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

static enum sori_status fill(const struct sori_sheet *input, const size_t *rows, size_t count, struct sori_stat_series *series,
			     struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {{"t", SORI_CELL_NUMBER, false, 0},
							{"y", SORI_CELL_MAYBE_COUNT, false, 0},
							{"n", SORI_CELL_MAYBE, true, NAN},
							{"freq", SORI_CELL_COUNT, true, NAN},
							{0}};
	size_t columns[4];
	double v[4], last = -INFINITY;
	enum sori_status status = sori_stat_columns(input, fields, columns, error);

	series->has_n = status == SORI_OK && columns[2] != SORI_SHEET_NONE;
	for (size_t i = 0; status == SORI_OK && i < count; i++) {
		status = sori_stat_row(input, rows[i], fields, columns, v, error);
		if (status != SORI_OK)
			break;
		if (v[0] != floor(v[0]) || !(v[0] > last))
			return sori_sheet_fail(input, rows[i], error, "column 't': whole numbers that rise within a series are wanted");
		if (i == 0) {
			series->first = v[0];
			series->freq = v[3];
		}
		if (v[0] - series->first >= SPAN_LIMIT)
			return sori_sheet_fail(input, rows[i], error, "column 't': a series of over %.0f periods", SPAN_LIMIT);
		if (v[2] < 0.0)
			return sori_sheet_fail(input, rows[i], error, "column 'n': negative");
		last = v[0];
		series->y[(size_t)(v[0] - series->first)] = v[1];
		series->n[(size_t)(v[0] - series->first)] = v[2];
		series->count = (size_t)(v[0] - series->first) + 1;
	}
	return status;
}

enum sori_status sori_stat_series_read(const struct sori_sheet *input, const size_t *rows, size_t count,
				       struct sori_stat_series *series, struct sori_error *error)
{
	size_t t, name = sori_sheet_column(input, "series"), span;
	double first = 0.0, last = 0.0;
	enum sori_status status = sori_sheet_need(input, "t", &t, error);

	*series = (struct sori_stat_series){.freq = NAN};
	if (status == SORI_OK)
		status = sori_sheet_number(input, rows[0], t, SORI_CELL_NUMBER, &first, error);
	if (status == SORI_OK)
		status = sori_sheet_number(input, rows[count - 1], t, SORI_CELL_NUMBER, &last, error);
	if (status != SORI_OK)
		return status;
	if (last < first || last - first >= SPAN_LIMIT)
		return sori_sheet_fail(input, rows[count - 1], error, "column 't': it falls within a series, or spans over %.0f periods",
				       SPAN_LIMIT);
	span = (size_t)(last - first) + 1;
	series->name = name == SORI_SHEET_NONE ? sori_view_of("") : sori_sheet_cell(input, rows[0], name);
	series->y = sori_alloc(span * sizeof(double));
	series->n = sori_alloc(span * sizeof(double));
	if (!series->y || !series->n)
		return no_memory(error);
	for (size_t i = 0; i < span; i++)
		series->y[i] = series->n[i] = sori_na();
	return fill(input, rows, count, series, error);
}

void sori_stat_series_release(struct sori_stat_series *series)
{
	sori_free(series->y);
	sori_free(series->n);
	series->y = series->n = NULL;
}

static bool same_key(const struct sori_sheet *spec, const size_t *columns, size_t count, size_t a, size_t b)
{
	for (size_t k = 0; k < count; k++)
		if (columns[k] != SORI_SHEET_NONE &&
		    !sori_view_equal(sori_sheet_cell(spec, a, columns[k]), sori_sheet_cell(spec, b, columns[k])))
			return false;
	return true;
}

enum sori_status sori_stat_distinct(const struct sori_sheet *spec, const size_t *columns, size_t count,
				    struct sori_stat_wanted *wanted, struct sori_error *error)
{
	*wanted = (struct sori_stat_wanted){sori_alloc(spec->rows * sizeof *wanted->rows), 0};
	if (!wanted->rows)
		return no_memory(error);
	for (size_t i = 0; i < spec->rows; i++) {
		bool known = false;

		for (size_t k = wanted->count; k-- > 0 && !known;)
			known = same_key(spec, columns, count, i, wanted->rows[k]);
		if (!known)
			wanted->rows[wanted->count++] = i;
	}
	return SORI_OK;
}

enum sori_status sori_stat_wanted_series(const struct sori_stat_call *call, const struct sori_groups *groups,
					 size_t spec_row, size_t spec_column, size_t *group, struct sori_error *error)
{
	struct sori_view name = sori_sheet_cell(call->spec, spec_row, spec_column);

	*group = sori_groups_find(groups, call->input, name);
	if (*group != SIZE_MAX)
		return SORI_OK;
	return sori_sheet_fail(call->spec, spec_row, error, "series '%.*s' is not in the input",
			       name.length > 60 ? 60 : (int)name.length, name.length ? name.at : "");
}

static enum sori_status read_group(const struct sori_stat_call *call, const struct sori_groups *groups, size_t group,
				   struct sori_stat_series *series, struct sori_error *error)
{
	size_t from = groups->from[group];

	return sori_stat_series_read(call->input, groups->rows + from, groups->from[group + 1] - from, series, error);
}

/* ears */

struct ears_want {
	struct sori_ears_settings settings;
	struct sori_view method, baseline, sigma, alpha; /* as printed */
};

static void print_ears(const struct sori_stat_call *call, const struct sori_stat_series *series, const struct ears_want *want)
{
	for (size_t at = sori_ears_first(&want->settings); at < series->count; at++) {
		struct sori_ears r = sori_ears(&want->settings, series->y, at);
		const double values[] = {series->first + (double)at, r.upper, r.alarm};
		const struct sori_view keys[] = {series->name, want->method, want->baseline, want->sigma, want->alpha};

		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
			if (k)
				sori_buffer_add_byte(call->out, ',');
			sori_sheet_put_text(call->out, keys[k]);
		}
		sori_stat_values(call, values, sizeof values / sizeof *values);
	}
}

static enum sori_status read_ears_want(const struct sori_sheet *spec, size_t row, const size_t *columns, struct ears_want *want,
				       struct sori_error *error)
{
	double baseline, sigma, alpha;
	struct sori_view method = sori_sheet_cell(spec, row, columns[1]);
	enum sori_status status = sori_sheet_number(spec, row, columns[2], SORI_CELL_COUNT, &baseline, error);

	if (status == SORI_OK)
		status = sori_sheet_number(spec, row, columns[3], SORI_CELL_NUMBER, &sigma, error);
	if (status == SORI_OK)
		status = sori_sheet_number(spec, row, columns[4], SORI_CELL_LEVEL, &alpha, error);
	if (status != SORI_OK)
		return status;
	if (baseline < 2.0 || baseline > SPAN_LIMIT || sigma < 0.0)
		return sori_sheet_fail(spec, row, error, "a baseline of at least 2 days and a minSigma not under 0 are wanted");
	if (method.length != 2 || method.at[0] != 'C' || method.at[1] < '1' || method.at[1] > '3')
		return sori_sheet_fail(spec, row, error, "column 'method': C1, C2 or C3 is wanted");
	*want = (struct ears_want){
		{(enum sori_ears_method)(method.at[1] - '0'), (size_t)baseline, sigma, alpha}, method,
		sori_sheet_cell(spec, row, columns[2]), sori_sheet_cell(spec, row, columns[3]), sori_sheet_cell(spec, row, columns[4])};
	return SORI_OK;
}

static enum sori_status ears_by_spec(const struct sori_stat_call *call, const struct sori_groups *groups,
				     struct sori_error *error)
{
	static const char *const keys[] = {"series", "method", "baseline", "minSigma", "alpha"};
	size_t columns[5], group;
	struct sori_stat_wanted wanted = {0};
	enum sori_status status = SORI_OK;

	for (size_t k = 0; status == SORI_OK && k < 5; k++)
		status = sori_sheet_need(call->spec, keys[k], &columns[k], error);
	if (status == SORI_OK)
		status = sori_stat_distinct(call->spec, columns, 5, &wanted, error);
	for (size_t i = 0; status == SORI_OK && i < wanted.count; i++) {
		struct sori_stat_series series = {0};
		struct ears_want want;

		status = read_ears_want(call->spec, wanted.rows[i], columns, &want, error);
		if (status == SORI_OK)
			status = sori_stat_wanted_series(call, groups, wanted.rows[i], columns[0], &group, error);
		if (status == SORI_OK)
			status = read_group(call, groups, group, &series, error);
		if (status == SORI_OK)
			print_ears(call, &series, &want);
		sori_stat_series_release(&series);
	}
	sori_free(wanted.rows);
	return status;
}

enum sori_status sori_stat_ears(const struct sori_stat_call *call, struct sori_error *error)
{
	const struct ears_want recommended = {sori_ears_recommended, SORI_VIEW_LITERAL("C2"), SORI_VIEW_LITERAL("28"),
					      SORI_VIEW_LITERAL("1"), SORI_VIEW_LITERAL("0.001")};
	struct sori_groups groups = {0};
	enum sori_status status = sori_groups_make(&groups, call->input, sori_sheet_column(call->input, "series"), error);

	sori_buffer_add_text(call->out, "series,method,baseline,minSigma,alpha,t,upper,alarm\n");
	if (status == SORI_OK && call->spec)
		status = ears_by_spec(call, &groups, error);
	for (size_t g = 0; status == SORI_OK && !call->spec && g < groups.count; g++) {
		struct sori_stat_series series = {0};

		status = read_group(call, &groups, g, &series, error);
		if (status == SORI_OK)
			print_ears(call, &series, &recommended);
		sori_stat_series_release(&series);
	}
	sori_groups_release(&groups);
	return status;
}

/* farrington */

/* The daily ones are `daily_count` and departures from it; so are the weekly ones. */
static bool named_config(struct sori_view name, struct sori_farrington_settings *settings)
{
	*settings = sori_farrington_daily;
	settings->guard = 2;
	settings->drop_alarms = false;
	settings->release_run = 0; /* the configurations are those of R's package, which has no valve */
	settings->release_share = 0.0;
	if (sori_view_is(name, "daily_share"))
		return true;
	settings->share = false;
	if (sori_view_is(name, "daily_count"))
		return true;
	settings->trend = true;
	if (sori_view_is(name, "daily_count_trend"))
		return true;
	settings->trend = false;
	settings->share = settings->drop_alarms = true;
	settings->guard = 7;
	if (sori_view_is(name, "daily_share_g7_excl"))
		return true;
	*settings = sori_farrington_weekly;
	if (sori_view_is(name, "weekly_share"))
		return true;
	settings->share = false;
	return sori_view_is(name, "weekly_count");
}

struct judged {
	const struct sori_stat_series *series;
	const char *config;
	const struct sori_farrington_settings *settings;
	size_t first;
	struct sori_farrington *results;
	bool *skip;
};

/* The same day with the dispersion that R's package computes, for comparison with it. */
static enum sori_status package_figures(const struct judged *judged, size_t at, struct sori_farrington *package,
					struct sori_error *error)
{
	const struct sori_series arrays = {judged->series->count, NULL, judged->series->y, judged->series->n};
	struct sori_farrington_settings as_package = *judged->settings;

	as_package.package = true;
	for (size_t i = 0; i < judged->series->count; i++)
		judged->skip[i] = i >= judged->first && i < at && judged->results[i - judged->first].alarm;
	return sori_farrington_at(&as_package, &arrays, judged->results[at - judged->first].dropped ? judged->skip : NULL, at,
				  package, error);
}

static void print_farrington(const struct sori_stat_call *call, const struct judged *judged, size_t at,
			     const struct sori_farrington *package)
{
	const struct sori_stat_series *series = judged->series;
	const struct sori_farrington *r = &judged->results[at - judged->first];
	const double values[] = {series->first + (double)at, series->y[at], series->n[at], r->mu, r->phi, r->trend_used,
				 r->trend, r->upper, r->p_exceed, r->alarm, r->score, r->boundary, package->phi,
				 package->upper, package->alarm};

	sori_sheet_put_text(call->out, series->name);
	sori_buffer_add_byte(call->out, ',');
	sori_sheet_put_text(call->out, sori_view_of(judged->config));
	sori_stat_values(call, values, sizeof values / sizeof *values);
}

/* Says once how many periods had no fit, and when the level was called new. */
static void tell(const struct judged *judged)
{
	size_t unfitted = 0, count = judged->series->count;
	enum sori_glm_outcome last = SORI_GLM_FITTED;
	int length = (int)judged->series->name.length;
	const char *name = length ? judged->series->name.at : "";

	for (size_t at = judged->first; at < count; at++) {
		const struct sori_farrington *r = &judged->results[at - judged->first];

		if (r->outcome != SORI_GLM_FITTED) {
			unfitted++;
			last = r->outcome;
		}
		if (r->released)
			sori_cli_warn("series '%.*s', t %.0f: new level; past alarms count as history again", length, name,
				      judged->series->first + (double)at);
	}
	if (unfitted)
		sori_cli_warn("series '%.*s': %zu periods not judged: %s", length, name, unfitted, sori_glm_outcome_text(last));
}

static enum sori_status farrington_series(const struct sori_stat_call *call, const struct sori_stat_series *series,
					  const char *config, const struct sori_farrington_settings *settings,
					  struct sori_error *error)
{
	const struct sori_series arrays = {series->count, NULL, series->y, series->n};
	struct judged judged = {series, config, settings, sori_farrington_first(settings), NULL, NULL};
	struct sori_farrington package;
	enum sori_status status;

	if (series->count <= judged.first) {
		sori_cli_warn("series '%.*s': %zu periods, %s needs more than %zu; not judged", (int)series->name.length,
			      series->name.length ? series->name.at : "", series->count, config, judged.first);
		return SORI_OK;
	}
	judged.results = sori_alloc_zero(series->count - judged.first, sizeof *judged.results);
	judged.skip = sori_alloc_zero(series->count, sizeof *judged.skip);
	status = judged.results && judged.skip
			 ? sori_farrington_run(settings, &arrays, judged.first, judged.results, error)
			 : no_memory(error);
	if (status == SORI_OK)
		tell(&judged);
	for (size_t at = judged.first; status == SORI_OK && at < series->count; at++) {
		status = package_figures(&judged, at, &package, error);
		if (status == SORI_OK)
			print_farrington(call, &judged, at, &package);
	}
	sori_free(judged.results);
	sori_free(judged.skip);
	return status;
}

static enum sori_status farrington_by_spec(const struct sori_stat_call *call, const struct sori_groups *groups,
					   struct sori_error *error)
{
	size_t columns[2] = {0, 0}, group;
	struct sori_stat_wanted wanted = {0};
	enum sori_status status = sori_sheet_need(call->spec, "series", &columns[0], error);

	if (status == SORI_OK)
		status = sori_sheet_need(call->spec, "config", &columns[1], error);
	if (status == SORI_OK)
		status = sori_stat_distinct(call->spec, columns, 2, &wanted, error);
	for (size_t i = 0; status == SORI_OK && i < wanted.count; i++) {
		struct sori_stat_series series = {0};
		struct sori_farrington_settings settings;
		struct sori_view config = sori_sheet_cell(call->spec, wanted.rows[i], columns[1]);

		if (sori_view_is(config, "weekly_delta_optional")) {
			sori_cli_warn("config 'weekly_delta_optional' is not computed: the quantile is negative binomial");
			continue;
		}
		if (!named_config(config, &settings))
			status = sori_sheet_fail(call->spec, wanted.rows[i], error, "column 'config': unknown '%.*s'",
						 config.length > 60 ? 60 : (int)config.length, config.length ? config.at : "");
		if (status == SORI_OK)
			status = sori_stat_wanted_series(call, groups, wanted.rows[i], columns[0], &group, error);
		if (status == SORI_OK)
			status = read_group(call, groups, group, &series, error);
		if (status == SORI_OK && settings.share && !series.has_n)
			status = sori_sheet_need(call->input, "n", &group, error);
		if (status == SORI_OK)
			status = farrington_series(call, &series, config.at, &settings, error); /* cells end with NUL */
		sori_stat_series_release(&series);
	}
	sori_free(wanted.rows);
	return status;
}

/* Recommended: shares; days with the guard, own alarms out and the valve; weeks over five years where they are there. */
static enum sori_status farrington_recommended(const struct sori_stat_call *call, const struct sori_stat_series *series,
					       size_t row, struct sori_error *error)
{
	struct sori_farrington_settings settings;
	struct sori_stat_series early; /* weeks with three years before them, but not five */
	enum sori_status status;
	size_t missing;

	if (!series->has_n)
		return sori_sheet_need(call->input, "n", &missing, error);
	if (series->freq == 7.0)
		return farrington_series(call, series, "daily_share_g7_excl", &sori_farrington_daily, error);
	if (series->freq != 52.0)
		return sori_sheet_fail(call->input, row, error, "column 'freq': 7 (days) or 52 (weeks) is wanted");
	settings = sori_farrington_weekly;
	settings.b = 5;
	early = *series;
	if (series->count > sori_farrington_first(&settings))
		early.count = sori_farrington_first(&settings);
	status = farrington_series(call, &early, "weekly_share", &sori_farrington_weekly, error);
	if (status == SORI_OK && early.count < series->count)
		status = farrington_series(call, series, "weekly_share_b5", &settings, error);
	return status;
}

enum sori_status sori_stat_farrington(const struct sori_stat_call *call, struct sori_error *error)
{
	struct sori_groups groups = {0};
	enum sori_status status = sori_groups_make(&groups, call->input, sori_sheet_column(call->input, "series"), error);

	sori_buffer_add_text(call->out, "series,config,t,y,n,mu,phi,trend_used,trend_coef,upper,p_exceed,alarm,score,boundary,"
					"pkg_phi,pkg_upper,pkg_alarm\n");
	if (status == SORI_OK && call->spec)
		status = farrington_by_spec(call, &groups, error);
	for (size_t g = 0; status == SORI_OK && !call->spec && g < groups.count; g++) {
		struct sori_stat_series series = {0};

		status = read_group(call, &groups, g, &series, error);
		if (status == SORI_OK)
			status = farrington_recommended(call, &series, groups.rows[groups.from[g]], error);
		sori_stat_series_release(&series);
	}
	sori_groups_release(&groups);
	return status;
}

/* season */

static enum sori_status season_series(const struct sori_stat_call *call, const struct sori_stat_series *series,
				      struct sori_error *error)
{
	struct sori_season r;
	double *t = sori_alloc(series->count * sizeof *t);
	enum sori_status status = t ? SORI_OK : no_memory(error);

	for (size_t i = 0; status == SORI_OK && i < series->count; i++)
		t[i] = series->first + (double)i;
	if (status == SORI_OK)
		status = sori_season_fit(&(struct sori_series){series->count, t, series->y, series->n}, SORI_SEASON_YEAR, &r, error);
	if (status == SORI_OK) {
		const double values[] = {r.dispersion, r.deviance_trend, r.deviance, r.f, r.df1, r.df2, r.p, r.peak, r.trough,
					 r.peak_to_trough};

		if (r.outcome != SORI_GLM_FITTED)
			sori_cli_warn("series '%.*s': %s", (int)series->name.length, series->name.length ? series->name.at : "",
				      sori_glm_outcome_text(r.outcome));
		sori_sheet_put_text(call->out, series->name);
		for (size_t k = 0; k < sizeof r.coefficients / sizeof *r.coefficients; k++) {
			sori_buffer_add_byte(call->out, ',');
			sori_sheet_put(call->out, r.coefficients[k]);
		}
		sori_stat_values(call, values, sizeof values / sizeof *values);
	}
	sori_free(t);
	return status;
}

enum sori_status sori_stat_season(const struct sori_stat_call *call, struct sori_error *error)
{
	struct sori_groups groups = {0};
	size_t n;
	enum sori_status status = sori_sheet_need(call->input, "n", &n, error);

	if (status == SORI_OK)
		status = sori_groups_make(&groups, call->input, sori_sheet_column(call->input, "series"), error);
	sori_buffer_add_text(call->out, "series,b0,b_t,sin1,cos1,sin2,cos2,dispersion,dev_null,dev_full,F,df1,df2,p,peak_week_mod,"
					"trough_week_mod,peak_to_trough\n");
	for (size_t g = 0; status == SORI_OK && g < groups.count; g++) {
		struct sori_stat_series series = {0};

		status = read_group(call, &groups, g, &series, error);
		if (status == SORI_OK)
			status = season_series(call, &series, error);
		sori_stat_series_release(&series);
	}
	sori_groups_release(&groups);
	return status;
}
