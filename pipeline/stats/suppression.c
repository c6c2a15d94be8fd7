/* The hidden cells with their row and column sums are a transport problem, and the true counts are one of its solutions. From
 * there, how far a cell can grow is the largest flow that leaves its column and comes back to its row along the other
 * hidden cells (forwards without limit, backwards down to zero); how far it can fall is the flow the other way. Flows of
 * whole numbers are whole, so the bounds are exact, and no linear programming library is needed. */
#include "pipeline/stats/suppression.h"

#include <string.h>

#include "pipeline/base/memory.h"

#define UNBOUNDED INT64_MAX

/* Arc 2c goes from the cell's row to its column without limit, arc 2c+1 back with what the cell holds. */
struct network {
	size_t nodes, cells;
	const struct sori_hidden_cell *list;
	size_t *row, *column;     /* [cells] node numbers */
	int64_t *flow;            /* [cells] pushed on top of the count */
	size_t *queue, *arrived;  /* [nodes] breadth-first search; arrived: arc + 1 */
};

static int64_t room(const struct network *net, size_t arc, size_t barred)
{
	size_t cell = arc / 2;

	if (cell == barred)
		return 0;
	return arc % 2 == 0 ? UNBOUNDED : net->list[cell].count + net->flow[cell];
}

/* Shortest path with room from `source` to `sink`; the arcs taken are left in net->arrived. */
static bool search(struct network *net, size_t source, size_t sink, size_t barred)
{
	size_t head = 0, tail = 0;

	memset(net->arrived, 0, net->nodes * sizeof *net->arrived);
	net->queue[tail++] = source;
	while (head < tail) {
		size_t node = net->queue[head++];

		for (size_t arc = 0; arc < 2 * net->cells; arc++) {
			size_t from = arc % 2 ? net->column[arc / 2] : net->row[arc / 2];
			size_t to = arc % 2 ? net->row[arc / 2] : net->column[arc / 2];

			if (from != node || to == source || net->arrived[to] || room(net, arc, barred) <= 0)
				continue;
			net->arrived[to] = arc + 1;
			if (to == sink)
				return true;
			net->queue[tail++] = to;
		}
	}
	return false;
}

static int64_t largest_flow(struct network *net, size_t source, size_t sink, size_t barred, int64_t limit)
{
	int64_t total = 0;

	memset(net->flow, 0, net->cells * sizeof *net->flow);
	while (total < limit && search(net, source, sink, barred)) {
		int64_t least = limit - total;

		for (size_t at = sink; at != source;) {
			size_t arc = net->arrived[at] - 1;

			if (room(net, arc, barred) < least)
				least = room(net, arc, barred);
			at = arc % 2 ? net->column[arc / 2] : net->row[arc / 2];
		}
		for (size_t at = sink; at != source;) {
			size_t arc = net->arrived[at] - 1;

			net->flow[arc / 2] += arc % 2 ? -least : least;
			at = arc % 2 ? net->column[arc / 2] : net->row[arc / 2];
		}
		total += least;
	}
	return total;
}

/* Numbers rows and columns: the node of a row is the first cell that has it, that of a column the same after all cells. */
static void number_nodes(struct network *net)
{
	for (size_t i = 0; i < net->cells; i++) {
		net->row[i] = i;
		net->column[i] = net->cells + i;
		for (size_t j = i; j-- > 0;) {
			if (net->list[j].row == net->list[i].row)
				net->row[i] = net->row[j];
			if (net->list[j].column == net->list[i].column)
				net->column[i] = net->column[j];
		}
	}
	net->nodes = 2 * net->cells;
}

enum sori_status sori_suppression_audit(struct sori_hidden_cell *cells, size_t count, struct sori_error *error)
{
	struct network net = {.cells = count, .list = cells};
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		if (cells[i].count < 0 || cells[i].count > INT64_MAX / 4 - sum)
			return sori_fail(error, SORI_DATA, "a hidden count is negative or the sum too large");
		sum += cells[i].count;
	}
	net.row = sori_alloc(count * 6 * sizeof *net.row);
	net.flow = sori_alloc(count * sizeof *net.flow);
	if (!net.row || !net.flow) {
		sori_free(net.row);
		sori_free(net.flow);
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	net.column = net.row + count;
	net.queue = net.column + count;
	net.arrived = net.queue + 2 * count;
	number_nodes(&net);
	for (size_t i = 0; i < count; i++) {
		cells[i].high = cells[i].count + largest_flow(&net, net.column[i], net.row[i], i, sum);
		cells[i].low = cells[i].count - largest_flow(&net, net.row[i], net.column[i], i, cells[i].count);
	}
	sori_free(net.row);
	sori_free(net.flow);
	return SORI_OK;
}
