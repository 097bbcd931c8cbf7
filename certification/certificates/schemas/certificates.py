"""Certificates, their signature and the keys that verify it, in JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from certification.applications.models import ApplicationStatus
from certification.applications.schemas.applications import CertificateHolderOut
from certification.certificates.models.certificates import CertificateStatus, ChangeKind
from certification.certificates.schemas.marks import MarkShownOut
from kernel.fields import (
    Code,
    Day,
    EnumField,
    Instant,
    Key,
    PositiveMoney,
    QuantityField,
    RegionCode,
    Schema,
    Text,
)
from kernel.paging import PageQuery
from kernel.quantity import Unit
from kernel.sheets.columns import Column, Kind, Sheet
from registry.regions.models import OriginKind


class CertificateQuery(PageQuery):
    """What to search the directory for: words in Chinese or pinyin, or a whole number."""

    q = Text(max=100, load_default=None)
    region = RegionCode(load_default=None)
    category = Code(load_default=None)
    status = EnumField(CertificateStatus, load_default=None)
    holder_id = Key(load_default=None)


class ExpiringQuery(PageQuery):
    """Within how many days certificates end."""

    days = fields.Integer(load_default=90, validate=validate.Range(min=1, max=3660))


class CertificateChangeIn(Schema):
    """Why a certificate is suspended, reinstated or revoked."""

    reason = Text(max=2000, required=True)


class CertificateOriginOut(Schema):
    """Where the product comes from, and what the place counted as at the grant."""

    region_code = RegionCode(required=True)
    name = Text(required=True)
    kind = EnumField(OriginKind, required=True)


class CertificateItemOut(Schema):
    """A certificate in the public directory."""

    id = Key(attribute="certificate.id", required=True)
    number = Code(attribute="certificate.number", required=True)
    status = EnumField(CertificateStatus, required=True)
    holder = fields.Nested(CertificateHolderOut, required=True)
    product_name = Text(attribute="certificate.product_name", required=True)
    category_code = Code(attribute="certificate.category_code", required=True)
    specification = Text(attribute="certificate.specification", required=True)
    unit = EnumField(Unit, attribute="certificate.unit", required=True)
    origin = fields.Nested(CertificateOriginOut, required=True)
    yearly_quantity = QuantityField(attribute="certificate.yearly_quantity", required=True)
    unit_price_fen = PositiveMoney(attribute="certificate.unit_price_fen", required=True)
    valid_from_on = Day(attribute="certificate.valid_from_on", required=True)
    valid_until_on = Day(attribute="certificate.valid_until_on", required=True)
    revision = fields.Integer(attribute="certificate.revision", required=True)


class CertificateChangeOut(Schema):
    """One thing that happened to a certificate."""

    kind = EnumField(ChangeKind, required=True)
    at = Instant(required=True)


class CertificateSignatureOut(Schema):
    """An Ed25519 signature (RFC 8032) over the UTF-8 bytes of `payload`.

    `payload` is canonical JSON (RFC 8785); `value` is base64.
    """

    key_id = Code(required=True)
    algorithm = fields.String(required=True)
    payload = fields.String(required=True)
    value = fields.String(required=True)


class CertificateOut(CertificateItemOut):
    """A certificate as anyone may verify it, with the marks that its product bears today.

    From `papers_until_on` on, one of its papers is missing: nothing new is sold under it.
    """

    signature = fields.Nested(CertificateSignatureOut, required=True)
    changes = fields.List(fields.Nested(CertificateChangeOut), required=True)
    renews = Code(required=True, allow_none=True)
    renewed_by = Code(required=True, allow_none=True)
    papers_until_on = Day(attribute="certificate.papers_until_on", required=True, allow_none=True)
    marks = fields.List(fields.Nested(MarkShownOut), required=True)


class CapacityOut(Schema):
    """A year of a certificate; `used_bp` is the share held or sold, in basis points."""

    from_on = Day(required=True)
    until_on = Day(required=True)
    is_open = fields.Boolean(required=True)
    unit = EnumField(Unit, required=True)
    declared = QuantityField(required=True)
    held = QuantityField(zero=True, required=True)
    sold = QuantityField(zero=True, required=True)
    available = QuantityField(zero=True, required=True)
    used_bp = fields.Integer(required=True)


class CapacityListOut(Schema):
    """The years of a certificate, the first first."""

    items = fields.List(fields.Nested(CapacityOut), required=True)


class CertificateRuleOut(Schema):
    """Terms of certificates in a region; thresholds are basis points, days calendar days."""

    code = Code(required=True)
    region_code = RegionCode(required=True)
    warning_days = fields.List(fields.Integer(), required=True)
    signal_bp = fields.List(fields.Integer(), required=True)
    renewal_opens_days = fields.Integer(required=True)
    renewal_closes_days = fields.Integer(required=True)
    largest_increase_bp = fields.Integer(required=True)
    source = Text(max=1000, required=True)
    in_force_from_on = Day(required=True)
    in_force_until_on = Day(required=True, allow_none=True)


class CertificateRuleListOut(Schema):
    """The terms in force."""

    items = fields.List(fields.Nested(CertificateRuleOut), required=True)


class GrantedCertificateOut(Schema):
    """The certificate that an application earned."""

    id = Key(required=True)
    number = Code(required=True)
    status = EnumField(CertificateStatus, required=True)
    valid_from_on = Day(required=True)
    valid_until_on = Day(required=True)


class GrantOut(Schema):
    """A granted application and its certificate."""

    id = Key(required=True)
    status = EnumField(ApplicationStatus, required=True)
    certificate = fields.Nested(GrantedCertificateOut, required=True)


class SigningKeyOut(Schema):
    """A public key (base64 of 32 raw bytes) and when it signed, `[in_use_from_at, retired_at)`."""

    key_id = Code(required=True)
    algorithm = fields.String(required=True)
    public_key = fields.String(required=True, validate=validate.Length(equal=44))
    in_use_from_at = Instant(required=True)
    retired_at = Instant(required=True, allow_none=True)


class SigningKeyListOut(Schema):
    """All keys that certificates were ever signed with."""

    keys = fields.List(fields.Nested(SigningKeyOut), required=True)


CERTIFICATES = Sheet(
    name="certificates",
    zh="证书名录",
    en="Certificates",
    columns=(
        Column("number", "证书编号", "Number", width=28),
        Column("status", "状态", "Status"),
        Column("holder.name", "持证单位", "Holder", width=30),
        Column("product_name", "产品名称", "Product", width=24),
        Column("category_code", "类别", "Category"),
        Column("specification", "规格", "Specification", width=24),
        Column("unit", "计量单位", "Unit"),
        Column("origin.region_code", "产地代码", "Origin code"),
        Column("origin.name", "产地", "Origin"),
        Column("yearly_quantity", "年供应量", "Yearly quantity", Kind.QUANTITY),
        Column("unit_price_fen", "单价（元）", "Unit price (yuan)", Kind.YUAN),
        Column("valid_from_on", "有效期起", "From", Kind.DAY),
        Column("valid_until_on", "有效期止", "Until", Kind.DAY),
    ),
)
