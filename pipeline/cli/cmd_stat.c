/* Every statistical method over CSV on standard input: the functions that the reports call, open to checking against R or
 * any other program. */
#include <string.h>

#include "pipeline/cli/stat.h"

static const struct sori_cli_option options[] = {
	{"spec", 0, "FILE", false, "CSV whose rows name the wanted results (ears, farrington, its); else recommended settings"},
	{"print", 0, "coef|fit|effect", false, "which table of its"},
	{"horizons", 0, "FILE", false, "CSV with series and h_after_T0, for its --print effect"},
	{0},
};

static const struct sori_stat_method methods[] = {
	{"special-functions", false, false, sori_stat_special},
	{"wilson", false, false, sori_stat_wilson},
	{"newcombe", false, false, sori_stat_newcombe},
	{"rate-ratio", false, false, sori_stat_rate_ratio},
	{"keyness", false, false, sori_stat_keyness},
	{"log-odds", false, false, sori_stat_log_odds},
	{"bh", false, false, sori_stat_bh},
	{"ab-daily", false, false, sori_stat_ab_daily},
	{"strata", false, false, sori_stat_strata},
	{"drivers", false, false, sori_stat_drivers},
	{"ears", true, false, sori_stat_ears},
	{"farrington", true, false, sori_stat_farrington},
	{"its", true, true, sori_stat_its},
	{"season", false, false, sori_stat_season},
	{"suppression-audit", false, false, sori_stat_suppression},
};

static const char *method_name_at(size_t index, const void *user)
{
	(void)user;
	return index < sizeof methods / sizeof *methods ? methods[index].name : NULL;
}

static enum sori_status find_method(const struct sori_cli *cli, const struct sori_stat_method **method,
				    struct sori_error *error)
{
	const char *nearest;

	if (cli->operand_count != 1)
		return sori_fail(error, SORI_USAGE, "stat takes one method; see sori stat --help");
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		*method = &methods[i];
		if (strcmp(cli->operands[0], methods[i].name) == 0)
			return SORI_OK;
	}
	nearest = sori_cli_nearest(cli->operands[0], method_name_at, NULL);
	return sori_fail(error, SORI_USAGE, "unknown method '%s'%s%s%s; see sori stat --help", cli->operands[0],
			 nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static enum sori_status check_options(const struct sori_cli *cli, const struct sori_stat_method *method,
				      struct sori_error *error)
{
	const char *print = sori_cli_value(cli, "print");

	if (sori_cli_value(cli, "spec") && !method->takes_spec)
		return sori_fail(error, SORI_USAGE, "stat %s takes no --spec", method->name);
	if ((print || sori_cli_value(cli, "horizons")) && !method->takes_its_options)
		return sori_fail(error, SORI_USAGE, "stat %s takes no --print and no --horizons", method->name);
	if (print && strcmp(print, "coef") != 0 && strcmp(print, "fit") != 0 && strcmp(print, "effect") != 0)
		return sori_fail(error, SORI_USAGE, "--print takes coef, fit or effect, not '%s'", print);
	return SORI_OK;
}

/* The output is printed only when all of it is there: half a table could pass for a whole one. */
static enum sori_status stat_run(struct sori_cli *cli, struct sori_error *error)
{
	const struct sori_stat_method *method = NULL;
	struct sori_sheet input = {0}, spec = {0}, horizons = {0};
	struct sori_buffer out;
	struct sori_stat_call call = {.input = &input, .out = &out};
	enum sori_status status = find_method(cli, &method, error);

	sori_buffer_init(&out, (size_t)1 << 31);
	if (status == SORI_OK)
		status = check_options(cli, method, error);
	if (status == SORI_OK && sori_cli_value(cli, "spec")) {
		status = sori_sheet_read(&spec, sori_cli_value(cli, "spec"), error);
		call.spec = &spec;
	}
	if (status == SORI_OK && sori_cli_value(cli, "horizons")) {
		status = sori_sheet_read(&horizons, sori_cli_value(cli, "horizons"), error);
		call.horizons = &horizons;
	}
	if (status == SORI_OK)
		status = sori_sheet_read(&input, "-", error);
	if (status == SORI_OK) {
		call.print = sori_cli_value(cli, "print");
		status = method->run(&call, error);
	}
	if (status == SORI_OK && out.failed)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK)
		status = sori_cli_print(sori_buffer_view(&out), error);
	sori_buffer_release(&out);
	sori_sheet_release(&input);
	sori_sheet_release(&spec);
	sori_sheet_release(&horizons);
	return status;
}

const struct sori_command sori_command_stat = {
	.name = "stat",
	.summary = "one statistical method over CSV on standard input, the code that the reports use",
	.operands = "METHOD < INPUT.csv",
	.examples = "  printf 'x,n\\n81,263\\n' | sori stat wilson\n  sori stat farrington < daily.csv\n",
	.details =
		"Methods and the columns they read, optional ones in brackets:\n"
		"  special-functions  fn a1 [a2 a3]\n"
		"  wilson             x n [conf]\n"
		"  newcombe           x1 n1 x2 n2 [conf]\n"
		"  rate-ratio         x1 t1 x2 t2 [conf]\n"
		"  keyness            a b n1 n2\n"
		"  log-odds           term yA yB [yHist alpha0]\n"
		"  bh                 [set] p\n"
		"  ab-daily           cat dow period y n\n"
		"  strata             set x1 n1 x2 n2\n"
		"  ears               [series] t y\n"
		"  farrington         [series] freq t y n\n"
		"  its                series t y n [excluded]\n"
		"  season             [series] t y n\n"
		"  drivers            pattern [channel] rating [docs]\n"
		"  suppression-audit  [set] row col count suppressed\n"
		"The first seven keep all other columns as keys. NA is a missing value, not zero. --spec takes series, method,\n"
		"baseline, minSigma, alpha for ears; series, config for farrington; series, T0 and, if not the recommended,\n"
		"K, period, slope, nw_lag for its. Doubles have the fewest digits that read back to the same value.\n",
	.options = options,
	.run = stat_run,
};
