/* Methods whose input file is also their output: keys and inputs are copied, results are appended. */
#include <math.h>

#include "pipeline/base/memory.h"
#include "pipeline/cli/stat.h"
#include "pipeline/stats/intervals.h"
#include "pipeline/stats/keyness.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/multiple.h"
#include "pipeline/stats/special.h"

#define FIELD_LIMIT 8
#define RESULT_LIMIT 16

/* A method that looks at one row at a time. */
struct row_method {
	const struct sori_stat_field *fields;
	const char *const *results;
	void (*compute)(const double *in, double *out);
};

static size_t length_of(const char *const *names)
{
	size_t count = 0;

	while (names[count])
		count++;
	return count;
}

static enum sori_status each_row(const struct sori_stat_call *call, const struct row_method *method, struct sori_error *error)
{
	size_t columns[FIELD_LIMIT], count = length_of(method->results);
	double in[FIELD_LIMIT], out[RESULT_LIMIT];
	bool *keep = sori_alloc(call->input->columns * sizeof *keep);
	enum sori_status status = keep ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");

	if (status == SORI_OK)
		status = sori_stat_columns(call->input, method->fields, columns, error);
	if (status == SORI_OK)
		sori_stat_header(call, method->results, keep);
	for (size_t i = 0; status == SORI_OK && i < call->input->rows; i++) {
		status = sori_stat_row(call->input, i, method->fields, columns, in, error);
		if (status != SORI_OK)
			break;
		method->compute(in, out);
		sori_stat_keys(call, i, keep);
		sori_stat_values(call, out, count);
	}
	sori_free(keep);
	return status;
}

static void compute_wilson(const double *in, double *out)
{
	struct sori_interval limits = sori_wilson_interval(in[0], in[1], in[2]);

	out[0] = in[1] > 0.0 ? in[0] / in[1] : sori_na();
	out[1] = limits.low;
	out[2] = limits.high;
}

static enum sori_status at_most(const struct sori_stat_call *call, const char *part, const char *whole,
				struct sori_error *error)
{
	size_t columns[2];
	enum sori_status status = sori_sheet_need(call->input, part, &columns[0], error);

	if (status == SORI_OK)
		status = sori_sheet_need(call->input, whole, &columns[1], error);
	for (size_t i = 0; status == SORI_OK && i < call->input->rows; i++) {
		double a, b;

		status = sori_sheet_number(call->input, i, columns[0], SORI_CELL_COUNT, &a, error);
		if (status == SORI_OK)
			status = sori_sheet_number(call->input, i, columns[1], SORI_CELL_COUNT, &b, error);
		if (status == SORI_OK && a > b)
			status = sori_sheet_fail(call->input, i, error, "column '%s' is larger than column '%s'", part, whole);
	}
	return status;
}

enum sori_status sori_stat_wilson(const struct sori_stat_call *call, struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {
		{"x", SORI_CELL_COUNT, false, 0}, {"n", SORI_CELL_COUNT, false, 0}, {"conf", SORI_CELL_LEVEL, true, 0.95}, {0}};
	static const char *const results[] = {"p", "lo", "hi", NULL};
	enum sori_status status = at_most(call, "x", "n", error);

	return status == SORI_OK ? each_row(call, &(struct row_method){fields, results, compute_wilson}, error) : status;
}

static void compute_newcombe(const double *in, double *out)
{
	struct sori_interval limits = sori_newcombe_interval(in[0], in[1], in[2], in[3], in[4]);

	out[0] = in[1] > 0.0 && in[3] > 0.0 ? in[0] / in[1] - in[2] / in[3] : sori_na();
	out[1] = limits.low;
	out[2] = limits.high;
}

enum sori_status sori_stat_newcombe(const struct sori_stat_call *call, struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {
		{"x1", SORI_CELL_COUNT, false, 0}, {"n1", SORI_CELL_COUNT, false, 0},     {"x2", SORI_CELL_COUNT, false, 0},
		{"n2", SORI_CELL_COUNT, false, 0}, {"conf", SORI_CELL_LEVEL, true, 0.95}, {0}};
	static const char *const results[] = {"diff", "lo", "hi", NULL};
	enum sori_status status = at_most(call, "x1", "n1", error);

	if (status == SORI_OK)
		status = at_most(call, "x2", "n2", error);
	return status == SORI_OK ? each_row(call, &(struct row_method){fields, results, compute_newcombe}, error) : status;
}

