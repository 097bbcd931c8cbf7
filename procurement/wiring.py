"""What the reserved share plugs in: doors, promises, and the rules it comes with."""

from __future__ import annotations

from sqlalchemy import text

from kernel.package import Invariant, Package, Schedule, Subscription
from procurement.approvals.api import approvals
from procurement.approvals.commands.terms import load_approval_terms
from procurement.approvals.commands.thresholds import load_thresholds
from procurement.completion.api import completion
from procurement.completion.commands.openings import load_lead_times
from procurement.completion.queries.totals import MONTH_DIFFERENCES, YEAR_DIFFERENCES
from procurement.errors.constraints import CONSTRAINTS
from procurement.filings.api import FILING_IMPORT, filings
from procurement.filings.handlers import carry_over_abolished, carry_over_merged
from procurement.filings.tasks import remind_of_filing
from procurement.policies.api import policies
from procurement.policies.commands import load_policies
from procurement.policies.tasks import end_due_waivers
from procurement.quotas.api import quotas
from procurement.quotas.commands.holds import GATE
from procurement.quotas.commands.settings import load_quota_settings
from procurement.quotas.handlers import follow_abolition, follow_merger
from procurement.quotas.tasks import close_years, warn_of_quotas
from procurement.supervision.api.circulars import circulars
from procurement.supervision.api.matters import matters
from procurement.supervision.api.standings import standings
from procurement.supervision.commands.terms import load_supervision_terms
from procurement.supervision.tasks import (
    advance_circulars,
    propose_unmet_matters,
    tell_of_overdue_matters,
)
from registry.events import OrganisationAbolished, OrganisationMerged

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
    Invariant(
        code="P8_moves",
        name="额度划转收支平衡 / what leaves one quota comes to the other, and nothing else",
        statement=text("""
            SELECT m.id FROM quota_move m LEFT JOIN quota_entry e ON e.move_id = m.id
            GROUP BY m.id HAVING count(e.id) = 0
              OR bool_or(e.counter_id NOT IN (coalesce(m.from_id, m.to_id),
                coalesce(m.to_id, m.from_id)))
              OR (m.from_id IS NOT NULL AND m.to_id IS NOT NULL
                AND (sum(e.held), sum(e.spent), sum(e.accepted_fen), sum(e.ceiling_fen),
                  sum(e.floor_fen)) <> (0, 0, 0, 0, 0))
              OR (m.kind IN ('lapse', 'abolition') AND sum(e.ceiling_fen) >= 0)
              OR (m.kind <> 'rebinding' AND m.kind <> 'merger'
                AND (sum(e.held), sum(e.spent)) <> (0, 0))
        """),
    ),
    Invariant(
        code="P9_allocations",
        name="分配不超过上级额度 / nobody allocates what it has not, or takes back more",
        statement=text("""
            WITH given AS (
              SELECT CASE m.kind WHEN 'allocation' THEN m.from_id ELSE m.to_id END AS giver_id,
                CASE m.kind WHEN 'allocation' THEN m.to_id ELSE m.from_id END AS unit_id,
                sum(e.ceiling_fen) AS ceiling, sum(e.floor_fen) AS floor
              FROM quota_move m JOIN quota_entry e ON e.move_id = m.id
                AND e.counter_id = CASE m.kind WHEN 'allocation' THEN m.to_id ELSE m.from_id END
              WHERE m.kind IN ('allocation', 'recall') GROUP BY 1, 2
            )
            SELECT giver_id FROM given WHERE ceiling < 0 OR floor < 0
            UNION ALL
            SELECT q.id FROM quota q JOIN (SELECT giver_id, sum(ceiling) AS ceiling FROM given
              GROUP BY 1) g ON g.giver_id = q.id
            LEFT JOIN LATERAL (SELECT sum(e.ceiling_fen) AS own FROM quota_entry e
              LEFT JOIN quota_move m ON m.id = e.move_id
              WHERE e.counter_id = q.id AND NOT coalesce(
                m.kind = 'allocation' AND m.from_id = q.id
                OR m.kind = 'recall' AND m.to_id = q.id, false)) o ON true
            WHERE g.ceiling > o.own
        """),
    ),
    Invariant(
        code="P10_closed",
        name="已关闭年度仅余在途占用 / a closed year has nothing free; what is held stays",
        statement=text("""
            SELECT q.id FROM quota q
            WHERE q.closed_at IS NOT NULL AND q.ceiling_fen <> q.held_fen + q.spent_fen
              AND NOT EXISTS (SELECT FROM quota_entry e WHERE e.counter_id = q.id
                AND e.at > q.closed_at)
        """),
    ),
)

PROCUREMENT = Package(
    name="procurement",
    blueprints=(
        policies,
        filings,
        quotas,
        approvals,
        completion,
        standings,
        matters,
        circulars,
    ),
    invariants=INVARIANTS,
    constraints=CONSTRAINTS,
    subscriptions=(
        Subscription(OrganisationMerged, carry_over_merged),
        Subscription(OrganisationAbolished, carry_over_abolished),
        Subscription(OrganisationMerged, follow_merger),
        Subscription(OrganisationAbolished, follow_abolition),
    ),
    schedule={
        "end waivers": Schedule(task=end_due_waivers, every=3600.0),
        "remind of filing": Schedule(task=remind_of_filing, every=3600.0),
        "close years": Schedule(task=close_years, every=60.0),
        "warn of quotas": Schedule(task=warn_of_quotas, every=60.0),
        "advance circulars": Schedule(task=advance_circulars, every=2.0),
        "tell of overdue matters": Schedule(task=tell_of_overdue_matters, every=600.0),
        "propose matters": Schedule(task=propose_unmet_matters, every=3600.0),
    },
    imports=(FILING_IMPORT,),
    reference=(
        load_policies,
        load_thresholds,
        load_approval_terms,
        load_lead_times,
        load_quota_settings,
        load_supervision_terms,
    ),
)
