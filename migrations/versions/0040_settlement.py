"""Settlement: bank accounts, the lines of their statements, and what each line paid."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    at,
    checks,
    counted,
    create,
    day,
    drop_columns,
    drop_tables,
    fen,
    flag,
    index,
    indexes,
    key,
    number,
    only_add_to,
    quantity,
    refers,
    sealed,
    word,
    words,
)

KEEP_INVOICE = """
CREATE FUNCTION keep_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (NEW.seller_id, NEW.number, NEW.kind, NEW.order_id, NEW.issued_on,
      NEW.seller_name, NEW.seller_credit_code, NEW.buyer_name, NEW.buyer_credit_code,
      NEW.amount_fen) IS DISTINCT FROM (OLD.seller_id, OLD.number, OLD.kind, OLD.order_id,
      OLD.issued_on, OLD.seller_name, OLD.seller_credit_code, OLD.buyer_name,
      OLD.buyer_credit_code, OLD.amount_fen)
      OR NEW.corrects_id IS DISTINCT FROM OLD.corrects_id THEN
    RAISE EXCEPTION 'an invoice stays as it was issued' USING ERRCODE = 'check_violation',
      CONSTRAINT = 'ck_invoice_stays';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_invoice BEFORE UPDATE OR DELETE ON invoice
  FOR EACH ROW EXECUTE FUNCTION keep_invoice();
