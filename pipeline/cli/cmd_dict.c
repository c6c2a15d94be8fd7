/* The dictionary author's tools: show (what a term compiles to), list; the others have files of their own. */
#include <stdio.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/cli/cli.h"
#include "pipeline/cli/dict_tools.h"
#include "stages/extract/compile.h"
#include "stages/extract/extract.h"

static const struct sori_cli_option options[] = {
	{"dict", 0, "DIR", true, "dictionaries; later ones add or override"},
	{"only", 0, "NAME", false, "test: only texts of this source or language (comma separated)"},
	{"wrong", 0, "CATEGORY", false, "test: also the texts that went wrong in it, or in any"},
	{"by", 0, "SCOPE", false, "test: categories also by language, by source or by both (language,source)"},
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
	const char *query = cli->operand_count > 1 ? cli->operands[1] : "";
	enum sori_status status = sori_cli_dictionary(cli, &dictionary, error);

	if (status != SORI_OK)
		return status;
	sori_buffer_init(&text, (size_t)1 << 30);
	sori_dictionary_show(dictionary, sori_view_of(query), &text);
	if (text.failed)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	else if (!text.length && *query)
		status = sori_fail(error, SORI_NO_INPUT, "no term, entry or category is called '%s'", query);
	else
		status = sori_cli_print(sori_buffer_view(&text), error);
	sori_buffer_release(&text);
	sori_dictionary_free(dictionary);
	return status;
}

struct usage { /* of a category */
	size_t entries, examples;
};

static void add_category_text(const struct sori_category *c, struct usage usage, struct sori_buffer *out)
{
	sori_buffer_add_format(out, "%-22s %-6s severity %u  %5zu entries %4zu examples  %s / %s%s%s%s\n", c->id, c->praise ? "praise" : "pain",
			       c->severity, usage.entries, usage.examples, c->ko, c->en, c->owner[0] ? "  -> " : "", c->owner,
			       c->fallback ? "  (fallback)" : "");
}

static void add_category_json(const struct sori_category *c, struct usage usage, bool first, struct sori_buffer *out)
{
	sori_buffer_add_text(out, first ? "\n{\"category\":" : ",\n{\"category\":");
	sori_buffer_add_json(out, sori_view_of(c->id));
	sori_buffer_add_text(out, ",\"ko\":");
	sori_buffer_add_json(out, sori_view_of(c->ko));
	sori_buffer_add_text(out, ",\"en\":");
	sori_buffer_add_json(out, sori_view_of(c->en));
	sori_buffer_add_format(out, ",\"kind\":\"%s\",\"owner\":", c->praise ? "praise" : "pain");
	sori_buffer_add_json(out, sori_view_of(c->owner));
	sori_buffer_add_format(out, ",\"severity\":%u,\"fallback\":%s,\"counts\":", c->severity, c->fallback ? "true" : "false");
	sori_extract_write_tags(c->count_tags, out);
	sori_buffer_add_format(out, ",\"entries\":%zu,\"examples\":%zu}", usage.entries, usage.examples);
}

static enum sori_status list(struct sori_cli *cli, struct sori_error *error)
{
	const char *format = sori_cli_value(cli, "format");
	bool json = format && !strcmp(format, "json");
	struct sori_dictionary *dictionary;
	struct sori_buffer out;
	enum sori_status status;

	if (format && !json && strcmp(format, "text"))
		return sori_fail(error, SORI_USAGE, "--format takes text or json, not '%s'", format);
	status = sori_cli_dictionary(cli, &dictionary, error);
	if (status != SORI_OK)
		return status;
	sori_buffer_init(&out, (size_t)1 << 26);
	sori_buffer_add_text(&out, json ? "{\"categories\":[" : "");
	for (size_t i = 0; i < dictionary->catalog.count; i++) {
		struct usage usage = {0, 0};

		for (uint32_t k = 0; k < dictionary->entry_count; k++)
			usage.entries += dictionary->entries[k].category == i;
		for (uint32_t k = 0; k < dictionary->example_count; k++)
			usage.examples += dictionary->examples[k].category == i;
		if (json)
			add_category_json(&dictionary->catalog.categories[i], usage, i == 0, &out);
		else
			add_category_text(&dictionary->catalog.categories[i], usage, &out);
	}
	sori_buffer_add_text(&out, json ? "]}\n" : "");
	status = out.failed ? sori_fail(error, SORI_SYSTEM, "out of memory") : sori_cli_print(sori_buffer_view(&out), error);
	sori_buffer_release(&out);
	sori_dictionary_free(dictionary);
	return status;
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
	.summary = "the author's tools: check, show, list, test, diff, suggest, import and export dictionaries",
	.operands = "check | show [TERM | CATEGORY] | list | test GOLD | diff OLD NEW | suggest DUMP… | export | import FILE",
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
		   "(categories left out of that text). Precision and recall with their 95 % Wilson intervals, and F1 with\n"
		   "the interval that follows from Wilson's for right ones among all that either side names, per category and micro\n"
		   "for pain and praise apart, macro F1, in all, by language and by source; JSON has all of it, text with --by.\n\n"
		   "diff lists entries, members of sets, exclusions and categories that were added (+), removed (-) and changed (~);\n"
		   "an entry that only moved is unchanged. OLD and NEW are folders, or several with commas between (a base and\n"
		   "what overrides it). --impact runs both over dumps and shows, per category, how many texts count before and\n"
		   "after, how many are gained and lost, and up to five of each, masked.\n\n"
		   "suggest looks at complaints that nothing explains (rated --low or less, or negative without a reason) and prints\n"
		   "a .dict file of what marks them: words led back to their dictionary form, and pairs of words, each run as an\n"
		   "entry would be, with gain, loss and three quotes; the category is guessed from what stands beside it. Below stand\n"
		   "spellings one letter off a known term, and known terms written with a space. --patch prints a unified diff that\n"
		   "puts these into their lines (git apply --unidiff-zero, patch -p1, in the dictionary's folder).\n\n"
		   "export writes csv, yaml (everything), liwc (.dic), ykd (Yoshikoder) or cat (WordStat); import reads them in\n"
		   "UTF-8, UTF-16 or CP949 into a .dict file. What could not be carried over is listed on standard error, and in\n"
		   "the file where it can hold comments. Latin x* is replaced by the words known that begin so (--words adds some).\n",
	.options = options,
	.run = dict_run,
};
