"""Certificates and listings of any number, copied in: a directory of 100,000 in a minute.

Every fifth comes from one county. Names are put together from words, so that some words are
frequent, some rare, and hardly two certificates are named alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import psycopg

from benchmarks.register import BUSY, QUIET_COUNTIES, key_of
from benchmarks.rows import without_indexes
from certification.certificates.models.words import grams_of, with_pinyin

APPLICATION, CERTIFICATE, LISTING, CAPACITY, CHANGE, HOLDER = (
    f"80{number}" for number in range(10, 16)
)
PER_HOLDER = 20
KINDS = ("高山", "富硒", "有机", "农家", "野生", "林下", "石磨", "手工", "陈年", "新季")
GOODS = (
    ("丝苗米", "grain"), ("红薯粉丝", "grain"), ("荞麦面", "grain"), ("山茶油", "edible_oil"),
    ("菜籽油", "edible_oil"), ("竹笋干", "vegetable"), ("梅干菜", "vegetable"),
    ("香菇", "mushroom"), ("黑木耳", "mushroom"), ("脐橙", "fruit"), ("猕猴桃", "fruit"),
    ("板栗", "nut"), ("核桃", "nut"), ("腊肉", "meat"), ("黄牛肉", "meat"), ("土鸡蛋", "egg"),
)  # fmt: skip
PLACES = ("兴国", "山南", "临江", "云岭", "石门", "水西", "白沙", "龙潭", "青溪", "大坪")
PLACE_OF = "SELECT region_code FROM organisation WHERE id = '{holder}'"
RARE = "冬虫草"
RARE_EVERY = 5_000
COPY = "COPY measured_words (n, product, holder, category, words, grams, title, marks) FROM STDIN"
WORDS = """
CREATE TABLE measured_words (n int PRIMARY KEY, product text, holder text, category text,
  words text, grams text[], title text, marks text[])
"""
WANTED = """
CREATE TEMP TABLE wanted AS SELECT word.*, n / {per_holder} AS h, place.code,
  CASE n % 50 WHEN 7 THEN 'suspended' WHEN 8 THEN 'revoked' ELSE 'in_force' END AS status,
  current_date + 1 + (n * 7 % 1000) AS until
FROM measured_words word CROSS JOIN LATERAL (SELECT CASE WHEN n / {per_holder} % 5 = 0
  THEN '{busy}' ELSE (ARRAY(SELECT code FROM region WHERE level = 'county' AND code <> '{busy}'
    AND valid_until_on IS NULL ORDER BY md5(code) LIMIT {counties}))
    [1 + n / {per_holder} % {counties}] END AS code) place
