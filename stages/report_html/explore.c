/* All categories in a table, and above it the filter: any value of a dimension, a period. The table stands complete without the
 * script; with it, choosing a value counts the table again from the embedded counts. */
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "stages/report_html/page.h"

static void add_row(struct page *page, const struct sori_report_category *category)
{
	page_raw(page, "\n<tr><th scope=row>");
	page_link(page, category);
	page_raw(page, "<td class=n>");
	page_number(page, category->documents);
	page_raw(page, "<td class=n>");
	page_share(page, category->documents, page->model->documents);
	page_raw(page, "<td class=g>");
	page_spark(page, category);
	sori_buffer_add_format(&page->html, "<td class=\"word %s\">", page_tone(category));
	page_change(page, category);
}

void page_category_table(struct page *page, const char *id, page_filter *wanted)
{
	static const enum string heads[] = {STRING_CATEGORY, STRING_DOCUMENTS, STRING_SHARE, STRING_TREND, STRING_LATELY};
	size_t count;
	const struct sori_report_category **list = page_choose(page, wanted, page_by_documents, &count);
	if (list && count == 0) {
		page_raw(page, "<p>");
		page_say(page, STRING_NOTHING);
		page_raw(page, "</p>\n");
	} else if (list) {
		page_raw(page, "<table class=\"list sort\" id=");
		page_raw(page, id);
		page_raw(page, "><thead><tr>");
		for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
			page_raw(page, i == 0 || i == 4 ? "<th scope=col>" : i == 3 ? "<th scope=col class=g>" : "<th scope=col class=n>");
			page_say(page, heads[i]);
		}
		page_raw(page, "<tbody>");
		for (size_t i = 0; i < count; i++)
			add_row(page, list[i]);
		page_raw(page, "</table>\n");
	}
	sori_free(list);
}

static void add_empty(struct page *page)
{
	bool any = false;
	for (size_t c = 0; c < page->model->category_count; c++) {
		const struct sori_report_category *category = &page->model->categories[c];
		if (category->documents > 0)
			continue;
		if (!any) {
			page_raw(page, "<p class=note>");
			page_say(page, STRING_EMPTY);
			page_raw(page, ": ");
		}
		page_raw(page, any ? ", " : "");
		any = true;
		page_label(page, category->ko, category->en);
	}
	page_raw(page, any ? "</p>\n" : "");
}

/* The script fills in and shows what is hidden here. */
static void add_filter(struct page *page)
{
	page_raw(page, "<form id=filter hidden><div id=picks></div><p id=picked role=status></p></form>\n");
	page_raw(page, "<p id=find hidden><label for=q>");
	page_say(page, STRING_FILTER);
	page_raw(page, "</label> <input id=q type=search autocomplete=off></p>\n");
}

void page_explore(struct page *page)
{
	page_section(page, "explore", STRING_EXPLORE);
	add_filter(page);
	page_category_table(page, "categories", page_pain);
	add_empty(page);
	page_raw(page, "</section>\n");
}

void page_praises(struct page *page)
{
	page_section(page, "praise", STRING_PRAISE);
	page_note(page, STRING_PRAISE_NOTE);
	page_category_table(page, "praises", page_praise);
	page_raw(page, "</section>\n");
}
