(function () {
	'use strict';
	var d = document, tables = d.querySelectorAll('table.sort');
	function each(list, f) { Array.prototype.forEach.call(list, f); }
	function value(row, column) {
		var text = row.cells[column].textContent.replace(/\u2212/g, '-').replace(/,/g, '');
		var number = parseFloat(text.replace(/^[^\d+-]*/, ''));
		return column === 0 ? row.cells[0].innerText : isNaN(number) ? -Infinity : number;
	}
	function sort(table, head) {
		var column = head.cellIndex, body = table.tBodies[0];
		var down = head.getAttribute('aria-sort') !== (column === 0 ? 'ascending' : 'descending');
		if (column === 0) down = !down;
		var rows = Array.prototype.slice.call(body.rows);
		rows.sort(function (a, b) {
			var x = value(a, column), y = value(b, column);
			var order = column === 0 ? x.localeCompare(y) : x < y ? -1 : x > y ? 1 : 0;
			return down ? -order : order;
		});
		rows.forEach(function (row) { body.appendChild(row); });
		each(table.tHead.rows[0].cells, function (cell) { cell.removeAttribute('aria-sort'); });
		head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
	}
	each(tables, function (table) {
		each(table.tHead.rows[0].cells, function (head, column) {
			if (column === 4) return;
			var button = d.createElement('button');
			button.type = 'button';
			while (head.firstChild) button.appendChild(head.firstChild);
			head.appendChild(button);
			button.addEventListener('click', function () { sort(table, head); });
		});
	});
	var box = d.getElementById('q');
	function filter() {
		var wanted = box.value.trim().toLowerCase();
		function show(node, text) { node.hidden = wanted !== '' && text.toLowerCase().indexOf(wanted) < 0; }
		each(tables, function (table) {
			each(table.tBodies[0].rows, function (row) {
				show(row, row.cells[0].textContent + row.querySelector('a').getAttribute('href'));
			});
		});
		each(d.querySelectorAll('.cat'), function (section) {
			show(section, section.querySelector('h3').textContent);
		});
	}
	if (box) {
		d.getElementById('filter').hidden = false;
		box.addEventListener('input', filter);
	}
	each(d.querySelectorAll('input[name=lang]'), function (radio) {
		radio.addEventListener('change', function () { d.documentElement.lang = radio.id; });
		if (radio.checked) d.documentElement.lang = radio.id;
	});
})();
