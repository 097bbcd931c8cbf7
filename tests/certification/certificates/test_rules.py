"""How long a certificate lasts, what may become of it, and why a capacity refuses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product

import orjson
import pytest

from certification.applications.models import Application
from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import (
    Certificate,
    CertificateStatus,
    ChangeKind,
)
from certification.certificates.rules import certificates as rules
from certification.criteria.models import Scheme
from certification.errors.certificates import CapacityExceeded, CertificateNotInForce
from kernel.actor import ANYONE, SYSTEM, Actor, Sight
from kernel.errors import NotAllowed, OwnOrganisation, Refusal, WrongState
from kernel.identity import new_id
from kernel.money import Fen
from kernel.quantity import Unit
from registry.organisations.models import Organisation, OrganisationId
from registry.regions.models import OriginKind

S = CertificateStatus
TODAY = date(2026, 11, 22)
HOLDER = OrganisationId(new_id())


def certificate(status: CertificateStatus = S.IN_FORCE, until: str = "2027-06-01") -> Certificate:
    return Certificate(
        number="BF-C-2026-360732-000001",
        holder_id=HOLDER,
        origin_region_code="360732100201",
        product_name="红岭富硒大米",
        category_code="grain",
        specification="一级籼米，散装",
        unit=Unit.KG,
        origin_kind=OriginKind.NATIONAL_832,
        yearly_quantity=Decimal("1200.5"),
        unit_price_fen=Fen(680),
        valid_from_on=date(2026, 6, 1),
        valid_until_on=date.fromisoformat(until),
        status=status,
        revision=1,
    )


def capacity(from_on: str = "2026-06-01", until_on: str = "2027-06-01") -> Capacity:
    return Capacity(
        from_on=date.fromisoformat(from_on),
        until_on=date.fromisoformat(until_on),
        is_open=True,
        declared=Decimal(100),
        held=Decimal(30),
        sold=Decimal("60.5"),
    )


def reviewer(prefix: str = "3607", organisation_id: OrganisationId | None = None) -> Actor:
    return Actor(
        user_id=new_id(),
        organisation_id=organisation_id or new_id(),
        region_prefix=prefix,
        sight=Sight.REGION,
    )


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-11-22", 12, "2027-11-22"),
        ("2026-12-01", 1, "2027-01-01"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-06-15", 30, "2028-12-15"),
    ],
)
def test_months_later_is_the_same_day_or_the_months_last(day: str, months: int, later: str) -> None:
    assert rules.months_later(date.fromisoformat(day), months).isoformat() == later


@pytest.mark.parametrize(
    ("begins", "ends", "years"),
    [
        ("2026-06-01", "2027-06-01", [("2026-06-01", "2027-06-01")]),
        (
            "2026-06-01",
            "2028-06-01",
            [("2026-06-01", "2027-06-01"), ("2027-06-01", "2028-06-01")],
        ),
        (
            "2026-06-01",
            "2027-12-01",
            [("2026-06-01", "2027-06-01"), ("2027-06-01", "2027-12-01")],
        ),
        (
            "2028-02-29",
            "2030-02-28",
            [("2028-02-29", "2029-02-28"), ("2029-02-28", "2030-02-28")],
        ),
    ],
)
def test_a_validity_is_cut_into_years_from_its_first_day(
    begins: str, ends: str, years: list[tuple[str, str]]
) -> None:
    found = rules.certificate_years(date.fromisoformat(begins), date.fromisoformat(ends))
    assert [(one.isoformat(), other.isoformat()) for one, other in found] == years


@pytest.mark.parametrize(
    ("status", "until", "worth"),
    [
        (S.IN_FORCE, "2026-11-23", S.IN_FORCE),
        (S.IN_FORCE, "2026-11-22", S.EXPIRED),
        (S.SUSPENDED, "2026-11-23", S.SUSPENDED),
        (S.SUSPENDED, "2026-11-22", S.EXPIRED),
        (S.REVOKED, "2026-11-22", S.REVOKED),
        (S.EXPIRED, "2026-11-22", S.EXPIRED),
    ],
)
def test_a_certificate_is_worth_nothing_from_the_day_its_validity_ends(
    status: CertificateStatus, until: str, worth: CertificateStatus
) -> None:
    assert certificate(status, until).status_on(TODAY) is worth


ALLOWED = {
    (S.IN_FORCE, ChangeKind.SUSPENDED),
    (S.IN_FORCE, ChangeKind.REVOKED),
    (S.SUSPENDED, ChangeKind.REINSTATED),
    (S.SUSPENDED, ChangeKind.REVOKED),
    (S.IN_FORCE, ChangeKind.WARNED),
    (S.SUSPENDED, ChangeKind.WARNED),
}


@pytest.mark.parametrize(("state", "change"), list(product(S, ChangeKind)))
def test_a_certificate_changes_only_along_its_table(
    state: CertificateStatus, change: ChangeKind
) -> None:
    subject = certificate(state)
    if (state, change) in ALLOWED:
        rules.check_change(subject, change, by=reviewer(), today=TODAY)
    else:
        with pytest.raises(WrongState):
            rules.check_change(subject, change, by=reviewer(), today=TODAY)


def test_a_lapsed_certificate_is_not_reinstated_before_the_timer_ran() -> None:
    lapsed = certificate(S.SUSPENDED, until="2026-11-22")
    with pytest.raises(WrongState) as caught:
        rules.check_change(lapsed, ChangeKind.REINSTATED, by=reviewer(), today=TODAY)
    assert caught.value.figures == {"state": "expired", "wanted": "in_force"}


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        (reviewer("36"), None),
        (reviewer("360732"), None),
        (SYSTEM, None),
        (reviewer("360733"), NotAllowed),
        (reviewer("44"), NotAllowed),
        (ANYONE, NotAllowed),
        (reviewer("36", HOLDER), OwnOrganisation),
    ],
)
def test_a_reviewer_of_the_origins_region_changes_a_certificate(
    by: Actor, refusal: type[Refusal] | None
) -> None:
    if refusal is None:
        rules.check_change(certificate(), ChangeKind.SUSPENDED, by=by, today=TODAY)
        return
    with pytest.raises(refusal):
        rules.check_change(certificate(), ChangeKind.SUSPENDED, by=by, today=TODAY)


def shut() -> Capacity:
    found = capacity()
    found.is_open = False
    return found


@pytest.mark.parametrize(
    ("subject", "found", "status"),
    [
        (certificate(S.SUSPENDED), shut(), "suspended"),
        (certificate(S.REVOKED), shut(), "revoked"),
        (certificate(until="2026-11-22"), capacity(until_on="2026-11-22"), "expired"),
        (certificate(), None, "in_force"),
        (certificate(), capacity(from_on="2026-11-23"), "in_force"),
        (certificate(), capacity(until_on="2026-11-22"), "in_force"),
    ],
)
def test_a_shut_or_unfit_capacity_means_not_in_force(
    subject: Certificate, found: Capacity | None, status: str
) -> None:
    refusal = rules.refusal_of_capacity(found, certificate=subject, wanted=Decimal(1), today=TODAY)
    assert isinstance(refusal, CertificateNotInForce)
    assert refusal.figures == {"number": "BF-C-2026-360732-000001", "status": status}


@pytest.mark.parametrize(
    ("from_on", "until_on"), [("2026-11-22", "2027-11-22"), ("2025-11-23", "2026-11-23")]
)
def test_an_open_capacity_says_how_much_is_left(from_on: str, until_on: str) -> None:
    refusal = rules.refusal_of_capacity(
        capacity(from_on, until_on), certificate=certificate(), wanted=Decimal(10), today=TODAY
    )
    assert isinstance(refusal, CapacityExceeded)
    assert refusal.figures == {
        "number": "BF-C-2026-360732-000001",
        "available": Decimal("9.5"),
        "wanted": Decimal(10),
        "unit": Unit.KG,
    }
    assert refusal.message("zh") == "超出认定证书年度供应量：可用 9.5 kg，本次需要 10 kg。"


def test_what_is_signed_is_canonical_json() -> None:
    statement = rules.statement_of(
        certificate(),
        application=Application(number="BF-A-2026-360732-000007"),
        holder=Organisation(credit_code="93360732MA35X00001", name="红岭合作社"),
        scheme=Scheme(code="assistance-product", version=1),
        issued_on=date(2026, 6, 1),
        renews=None,
    )
    assert statement.decode() == (
        '{"application_number":"BF-A-2026-360732-000007","category_code":"grain",'
        '"format":"bangfu-certificate-1",'
        '"holder":{"credit_code":"93360732MA35X00001","name":"红岭合作社"},'
        '"issued_on":"2026-06-01",'
        '"number":"BF-C-2026-360732-000001","origin_kind":"national_832",'
        '"origin_region_code":"360732100201","product_name":"红岭富硒大米",'
        '"renews":null,"revision":1,'
        '"scheme":{"code":"assistance-product","version":1},"specification":"一级籼米，散装",'
        '"unit":"kg","unit_price_fen":680,"valid_from_on":"2026-06-01",'
        '"valid_until_on":"2027-06-01","yearly_quantity":"1200.500"}'
    )
    assert orjson.dumps(orjson.loads(statement), option=orjson.OPT_SORT_KEYS) == statement
