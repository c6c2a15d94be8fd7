-- An invented store by the schema of pipeline/core/store.h, for the tests of the report: three months, two sources,
-- four channels, five products (one named like a formula, one like markup), four regions, Korean and English.
-- network.outage rises from 2026-07-10 on for '모델 A'; delivery.delay falls from 2026-06-20 on; 6 to 8 June are missing.
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT);
INSERT INTO meta VALUES ('schema_version', '1'), ('sori_version', '0.1.0');
CREATE TABLE dictionary(dictionary INTEGER PRIMARY KEY, hash TEXT UNIQUE);
INSERT INTO dictionary VALUES (1, '0123456789abcdef0123456789abcdef');
CREATE TABLE category(category INTEGER PRIMARY KEY, id TEXT UNIQUE, ko TEXT, en TEXT, kind TEXT, owner TEXT, severity INTEGER,
	fallback INTEGER);
INSERT INTO category VALUES
	(0, '*', '', '', '', '', 0, 0),
	(1, 'network.outage', '연결 끊김·접속 불가', 'Connection drops', 'pain', '망운용팀', 4, 0),
	(2, 'delivery.delay', '배송 지연', 'Late delivery', 'pain', '물류팀', 3, 0),
	(3, 'billing.overcharge', '과다·오청구', 'Overcharging', 'pain', '요금팀', 4, 0),
	(4, 'app.crash', '강제 종료·멈춤', 'Crashes and freezes', 'pain', '앱개발팀', 4, 0),
	(5, 'device.battery', '배터리·충전', 'Battery and charging', 'pain', '', 3, 0),
	(6, 'service.wait', '응대 대기·무응답', 'Hard to reach', 'pain', '고객센터', 3, 0),
	(7, 'service.attitude', '불친절', 'Rude or careless staff', 'pain', '고객센터', 3, 0),
	(8, 'general.dissatisfied', '막연한 불만', 'Unspecific complaint', 'pain', '', 1, 1),
	(9, 'praise.staff', '직원 칭찬', 'Praise of staff', 'praise', '', 0, 0),
	(10, 'praise.product', '제품 칭찬', 'Praise of product', 'praise', '', 0, 0),
	(11, '*none', '', '', '', '', 0, 0),
	(12, '*pain', '', '', '', '', 0, 0),
	(13, 'app.ads', '광고 <b>&"많음"', 'Advertising </title><script>bad()</script>', 'pain', '', 1, 0),
	(14, 'device.heat', '발열', 'Heat', 'pain', '', 3, 0);
CREATE TABLE cell(cell INTEGER PRIMARY KEY, source TEXT NOT NULL, channel TEXT NOT NULL, product TEXT NOT NULL,
	region TEXT NOT NULL, lang TEXT NOT NULL, dim1 TEXT NOT NULL, dim2 TEXT NOT NULL, dim3 TEXT NOT NULL);
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29),
channel(k, name) AS (VALUES (0, '앱'), (1, '매장'), (2, '콜센터'), (3, '웹')),
product(k, name) AS (VALUES (0, '모델 A'), (1, '모델 B'), (2, '=HYPERLINK("http://x.invalid","모델 C")'),
	(3, '</td><img src=http://x.invalid/p onerror=bad()>'), (4, '')),
region(k, name) AS (VALUES (0, '서울'), (1, '부산'), (2, '대전'), (3, '제주'))
-- numbered against byte order, as a store is after some nights
INSERT INTO cell SELECT 30 - i, CASE WHEN i % 5 < 3 THEN 'shop-reviews' ELSE 'care-memos' END, channel.name, product.name,
	region.name, CASE WHEN i % 7 = 0 THEN 'en' WHEN i % 11 = 3 THEN 'mixed' ELSE 'ko' END,
	CASE WHEN i % 3 = 0 THEN 'VIP' ELSE '일반' END, '', ''
	FROM n, channel, product, region WHERE channel.k = i % 4 AND product.k = i * 3 % 5 AND region.k = i / 4 % 4;