static void compute_rate_ratio(const double *in, double *out)
{
	struct sori_rate_ratio r = sori_rate_ratio(in[0], in[1], in[2], in[3], in[4]);
	const double values[] = {r.ratio, r.p_exact, r.p_minlike, r.p_mid, r.exact.low, r.exact.high, r.mid.low, r.mid.high};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		out[i] = values[i];
}

enum sori_status sori_stat_rate_ratio(const struct sori_stat_call *call, struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {
		{"x1", SORI_CELL_COUNT, false, 0},    {"t1", SORI_CELL_POSITIVE, false, 0},  {"x2", SORI_CELL_COUNT, false, 0},
		{"t2", SORI_CELL_POSITIVE, false, 0}, {"conf", SORI_CELL_LEVEL, true, 0.95}, {0}};
	static const char *const results[] = {"rr",       "p_exact",  "p_minlike", "p_mid", "lo_exact",
					      "hi_exact", "lo_mid", "hi_mid",    NULL};

	return each_row(call, &(struct row_method){fields, results, compute_rate_ratio}, error);
}

static void compute_keyness(const double *in, double *out)
{
	struct sori_keyness k = sori_keyness(in[0], in[1], in[2], in[3]);
	const double values[] = {k.sign,       k.g2,      k.g2_two_cells, k.p_g2,          k.chi2,           k.chi2_yates,
				 k.percent, k.log_ratio, k.log_ratio_low, k.log_ratio_high, k.bic, k.min_expected};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		out[i] = values[i];
}

enum sori_status sori_stat_keyness(const struct sori_stat_call *call, struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {{"a", SORI_CELL_COUNT, false, 0},
							{"b", SORI_CELL_COUNT, false, 0},
							{"n1", SORI_CELL_POSITIVE, false, 0},
							{"n2", SORI_CELL_POSITIVE, false, 0},
							{0}};
	static const char *const results[] = {"sign",      "g2_4cell",     "g2_rayson2",   "p_g2_4cell", "chi2",         "chi2_yates",
					      "pct_diff", "log_ratio", "log_ratio_lo", "log_ratio_hi", "bic", "min_expected", NULL};
	enum sori_status status = at_most(call, "a", "n1", error);

	if (status == SORI_OK)
		status = at_most(call, "b", "n2", error);
	return status == SORI_OK ? each_row(call, &(struct row_method){fields, results, compute_keyness}, error) : status;
}

/* Functions by name; a1, a2, a3 are the arguments in the order of R's. */
struct special {
	const char *name;
	int arguments;
	double (*one)(double);
	double (*two)(double, double);
	double (*three)(double, double, double);
};

static double chi2_1_upper(double x)
{
	return sori_chi2_upper(x, 1.0);
}

