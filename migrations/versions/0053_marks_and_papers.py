"""Marks that products bear; until when a certificate's papers last, and papers added to it."""

import sqlalchemy as sa

from migrations.columns import (
    add,
    at,
    checks,
    create,
    day,
    drop_columns,
    drop_tables,
    index,
    indexes,
    key,
    only_add_to,
    refers,
    word,
    words,
)

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

TABLES = ("product_mark", "certificate_paper")


def upgrade() -> None:
    create(
        "product_mark",
        *map(key, ("certificate_id", "holder_id")),
        word("kind"),
        *map(words, ("number", "issuer")),
        *map(day, ("valid_from_on", "valid_until_on?")),
        key("document_id"),
        word("status"),
        key("recorded_by_id"),
        at("recorded_at"),
        *map(key, ("confirmed_by_id?", "confirmed_for_id?")),
        at("confirmed_at?"),
        at("warned_at?"),
        key("ended_by_id?"),
        at("ended_at?"),
        words("reason?"),
        *checks(
            "product_mark",
            period="valid_from_on < valid_until_on",
            confirmed="num_nulls(confirmed_by_id, confirmed_for_id, confirmed_at) IN (0, 3)"
            " AND (status <> 'confirmed' OR confirmed_at IS NOT NULL)"
            " AND (status <> 'recorded' OR confirmed_at IS NULL)",
            author="confirmed_by_id <> recorded_by_id",
            own_organisation="confirmed_for_id <> holder_id",
            ended="(ended_at IS NOT NULL) = (status IN ('lapsed', 'withdrawn'))",
            withdrawn="num_nulls(ended_by_id, reason)"
            " = CASE status WHEN 'withdrawn' THEN 0 ELSE 2 END",
        ),
        *refers(
            "product_mark",
            certificate_id="certificate",
            holder_id="organisation",
            document_id="document",
            recorded_by_id="app_user",
            confirmed_by_id="app_user",
            confirmed_for_id="organisation",
            ended_by_id="app_user",
        ),
    )
    indexes("product_mark", "holder_id", "document_id")
    index("ix_product_mark_certificate_id", "certificate_id", "id", on="product_mark")
    live = "status IN ('recorded', 'confirmed')"
    named = ("certificate_id", "kind", "number")
    index("uq_product_mark_live", *named, on="product_mark", where=live)
    index("ix_product_mark_due", "valid_until_on", on="product_mark", where=live)
    create(
        "certificate_paper",
        *map(key, ("certificate_id", "document_id", "added_by_id")),
        at("added_at"),
        *refers(
            "certificate_paper",
            certificate_id="certificate",
            document_id="document",
            added_by_id="app_user",
        ),
        sa.UniqueConstraint("certificate_id", "document_id", name="uq_certificate_paper_once"),
    )
    indexes("certificate_paper", "document_id")
    only_add_to(["certificate_paper"])
    add(
        "certificate",
        day("papers_until_on?"),
        at("papers_lapsed_at?"),
        papers="papers_lapsed_at IS NULL OR papers_until_on IS NOT NULL",
    )
    index(
        "ix_certificate_papers_due",
        "papers_until_on",
        on="certificate",
        where="status IN ('in_force', 'suspended') AND papers_lapsed_at IS NULL",
    )
    add("capacity", day("papers_until_on?"))


def downgrade() -> None:
    drop_columns("capacity", "papers_until_on")
    drop_columns("certificate", "papers_until_on", "papers_lapsed_at")
    drop_tables(TABLES)