"""

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TABLES = (
    "bank_account",
    "bank_line",
    "line_match",
    "seller_funds",
    "remittance",
    "remittance_line",
    "invoice",
    "invoice_line",
)


def upgrade() -> None:
    op.alter_column("payment", "registered_by", nullable=True)
    add(
        "payment",
        flag("collected", default="false"),
        registered="registered_by IS NOT NULL OR (method = 'bank_transfer'"
        " AND status = 'confirmed')",
    )
    create(
        "bank_account",
        key("organisation_id"),
        words("bank_name"),
        *map(sealed, ("holder_name", "number", "number_index")),
        flag("collects"),
        key("opened_by"),
        at("opened_at"),
        at("closed_at?"),
        number("version"),
        *checks("bank_account", closed="closed_at >= opened_at"),
        *refers("bank_account", organisation_id="organisation", opened_by="app_user"),
    )
    index("uq_bank_account_number", "number_index", on="bank_account", where="closed_at IS NULL")
    indexes("bank_account", "organisation_id")
    create(
        "bank_line",
        counted("position"),
        key("account_id"),
        day("booked_on"),
        fen("amount_fen"),
        *map(sealed, ("payer_name?", "payer_account?", "remark?")),
        words("bank_reference?"),
        sealed("content_index"),
        number("occurrence"),
        *map(word, ("state", "outcome")),
        *map(fen, ("matched_fen", "returned_fen")),
        key("reverses_id?"),
        words("reason?"),
        key("decided_by?"),
        at("decided_at?"),
        key("read_by"),
        at("read_at"),
        number("version"),
        *checks(
            "bank_line",
            amount="amount_fen <> 0 AND occurrence > 0",
            placed="matched_fen >= 0 AND returned_fen >= 0"
            " AND matched_fen + returned_fen <= greatest(amount_fen, 0)",
            settled="(state IN ('matched', 'returned')"
            " AND matched_fen + returned_fen = amount_fen)"
            " OR state NOT IN ('matched', 'returned')",
            noted="state <> 'noted' OR amount_fen < 0",
            parked="state <> 'parked' OR reason IS NOT NULL",
        ),
        *refers(
            "bank_line",
            account_id="bank_account",
            reverses_id="bank_line",
            decided_by="app_user",
            read_by="app_user",
        ),
        sa.UniqueConstraint(
            "account_id", "content_index", "occurrence", name="uq_bank_line_content"
        ),
        sa.UniqueConstraint("reverses_id", name="uq_bank_line_reverses"),
    )
    index(
        "ix_bank_line_waiting",
        "account_id",
        "state",
        on="bank_line",
        where="state IN ('new', 'open', 'parked')",
    )
    create(
        "line_match",
        *map(key, ("line_id", "payment_id", "order_id")),
        fen("amount_fen"),
        key("by_id"),
        at("at"),
        *checks("line_match", amount="amount_fen > 0"),
        *refers(
            "line_match",
            line_id="bank_line",
            payment_id="payment",
            order_id="purchase_order",
            by_id="app_user",
        ),
        sa.UniqueConstraint("payment_id", name="uq_line_match_payment"),
    )
    indexes("line_match", "line_id")
    only_add_to(["line_match"])
    _create_remittances()
    _create_invoices()


def _create_remittances() -> None:
    op.create_table(
        "seller_funds",
        key("supplier_id"),
        *map(fen, ("received_fen", "refunded_fen", "remitted_fen", "short_fen")),
        *checks(
            "seller_funds",
            amounts="received_fen >= 0 AND refunded_fen >= 0 AND remitted_fen >= 0"
            " AND short_fen >= 0 AND refunded_fen <= received_fen",
            covered="remitted_fen <= received_fen - refunded_fen + short_fen",
        ),
        *refers("seller_funds", supplier_id="organisation"),
        sa.PrimaryKeyConstraint("supplier_id", name="pk_seller_funds"),
    )
    create(
        "remittance",
        words("number"),
        word("status"),
        fen("total_fen"),
        key("drawn_by"),
        at("drawn_at"),
        key("released_by?"),
        at("released_at?"),
        number("version"),
        *checks(
            "remittance",
            total="total_fen > 0",
            hands="released_by <> drawn_by",
            released="(status IN ('released', 'settled')) = (released_by IS NOT NULL)",
        ),
        *refers("remittance", drawn_by="app_user", released_by="app_user"),
        sa.UniqueConstraint("number", name="uq_remittance_number"),
    )
    create(
        "remittance_line",
        *map(key, ("remittance_id", "supplier_id", "account_id")),
        fen("amount_fen"),
        word("status"),
        *map(words, ("bank_reference?", "reason?")),
        key("decided_by?"),
        at("decided_at?"),
        key("transfer_id?"),
        *checks(
            "remittance_line",
            amount="amount_fen > 0",
            decision="(status = 'paid') = (transfer_id IS NOT NULL)"
            " AND (status = 'failed') = (reason IS NOT NULL)"
            " AND (status = 'listed') = (decided_by IS NULL)",
        ),
        *refers(
            "remittance_line",
            remittance_id="remittance",
            supplier_id="organisation",
            account_id="bank_account",
            decided_by="app_user",
            transfer_id="ledger_transfer",
        ),
        sa.UniqueConstraint("remittance_id", "supplier_id", name="uq_remittance_line_supplier"),
    )
    indexes("remittance_line", "supplier_id")


def _create_invoices() -> None:
    create(
        "invoice",
        key("seller_id"),
        words("number"),
        word("kind"),
        key("order_id"),
        key("corrects_id?"),
        day("issued_on"),
        *map(words, ("seller_name", "seller_credit_code", "buyer_name", "buyer_credit_code")),
        fen("amount_fen"),
        words("reason?"),
        key("issued_by"),
        at("issued_at"),
        word("status"),
        fen("credited_fen"),
        words("dispute?"),
        key("decided_by?"),
        at("decided_at?"),
        number("version"),
        *checks(
            "invoice",
            kind="(kind = 'invoice' AND amount_fen > 0 AND corrects_id IS NULL)"
            " OR (kind = 'credit_note' AND amount_fen < 0 AND corrects_id IS NOT NULL)",
            credited="credited_fen >= 0 AND credited_fen <= greatest(amount_fen, 0)",
            taken_back="kind <> 'invoice' OR (status = 'credited') = (credited_fen = amount_fen)",
            note="kind <> 'credit_note' OR status = 'issued'",
            dispute="status <> 'disputed' OR dispute IS NOT NULL",
        ),
        *refers(
            "invoice",
            seller_id="organisation",
            order_id="purchase_order",
            corrects_id="invoice",
            issued_by="app_user",
            decided_by="app_user",
        ),
        sa.UniqueConstraint("seller_id", "number", name="uq_invoice_seller_number"),
    )
    indexes("invoice", "order_id", "corrects_id")
    op.execute(KEEP_INVOICE)
    create(
        "invoice_line",
        key("invoice_id"),
        number("position"),
        key("order_line_id?"),
        words("title"),
        word("unit?"),
        fen("unit_price_fen?"),
        quantity("accepted_quantity?"),
        fen("amount_fen"),
        *checks("invoice_line", amount="amount_fen <> 0"),
        *refers("invoice_line", invoice_id="invoice", order_line_id="order_line"),
        sa.UniqueConstraint("invoice_id", "position", name="uq_invoice_line_position"),
    )
    indexes("invoice_line", "order_line_id")
    only_add_to(["invoice_line"])


def downgrade() -> None:
    drop_tables(TABLES)
    op.execute("DROP FUNCTION keep_invoice")
    op.drop_constraint("ck_payment_registered", "payment")
    drop_columns("payment", "collected")
    op.alter_column("payment", "registered_by", nullable=False)
