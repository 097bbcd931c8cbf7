"""The floor of an order: the same decision in raw SQL, one statement each, nothing around it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from benchmarks.clients import Operation, Prepare

PRODUCTS = 10_000
BUYERS = 2_000
PLENTY = 10**12

SCHEMA = """
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
SET search_path = floor;
CREATE TABLE certificate (
    id bigint PRIMARY KEY, status text NOT NULL, valid_until date NOT NULL);
CREATE TABLE product (
    id bigint PRIMARY KEY, title text NOT NULL, price_fen bigint NOT NULL,
    certificate_id bigint NOT NULL REFERENCES certificate,
    category text NOT NULL, region text NOT NULL, listed_at timestamptz NOT NULL);
CREATE INDEX ON product (category, listed_at DESC, id DESC);
CREATE TABLE stock (
    product_id bigint PRIMARY KEY REFERENCES product, ceiling numeric(14,3) NOT NULL,
    held numeric(14,3) NOT NULL DEFAULT 0, CHECK (held >= 0 AND held <= ceiling));
CREATE TABLE quota (
    id bigint PRIMARY KEY, ceiling_fen bigint NOT NULL, held_fen bigint NOT NULL DEFAULT 0,
    CHECK (held_fen >= 0 AND held_fen <= ceiling_fen));
CREATE TABLE purchase_order (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, buyer_id bigint NOT NULL,
    quota_id bigint NOT NULL REFERENCES quota, total_fen bigint NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE order_line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES purchase_order,
    product_id bigint NOT NULL REFERENCES product, quantity numeric(14,3) NOT NULL,
    price_fen bigint NOT NULL, amount_fen bigint NOT NULL);
CREATE INDEX ON order_line (order_id);
CREATE TABLE ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES purchase_order,
    account_id bigint NOT NULL, amount_fen bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON ledger (account_id, id);
"""

ROWS = f"""
INSERT INTO certificate SELECT n, 'in_force', '2099-12-31' FROM generate_series(1, {PRODUCTS}) n;
INSERT INTO product SELECT n, '产品 ' || n, 1000 + n % 500, n, 'c' || n % 20, 'r' || n % 50,
    now() - n * interval '1 minute' FROM generate_series(1, {PRODUCTS}) n;
INSERT INTO stock SELECT n, {PLENTY // 1000} FROM generate_series(1, {PRODUCTS}) n;
INSERT INTO quota SELECT n, {PLENTY} FROM generate_series(1, {BUYERS}) n;
"""  # noqa: S608 - our own numbers

ASK = """
SELECT p.id, p.price_fen FROM floor.product p JOIN floor.certificate c ON c.id = p.certificate_id
WHERE p.id IN (%s, %s) AND c.status = 'in_force' AND c.valid_until > current_date
"""
ORDER = (
    "INSERT INTO floor.purchase_order (buyer_id, quota_id, total_fen)"
    " VALUES (%s, %s, %s) RETURNING id"
)
LINE = (
    "INSERT INTO floor.order_line (order_id, product_id, quantity, price_fen, amount_fen)"
    " VALUES (%s, %s, %s, %s, %s)"
)
QUOTA = (
    "UPDATE floor.quota SET held_fen = held_fen + %s"
    " WHERE id = %s AND held_fen + %s <= ceiling_fen RETURNING held_fen"
)
STOCK = (
    "UPDATE floor.stock SET held = held + %s"
    " WHERE product_id = %s AND held + %s <= ceiling RETURNING held"
)
LEDGER = "INSERT INTO floor.ledger (order_id, account_id, amount_fen) VALUES (%s, %s, %s)"
STATEMENTS_PER_ORDER = 13  # BEGIN, 1 + 1 + 2 + 1 + 2 + 4 as above, COMMIT

LISTING = """
SELECT p.id, p.title, p.price_fen, p.certificate_id, p.region, s.ceiling - s.held AS available
FROM floor.product p JOIN floor.stock s ON s.product_id = p.id
WHERE p.category = %s ORDER BY p.listed_at DESC, p.id DESC LIMIT 20
"""


def build(dsn: str) -> None:
    """Make the floor's own schema and its 10,000 products and 2,000 buyers."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute(ROWS)
        connection.execute("VACUUM ANALYZE")


def orders(dsn: str, *, hot: bool) -> Prepare:
    """Prepare placing orders: two products in key order, or twice the same one when `hot`."""

    def prepare(number: int) -> Operation:
        connection = psycopg.connect(dsn)
        chance = random.Random(number)

        def place() -> bool:
            buyer = chance.randint(1, BUYERS)
            first, second = (1, 1) if hot else sorted(chance.sample(range(1, PRODUCTS + 1), 2))
            with _committed(connection) as cursor:
                cursor.execute(ASK, (first, second))
                prices = dict(cursor.fetchall())
                amounts = [(product, 2 * prices[product]) for product in (first, second)]
                total = sum(amount for _, amount in amounts)
                cursor.execute(ORDER, (buyer, buyer, total))
                (order,) = cursor.fetchall()[0]
                for product, amount in amounts:
                    cursor.execute(LINE, (order, product, 2, prices[product], amount))
                cursor.execute(QUOTA, (total, buyer, total))
                taken = len(cursor.fetchall())
                for product, _ in amounts:
                    cursor.execute(STOCK, (2, product, 2))
                    taken += len(cursor.fetchall())
                for account, amount in zip(
                    (1, 2, 3, 4), (-total, total, -total, total), strict=True
                ):
                    cursor.execute(LEDGER, (order, account * 10**6 + buyer, amount))
            return taken == 3  # noqa: PLR2004  # the quota and the two stocks

        return place

    return prepare


def listings(dsn: str) -> Prepare:
    """Prepare reading 20 of the 10,000 products of one category, newest first."""

    def prepare(number: int) -> Operation:
        connection = psycopg.connect(dsn, autocommit=True)
        chance = random.Random(number)

        def read() -> bool:
            rows = connection.execute(LISTING, (f"c{chance.randrange(20)}",), prepare=True)
            return len(rows.fetchall()) == 20  # noqa: PLR2004  # one page

        return read

    return prepare


@contextmanager
def _committed(connection: psycopg.Connection) -> Iterator[psycopg.Cursor]:
    with connection.transaction(), connection.cursor() as cursor:
        yield cursor
