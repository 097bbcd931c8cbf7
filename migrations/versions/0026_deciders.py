"""Who found, put right and closed; who lodged; for whom an answer spoke: nobody decides twice."""

from alembic import op

from migrations.columns import add, add_reference, drop_columns, key

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ADDED = {
    "finding": ("found_by_id", "rectified_by_id", "closed_by_id"),
    "complaint": ("holder_id", "lodged_by_id", "replied_for_id"),
    "notice": ("party_id",),
    "objection": ("lodged_by_id", "party_id", "replied_for_id"),
}
ORGANISATIONS = ("holder_id", "party_id", "replied_for_id")
CONDITIONS = {
    "finding": {
        "rectified": "(rectified_by_id IS NULL) = (status = 'open')",
        "closed": "(closed_by_id IS NOT NULL) = (status = 'closed')",
        "closer": "closed_by_id NOT IN (found_by_id, rectified_by_id)",
    },
    "complaint": {
        "author": "replied_by_id <> lodged_by_id",
        "own_organisation": "replied_for_id <> holder_id",
    },
    "objection": {
        "author": "replied_by <> lodged_by_id",
        "own_organisation": "replied_for_id <> party_id",
    },
}
BY_THE_LEDGER = """
UPDATE finding SET
  found_by_id = (SELECT by_id FROM finding_step s
    WHERE s.finding_id = finding.id AND s.kind = 'opened'),
  rectified_by_id = CASE WHEN status <> 'open' THEN (SELECT by_id FROM finding_step s
    WHERE s.finding_id = finding.id AND s.kind = 'rectified' ORDER BY position DESC LIMIT 1) END,
  closed_by_id = (SELECT by_id FROM finding_step s
    WHERE s.finding_id = finding.id AND s.kind = 'closed')
"""
HOLDERS = """
UPDATE complaint SET holder_id = c.holder_id FROM certificate c WHERE c.id = certificate_id
"""


def upgrade() -> None:
    for table, columns in ADDED.items():
        add(table, *(key(f"{column}?") for column in columns))
        for column in columns:
            to = "organisation" if column in ORGANISATIONS else "app_user"
            add_reference(table, column, to)
    op.execute(BY_THE_LEDGER)
    op.execute(HOLDERS)
    op.alter_column("finding", "found_by_id", nullable=False)
    for table, conditions in CONDITIONS.items():
        add(table, **conditions)


def downgrade() -> None:
    for table, columns in reversed(ADDED.items()):
        drop_columns(table, *columns)
