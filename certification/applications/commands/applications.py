"""Drafting, editing, handing in and withdrawing applications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from certification.applications.commands.contents import check_contents, write_contents
from certification.applications.commands.turns import become, leave_trace
from certification.applications.models import (
    Application,
    ApplicationId,
    ApplicationStatus,
    ApplicationVersion,
)
from certification.applications.queries.applications import get_application
from certification.applications.queries.contents import (
    ApplicationContents,
    get_contents,
    get_scheme_of,
)
from certification.applications.queries.productions import ProductionKey, find_production
from certification.applications.rules import chain
from certification.applications.rules import contents as rules
from certification.applications.rules.findings import production_unit
from certification.criteria.models import Scheme
from certification.criteria.queries import find_scheme
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import Invalid, NotAllowed, check_version
from kernel.identity import new_id
from kernel.numbers import next_number
from kernel.quantity import PLACES
from registry.accounts.models import UserId
from registry.documents.queries import list_documents
from registry.notices.commands.notices import close_matter
from registry.organisations.commands.keeping import keep_organisation
from registry.organisations.models import Organisation, OrganisationId
from registry.regions.rules import COUNTY_DIGITS


def draft_application(
    said: ApplicationContents,
    *,
    renews_certificate_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Application:
    """Begin an application of the actor's organisation; nobody reviews it yet."""
    holder, today = _holder(by), shanghai_day(now)
    scheme = _in_force(said.scheme_code, by=by, today=today)
    check_contents(said, scheme=scheme, holder=holder, by=by, today=today)
    application = Application(
        id=ApplicationId(new_id()),
        number=next_number(
            "BF-A", region_code=said.origin_region_code[:COUNTY_DIGITS], year=shanghai_year(now)
        ),
        scheme_id=scheme.id,
        holder_id=holder.id,
        author_id=UserId(by.user_id),
        status=ApplicationStatus.DRAFT,
        round=0,
        renews_certificate_id=renews_certificate_id,
        created_at=now,
        updated_at=now,
    )
    db.session.add(application)
    write_contents(application, said, by=by)
    leave_trace("draft_application", application, by=by, now=now, after=asdict(said))
    return application


def edit_application(
    application_id: UUID,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Application:
    """Change some contents of a draft or of what was returned; what is not named stays."""
    application = get_application(by, application_id, lock=True)
    chain.check_own(application, by=by)
    check_version(application.version, expected_version)
    chain.check_editable(application.status)
    before = get_contents(by, application)
    after = replace(before, **changes)
    today = shanghai_day(now)
    scheme = _scheme_for(application, after, by=by, today=today)
    check_contents(after, scheme=scheme, holder=_holder(by), by=by, today=today)
    application.scheme_id = scheme.id
    application.updated_at = now
    write_contents(application, after, by=by)
    leave_trace(
        "edit_application",
        application,
        by=by,
        now=now,
        before=asdict(before),
        after=asdict(after),
    )
    return application


def submit_application(application_id: UUID, *, by: Actor, now: datetime) -> Application:
    """Hand an application to the chain: a new round begins, and a version is kept of it.

    The first time under the version of the scheme in force today; whatever is adopted later, it
    stays under that one, however often it is returned.
    """
    application = get_application(by, application_id, lock=True)
    chain.check_own(application, by=by)
    chain.check_transition(application.status, ApplicationStatus.SUBMITTED)
    said, today = get_contents(by, application), shanghai_day(now)
    scheme = _scheme_for(application, said, by=by, today=today)
    check_contents(said, scheme=scheme, holder=_holder(by), by=by, today=today)
    _check_complete(application, said, scheme=scheme, by=by, year=shanghai_year(now))
    application.scheme_id = scheme.id
    application.round += 1
    application.notice_id = None
    application.submitted_by_id = UserId(by.user_id)
    application.submitted_at = now
    become(application, ApplicationStatus.SUBMITTED, now=now)
    db.session.add(_version(application, said))
    leave_trace("submit_application", application, by=by, now=now)
    return application


def withdraw_application(application_id: UUID, *, by: Actor, now: datetime) -> Application:
    """Take an application back for good, at any time before it is decided."""
    application = get_application(by, application_id, lock=True)
    chain.check_own(application, by=by)
    chain.check_transition(application.status, ApplicationStatus.WITHDRAWN)
    if application.status is ApplicationStatus.IN_NOTICE and application.notice_id is not None:
        close_matter(
            application.notice_id, outcome=ApplicationStatus.WITHDRAWN.value, by=by, now=now
        )
    become(application, ApplicationStatus.WITHDRAWN, now=now)
    leave_trace("withdraw_application", application, by=by, now=now)
    return application


def _scheme_for(
    application: Application, said: ApplicationContents, *, by: Actor, today: date
) -> Scheme:
    """Give the scheme: a draft follows what is in force, what was handed in keeps its own."""
    if application.round == 0:
        return _in_force(said.scheme_code, by=by, today=today)
    scheme = get_scheme_of(by, application)
    rules.check_same_scheme(scheme, code=said.scheme_code)
    return scheme


def _in_force(code: str, *, by: Actor, today: date) -> Scheme:
    scheme = find_scheme(by, code, on=today)
    if scheme is None:
        raise Invalid(pointer="/scheme_code", reason="没有生效的认定办法 / no such scheme in force")
    return scheme


def _check_complete(
    application: Application,
    said: ApplicationContents,
    *,
    scheme: Scheme,
    by: Actor,
    year: int,
) -> None:
    """Check what only waits for the submission."""
    rules.check_papers(scheme, said.category_code, papers=list_documents(by, said.document_ids))
    rules.check_goods_value(scheme, said.goods_value_fen)
    rules.check_comparisons(scheme, len(said.comparison_prices))
    production = find_production(SYSTEM, production_key(application, year=year))
    rules.check_production(scheme, is_declared=production is not None)


def production_key(application: Application, *, year: int) -> ProductionKey:
    """Name the production that an application's goods come from."""
    return ProductionKey(
        holder_id=application.holder_id,
        category_code=application.category_code,
        county_code=application.origin_region_code[:COUNTY_DIGITS],
        year=year,
        unit=production_unit(application.unit),
    )


def _version(application: Application, said: ApplicationContents) -> ApplicationVersion:
    return ApplicationVersion(
        id=new_id(),
        application_id=application.id,
        round=application.round,
        scheme_id=application.scheme_id,
        contents=orjson.loads(orjson.dumps(asdict(said), default=_plain)),
        submitted_by_id=application.submitted_by_id,
        submitted_at=application.submitted_at,
    )


def _plain(value: object) -> str:
    return str(value.quantize(PLACES)) if isinstance(value, Decimal) else str(value)


def _holder(by: Actor) -> Organisation:
    if by.organisation_id is None:
        raise NotAllowed
    return keep_organisation(OrganisationId(by.organisation_id))
