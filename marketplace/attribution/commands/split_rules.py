"""Record versions of split rules; a posted split stays as it was posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotAllowed
from kernel.identity import new_id
from marketplace.attribution.models.split_rules import SplitBasis, SplitRule, SplitRuleId
from marketplace.attribution.queries.split_rules import get_last_version
from marketplace.attribution.rules.split_rules import check_rate, check_start
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.documents.queries import get_document
from registry.households.models.links import BenefitWay
from registry.organisations.commands.keeping import keep_organisation
from registry.organisations.models import OrganisationId


@dataclass(frozen=True)
class NewSplitRule:
    """A version to record: what households linked in a way get from a day on, and who agreed."""

    way: BenefitWay
    basis: SplitBasis
    from_on: date
    source: str
    rate_bp: int = 0
    document_id: DocumentId | None = None


def record_split_rule(new: NewSplitRule, *, by: Actor, now: datetime) -> SplitRule:
    """Record a version for the actor's own cooperative.

    Refuses RuleBackdated, Invalid (rate), NotFound (paper), OrganisationEnded.
    """
    if by.organisation_id is None:
        raise NotAllowed
    supplier_id = OrganisationId(by.organisation_id)
    keep_organisation(supplier_id)
    check_start(new.from_on, today=shanghai_day(now))
    check_rate(new.basis, new.rate_bp)
    if new.document_id is not None:
        get_document(by, new.document_id)
    rule = SplitRule(
        id=SplitRuleId(new_id()),
        supplier_id=supplier_id,
        way=new.way,
        version=get_last_version(by, supplier_id, way=new.way) + 1,
        basis=new.basis,
        rate_bp=new.rate_bp,
        from_on=new.from_on,
        source=new.source,
        document_id=new.document_id,
        recorded_by=UserId(by.user_id),
        recorded_at=now,
    )
    db.session.add(rule)
    db.session.flush()
    after = {"way": rule.way, "version": rule.version, "basis": rule.basis, "rate_bp": rule.rate_bp}
    audit.write("record_split_rule", subject=("split_rule", rule.id), by=by, now=now, after=after)
    return rule
