/* Before and after actions of the ledger, the season, and the outside index beside. */
#include "stages/report_html/page.h"

void page_actions(struct page *page)
{
	(void)page;
}
