// check.mjs BROWSER PAGES PROFILE: what a reader of the report meets, in headless Chromium over its debugging pipe:
// no request but the page itself, no script error, nothing that a customer wrote runs, everything there with scripts
// off, the switch of language working without them, sorting, filters that give the numbers of counts.csv, links into closed
// sections, numbers by keyboard, phone width, contrast, axe, size and first paint of two years of 60 categories.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const [browser, pages, profile] = process.argv.slice(2);
const child = spawn(browser, ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync', '--remote-debugging-pipe',
	`--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
let passed = 0, failed = 0;
const check = (good, what) => {
	good ? passed++ : failed++;
	if (!good) console.log(`not ok: ${what}`);
};

// The protocol: JSON messages, each followed by a NUL byte.
let next = 1, rest = '';
const waiting = new Map(), listeners = [];
child.stdio[4].setEncoding('utf8').on('data', (chunk) => {
	const parts = (rest + chunk).split('\0');
	rest = parts.pop();
	for (const part of parts) {
		const message = JSON.parse(part);
		if (message.id) {
			const { resolve, reject } = waiting.get(message.id);
			waiting.delete(message.id);
			message.error ? reject(new Error(message.error.message)) : resolve(message.result);
		} else {
			listeners.forEach((listener) => listener(message));
		}
	}
});
const send = (method, params = {}, sessionId) => new Promise((resolve, reject) => {
	waiting.set(next, { resolve, reject });
	child.stdio[3].write(JSON.stringify({ id: next++, method, params, sessionId }) + '\0');
});
const once = (method) => new Promise((resolve) => {
	const listener = (message) => {
		if (message.method !== method) return;
		listeners.splice(listeners.indexOf(listener), 1);
		resolve(message.params);
	};
	listeners.push(listener);
});

const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
const call = (method, params) => send(method, params, sessionId);
const evaluate = async (expression) => {
	const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, returnByValue: true });
	if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
	return result.value;
};

const requests = [], errors = [];
listeners.push(({ method, params }) => {
	if (method === 'Network.requestWillBeSent') requests.push(params.request.url);
	if (method === 'Runtime.exceptionThrown') errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
	if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level)) errors.push(params.entry.text);
	if (method === 'Runtime.consoleAPICalled') errors.push(`console.${params.type}`);
});
for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await call(`${domain}.enable`);
await call('Page.addScriptToEvaluateOnNewDocument', { source: 'window.bad = function () { window.wasBad = true; };' });

const open = async (name) => {
	const url = pathToFileURL(path.join(pages, name, 'report.html')).href;
	requests.length = errors.length = 0;
	const loaded = once('Page.loadEventFired');
	await call('Page.navigate', { url });
	await loaded;
	return url;
};
const clickOn = async (selector) => {
	const { x, y } = await evaluate(`(() => { const e = document.querySelector(${JSON.stringify(selector)}); e.scrollIntoView({block: 'center'});
		const r = e.getBoundingClientRect(); return { x: r.x + r.width / 2, y: r.y + r.height / 2 }; })()`);
	for (const type of ['mousePressed', 'mouseReleased'])
		await call('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
};
const shown = (lang) => evaluate(`[...document.querySelectorAll('span[lang=${lang}]')].filter((e) => e.getClientRects().length > 0).length`);
const quiet = (url, what) => {
	check(requests.every((request) => request === url), `${what}: requests ${requests.filter((r) => r !== url)}`);
	check(errors.length === 0, `${what}: ${errors[0]}`);
};

// The page as it is meant.
let url = await open('ko');
quiet(url, 'ko');
check(await evaluate('document.documentElement.lang') === 'ko', 'initial language');
check(await shown('ko') > 100 && await shown('en') === 0, 'Korean alone is shown');
const contrast = `(() => {
	const parse = (c) => c.match(/[\\d.]+/g).map(Number);
	const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
		if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
	let worst = [99, ''];
	for (const e of document.querySelectorAll('body *')) {
		if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length) continue;
		const a = light(parse(getComputedStyle(e).color)), b = light(ground(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < worst[0]) worst = [ratio, e.outerHTML.slice(0, 80)];
	}
	return worst; })()`;
for (const scheme of ['light', 'dark']) {
	await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
	const [ratio, where] = await evaluate(contrast);
	check(ratio >= 4.5, `${scheme}: contrast ${ratio} at ${where}`);
}
check(await evaluate(`[...document.querySelectorAll('svg[role=img]')].every((s) => s.querySelector('title').textContent && s.querySelector('desc').textContent)`),
	'charts have title and description');
check(await evaluate(`[...document.querySelectorAll('th')].every((h) => h.scope === 'col' || h.scope === 'row')`), 'headers have a scope');
check(await evaluate(`(() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id); return new Set(ids).size === ids.length; })()`), 'ids are unique');
check(await evaluate(`[...document.querySelectorAll('a[href^="#"]')].every((a) => document.getElementById(decodeURIComponent(a.hash.slice(1))))`), 'links lead somewhere');
const axe = async (what) => { // SORI_AXE: path of axe.min.js (npm axe-core), kept outside the tree
	if (!process.env.SORI_AXE) return;
	await call('Runtime.evaluate', { expression: readFileSync(process.env.SORI_AXE, 'utf8') });
	const { result } = await call('Runtime.evaluate', { awaitPromise: true, returnByValue: true, expression:
		`axe.run(document).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.length + ' ' + v.nodes[0].html.slice(0, 120)))` });
	check(Array.isArray(result.value), `axe ran: ${what}`);
	for (const violation of result.value ?? []) check(false, `axe, ${what}: ${violation}`);
	errors.length = requests.length = 0;
};
if (!process.env.SORI_AXE) console.log('skipped: axe (SORI_AXE not set)');
await axe('as it opens');
await evaluate(`document.querySelectorAll('details').forEach((fold) => { fold.open = true; })`);
await axe('all open, dark');
await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'light' }] });
await axe('all open, light');
for (const scheme of ['dark', 'light']) {
	await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
	const [ratio, where] = await evaluate(contrast);
	check(ratio >= 4.5, `${scheme}, all open: contrast ${ratio} at ${where}`);
}
url = await open('ko');
// What the script adds are controls; the rest of the text must be there without it.
const words = `(() => { const body = document.body.cloneNode(true); body.querySelectorAll('#filter,#folds,script').forEach((e) => e.remove());
	return body.textContent.replace(/\\s+/g, ' '); })()`;
const text = await evaluate(words);
const order = () => evaluate(`[...document.querySelectorAll('#categories tbody tr')].map((r) => r.cells[1].textContent).join(' ')`);
const before = await order();
await clickOn('#categories thead th:nth-child(2) button');
await clickOn('#categories thead th:nth-child(2) button');
check(await order() === before.split(' ').reverse().join(' '), 'sorting by documents, rising');
check(await evaluate(`document.querySelector('#categories th:nth-child(2)').getAttribute('aria-sort')`) === 'ascending', 'aria-sort');
await clickOn('#q');
await call('Input.insertText', { text: 'network' });
check(await evaluate(`document.querySelectorAll('#categories tbody tr:not([hidden])').length`) === 1, 'filter of the table');
check(await evaluate(`document.querySelectorAll('.cat:not([hidden])').length`) === 1, 'filter of the sections');
await evaluate(`(() => { const q = document.getElementById('q'); q.value = ''; q.dispatchEvent(new Event('input')); })()`);

// The filter gives what counts.csv gives, for values, combinations and periods, and the reset gives the page back.
const [head, ...lines] = gunzipSync(readFileSync(path.join(pages, 'ko', 'counts.csv.gz'))).toString().trim().split('\n');
const fields = (line) => [...line.matchAll(/("((?:[^"]|"")*)"|([^,]*))(,|$)/g)].map((m) => m[2] !== undefined ? m[2].replaceAll('""', '"') : m[3]);
const columns = fields(head), counted = lines.map((line) => Object.fromEntries(fields(line).map((value, i) => [columns[i], value])));
const tally = (where) => {
	const sum = {};
	for (const row of counted) if (where(row)) sum[row.category] = (sum[row.category] ?? 0) + Number(row.documents);
	return sum;
};
const pick = (label, text) => evaluate(`(() => { const select = [...document.querySelectorAll('#picks label')].find((l) => l.textContent.startsWith('${label}')).querySelector('select');
	const option = [...select.options].find((o) => o.textContent === ${JSON.stringify(text)}); select.value = option.value; select.dispatchEvent(new Event('change')); })()`);
const rows = () => evaluate(`Object.fromEntries([...document.querySelectorAll('table.list tbody tr')].map((r) => [r.querySelector('a').hash.slice(3), Number(r.cells[1].textContent.replaceAll(',', ''))]))`);
const agree = async (where, what) => {
	const expected = tally(where), shown = await rows();
	const wrong = Object.keys(shown).filter((id) => shown[id] !== (expected[decodeURIComponent(id)] ?? 0));
	check(Object.keys(shown).length > 5 && wrong.length === 0, `${what}: ${wrong.map((id) => `${id} ${shown[id]} not ${expected[id]}`).join(', ')}`);
	const text = await evaluate(`document.getElementById('picked').textContent`);
	check(text === '' || text.includes((expected['*'] ?? 0).toLocaleString('en-US')), `${what}: ${text}, not ${expected['*']}`);
};
const html = () => evaluate(`document.getElementById('categories').outerHTML.replace(/<button[^>]*>|<.button>| style="[^"]*"/g, '')`);
const fresh = await html(), guard = (text) => /^[=+@-]/.test(text) ? `'${text}` : text;
await agree(() => true, 'no filter');
await pick('채널', '매장');
await agree((row) => row.channel === '매장', 'one channel');
await pick('지역', '부산');
await agree((row) => row.channel === '매장' && row.region === '부산', 'a channel in a region');
await pick('제품', '=HYPERLINK("http://x.invalid","모델 C")');
await agree((row) => row.channel === '매장' && row.region === '부산' && row.product === guard('=HYPERLINK("http://x.invalid","모델 C")'), 'and a product');
await clickOn('#reset');
check(await html() === fresh, 'the reset gives the table back');
await pick('부터', '2026-06-15');
await pick('까지', '2026-07-12');
await agree((row) => row.day >= '2026-06-15' && row.day <= '2026-07-12', 'a period');
await pick('언어', 'en');
await agree((row) => row.day >= '2026-06-15' && row.day <= '2026-07-12' && row.lang === 'en', 'a language in a period');
await clickOn('#reset');

