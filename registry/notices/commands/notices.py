"""Put matters before the public, on boards too, and keep what became of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.models import UserId
from registry.documents.queries import get_document
from registry.documents.rules import check_clear_of_identity
from registry.notices import queries, rules
from registry.notices.models import Notice, NoticeId, NoticeOutcome, NoticePosting
from registry.notices.rules import NewPosting
from registry.organisations.models import OrganisationId
from registry.regions.rules import COUNTY_DIGITS


def open_notice(
    *,
    subject: tuple[str, UUID],
    region_code: str,
    working_days: int,
    rule_source: str,
    by: Actor,
    now: datetime,
    deciding_level: str | None = None,
    party_id: OrganisationId | None = None,
) -> Notice:
    """Put a matter before the public from today for so many working days.

    `party_id` is the organisation whose matter it is: nobody of it answers what is said against
    it. The closing day is fixed now, by the calendar as it is known now; the days for answers and
    extensions are those of the rule in force. The caller holds the matter's row locked; two
    notices at once are refused as NoticeExists.
    """
    opens_on = shanghai_day(now)
    rule = queries.find_rule(by, subject[0], on=opens_on)
    notice = Notice(
        id=NoticeId(new_id()),
        number=next_number(
            "BF-N", region_code=region_code[:COUNTY_DIGITS], year=shanghai_year(now)
        ),
        subject_kind=subject[0],
        subject_id=subject[1],
        round=queries.count_rounds(by, subject=subject) + 1,
        region_code=region_code,
        opens_on=opens_on,
        working_days=working_days,
        closes_on=queries.get_closing_day(by, opens_on, working_days=working_days),
        rule_source=rule_source,
        reply_working_days=None if rule is None else rule.reply_working_days,
        extension_working_days=None if rule is None else rule.extension_working_days,
        deciding_level=deciding_level,
        party_id=party_id,
        created_at=now,
    )
    db.session.add(notice)
    db.session.flush()
    audit.write(
        "open_notice",
        subject=("notice", notice.id),
        by=by,
        now=now,
        after={"subject": list(subject), "closes_on": notice.closes_on},
    )
    return notice


def post_notice(
    notice_id: NoticeId, *, posting: NewPosting, by: Actor, now: datetime
) -> NoticePosting:
    """Say on which board a notice of the actor's region hangs, with its photo."""
    notice = queries.lock_notice_in_sight(by, notice_id)
    rules.check_posting(notice, posted_on=posting.posted_on, today=shanghai_day(now))
    check_clear_of_identity(posting.place, pointer="/place")
    photo = get_document(by, posting.document_id)
    made = NoticePosting(
        id=new_id(),
        notice_id=notice.id,
        level=posting.level,
        place=posting.place,
        document_id=photo.id,
        posted_on=posting.posted_on,
        posted_by=UserId(by.user_id),
        at=now,
    )
    db.session.add(made)
    db.session.flush()
    audit.write("post_notice", subject=("notice", notice.id), by=by, now=now, after=asdict(posting))
    return made


def close_matter(notice_id: NoticeId, *, outcome: str, by: Actor, now: datetime) -> None:
    """Keep what became of the matter of a notice, for the archive that everybody reads."""
    queries.lock_notice(by, notice_id)
    db.session.add(NoticeOutcome(id=new_id(), notice_id=notice_id, outcome=outcome, at=now))
    db.session.flush()
    audit.write(
        "close_matter", subject=("notice", notice_id), by=by, now=now, after={"outcome": outcome}
    )
