"""What certification plugs in: doors, a timer, promises, and the schemes it comes with."""

from __future__ import annotations

from sqlalchemy import Uuid, cast, literal, select, text, union_all

from certification.applications.api import applications
from certification.applications.commands.productions import PRODUCTION_GATE
from certification.applications.handlers import follow_notice
from certification.applications.models import Application, ApplicationReview, Production
from certification.applications.queries.applications import find_applications_in_sight
from certification.certificates.api.certificates import certificates
from certification.certificates.api.marks import marks
from certification.certificates.api.papers import papers
from certification.certificates.api.scope import scope
from certification.certificates.commands.capacities import CAPACITY_GATE
from certification.certificates.commands.signing import load_signing_keys
from certification.certificates.commands.terms import load_certificate_rules
from certification.certificates.handlers import suspend_certificates
from certification.certificates.models.certificates import CertificateChange
from certification.certificates.models.marks import ProductMark
from certification.certificates.models.scope import ScopeChange
from certification.certificates.tasks import (
    expire_due_certificates,
    lapse_due_marks,
    signal_used_capacities,
    warn_before_expiry,
)
from certification.criteria.api import criteria
from certification.criteria.commands import load_criteria
from certification.errors.constraints import CONSTRAINTS
from certification.inspections.api.complaints import complaints
from certification.inspections.api.plans import plans
from certification.inspections.api.tasks import tasks
from certification.inspections.commands.terms import load_inspection_rules
from certification.inspections.models.complaints import Complaint
from certification.inspections.models.findings import Consequence, Finding, FindingStep
from certification.inspections.models.plans import DrawPlan
from certification.inspections.models.tasks import InspectionTask
from certification.inspections.tasks import tell_overdue_findings
from kernel.package import Invariant, Package, Schedule, Subscription
from registry.documents.rules import IDENTITY
from registry.events import NoticeExtended, OrganisationAbolished, OrganisationMerged

WRITTEN_BY_PEOPLE = (
    Application.product_name,
    Application.specification,
    ApplicationReview.opinion,
    Production.basis,
    CertificateChange.reason,
    ScopeChange.product_name,
    ScopeChange.specification,
    ScopeChange.reason,
    ScopeChange.opinion,
    ProductMark.number,
    ProductMark.issuer,
    ProductMark.reason,
    DrawPlan.title,
    InspectionTask.reason,
    InspectionTask.summary,
    Finding.text,
    FindingStep.text,
    Consequence.reason,
    Complaint.text,
    Complaint.reply,
)
"""Every text column of the room that somebody types into."""

