"""Every refusal of certification.certificates."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Refusal, SamePerson, WrongState


class CertificateNotInForce(Conflict):
    """Nothing may be sold under this certificate today."""

    zh = "认定证书 {number} 当前不在有效状态（{status}）。"
    en = "Certificate {number} is not in force ({status})."


class CapacityExceeded(Conflict):
    """The certificate's year has not that much left."""

    zh = "超出认定证书年度供应量：可用 {available} {unit}，本次需要 {wanted} {unit}。"
    en = "Over the certificate's yearly capacity: {available} {unit} left, {wanted} {unit} wanted."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_certificate_application": WrongState,
        "ck_certificate_author": SamePerson,
        "ck_capacity_ceiling": CapacityExceeded,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