static const struct special specials[] = {
	{"pnorm_lower", 1, sori_normal_lower, NULL, NULL},
	{"pnorm_upper", 1, sori_normal_upper, NULL, NULL},
	{"qnorm_lower", 1, sori_normal_quantile, NULL, NULL},
	{"pchisq1_upper", 1, chi2_1_upper, NULL, NULL},
	{"pchisq_lower", 2, NULL, sori_chi2_lower, NULL},
	{"pchisq_upper", 2, NULL, sori_chi2_upper, NULL},
	{"qchisq_lower", 2, NULL, sori_chi2_quantile, NULL},
	{"pt_lower", 2, NULL, sori_t_lower, NULL},
	{"pt_upper", 2, NULL, sori_t_upper, NULL},
	{"qt_lower", 2, NULL, sori_t_quantile, NULL},
	{"pf_lower", 3, NULL, NULL, sori_f_lower},
	{"pf_upper", 3, NULL, NULL, sori_f_upper},
	{"qf_lower", 3, NULL, NULL, sori_f_quantile},
	{"pbeta_lower", 3, NULL, NULL, sori_beta_lower},
	{"pbeta_upper", 3, NULL, NULL, sori_beta_upper},
	{"qbeta_lower", 3, NULL, NULL, sori_beta_quantile},
	{"qbeta_upper", 3, NULL, NULL, sori_beta_quantile_upper},
	{"dbinom", 3, NULL, NULL, sori_binomial_at},
	{"pbinom_le", 3, NULL, NULL, sori_binomial_le},
	{"pbinom_ge", 3, NULL, NULL, sori_binomial_ge},
	{"qbinom", 3, NULL, NULL, sori_binomial_quantile},
	{"dpois", 2, NULL, sori_poisson_at, NULL},
	{"ppois_le", 2, NULL, sori_poisson_le, NULL},
	{"ppois_ge", 2, NULL, sori_poisson_ge, NULL},
	{"qpois", 2, NULL, sori_poisson_quantile, NULL},
	{"pnbinom_le_mu_phi", 3, NULL, NULL, sori_negbin_le},
	{"pnbinom_ge_mu_phi", 3, NULL, NULL, sori_negbin_ge},
	{"pnbinom_ge2mu_mu_phi", 3, NULL, NULL, sori_negbin_ge},
	{"qnbinom_mu_phi", 3, NULL, NULL, sori_negbin_quantile},
};

static enum sori_status special_row(const struct sori_stat_call *call, size_t row, const size_t *columns, double *value,
				    struct sori_error *error)
{
	struct sori_view name = sori_sheet_cell(call->input, row, columns[0]);
	double a[3];

	for (size_t k = 0; k < sizeof specials / sizeof *specials; k++) {
		const struct special *special = &specials[k];

		if (!sori_view_is(name, special->name))
			continue;
		for (int i = 0; i < special->arguments; i++) {
			enum sori_status status;

			if (columns[1 + i] == SORI_SHEET_NONE)
				return sori_sheet_fail(call->input, row, error, "'%s' needs column 'a%d'", special->name, i + 1);
			status = sori_sheet_number(call->input, row, columns[1 + i], SORI_CELL_NUMBER, &a[i], error);
			if (status != SORI_OK)
				return status;
		}
		*value = special->one ? special->one(a[0]) : special->two ? special->two(a[0], a[1]) : special->three(a[0], a[1], a[2]);
		return SORI_OK;
	}
	return sori_sheet_fail(call->input, row, error, "column 'fn': unknown function '%.*s'",
			       name.length > 40 ? 40 : (int)name.length, name.length ? name.at : "");
}

enum sori_status sori_stat_special(const struct sori_stat_call *call, struct sori_error *error)
{
	static const char *const results[] = {"value", NULL};
	size_t columns[4] = {0, sori_sheet_column(call->input, "a1"), sori_sheet_column(call->input, "a2"),
			     sori_sheet_column(call->input, "a3")};
	bool *keep = sori_alloc(call->input->columns * sizeof *keep);
	enum sori_status status = keep ? sori_sheet_need(call->input, "fn", &columns[0], error)
				       : sori_fail(error, SORI_SYSTEM, "out of memory");

	if (status == SORI_OK)
		sori_stat_header(call, results, keep);
	for (size_t i = 0; status == SORI_OK && i < call->input->rows; i++) {
		double value = 0.0;

		status = special_row(call, i, columns, &value, error);
		if (status == SORI_OK) {
			sori_stat_keys(call, i, keep);
			sori_stat_values(call, &value, 1);
		}
	}
	sori_free(keep);
	return status;
}

/* Results of a whole group, kept until the rows are printed in input order. */
static enum sori_status print_rows(const struct sori_stat_call *call, const char *const *results, const double *values,
				   struct sori_error *error)
{
	size_t width = length_of(results);
	bool *keep = sori_alloc(call->input->columns * sizeof *keep);

	if (!keep)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_stat_header(call, results, keep);
	for (size_t i = 0; i < call->input->rows; i++) {
		sori_stat_keys(call, i, keep);
		sori_stat_values(call, values + i * width, width);
	}
	sori_free(keep);
	return SORI_OK;
}

