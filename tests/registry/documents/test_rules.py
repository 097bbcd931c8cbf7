"""What people's texts must not carry."""

from __future__ import annotations

import pytest

from registry.documents.rules import check_clear_of_identity
from registry.errors.documents import IdentityInText


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "合作社按约定价收购",
        "许可证 SC10144020300123",
        "91440203MA00000012",
        "911101087002345678",
        "电话 13800001234",
        "单号 11010519491231002X9",
        "20 位数电票 25442000000012345678",
    ],
)
def test_a_text_without_persons_is_taken(text: str | None) -> None:
    check_clear_of_identity(text, pointer="/text")


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002X",
        "身份证11010519491231002x。",
        "户主 440203196902140013 收",
        "卡号6228480402564890018",
        "6222020200001234",
    ],
)
def test_a_text_with_an_identity_or_card_number_is_refused(text: str) -> None:
    with pytest.raises(IdentityInText) as refusal:
        check_clear_of_identity(text, pointer="/text")
    assert refusal.value.pointer == "/text"
    assert refusal.value.figures == {}
