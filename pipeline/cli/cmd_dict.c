/* The dictionary author's tools: show (what a term compiles to), list; the others have files of their own. */
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
	{"limit", 0, "N", false, "test: this many wrong texts (1000); suggest: candidates (60)"},
	{"format", 'f', "F", false, "check, list, test: text or json; export, import: csv, yaml, liwc, ykd or cat"},
	{"words", 0, "FILE", true, "check: words to look for false friends in (a word a line, or hunspell's .dic); import: what x* may stand for"},
	{"corpus", 0, "DUMP", true, "check: texts for false friends and for the cost of rules"},
	{"all", 0, NULL, false, "check: also notes and accepted findings"},
	{"strict", 0, NULL, false, "check: warnings fail as well"},
	{"impact", 0, "DUMP", true, "diff: texts of this dump that categories gain and lose"},
	{"gold", 0, "FILE", false, "suggest: what each candidate would change on this gold set"},
	{"low", 0, "N", false, "suggest: ratings up to this are complaints (2)"},
	{"high", 0, "N", false, "suggest: ratings from this on are none (4)"},
	{"least", 0, "N", false, "suggest: complaints that a candidate must explain (4)"},
	{"patch", 0, NULL, false, "suggest: as a unified diff, variants put into their lines"},
	{"text", 0, "COLUMN", false, "column of the dump that holds the feedback text"},
	{"rating", 0, "COLUMN", false, "column of the dump that holds the rating"},
	{"jobs", 'j', "N", false, "threads (the processors there are)"},
	{0},
};

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
		return sori_dict_check(cli, error);
	if (!strcmp(what, "show"))
		return show(cli, error);
	if (!strcmp(what, "list"))
		return list(cli, error);
	if (!strcmp(what, "test"))
		return sori_dict_test(cli, error);
	if (!strcmp(what, "diff"))
		return sori_dict_diff(cli, error);
	if (!strcmp(what, "suggest"))
		return sori_dict_suggest(cli, error);
	if (!strcmp(what, "export"))
		return sori_dict_export(cli, error);
	if (!strcmp(what, "import"))
		return sori_dict_import(cli, error);
	return sori_fail(error, SORI_USAGE, "dict takes check, show, list, test, diff, suggest, export or import, not '%s'", what);
}

const struct sori_command sori_command_dict = {
	.name = "dict",
	.summary = "check the dictionaries, show what a term compiles to, list the categories, test against a gold set, compare two",
	.operands = "check | show [TERM] | list | test GOLD | diff OLD NEW",
	.examples = "  sori dict check\n  sori dict show 끊기다\n  sori dict test gold.jsonl --only=ko --wrong=network.outage\n"
		    "  sori dict diff old-dictionaries dictionaries --impact=corpora/dumps\n",
	.details = "check compiles every entry, runs every + and - example and looks for what does nothing or does harm:\n"
		   "dead-term (no text can match it), duplicate-entry, shadowed (another entry always counts as well),\n"
		   "unreachable (it can never hold), empty-category, false-friend (a short term stands inside other words of\n"
		   "grammar/background.tsv, --words and --corpus; the boundary mode that would end it is named), repeated-term\n"
		   "(a note). With --corpus it lists the rules that are looked at most for nothing. Errors and failing examples\n"
		   "exit 78, warnings only with --strict. DIR/accepted.tsv holds warnings that are meant: code, subject, reason,\n"
		   "parted by tabs; a subject may end in three dots.\n\n"
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
