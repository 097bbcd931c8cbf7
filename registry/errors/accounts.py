"""Every refusal of registry.accounts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Forbidden, Refusal, Unacceptable


class RoleOutOfReach(Forbidden):
    """The actor's own role does not hand out this role, or not in this organisation."""

    zh = "您的角色不能在该单位授予角色 {role}。"
    en = "Your role does not hand out the role {role} there."


class UsernameTaken(Conflict):
    """Somebody signs in under this name."""

    zh = "该用户名已被使用。"
    en = "This username is taken."


class RoleUnfit(Unacceptable):
    """The role does not exist in an organisation of this kind or level."""

    zh = "角色 {role} 不适用于该单位（{kind}，{level}）。"
    en = "The role {role} does not fit the organisation ({kind}, {level})."


class RolesExclusive(Unacceptable):
    """The roles may not be held by one person."""

    zh = "角色 {role} 不能与其他角色兼任。"
    en = "The role {role} cannot be held together with others."


class PasswordWeak(Unacceptable):
    """The password is too short, too long or contains the username."""

    zh = "密码须为 {shortest} 至 {longest} 个字符，且不得包含用户名。"
    en = "A password has {shortest} to {longest} characters and does not contain the username."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_app_user_username": UsernameTaken,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