// A link opens the section that it leads to; the arrow keys tell the numbers of its chart.
await evaluate(`location.hash = '#c-network.outage'`);
await new Promise((resolve) => setTimeout(resolve, 200));
check(await evaluate(`document.getElementById('c-network.outage').closest('details').open`), 'a link opens its section');
check(await evaluate(`(() => { const r = document.getElementById('c-network.outage').getBoundingClientRect(); return r.top >= 0 && r.top < innerHeight; })()`), 'and shows it');
await evaluate(`document.querySelector('#c-network\\\\.outage .plot').focus()`);
for (const type of ['keyDown', 'keyUp']) await call('Input.dispatchKeyEvent', { type, key: 'ArrowLeft', code: 'ArrowLeft', windowsVirtualKeyCode: 37 });
check(/^2026-07-31 · \d+ \/ \d+ · [\d.]+%$/.test(await evaluate(`document.querySelector('#c-network\\\\.outage .tip').textContent`)), 'numbers by keyboard');
await clickOn('label[for=en]');
check(await shown('ko') === 0 && await shown('en') > 10, 'English alone is shown');
check(await evaluate('document.documentElement.lang') === 'en', 'language of the document');
await call('Emulation.setDeviceMetricsOverride', { width: 390, height: 844, deviceScaleFactor: 1, mobile: true });
url = await open('en');
quiet(url, 'en on a phone');
check(await shown('ko') === 0 && await shown('en') > 100, 'initially English');
check(await evaluate('document.documentElement.scrollWidth') <= 390, 'no sideways scrolling on a phone');
await call('Emulation.setDeviceMetricsOverride', { width: 360, height: 800, deviceScaleFactor: 1, mobile: true });
await evaluate(`document.querySelectorAll('details').forEach((fold) => { fold.open = true; })`);
check(await evaluate('document.documentElement.scrollWidth') <= 360, 'nor on a small one with all sections open');
await axe('phone');
await call('Emulation.clearDeviceMetricsOverride');

