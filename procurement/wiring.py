"""What the reserved share plugs in: doors, promises, and the rules it comes with."""

from __future__ import annotations

from sqlalchemy import text

from kernel.package import Invariant, Package, Schedule
from procurement.approvals.api import approvals
from procurement.approvals.commands import load_thresholds
from procurement.completion.api import completion
from procurement.completion.queries.totals import MONTH_DIFFERENCES, YEAR_DIFFERENCES
from procurement.errors.constraints import CONSTRAINTS
from procurement.filings.api import filings
from procurement.policies.api import policies
from procurement.policies.commands import load_policies
from procurement.policies.tasks import end_due_waivers
from procurement.quotas.api import quotas
from procurement.quotas.commands.holds import GATE

INVARIANTS = (
    Invariant(
        code="P1_quota",
        name="采购额度与明细一致且不超额 / quotas equal their entries, under their ceilings",
        statement=GATE.differences(),
    ),
    Invariant(
        code="P2_terms",
        name="额度与预留金额由明细推出 / ceilings and floors are the sums of their entries",
        statement=text("""
            SELECT q.id, q.ceiling_fen, q.floor_fen FROM quota q
            LEFT JOIN (SELECT counter_id, sum(ceiling_fen) AS ceiling, sum(floor_fen) AS floor
                       FROM quota_entry GROUP BY counter_id) e ON e.counter_id = q.id
            WHERE (q.ceiling_fen, q.floor_fen) IS DISTINCT FROM (e.ceiling, e.floor)
        """),
    ),
    Invariant(
        code="P3_accepted",
        name="验收金额与明细一致 / accepted amounts equal their entries",
        statement=text("""
            SELECT h.id FROM quota_hold h
            LEFT JOIN (SELECT hold_id, sum(accepted_fen) AS accepted FROM quota_entry
                       GROUP BY hold_id) e ON e.hold_id = h.id
            WHERE h.accepted_fen <> coalesce(e.accepted, 0)
        """),
    ),
    Invariant(
        code="P4_confirmed",
        name="已确认填报均有额度 / every confirmed filing has its quota, and no other has",
        statement=text("""
            SELECT f.id FROM filing f
            LEFT JOIN quota q ON q.filing_id = f.id AND q.fund = 'canteen'
            WHERE (f.status = 'confirmed') <> (q.id IS NOT NULL)
        """),
    ),
    Invariant(
        code="P5_apart",
        name="填报、主管确认、财政确认由不同人办理 / nobody confirms a filing they had a hand in",
        statement=text("""
            SELECT c.id FROM filing_step c JOIN filing_step p ON p.filing_id = c.filing_id
            WHERE c.act IN ('superior_confirm', 'finance_confirm')
              AND p.position < c.position AND p.by_user_id = c.by_user_id
              AND (p.act IN ('draft', 'edit', 'submit')
                OR p.act <> c.act AND p.act IN ('superior_confirm', 'finance_confirm')
                   AND NOT EXISTS (SELECT FROM filing_step r WHERE r.filing_id = c.filing_id
                     AND r.act = 'return' AND r.position BETWEEN p.position AND c.position))
        """),
    ),
    Invariant(
        code="P6_years",
        name="年度完成情况与明细一致 / the yearly totals of completion are what entries add up to",
        statement=YEAR_DIFFERENCES,
    ),
    Invariant(
        code="P7_months",
        name="月度完成情况与明细一致 / the monthly totals of completion are what entries add up to",
        statement=MONTH_DIFFERENCES,
    ),
)

PROCUREMENT = Package(
    name="procurement",
    blueprints=(policies, filings, quotas, approvals, completion),
    schedule={"end waivers": Schedule(task=end_due_waivers, every=3600.0)},
    invariants=INVARIANTS,
    constraints=CONSTRAINTS,
    reference=(load_policies, load_thresholds),
)