static void log_odds_group(const double *in, size_t rows, const size_t *group, size_t count, double *scratch, double *out)
{
	struct sori_log_odds_totals totals;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < 3; k++)
			scratch[k * rows + i] = in[group[i] * 4 + k];
	totals = sori_log_odds_totals(scratch, scratch + rows, scratch + 2 * rows, count, in[group[0] * 4 + 3]);
	for (size_t i = 0; i < count; i++) {
		const double *row = in + group[i] * 4;
		struct sori_log_odds r = sori_log_odds(row[0], row[1], row[2], &totals);
		const double values[4] = {r.alpha, r.delta, r.variance, r.z};

		for (size_t k = 0; k < 4; k++)
			out[group[i] * 4 + k] = values[k];
	}
}

enum sori_status sori_stat_log_odds(const struct sori_stat_call *call, struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {{"yA", SORI_CELL_COUNT, false, 0},
							{"yB", SORI_CELL_COUNT, false, 0},
							{"yHist", SORI_CELL_COUNT, true, 0},
							{"alpha0", SORI_CELL_POSITIVE, true, 500},
							{0}};
	static const char *const results[] = {"alpha_w", "delta", "var", "z", NULL};
	const size_t rows = call->input->rows;
	size_t columns[4];
	struct sori_groups groups = {0};
	double *in = sori_alloc(rows * 11 * sizeof *in);
	enum sori_status status = in ? sori_stat_columns(call->input, fields, columns, error)
				     : sori_fail(error, SORI_SYSTEM, "out of memory");

	for (size_t i = 0; status == SORI_OK && i < rows; i++)
		status = sori_stat_row(call->input, i, fields, columns, in + i * 4, error);
	if (status == SORI_OK)
		status = sori_groups_make(&groups, call->input, columns[3], error);
	if (status == SORI_OK) {
		for (size_t g = 0; g < groups.count; g++)
			log_odds_group(in, rows, groups.rows + groups.from[g], groups.from[g + 1] - groups.from[g], in + rows * 8,
				       in + rows * 4);
		status = print_rows(call, results, in + rows * 4, error);
	}
	sori_groups_release(&groups);
	sori_free(in);
	return status;
}

static enum sori_status bh_group(const double *p, const size_t *group, size_t count, double *scratch, double *out,
				 struct sori_error *error)
{
	enum sori_status status;

	for (size_t i = 0; i < count; i++)
		scratch[i] = p[group[i]];
	status = sori_fdr(scratch, count, scratch + count, scratch + 2 * count, NULL, error);
	for (size_t i = 0; status == SORI_OK && i < count; i++) {
		out[group[i] * 2] = scratch[count + i];
		out[group[i] * 2 + 1] = scratch[2 * count + i];
	}
	return status;
}

enum sori_status sori_stat_bh(const struct sori_stat_call *call, struct sori_error *error)
{
	static const struct sori_stat_field fields[] = {{"p", SORI_CELL_MAYBE_SHARE, false, 0}, {0}};
	static const char *const results[] = {"bh", "by", NULL};
	const size_t rows = call->input->rows;
	size_t column;
	struct sori_groups groups = {0};
	double *p = sori_alloc(rows * 6 * sizeof *p);
	enum sori_status status = p ? sori_stat_columns(call->input, fields, &column, error)
				    : sori_fail(error, SORI_SYSTEM, "out of memory");

	for (size_t i = 0; status == SORI_OK && i < rows; i++)
		status = sori_stat_row(call->input, i, fields, &column, p + i, error);
	if (status == SORI_OK)
		status = sori_groups_make(&groups, call->input, sori_sheet_column(call->input, "set"), error);
	for (size_t g = 0; status == SORI_OK && g < groups.count; g++)
		status = bh_group(p, groups.rows + groups.from[g], groups.from[g + 1] - groups.from[g], p + rows * 3, p + rows, error);
	if (status == SORI_OK)
		status = print_rows(call, results, p + rows, error);
	sori_groups_release(&groups);
	sori_free(p);
	return status;
}