CREATE TABLE daily(day INTEGER, cell INTEGER, category INTEGER, dictionary INTEGER, documents INTEGER,
	complaints INTEGER AS (documents - documents / 5), customers INTEGER AS (documents - documents / 8),
	PRIMARY KEY(day, cell, category, dictionary)) WITHOUT ROWID;
-- 20574 is 2026-05-01, 20665 is 2026-07-31; 20610 to 20612 are missing
WITH RECURSIVE d(day) AS (SELECT 20574 UNION ALL SELECT day + 1 FROM d WHERE day < 20665)
INSERT INTO daily SELECT day, cell, 0, 1, 4 + (day * 7 + cell * 13) % 5 + (day % 7 < 2) * 2 FROM d, cell
	WHERE day NOT BETWEEN 20610 AND 20612;
INSERT INTO daily SELECT -2147483648, cell, 0, 1, 6 FROM cell WHERE cell <= 3;
-- a category has documents in a cell and day when a fixed mixture of the three falls under its rate (in thousandths)
WITH rate(category, base) AS (VALUES (1, 160), (2, 300), (3, 90), (4, 220), (5, 180), (6, 110), (7, 60), (8, 120), (9, 90),
	(10, 240), (13, 30))
INSERT INTO daily SELECT day, cell, rate.category, 1, 1 + (documents > 7 AND mixture * 2 < rate) FROM (
	SELECT t.day AS day, t.cell AS cell, t.documents AS documents, rate.category AS category,
		((t.day * 7919 + t.cell * 104729 + rate.category * 1299709) * 2654435761 >> 16) % 1000 AS mixture,
		rate.base * CASE
			WHEN rate.category = 1 AND t.day >= 20644 AND c.product = '모델 A' THEN 5
			WHEN rate.category = 2 AND t.day >= 20624 THEN 0.4
			ELSE 1 END AS rate
	FROM daily AS t JOIN cell AS c USING (cell), rate WHERE t.category = 0) AS drawn JOIN rate USING (category)
	WHERE mixture < rate;
INSERT INTO daily SELECT day, cell, 12, 1, MIN(MAX(total), SUM(documents)) FROM (SELECT p.day AS day, p.cell AS cell,
	p.documents AS documents, t.documents AS total FROM daily AS p JOIN daily AS t ON t.day = p.day AND t.cell = p.cell
	AND t.category = 0 WHERE p.category IN (1, 2, 3, 4, 5, 6, 7, 8, 13)) GROUP BY day, cell;
INSERT INTO daily SELECT day, cell, 11, 1, rest FROM (SELECT t.day AS day, t.cell AS cell, MAX(t.documents) -
	COALESCE(SUM(p.documents), 0) AS rest FROM daily AS t LEFT JOIN daily AS p ON p.day = t.day AND p.cell = t.cell AND
	p.category IN (9, 10, 12) WHERE t.category = 0 GROUP BY t.day, t.cell) WHERE rest > 0;
CREATE TABLE run(run INTEGER PRIMARY KEY, hash TEXT UNIQUE, dictionary INTEGER, config TEXT, as_of INTEGER);
INSERT INTO run VALUES (1, 'a', 1, '', 20665);
CREATE TABLE input(input INTEGER PRIMARY KEY, run INTEGER, path TEXT, source TEXT, hash TEXT, bytes INTEGER, format TEXT,
	encoding TEXT, compression TEXT, seen INTEGER, header INTEGER, blank INTEGER, read INTEGER, accepted INTEGER,
	rejected INTEGER, duplicate INTEGER, replaced INTEGER, undated INTEGER, columns TEXT, reasons TEXT, status TEXT,
	problem TEXT, warning TEXT, dictionary INTEGER, config TEXT, superseded INTEGER);
INSERT INTO input SELECT 1, 1, 'dumps/shop-reviews/2026-07.csv', 'shop-reviews', '00000000000000000000000000000001', 1830211,
	'csv', 'cp949', 'gzip', total + 23, 1, 2, total + 20, total - 400, 12, 408, 0, 18,
	'{"text":"내용","date":"작성일","rating":"평점","dim1":"등급"}', '{"quote":2,"encoding":10}', 'ok', '',
	'trailing comma in 3 records', 1, '', NULL
	FROM (SELECT SUM(documents) AS total FROM daily WHERE category = 0);
