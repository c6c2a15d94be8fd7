(function () {
	'use strict';
	var d = document;
	function all(selector, root) { return Array.prototype.slice.call((root || d).querySelectorAll(selector)); }
	function english() { return d.documentElement.lang === 'en'; }
	function make(tag, props, parent) {
		var node = d.createElement(tag);
		Object.keys(props || {}).forEach(function (key) { node[key] = props[key]; });
		if (parent) parent.appendChild(node);
		return node;
	}
	function both(ko, en, parent) { // a text in both languages, like the page's own
		make('span', { lang: 'ko', textContent: ko }, parent);
		make('span', { lang: 'en', textContent: en }, parent);
		return parent;
	}
	function grouped(n) { return String(n).replace(/\B(?=(\d{3})+$)/g, ','); }
	function percent(share) {
		var p = share * 100;
		return p.toFixed(p > 0 && p < 0.095 ? 2 : 1) + '%';
	}
	function points(difference) {
		var p = Math.abs(difference) * 100;
		return (p < 0.005 ? '' : difference < 0 ? '\u2212' : '+') + (p < 0.005 ? '0.00' : p.toFixed(p < 0.095 ? 2 : 1));
	}

	/* language */
	var relabels = []; // what holds one language at a time, since an option takes no markup
	all('input[name=lang]').forEach(function (radio) {
		radio.addEventListener('change', function () { d.documentElement.lang = radio.id; relabels.forEach(function (relabel) { relabel(); }); tell(); });
		if (radio.checked) d.documentElement.lang = radio.id;
	});

	/* folds: links, printing, all at once */
	function reveal() {
		var id = decodeURIComponent(location.hash.slice(1)), node = id && d.getElementById(id);
		for (var up = node; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true;
		if (node) node.scrollIntoView();
	}
	addEventListener('hashchange', reveal);
	addEventListener('beforeprint', function () { all('details').forEach(function (fold) { fold.open = true; }); });
	var folds = d.getElementById('folds');
	if (folds) {
		folds.hidden = false;
		[[true, '모두 펼치기', 'Open all'], [false, '모두 접기', 'Close all']].forEach(function (kind) {
			both(kind[1], kind[2], make('button', { type: 'button', className: 'plain' }, folds)).addEventListener('click', function () {
				all('details.cat').forEach(function (fold) { fold.open = kind[0]; });
			});
		});
	}

	/* sorting */
	function value(row, column) {
		if (column === 0) return row.cells[0].innerText;
		var text = row.cells[column].innerText.replace(/\u2212/g, '-').replace(/,/g, ''), parts = text.split('→');
		var number = parseFloat(parts[parts.length - 1].replace(/^[^\d+-]*/, ''));
		return isNaN(number) ? -Infinity : number;
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
		all('th', table.tHead).forEach(function (cell) { cell.removeAttribute('aria-sort'); });
		head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
	}
	all('table.sort').forEach(function (table) {
		all('thead th', table).forEach(function (head) {
			if (head.classList.contains('g')) return;
			var button = d.createElement('button');
			button.type = 'button';
			while (head.firstChild) button.appendChild(head.firstChild);
			head.appendChild(button);
			button.addEventListener('click', function () { sort(table, head); });
		});
	});

	/* finding a category */
	var box = d.getElementById('q');
	if (box) {
		d.getElementById('find').hidden = false;
		box.addEventListener('input', function () {
			var wanted = box.value.trim().toLowerCase();
			function show(node, text) { node.hidden = wanted !== '' && text.toLowerCase().indexOf(wanted) < 0; }
			all('table.list tbody tr').forEach(function (row) {
				show(row, row.cells[0].textContent + row.querySelector('a').getAttribute('href'));
			});
			all('.cat').forEach(function (fold) { show(fold, fold.querySelector('summary').textContent); });
		});
	}

	/* raw deflate (RFC 1951), base64, LEB128 */
	function inflate(input) {
		var out = new Uint8Array(input.length * 6), at = 0, size = 0, bits = 0, held = 0;
		var lengths = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
		function need(n) {
			while (held < n) { bits |= input[at++] << held; held += 8; }
			var got = bits & ((1 << n) - 1);
			bits >>>= n; held -= n;
			return got;
		}
		function tree(codes) {
			var count = new Uint16Array(16), next = new Uint16Array(16), symbols = new Uint16Array(codes.length), i;
			for (i = 0; i < codes.length; i++) count[codes[i]]++;
			count[0] = 0;
			for (i = 1; i < 15; i++) next[i + 1] = next[i] + count[i];
			for (i = 0; i < codes.length; i++) if (codes[i]) symbols[next[codes[i]]++] = i;
			return { count: count, symbols: symbols };
		}
		function symbol(t) {
			var code = 0, first = 0, index = 0;
			for (var length = 1; length < 16; length++) {
				code |= need(1);
				var count = t.count[length];
				if (code - first < count) return t.symbols[index + code - first];
				index += count; first = (first + count) << 1; code <<= 1;
			}
			throw new Error('deflate');
		}
		function put(byte) {
			if (size === out.length) { var wider = new Uint8Array(size * 2); wider.set(out); out = wider; }
			out[size++] = byte;
		}
		function trees() {
			var order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
			var literal = need(5) + 257, distance = need(5) + 1, codes = need(4) + 4, sizes = new Uint8Array(19), list = [], i;
			for (i = 0; i < codes; i++) sizes[order[i]] = need(3);
			var t = tree(sizes);
			while (list.length < literal + distance) {
				var s = symbol(t), last = s === 16 ? list[list.length - 1] : 0;
				var times = s < 16 ? 1 : s === 16 ? 3 + need(2) : s === 17 ? 3 + need(3) : 11 + need(7);
				while (times--) list.push(s < 16 ? s : last);
			}
			return [tree(list.slice(0, literal)), tree(list.slice(literal))];
		}
		for (var last = 0; !last;) {
			last = need(1);
			var kind = need(2), pair, i;
			if (kind === 0) {
				bits = held = 0;
				var length = input[at] | input[at + 1] << 8;
				at += 4;
				while (length--) put(input[at++]);
				continue;
			}
			if (kind === 1) {
				var fixed = [], far = [];
				for (i = 0; i < 288; i++) fixed.push(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
				for (i = 0; i < 30; i++) far.push(5);
				pair = [tree(fixed), tree(far)];
			} else {
				pair = trees();
			}
			for (var s; (s = symbol(pair[0])) !== 256;) {
				if (s < 256) { put(s); continue; }
				s -= 257;
				var run = lengths[s] + (s < 8 || s === 28 ? 0 : need((s >> 2) - 1)), e = symbol(pair[1]);
				var back = e < 4 ? e + 1 : (2 + (e & 1) << (e >> 1) - 1) + 1 + need((e >> 1) - 1);
				for (; run > 0; run--) put(out[size - back]);
			}
		}
		return out.subarray(0, size);
	}
	function unpack(text) {
		var raw = atob(text), bytes = new Uint8Array(raw.length), numbers = [], value = 0, shift = 0;
		for (var i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
		bytes = inflate(bytes);
		for (i = 0; i < bytes.length; i++) {
			value += (bytes[i] & 127) * Math.pow(2, shift);
			shift += 7;
			if (bytes[i] < 128) { numbers.push(value); value = shift = 0; }
		}
		return numbers;
	}

	/* counts: data.blocks[b] has for every combination of its dimensions [row][slot] */
	var source = d.getElementById('counts'), data = source && JSON.parse(source.textContent), chosen = {}, from, to;
	if (data) { data.slots = data.first.length + 1; from = 0; to = data.first.length - 1; }
	function block(dims) { // the smallest with these dimensions
		var best = null;
		data.blocks.forEach(function (b) {
			var has = dims.every(function (x) { return b.dims.indexOf(x) >= 0; });
			if (has && (!best || b.keys.length < best.keys.length)) best = b;
		});
		return best;
	}
	var sums = {};
	function counts(picks) { // [row][slot] of the slice
		var dims = Object.keys(picks).map(Number), key = JSON.stringify(picks), b = block(dims);
		if (sums[key]) return sums[key];
		if (!b.numbers) b.numbers = unpack(b.z);
		var page = data.rows.length * data.slots, sum = new Float64Array(page);
		b.keys.forEach(function (tuple, i) {
			if (!dims.every(function (x) { return tuple[b.dims.indexOf(x)] === picks[x]; })) return;
			for (var k = 0; k < page; k++) sum[k] += b.numbers[i * page + k];
		});
		return sums[key] = sum;
	}
	function whole() { return from === 0 && to === data.first.length - 1; }
	function total(list, row) { // of the period; the last slot is what has no place in time
		var sum = 0, at = row * data.slots;
		for (var i = from; i <= to; i++) sum += list[at + i];
		return whole() ? sum + list[at + data.slots - 1] : sum;
	}
	function wilson(x, n) {
		var z = 1.959963984540054, p = x / n, s = 1 + z * z / n, m = p + z * z / (2 * n);
		var r = z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n));
		return [x === 0 ? 0 : (m - r) / s, x === n ? 1 : (m + r) / s];
	}
	function newcombe(x1, n1, x2, n2) {
		var a = wilson(x1, n1), b = wilson(x2, n2), p = x1 / n1, q = x2 / n2;
		return [p - q - Math.hypot(p - a[0], b[1] - q), p - q + Math.hypot(a[1] - p, q - b[0])];
	}

	/* a short first or last bucket: counted, but its share would make the line jump */
	function stub(i) {
		var days = (Date.parse(data.last[i]) - Date.parse(data.first[i])) / 864e5 + 1;
		return data.first.length > 4 && days < { day: 0, week: 4, month: 15, year: 183 }[data.unit];
	}

	/* the table under a filter */
	function path(list, row, limit) {
		var text = '', open = false, n = data.first.length, top = 0, i, share = [];
		for (i = 0; i < n; i++) {
			var all = list[i];
			share.push(all > 0 && i >= from && i <= to && !stub(i) ? list[row * data.slots + i] / all : NaN);
			if (all >= 10 && share[i] > top) top = share[i];
		}
		top = limit || top || 1;
		for (i = 0; i < n; i++) {
			if (isNaN(share[i])) { open = false; continue; }
			text += (open ? 'L' : 'M') + Math.round((i + 0.5) * 1000 / n) + ' ' + Math.round((limit ? 150 : 60) * (1 - Math.min(1, share[i] / top)));
			if (!open && (i + 1 === n || isNaN(share[i + 1]))) text += 'h0';
			open = true;
		}
		return text;
	}
	function draw(parent, kind, text) {
		var line = d.createElementNS(parent.namespaceURI, 'path');
		line.setAttribute('class', kind);
		line.setAttribute('d', text);
		return parent.appendChild(line);
	}
	var kept = new Map(); // the cells as the page came
	function refill(row, list, everything) {
		var at = data.rows.indexOf(row.querySelector('a').getAttribute('href').slice(3)), line = row.querySelector('.spark');
		if (!kept.has(row)) kept.set(row, { cells: [1, 2, 4].map(function (c) { return row.cells[c].innerHTML; }), word: row.cells[4].className });
		var old = kept.get(row), own = line && line.querySelector('path');
		if (own) own.remove();
		if (line) line.firstElementChild.style.display = list ? 'none' : '';
		if (!list) {
			[1, 2, 4].forEach(function (c, i) { row.cells[c].innerHTML = old.cells[i]; });
			row.cells[4].className = old.word;
			return;
		}
		var x = total(list, at), n = total(list, 0), y = total(everything, at) - x, m = total(everything, 0) - n;
		row.cells[1].textContent = grouped(x);
		row.cells[2].textContent = n > 0 ? percent(x / n) : '\u2013';
		row.cells[4].className = 'word flat';
		row.cells[4].textContent = '';
		if (line) draw(line, 'sl', path(list, at));
		if (m <= 0) { // no rest to compare with: the interval of the share alone
			if (n > 0) row.cells[4].textContent = '[' + wilson(x, n).map(percent).join(', ') + ']';
			return;
		}
		if (n < 30 || m < 30) { both('자료 부족', 'too little data', row.cells[4]); return; }
		var limits = newcombe(x, n, y, m), difference = x / n - y / m;
		row.cells[4].textContent = (limits[0] > 0 ? '▲ ' : limits[1] < 0 ? '▼ ' : '') + points(difference) + ' [' + points(limits[0]) + ', ' + points(limits[1]) + ']';
		if (limits[0] > 0 || limits[1] < 0) row.cells[4].className = 'word ' + ((limits[0] > 0) !== (row.closest('#praises') !== null) ? 'worse' : 'better');
	}
	function lately(filtered, sliced) {
		all('table.list thead th:last-child button').forEach(function (button) {
			if (!button.oldHtml) button.oldHtml = button.innerHTML;
			button.textContent = '';
			if (!filtered) button.innerHTML = button.oldHtml;
			else if (sliced) both('나머지와의 차이(%p)', 'Against the rest (pp)', button);
			else both('95% 구간', '95% interval', button);
		});
	}
	/* the slice's line in the charts of open sections; where it rises above the scale, the scale grows and its labels with it */
	function overlay(list) {
		all('.cat[open] .body svg.chart').forEach(function (chart) {
			var drawing = chart.querySelector('svg'), row = data.rows.indexOf(chart.closest('.body').id.slice(2)), axis = chart.querySelector('.axis');
			all('.slice,.named', chart).forEach(function (old) { old.remove(); });
			if (!axis.first) axis.first = axis.textContent;
			axis.textContent = axis.first;
			drawing.setAttribute('viewBox', '0 0 1000 150');
			all('.end,.band', chart).forEach(function (label) { label.style.display = ''; });
			if (!list) return;
			var top = parseFloat(axis.first) / 100, high = top, last = 0;
			for (var i = from; i <= to; i++) if (list[i] >= 10 && !stub(i)) {
				high = Math.max(high, list[row * data.slots + i] / list[i]);
				last = i;
			}
			if (high > top) {
				high *= 1.05;
				drawing.setAttribute('viewBox', '0 ' + (150 - 150 * high / top) + ' 1000 ' + 150 * high / top);
				axis.textContent = percent(high);
				all('.end,.band', chart).forEach(function (label) { label.style.display = 'none'; });
			}
			var line = draw(drawing, 'slice', path(list, row, high));
			if (high > top) line.setAttribute('transform', 'translate(0 ' + (150 - 150 * high / top) + ') scale(1 ' + high / top + ')');
			var text = d.createElementNS(chart.namespaceURI, 'text'), x = (last + 0.5) / data.first.length * 100;
			text.setAttribute('class', 'named');
			text.setAttribute('x', x + '%');
			text.setAttribute('y', Math.max(36, 24 + 150 * (1 - list[row * data.slots + last] / (list[last] || 1) / high) - 8));
			text.setAttribute('text-anchor', x > 80 ? 'end' : 'start');
			text.textContent = what();
			chart.appendChild(text);
		});
	}
	function what() { return Object.keys(chosen).map(function (x) { return name(+x, chosen[x]); }).join(' · '); }
	function name(x, v) {
		var dim = data.dims.filter(function (k) { return k.d === x; })[0];
		return v === dim.values.length ? (english() ? 'others' : '나머지') : dim.values[v] || (english() ? '(none)' : '(없음)');
	}
	var picks = d.getElementById('picks'), picked = d.getElementById('picked');
	function tell() {
		if (!data) return;
		var keys = Object.keys(chosen), sliced = keys.length > 0;
		picked.textContent = '';
		if (!sliced && whole()) return;
		var list = counts(chosen), slice = what();
		var days = data.first[from] + ' – ' + data.last[to], n = grouped(total(list, 0)), rest = sliced ? [' 오른쪽은 나머지와의 차이입니다.', ' On the right: against the rest.'] : ['', ''];
		both((slice ? slice + ', ' : '') + days + ': 문서 ' + n + '건.' + rest[0], (slice ? slice + ', ' : '') + days + ': ' + n + ' documents.' + rest[1], picked);
	}
	function update() {
		var keys = Object.keys(chosen), filtered = keys.length > 0 || !whole();
		var list = filtered ? counts(chosen) : null, everything = counts({});
		all('#picks select[data-d]').forEach(function (select) { // what this file cannot combine cannot be chosen
			var x = +select.getAttribute('data-d'), others = keys.map(Number).filter(function (k) { return k !== x; });
			select.disabled = !block(others.concat(x));
		});
		all('table.list tbody tr').forEach(function (row) { refill(row, list, everything); });
		lately(filtered, keys.length > 0);
		overlay(keys.length > 0 ? list : null);
		tell();
	}
	function choose(label, options, change) {
		var wrap = make('label', {}, picks), select;
		both(label[0], label[1], wrap);
		select = make('select', {}, wrap);
		options.forEach(function (text, i) { make('option', { value: i, textContent: text }, select); });
		select.addEventListener('change', function () { change(select); update(); });
		return select;
	}
	function build() {
		data.dims.forEach(function (dim) {
			var names = ['–'].concat(dim.values, dim.rest ? [''] : []);
			var select = choose([dim.ko, dim.en], names, function (s) {
				if (+s.value === 0) delete chosen[dim.d]; else chosen[dim.d] = +s.value - 1;
			});
			select.setAttribute('data-d', dim.d);
			function relabel() {
				for (var i = 1; i < names.length; i++) select.options[i].textContent = name(dim.d, i - 1);
			}
			relabels.push(relabel);
			relabel();
		});
		if (data.first.length > 1) {
			var start = choose(['부터', 'From'], data.first, function (s) { from = +s.value; if (to < from) { to = from; end.value = to; } });
			var end = choose(['까지', 'To'], data.last, function (s) { to = +s.value; if (from > to) { from = to; start.value = from; } });
			end.value = to;
		}
		both('처음으로', 'Reset', make('button', { type: 'button', className: 'plain', id: 'reset' }, picks)).addEventListener('click', function () {
			chosen = {}; from = 0; to = data.first.length - 1;
			all('#picks select').forEach(function (s) { s.value = s === end ? to : 0; });
			update();
		});
		var combos = data.blocks[0].dims.length === data.dims.length, note = make('p', { className: 'note' }, d.getElementById('filter'));
		var pairs = data.blocks.filter(function (b) { return b.dims.length === 2; }).length;
		if (combos) both('차원의 값은 모두 함께 고를 수 있습니다.', 'Values of all dimensions can be combined.', note);
		else if (pairs) both('이 파일에는 두 차원까지의 조합 ' + pairs + '가지가 들어 있습니다. 더 좁히려면 sori compare --where를 쓰세요.', 'This file holds ' + pairs + ' combinations of two dimensions; sori compare --where narrows further.', note);
		else both('이 파일에서는 한 번에 한 차원만 고를 수 있습니다. 더 좁히려면 sori compare --where를 쓰세요.', 'In this file one dimension at a time can be chosen; sori compare --where narrows further.', note);
		var form = d.getElementById('filter');
		form.addEventListener('submit', function (event) { event.preventDefault(); });
		form.hidden = false;
	}
	if (data && data.blocks.length && picks) {
		build();
		all('.cat').forEach(function (fold) {
			fold.addEventListener('toggle', function () { if (fold.open) overlay(Object.keys(chosen).length ? counts(chosen) : null); });
		});
	}

	/* the numbers under the pointer, or by the arrow keys */
	function numbers(chart) {
		var body = chart.closest('.body'), row = body ? data.rows.indexOf(body.id.slice(2)) : 0, plot = make('div', { className: 'plot' });
		chart.parentNode.insertBefore(plot, chart);
		plot.appendChild(chart);
		var tip = make('div', { className: 'tip', hidden: true }, plot), rule = make('div', { className: 'rule', hidden: true }, plot), at = -1;
		plot.tabIndex = 0;
		plot.setAttribute('role', 'group');
		plot.setAttribute('aria-label', chart.querySelector('title').textContent + (english() ? ': arrow keys tell the numbers' : ': 화살표로 숫자를 듣습니다'));
		tip.setAttribute('role', 'status');
		function show(i) {
			at = Math.max(0, Math.min(data.first.length - 1, i));
			var list = counts({}), n = list[at], x = list[row * data.slots + at], wide = plot.clientWidth, left = (at + 0.5) / data.first.length * wide;
			var days = data.first[at] === data.last[at] ? data.first[at] : data.first[at] + ' – ' + data.last[at];
			tip.textContent = days + ' · ' + (row ? grouped(x) + ' / ' : '') + grouped(n) + (row && n ? ' · ' + percent(x / n) : '');
			if (row && Object.keys(chosen).length) {
				var slice = counts(chosen), m = slice[at], y = slice[row * data.slots + at];
				tip.textContent += ' · ' + what() + ' ' + grouped(y) + ' / ' + grouped(m) + (m ? ' · ' + percent(y / m) : '');
			}
			tip.hidden = rule.hidden = false;
			rule.style.left = left + 'px';
			tip.style.left = Math.max(0, Math.min(wide - tip.offsetWidth, left - tip.offsetWidth / 2)) + 'px';
		}
		function away() { tip.hidden = rule.hidden = true; }
		plot.addEventListener('pointermove', function (event) {
			show(Math.floor((event.clientX - plot.getBoundingClientRect().left) / plot.clientWidth * data.first.length));
		});
		plot.addEventListener('pointerleave', away);
		plot.addEventListener('blur', away);
		plot.addEventListener('keydown', function (event) {
			var step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7 }[event.key];
			if (event.key === 'Escape') away();
			if (!step) return;
			event.preventDefault();
			show(at < 0 ? data.first.length - 1 : at + step);
		});
	}
	if (data && data.blocks.length && data.first.length > 1) {
		all('.volume .chart').forEach(numbers);
		all('.cat').forEach(function (fold) {
			fold.addEventListener('toggle', function once() {
				fold.removeEventListener('toggle', once);
				all('.body > .chart', fold).forEach(numbers);
			});
		});
	}
	if (location.hash) reveal();
})();
