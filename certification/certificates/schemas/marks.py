"""Marks of products, and papers added to certificates, in JSON."""

from __future__ import annotations

from marshmallow import fields

from certification.certificates.models.marks import MarkKind, MarkStatus
from certification.certificates.rules.marks import NewMark
from kernel.fields import Code, Day, EnumField, Instant, Key, Schema, Text
from kernel.paging import PageQuery
from kernel.sheets.columns import Column, Kind, Sheet
from registry.documents.schemas import DocumentOut


class MarkIn(Schema):
    """A mark as its paper shows it; without `valid_until_on` it does not lapse."""

    makes = NewMark

    kind = EnumField(MarkKind, required=True)
    number = Text(max=80, required=True)
    issuer = Text(max=120, required=True)
    valid_from_on = Day(required=True)
    valid_until_on = Day(load_default=None)
    document_id = Key(required=True)


class MarkWithdrawalIn(Schema):
    """Why a mark is withdrawn."""

    reason = Text(max=500, required=True)


class MarkQuery(PageQuery):
    """Which marks to list; `expiring` keeps those that lapse within thirty days."""

    status = EnumField(MarkStatus, load_default=None)
    kind = EnumField(MarkKind, load_default=None)
    certificate_id = Key(load_default=None)
    expiring = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})


class MarkShownOut(Schema):
    """A mark as the public sees it."""

    id = Key(required=True)
    kind = EnumField(MarkKind, required=True)
    number = Text(required=True)
    issuer = Text(required=True)
    valid_from_on = Day(required=True)
    valid_until_on = Day(required=True, allow_none=True)


class MarkOut(Schema):
    """A mark with its product, and what became of it."""

    id = Key(attribute="mark.id", required=True)
    kind = EnumField(MarkKind, attribute="mark.kind", required=True)
    number = Text(attribute="mark.number", required=True)
    issuer = Text(attribute="mark.issuer", required=True)
    valid_from_on = Day(attribute="mark.valid_from_on", required=True)
    valid_until_on = Day(attribute="mark.valid_until_on", required=True, allow_none=True)
    status = EnumField(MarkStatus, required=True)
    document_id = Key(attribute="mark.document_id", required=True)
    certificate_id = Key(attribute="certificate.id", required=True)
    certificate_number = Code(attribute="certificate.number", required=True)
    product_name = Text(attribute="certificate.product_name", required=True)
    holder_id = Key(attribute="holder.id", required=True)
    holder = Text(attribute="holder.name", required=True)
    recorded_at = Instant(attribute="mark.recorded_at", required=True)
    confirmed_at = Instant(attribute="mark.confirmed_at", required=True, allow_none=True)
    ended_at = Instant(attribute="mark.ended_at", required=True, allow_none=True)
    reason = Text(attribute="mark.reason", max=500, required=True, allow_none=True)


class CertificatePaperIn(Schema):
    """The paper that a certificate rests on from now on, too."""

    document_id = Key(required=True)


class CertificatePapersOut(Schema):
    """What a certificate rests on, the newest first."""

    items = fields.List(fields.Nested(DocumentOut), required=True)


MARKS = Sheet(
    name="marks",
    zh="产品标识清单",
    en="Marks of products",
    columns=(
        Column("certificate_number", "证书编号", "Certificate", width=28),
        Column("product_name", "产品名称", "Product", width=24),
        Column("holder", "持证单位", "Holder", width=30),
        Column("kind", "标识类别", "Kind"),
        Column("number", "标识编号", "Number", width=24),
        Column("issuer", "授予单位", "Issuer", width=24),
        Column("valid_from_on", "有效期起", "From", Kind.DAY),
        Column("valid_until_on", "有效期止", "Until", Kind.DAY),
        Column("status", "状态", "Status"),
        Column("recorded_at", "登记时间", "Recorded", width=24),
        Column("confirmed_at", "确认时间", "Confirmed", width=24),
        Column("reason", "撤回理由", "Reason", width=40),
    ),
)
