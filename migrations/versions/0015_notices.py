"""Notices whole: postings, objections answered in public, extensions, outcomes; never earlier."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    at,
    checks,
    create,
    day,
    drop_columns,
    drop_tables,
    indexes,
    key,
    number,
    only_add_to,
    refers,
    words,
)

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("notice_rule", "notice_extension", "notice_posting", "notice_outcome")
APPEND_ONLY_TABLES = ("notice_extension", "notice_posting", "notice_outcome")

NEVER_EARLIER = """
CREATE FUNCTION keep_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'what was on notice stays' USING ERRCODE = 'check_violation',
      CONSTRAINT = 'ck_notice_stays';
  END IF;
  IF NEW.closes_on < OLD.closes_on OR NEW.opens_on <> OLD.opens_on
     OR NEW.working_days <> OLD.working_days OR NEW.subject_id <> OLD.subject_id THEN
    RAISE EXCEPTION 'a notice only moves later' USING ERRCODE = 'check_violation',
      CONSTRAINT = 'ck_notice_later';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_notice BEFORE UPDATE OR DELETE ON notice
  FOR EACH ROW EXECUTE FUNCTION keep_notice();
"""


def upgrade() -> None:
    create(
        "notice_rule",
        words("subject_kind"),
        number("reply_working_days"),
        number("extension_working_days"),
        day("in_force_from_on"),
        day("in_force_until_on?"),
        words("source"),
        sa.UniqueConstraint("subject_kind", "in_force_from_on", name="uq_notice_rule_begin"),
        *checks(
            "notice_rule",
            period="in_force_from_on < in_force_until_on",
            reply_working_days="reply_working_days > 0",
            extension_working_days="extension_working_days > 0",
        ),
    )
    add(
        "notice",
        number("reply_working_days", default="5"),
        number("extension_working_days", default="5"),
        words("deciding_level?"),
    )
    add(
        "objection",
        day("due_on?"),
        words("published_text?"),
        at("published_at?"),
        published="(published_text IS NULL) = (published_at IS NULL)",
    )
    create(
        "notice_extension",
        *map(key, ("notice_id", "objection_id")),
        *map(day, ("closed_on", "closes_on")),
        number("working_days"),
        key("by_id"),
        at("at"),
        sa.UniqueConstraint("objection_id", name="uq_notice_extension_objection"),
        *checks("notice_extension", later="closed_on < closes_on"),
        *refers("notice_extension", notice_id="notice", objection_id="objection", by_id="app_user"),
    )
    create(
        "notice_posting",
        key("notice_id"),
        words("level"),
        words("place"),
        key("document_id"),
        day("posted_on"),
        key("posted_by"),
        at("at"),
        *refers("notice_posting", notice_id="notice", document_id="document", posted_by="app_user"),
    )
    indexes("notice_extension", "notice_id")
    indexes("notice_posting", "notice_id")
    create(
        "notice_outcome",
        key("notice_id"),
        words("outcome"),
        at("at"),
        sa.UniqueConstraint("notice_id", name="uq_notice_outcome_notice"),
        *refers("notice_outcome", notice_id="notice"),
    )
    op.execute(NEVER_EARLIER)
    only_add_to(APPEND_ONLY_TABLES)


def downgrade() -> None:
    drop_tables(TABLES)
    op.execute("DROP TRIGGER keep_notice ON notice")
    op.execute("DROP FUNCTION keep_notice")
    drop_columns("objection", "due_on", "published_text", "published_at")
    drop_columns("notice", "reply_working_days", "extension_working_days", "deciding_level")