WHERE n BETWEEN {first} AND {last}
"""
STEPS = (
    """INSERT INTO organisation (id, credit_code, name, kind, region_code, region_prefix, lineage,
         created_at, version)
       SELECT DISTINCT ON (h) {holder}, '7' || lpad(h::text, 17, '0'), holder, 'cooperative', code,
         code, '/' || {holder} || '/', now(), 1 FROM wanted ORDER BY h
       ON CONFLICT DO NOTHING""",
    """INSERT INTO application (id, number, scheme_id, holder_id, author_id, product_name,
         category_code, specification, unit, origin_region_code, yearly_quantity, goods_value_fen,
         unit_price_fen, pledge, status, round, notice_id, submitted_by_id, submitted_at,
         created_at, updated_at, version)
       SELECT {application}, 'BF-A-M-' || n, one.scheme_id, {holder}, one.author_id, product,
         category, '一级', 'kg', code, 1000, 680000, 680, true, 'granted', 1, one.notice_id,
         one.author_id, now(), now(), now(), 1 FROM wanted, ({one_application}) one""",
    """INSERT INTO certificate (id, number, application_id, author_id, holder_id, scheme_id,
         product_name, category_code, specification, unit, origin_region_code, origin_kind,
         yearly_quantity, unit_price_fen, valid_from_on, valid_until_on, status, granted_by_id,
         granted_at, payload, key_id, signature, search_text, grams)
       SELECT {certificate}, 'BF-C-M-' || lpad(n::text, 6, '0'), {application}, one.author_id,
         {holder}, one.scheme_id, product, category, '一级', 'kg', code, 'national_832', 1000, 680,
         until - 1095, until, wanted.status, one.granted_by_id, now(), repeat('-', 700), '1', '-',
         words, wanted.grams FROM wanted, ({one_certificate}) one""",
    """INSERT INTO certificate_change (id, certificate_id, kind, reason, by_id, at)
       SELECT {change}, {certificate}, 'granted', '测量', one.granted_by_id, now()
       FROM wanted, ({one_certificate}) one""",
    """INSERT INTO capacity (id, certificate_id, from_on, until_on, is_open, declared, held, sold,
         signals)
       SELECT {capacity}, {certificate}, greatest(until - 365, current_date - 100), until,
         status = 'in_force', 1000, 0, CASE WHEN n % 50 = 1 THEN 900 ELSE 100 END,
         '{{800,950}}' FROM wanted""",
    """INSERT INTO listing (id, supplier_id, certificate_id, certificate_number, category_code,
         origin_region_code, origin_kind, title, description, unit, step, unit_price_fen, tiers,
         status, blocked_for, available_quantity, search_text, grams, created_at, published_at,
         version, storage_band, storage_min_c, storage_max_c, season_months, tags)
       SELECT {listing}, {holder}, {certificate}, 'BF-C-M-' || lpad(n::text, 6, '0'), category,
         code, 'national_832', product || ' 一级', '', 'kg', 1, 500 + n * 37 % 2000, '[]',
         CASE status WHEN 'in_force' THEN 'listed' ELSE 'blocked' END,
         CASE WHEN status <> 'in_force' THEN 'certificate' END, 100, title, marks,
         TIMESTAMPTZ '2026-01-01' + n * interval '1 second', now(), 1, band,
         CASE band WHEN 'frozen' THEN -20 END, CASE band WHEN 'frozen' THEN -18 END, months,
         ARRAY['category:' || category, 'origin:national_832', 'place:' || left(code, 2) || '0000',
           'place:' || code, 'band:' || band, 'pay:goods_first', 'pay:pay_first']
         || ARRAY(SELECT 'month:' || month FROM unnest(months) month)
       FROM wanted, LATERAL (SELECT CASE n % 40 WHEN 3 THEN 'frozen' ELSE 'ambient' END AS band,
         CASE n % 4 WHEN 0 THEN ARRAY[10, 11, 12] ELSE ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
         END AS months) kept""",
    """INSERT INTO listing_price (id, listing_id, unit_price_fen, tiers, from_at)
       SELECT {listing}, {listing}, 500 + n * 37 % 2000, '[]',
         TIMESTAMPTZ '2026-01-01' + n * interval '1 second' FROM wanted""",
    "DROP TABLE wanted",
)
TABLES = (
    "application",
    "certificate",
    "certificate_change",
    "capacity",
    "listing",
    "listing_price",
    "organisation",
)


def fill(connection: psycopg.Connection[tuple[object, ...]], *, first: int, last: int) -> None:
    """Write the certificates `first` to `last`, each with its listing; needs one of a world."""
    words: dict[str, object] = {
        "first": first,
        "last": last,
        "busy": BUSY,
        "counties": QUIET_COUNTIES,
        "per_holder": PER_HOLDER,
        "holder": key_of(HOLDER, "h"),
        "application": key_of(APPLICATION, "n"),
        "certificate": key_of(CERTIFICATE, "n"),
        "listing": key_of(LISTING, "n"),
        "capacity": key_of(CAPACITY, "n"),
        "change": key_of(CHANGE, "n"),
        "one_application": "SELECT * FROM application ORDER BY number DESC LIMIT 1",
        "one_certificate": "SELECT * FROM certificate ORDER BY number DESC LIMIT 1",
    }
    with without_indexes(connection, TABLES):
        if first == 1:
            connection.execute(WORDS)
        with connection.cursor().copy(COPY) as copy:
            for row in _rows(first, last):
                copy.write_row(row)
        for step in (WANTED, *STEPS):
            connection.execute(step.format(**words).encode())


def _rows(first: int, last: int) -> Iterator[tuple[object, ...]]:
    for n in range(first, last + 1):
        kind, (good, category) = KINDS[n // 16 % len(KINDS)], GOODS[n % len(GOODS)]
        product = f"{RARE if n % RARE_EVERY == 1 else kind}{good} {n % 97}号"
        holder = f"{PLACES[n // PER_HOLDER % len(PLACES)]}测量合作社{n // PER_HOLDER}"
        parts = (*product.split(), holder)
        spelt = " ".join(_spelt(one)[0] for one in parts)
        grams = sorted({gram for one in parts for gram in _spelt(one)[1]})
        title = " ".join(_spelt(one)[0] for one in (*parts, "一级"))
        marks = sorted({gram for one in (*parts, "一级") for gram in _spelt(one)[1]})
        yield n, product, holder, category, spelt, grams, title, marks


@cache
def _spelt(word: str) -> tuple[str, list[str]]:
    spelt = with_pinyin(word)
    return spelt, grams_of(spelt)
