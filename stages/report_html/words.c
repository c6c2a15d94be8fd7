/* Words and categories that emerged: sori emerging's rows, when the query brought a way to cut words. */
#include "stages/report_html/page.h"

void page_words(struct page *page)
{
	(void)page;
}
