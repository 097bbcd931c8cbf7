"""What lies behind an application, each piece where it is in sight; photos handed in on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import request

from certification.certificates.queries.certificates import get_certificate
from console.widgets.asking import Done, Form, act, ask
from kernel.actor import SYSTEM
from kernel.errors import NotFound


def in_sight(question: Callable[[], Any]) -> Any:
    """Ask; None where the thing is not in sight."""
    try:
        return question()
    except NotFound:
        return None


def papers_of(application_id: UUID) -> list[dict[str, Any]]:
    """Give the papers of an application, each with where else in sight the same one was used."""
    found: list[dict[str, Any]]
    found = ask("applications.list_documents", application_id=application_id)["items"]
    return [one | {"same_papers": _same_papers(one["id"])} for one in found]


def _same_papers(document_id: str) -> list[dict[str, Any]]:
    found = in_sight(lambda: ask("documents.get", document_id=UUID(document_id)))
    return found["same_papers"] if found else []


def links_of(holder_id: str, link_ids: list[str]) -> list[dict[str, Any]]:
    """Give the benefit links an application names, as far as the newest hundred hold them."""
    query = {"organisation_id": holder_id, "limit": 100}
    found = ask("benefit_links.list_links", query=query)["items"]
    return [one for one in found if one["id"] in set(link_ids)]


def certificate_of(certificate_id: str | None) -> Any:
    """Give a certificate by its key; certificates are public."""
    if certificate_id is None:
        return None
    key: Any = UUID(certificate_id)
    return get_certificate(SYSTEM, key)


class WithPhoto(Form):
    """A form of a door that takes papers by id, and hands in the photos sent with it first.

    `kind` is what the photos are; `many` says whether the door takes several.
    """

    photo_kind = "inspection_photo"
    photo_name = "document_ids"
    is_many = True

    @property
    def takes_files(self) -> bool:
        """Say that the form is sent in parts."""
        return True

    def sent(self) -> Done | None:
        """Hand in the photos, then do what the form asks for; all or nothing."""
        if request.method == "POST" and self._is_mine() and self.trouble is None:
            files = [one for one in request.files.getlist("photo") if one.filename]
            body = {"kind": self.photo_kind}
            handed = [act("documents.hand_in", body={**body, "file": one})["id"] for one in files]
            if self.is_many:
                self.fixed[self.photo_name] = handed
            elif handed:
                self.fixed[self.photo_name] = handed[0]
        return super().sent()


class WithOnePhoto(WithPhoto):
    """A form of a door that takes one photo."""

    photo_kind = "notice_photo"
    photo_name = "document_id"
    is_many = False
