"""Pages of marks and papers: recorded by the cooperative, confirmed by the county, seen by all."""

from __future__ import annotations

from datetime import date
from typing import Any

from certification.certificates.models.marks import ProductMark
from kernel import clock
from kernel.database import db
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER as NOW
from tests.builders.marks import holder_of, rest_on
from tests.conftest import Client
from tests.console.visitor import Visitor

LAST = date(2026, 12, 1)


def test_a_mark_goes_from_the_cooperative_over_the_county_to_everybody(client: Client) -> None:
    with clock.stopped(NOW):
        made = build.certificate()
        holder, author = holder_of(made)
        paper = registry.document(holder, author, "mark")
        clerk, public = Visitor.of(client, author), Visitor(client)
        county = Visitor.of(client, build.reviewer_of("county"))
        own = f"/cooperative/certificates/{made.number}"
        said: dict[str, Any] = {"kind": "gi", "number": "AGI-000042", "issuer": "演示地标办"}
        said |= {"valid_from_on": "2026-11-01", "valid_until_on": str(LAST)}
        said["document_id"] = str(paper.id)
        assert clerk.send(f"{own}/marks/new", "marks.record", **said) == own
        assert "AGI-000042" in clerk.open(own)
        assert "AGI-000042" not in public.open(f"/v/{made.number}")
        one = db.session.query(ProductMark).one()
        assert "AGI-000042" in county.open("/reviewer/marks?status=recorded")
        clerk.open("/reviewer/marks", 403)
        assert county.send(f"/reviewer/marks/{one.id}/confirm", "marks.confirm")
        assert "AGI-000042" in public.open(f"/v/{made.number}")
        for who, page in ((clerk, "/cooperative"), (county, "/reviewer/marks?expiring=true")):
            assert "AGI-000042" in who.open(page), "who minds it is told that it lapses soon"
        refused = county.send(f"/reviewer/marks/{one.id}/withdraw", "marks.withdraw", 422)
        assert "理由" in refused
        assert clerk.send(f"/cooperative/marks/{one.id}/withdraw", "marks.withdraw", reason="误登")
        assert "AGI-000042" not in public.open(f"/v/{made.number}")


def test_a_paper_is_added_where_one_lapses(client: Client) -> None:
    with clock.stopped(NOW):
        made = build.certificate()
        rest_on(made, business_licence=None, test_report=LAST)
        paper = registry.document(*holder_of(made), "test_report", date(2027, 12, 1))
        clerk = Visitor.of(client, holder_of(made)[1])
        own = f"/cooperative/certificates/{made.number}"
        assert "2026年12月1日" in clerk.open(own)
        clerk.send(f"{own}/papers/new", "marks.add", document_id=str(paper.id))
        assert "2026年12月1日（不含当日）" not in clerk.open(own)
        assert "2027年12月1日（不含当日）" in clerk.open(own)
