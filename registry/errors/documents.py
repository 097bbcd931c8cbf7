"""Every refusal of registry.documents."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Refusal, Unacceptable


class DocumentUnknown(Unacceptable):
    """A paper that is named does not exist in the actor's sight."""

    zh = "所列材料不存在。"
    en = "A document that is named does not exist."


class IdentityInText(Unacceptable):
    """A text carries an identity number or a bank card number in clear."""

    zh = "文本中不得出现身份证号或银行卡号。"
    en = "The text must not carry an identity number or a bank card number."


class SubjectUnknown(Unacceptable):
    """What a paper is said to be about does not exist in the actor's sight."""

    zh = "材料所属事项不存在。"
    en = "What the document is about does not exist."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType({"ck_document_subject": SubjectUnknown})
"""Which refusal a constraint speaks when two requests meet between rule and row."""