// Without scripts: the same text, the switch works, no dead controls.
await call('Emulation.setScriptExecutionDisabled', { value: true });
url = await open('ko');
quiet(url, 'without scripts');
const bare = await evaluate(words);
check(bare === text, 'the same text without scripts');
check(await evaluate(`document.querySelectorAll('button').length`) === 0, 'no dead buttons');
check(await evaluate(`document.getElementById('filter').getClientRects().length`) === 0, 'no dead filter');
await clickOn('label[for=en]');
check(await shown('ko') === 0 && await shown('en') > 100, 'the switch works without scripts');
check(await evaluate(`document.getElementById('folds').getClientRects().length`) === 0, 'no dead folds');
await call('Page.navigate', { url: `${url}#c-network.outage` });
await new Promise((resolve) => setTimeout(resolve, 300));
check(await evaluate(`document.getElementById('c-network.outage').closest('details').open`), 'a link opens its section without scripts');
await call('Emulation.setScriptExecutionDisabled', { value: false });

// Hostile texts in every place.
let hostile = 0;
for (const name of readdirSync(pages).filter((entry) => /^p\d+$/.test(entry)).sort()) {
	url = await open(name);
	quiet(url, name);
	const found = await evaluate(`({ bad: !!window.wasBad, scripts: document.scripts.length, styles: document.querySelectorAll('style').length,
		alien: document.querySelectorAll('img,iframe,object,embed,link,base,form:not(#filter),video,audio,math,template,marquee,select:not(#picks select),use:not([href^="#s"]),animate,set,noscript').length,
		handlers: [...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => /^on|^style$/.test(a.name))).length,
		sections: document.querySelectorAll('.cat').length, href: location.href })`);
	check(!found.bad && found.scripts === 2 && found.styles === 1 && found.alien === 0 && found.handlers === 0, `${name}: ${JSON.stringify(found)}`);
	check(found.sections === 11 && found.href === url, `${name}: the page is whole`);
	hostile++;
}
// Two years, 60 categories, five dimensions.
url = await open('big');
quiet(url, 'big');
const size = readFileSync(path.join(pages, 'big', 'report.html')).length;
const paint = await evaluate(`Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)`);
check(size < 1500 * 1000, `big: ${size} bytes`);
check(paint < 1000, `big: first paint after ${paint} ms`);
check(await evaluate(`document.querySelectorAll('.cat').length`) === 60, 'big: every category has its section');
check(await evaluate(`document.querySelectorAll('#picks select').length`) === 7, 'big: five dimensions and two days to choose');
await axe('big');
console.log(`big: ${size} bytes, first paint after ${paint} ms`);

check(hostile >= 50, `${hostile} hostile pages`);
console.log(`browser: ${passed} passed, ${failed} failed (${hostile} hostile texts)`);
const gone = new Promise((resolve) => child.on('exit', resolve));
await send('Browser.close').catch(() => {});
await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 5000))]);
child.kill();
process.exit(failed ? 1 : 0);