INVARIANTS = (
    Invariant(
        code="C1_capacity",
        name="认定证书年度供应量与明细一致 / certificate capacities equal their entries",
        statement=CAPACITY_GATE.differences(),
    ),
    Invariant(
        code="C2_granted",
        name="已发证申报均有证书 / every granted application has its certificate, and no other has",
        statement=text("""
            SELECT a.id FROM application a FULL JOIN certificate c ON c.application_id = a.id
            WHERE (a.status = 'granted') <> (c.id IS NOT NULL)
        """),
    ),
    Invariant(
        code="C3_notice",
        name="公示期满且异议办结方可发证 / no certificate before its notice is over",
        statement=text("""
            SELECT c.id FROM certificate c
            JOIN application a ON a.id = c.application_id
            LEFT JOIN notice n ON n.id = a.notice_id
            WHERE n.id IS NULL OR c.valid_from_on < n.closes_on
               OR EXISTS (SELECT FROM objection o WHERE o.notice_id = n.id
                          AND (o.upheld IS NOT FALSE OR o.replied_at > c.granted_at))
        """),
    ),
    Invariant(
        code="C4_reviewers",
        name="经办与审核分离、逐级不同人 / author ≠ reviewer; nobody passed two levels",
        statement=text("""
            SELECT r.id FROM application_review r JOIN application a ON a.id = r.application_id
            WHERE r.reviewer_id = a.author_id OR r.organisation_id = a.holder_id
            UNION ALL
            SELECT min(r.id::text)::uuid FROM application_review r WHERE r.decision = 'pass'
            GROUP BY r.application_id, r.reviewer_id HAVING count(DISTINCT r.level) > 1
        """),
    ),
    Invariant(
        code="C5_open",
        name="停用证书不接受新订单 / a capacity is open only under a certificate in force",
        statement=text("""
            SELECT k.id FROM capacity k JOIN certificate c ON c.id = k.certificate_id
            WHERE k.is_open <> (c.status = 'in_force')
        """),
    ),
    Invariant(
        code="C8_papers",
        name="证照到期日与年度供应量一致 / a capacity ends with its certificate's papers",
        statement=text("""
            SELECT k.id FROM capacity k JOIN certificate c ON c.id = k.certificate_id
            WHERE k.papers_until_on IS DISTINCT FROM c.papers_until_on
        """),
    ),
    Invariant(
        code="C6_history",
        name="证书状态与变更记录一致 / a certificate's state is its last change's",
        statement=text("""
            SELECT c.id FROM certificate c LEFT JOIN LATERAL (
              SELECT kind FROM certificate_change h WHERE h.certificate_id = c.id
                AND kind NOT IN ('warned', 'scope_changed', 'renewed')
              ORDER BY position DESC LIMIT 1) h ON true
            WHERE c.status IS DISTINCT FROM CASE h.kind WHEN 'granted' THEN 'in_force'
              WHEN 'reinstated' THEN 'in_force' ELSE h.kind END
        """),
    ),
    Invariant(
        code="C20_production",
        name="认定数量不超过申报产量，且与明细一致 /"
        " what is certified stays within what was declared and equals its entries",
        statement=PRODUCTION_GATE.differences(),
    ),
    Invariant(
        code="C21_turn",
        name="待办申报均有经办地与期限 / what waits for an office says for whom and until when",
        statement=text("""
            SELECT id FROM application WHERE (due_on IS NOT NULL) <> (status IN ('submitted',
              'town_checked', 'county_checked', 'city_checked', 'province_checked', 'in_notice'))
        """),
    ),
    Invariant(
        code="C22_rounds",
        name="每轮申报均有存档 / every round is kept as it was handed in",
        statement=text("""
            SELECT a.id FROM application a LEFT JOIN application_version v
              ON v.application_id = a.id
            GROUP BY a.id HAVING count(v.id) NOT IN (0, a.round)
        """),
    ),
    Invariant(
        code="N1_findings",
        name="检查发现问题：已开 = 已结 + 未结 / findings opened are closed or open, none is lost",
        statement=text("""
            SELECT f.id FROM finding f LEFT JOIN finding_step s ON s.finding_id = f.id
            GROUP BY f.id HAVING count(*) FILTER (WHERE s.kind = 'opened') <> 1
              OR (f.status = 'closed') <> (count(*) FILTER (WHERE s.kind = 'closed') = 1)
        """),
    ),
    Invariant(
        code="N2_closed",
        name="已结检查没有未结问题 / a closed inspection leaves no finding open",
        statement=text("""
            SELECT t.id FROM inspection_task t JOIN finding f ON f.task_id = t.id
            WHERE t.status = 'closed' AND f.status <> 'closed' OR t.started_at IS NULL
        """),
    ),
    Invariant(
        code="N3_drawn",
        name="抽取数量与方案一致，未开始前不公布 / as many are drawn as announced; no early reveal",
        statement=text("""
            SELECT p.id FROM draw_plan p
            WHERE p.drawn_at IS NOT NULL AND (
              (SELECT count(*) FROM inspection_task t WHERE t.plan_id = p.id) <>
              (SELECT sum(least(s.size, s.frame_size)) FROM draw_stratum s WHERE s.plan_id = p.id)
              OR p.status = 'revealed' AND EXISTS (
                SELECT FROM inspection_task t WHERE t.plan_id = p.id AND t.status = 'hidden'))
        """),
    ),
    Invariant(
        code="N4_consequences",
        name="检查后果与证书变更同时发生 / every consequence changed its certificate with it",
        statement=text("""
            SELECT q.id FROM consequence q WHERE NOT EXISTS (
              SELECT FROM certificate_change h WHERE h.certificate_id = q.certificate_id
                AND h.at = q.at AND h.by_id = q.by_id AND h.kind = CASE q.kind
                  WHEN 'warning' THEN 'warned' WHEN 'suspension' THEN 'suspended'
                  ELSE 'revoked' END)
        """),
    ),
    Invariant(
        code="C7_persons",
        name="明文中无身份证号或银行卡号 / no identity or bank card number stands in clear text",
        statement=union_all(
            *(
                select(literal(str(column)), cast(column.class_.id, Uuid)).where(
                    column.op("~")(IDENTITY.pattern)
                )
                for column in WRITTEN_BY_PEOPLE
            )
        ),
    ),
)

CERTIFICATION = Package(
    name="certification",
    blueprints=(
        criteria,
        applications,
        certificates,
        papers,
        scope,
        marks,
        plans,
        tasks,
        complaints,
    ),
    schedule={
        "expire certificates": Schedule(task=expire_due_certificates, every=300.0),
        "warn before expiry": Schedule(task=warn_before_expiry, every=3600.0),
        "lapse marks": Schedule(task=lapse_due_marks, every=300.0),
        "tell overdue findings": Schedule(task=tell_overdue_findings, every=3600.0),
        "signal capacities": Schedule(task=signal_used_capacities, every=60.0),
    },
    subscriptions=(
        Subscription(NoticeExtended, follow_notice),
        Subscription(OrganisationMerged, suspend_certificates),
        Subscription(OrganisationAbolished, suspend_certificates),
    ),
    invariants=INVARIANTS,
    sights={"application": find_applications_in_sight},
    constraints=CONSTRAINTS,
    reference=(load_criteria, load_certificate_rules, load_signing_keys, load_inspection_rules),
)
