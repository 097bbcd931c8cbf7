"""What a member of a household needs to be true, as the national register checks it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from registry.errors.households import (
    DisabilityIncomplete,
    MemberLeft,
    PeriodBackwards,
    SexMismatch,
)
from registry.households.models.members import Health, HouseholdMember, Relation, Sex

SEX_DIGIT = 16
"""The 17th digit of an identity number: odd for men."""
SEX_OF_RELATION: Mapping[Relation, Sex] = MappingProxyType(
    {
        Relation.SON: Sex.MALE,
        Relation.SON_IN_LAW: Sex.MALE,
        Relation.GRANDSON: Sex.MALE,
        Relation.FATHER: Sex.MALE,
        Relation.DAUGHTER: Sex.FEMALE,
        Relation.DAUGHTER_IN_LAW: Sex.FEMALE,
        Relation.GRANDDAUGHTER: Sex.FEMALE,
        Relation.MOTHER: Sex.FEMALE,
    }
)


def sex_of(document_number: str) -> Sex:
    """Read the sex from the identity number that a document number begins with."""
    return Sex.MALE if int(document_number[SEX_DIGIT]) % 2 else Sex.FEMALE


def check_sex(sex: Sex, *, document_number: str, relation: Relation) -> None:
    """Refuse a sex that neither the document nor the relation bears out."""
    if sex is not sex_of(document_number):
        raise SexMismatch(pointer="/sex")
    if SEX_OF_RELATION.get(relation, sex) is not sex:
        raise SexMismatch(pointer="/relation")


def check_disability(health: Health, *, grade: int | None) -> None:
    """Refuse a disability without its grade, and a grade without a disability."""
    if (health is Health.DISABLED) is not (grade is not None):
        raise DisabilityIncomplete(pointer="/disability_grade")


def check_leaving(member: HouseholdMember, *, left_on: date) -> None:
    """Refuse to leave twice, or on or before the first day."""
    if member.left_on is not None:
        raise MemberLeft(left_on=member.left_on)
    if left_on <= member.joined_on:
        raise PeriodBackwards(pointer="/left_on", from_on=member.joined_on, until_on=left_on)