INSERT INTO input VALUES (2, 1, 'dumps/care-memos/<b>memo</b>.jsonl', 'care-memos', '00000000000000000000000000000002', 91230,
	'jsonl', 'utf-8', 'none', 405, 0, 0, 405, 400, 5, 0, 0, 0, '{"text":"memo"}', '{"syntax":5}', 'incomplete',
	'the gzip member ends early at byte 91230', '', 1, '', NULL);
INSERT INTO input VALUES (3, 1, 'dumps/care-memos/old.csv', 'care-memos', '00000000000000000000000000000003', 120, 'csv',
	'unknown', 'none', 10, 0, 0, 10, 0, 10, 0, 0, 0, '{}', '{"input-refused":10}', 'refused', 'neither UTF-8 nor CP949', '',
	1, '', NULL);
CREATE TABLE sample(month INTEGER, category INTEGER, rank INTEGER, identity BLOB, day INTEGER, cell INTEGER, place TEXT,
	rating INTEGER, text TEXT, spans TEXT, PRIMARY KEY(month, category, rank, identity)) WITHOUT ROWID;
INSERT INTO sample VALUES
	(202607, 1, 5, x'01', 20650, 30, 'dumps/shop-reviews/2026-07.csv#12', 1,
	 '업데이트하고 나서 와이파이가 하루에도 몇 번씩 끊겨요. 상담원 [이름] 님께 말했는데도 그대로입니다.',
	 '[[66,75,"network.outage","와이파이.끊기다",1],[26,38,"network.outage","와이파이.끊기다",1],[0,15,"app.update","업데이트",1]]'),
	(202607, 1, 9, x'02', 20655, 23, 'dumps/shop-reviews/2026-07.csv#40', 2,
	 'The connection drops every evening <script>bad()</script> & "nobody" cares',
	 '[[4,20,"network.outage","connection.drop",true]]'),
	(202606, 1, 1, x'03', 20620, 28, 'dumps/care-memos/<b>memo</b>.jsonl#7', NULL,
	 '고객이 접속이 안 된다고 함 <img src=http://x.invalid/i onerror=bad()> 재부팅 안내',
	 '[[10,27,"network.outage","접속.안되다",1],[10,20,"network.outage","접속",1],[200,900,"network.outage","x",1]]'),
	(202605, 1, 2, x'04', 20580, 22, 'dumps/shop-reviews/2026-07.csv#3', 3, '가끔 끊기지만 참을 만함', 'no json'),
	(202607, 2, 1, x'05', 20645, 27, 'dumps/shop-reviews/2026-07.csv#77', 1,
	 '주문한 지 열흘이 지났는데 아직도 배송 준비 중이라고만 나옵니다. 언제 오는 건가요?',
	 '[[39,65,"delivery.delay","아직.배송",1],[80,92,"delivery.delay","언제",0]]'),
	(202605, 2, 1, x'06', 20581, 26, 'dumps/shop-reviews/2026-07.csv#78', 2, '배송이 일주일 늦었어요', '[[0,29,"delivery.delay","배송.늦다",1]]'),
	(202607, 4, 1, x'07', 20660, 23, 'dumps/shop-reviews/2026-07.csv#90', 1,
	 '--></style><style>*{display:none}</style><svg onload=bad()> the app crashes on start', '[[64,75,"app.crash","app.crash",1]]'),
	(202607, 9, 1, x'08', 20661, 29, 'dumps/care-memos/<b>memo</b>.jsonl#8', NULL,
	 '설치 기사님이 정말 친절하게 설명해 주셨어요', '[[0,59,"praise.staff","기사.친절",1]]'),
	(0, 10, 1, x'09', -2147483648, 29, 'dumps/shop-reviews/2026-07.csv#1', 5, '가볍고 화면이 선명해요', '[]');
CREATE TABLE fact(partition INTEGER, run INTEGER, count INTEGER, data BLOB, live INTEGER, PRIMARY KEY(partition, run));
CREATE TABLE category_set(category_set INTEGER PRIMARY KEY, categories TEXT NOT NULL UNIQUE);
INSERT INTO category_set VALUES (1, '0,11');
