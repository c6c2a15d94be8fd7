/* The dictionary author's tools: check (compile, run the examples), show (what a term compiles to), list. */
#include <stdio.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/cli/cli.h"
#include "pipeline/cli/dict_tools.h"
#include "stages/extract/compile.h"
#include "stages/extract/dictionary.h"

static const struct sori_cli_option options[] = {
	{"dict", 0, "DIR", true, "dictionaries; later ones add or override"},
	{"only", 0, "NAME", false, "test: only texts of this source or language (comma separated)"},
	{"wrong", 0, "CATEGORY", false, "test: also the texts that went wrong in it, or in any"},
	{"limit", 0, "N", false, "test: this many wrong texts (1000)"},
	{"format", 'f', "F", false, "test: text or json"},
	{"impact", 0, "DUMP", true, "diff: texts of this dump that categories gain and lose"},
	{"text", 0, "COLUMN", false, "diff: column of the dump that holds the feedback text"},
	{"jobs", 'j', "N", false, "diff: threads (the processors there are)"},
	{0},
};

struct findings {
	size_t errors, warnings;
};

static void print_finding(void *user, const struct sori_finding *finding)
{
	struct findings *findings = user;

	*(finding->error ? &findings->errors : &findings->warnings) += 1;
	(void)printf("%s:%u:%u: %s: %s\n", finding->file, finding->line, finding->column, finding->error ? "error" : "warning",
		     finding->text);
}

static enum sori_status check(struct sori_cli *cli, struct sori_error *error)
{
	const char *folders[16];
	char room[4200];
	size_t count = sori_cli_dictionary_folders(cli, folders, 16, room, sizeof room), failures;
	struct findings findings = {0, 0};
	struct sori_dictionary *dictionary = NULL;
	enum sori_status status = sori_dictionary_load(&dictionary, folders, count, print_finding, &findings, error);

	if (status != SORI_OK)
		return status;
	failures = sori_dictionary_run_examples(dictionary, print_finding, &findings, error);
	(void)printf("%u files, %zu categories, %u entries, %u rules, %u terms, %u forms; %u examples, %zu failed; %zu warnings\n",
		     dictionary->file_count, dictionary->catalog.count, dictionary->entry_count, dictionary->rule_count,
		     dictionary->term_count, dictionary->form_count, dictionary->example_count, failures, findings.warnings);
	if (failures)
		status = sori_fail(error, SORI_CONFIG, "%zu of %u examples failed", failures, dictionary->example_count);
	sori_dictionary_free(dictionary);
	return status;
}

static enum sori_status show(struct sori_cli *cli, struct sori_error *error)
{
	struct sori_dictionary *dictionary;
	struct sori_buffer text;
	enum sori_status status = sori_cli_dictionary(cli, &dictionary, error);

	if (status != SORI_OK)
		return status;
	sori_buffer_init(&text, (size_t)1 << 30);
	sori_dictionary_show(dictionary, sori_view_of(cli->operand_count > 1 ? cli->operands[1] : ""), &text);
	status = text.failed ? sori_fail(error, SORI_SYSTEM, "out of memory") : sori_cli_print(sori_buffer_view(&text), error);
	sori_buffer_release(&text);
	sori_dictionary_free(dictionary);
	return status;
}

static enum sori_status list(struct sori_cli *cli, struct sori_error *error)
{
	struct sori_dictionary *dictionary;
	enum sori_status status = sori_cli_dictionary(cli, &dictionary, error);

	if (status != SORI_OK)
		return status;
	for (size_t i = 0; i < dictionary->catalog.count; i++) {
		const struct sori_category *category = &dictionary->catalog.categories[i];
		size_t entries = 0;

		for (uint32_t k = 0; k < dictionary->entry_count; k++)
			entries += dictionary->entries[k].category == i;
		(void)printf("%-22s %-6s severity %u  %5zu entries  %s / %s%s%s\n", category->id, category->praise ? "praise" : "pain",
			     category->severity, entries, category->ko, category->en, category->owner[0] ? "  -> " : "",
			     category->owner);
	}
	sori_dictionary_free(dictionary);
	return SORI_OK;
}

static enum sori_status dict_run(struct sori_cli *cli, struct sori_error *error)
{
	const char *what = cli->operand_count ? cli->operands[0] : "check";

	if (!strcmp(what, "check"))
		return check(cli, error);
	if (!strcmp(what, "show"))
		return show(cli, error);
	if (!strcmp(what, "list"))
		return list(cli, error);
	if (!strcmp(what, "test"))
		return sori_dict_test(cli, error);
	if (!strcmp(what, "diff"))
		return sori_dict_diff(cli, error);
	return sori_fail(error, SORI_USAGE, "dict takes check, show, list, test or diff, not '%s'", what);
}

const struct sori_command sori_command_dict = {
	.name = "dict",
	.summary = "check the dictionaries, show what a term compiles to, list the categories, test against a gold set, compare two",
	.operands = "check | show [TERM] | list | test GOLD | diff OLD NEW",
	.examples = "  sori dict check\n  sori dict show 끊기다\n  sori dict test gold.jsonl --only=ko --wrong=network.outage\n"
		    "  sori dict diff old-dictionaries dictionaries --impact=corpora/dumps\n",
	.details = "check compiles every entry and runs every + and - example; findings carry file, line and column.\n\n"
		   "test scores the dictionary against a gold set: JSON lines with id, lang, source, text, categories and unsure\n"
		   "(categories left out of that text). Precision and recall, each with its 95 % Wilson interval, and F1, per\n"
		   "category and micro and macro for pain and praise apart, in all, by language and by source.\n\n"
		   "diff lists entries, members of sets, exclusions and categories that were added (+), removed (-) and changed (~);\n"
		   "an entry that only moved is unchanged. OLD and NEW are folders, or several with commas between (a base and\n"
		   "what overrides it). --impact runs both over dumps and shows, per category, how many texts count before and\n"
		   "after, how many are gained and lost, and up to five of each, masked.\n",
	.options = options,
	.run = dict_run,
};
