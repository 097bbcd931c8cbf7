"""Every refusal of registry.accounts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Forbidden, Refusal, Unacceptable, Unauthenticated


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
    """The password is too short, too long, too plain, or contains the username."""

    zh = (
        "密码须为 {shortest} 至 {longest} 个字符，至少含大写、小写、数字、符号中的 {classes} 类，"
        "且不得包含用户名。"
    )
    en = (
        "A password has {shortest} to {longest} characters, {classes} of upper case, lower case,"
        " digits and others, and does not contain the username."
    )


class PasswordCommon(Unacceptable):
    """The password is on the list of those that are tried first."""

    zh = "该密码过于常见，请更换。"
    en = "This password is too common."


class PasswordReused(Unacceptable):
    """The password was used before, not long ago."""

    zh = "新密码不得与最近 {history} 次使用过的密码相同。"
    en = "The new password must differ from the last {history}."


class PasswordWrong(Forbidden):
    """The present password is not this one."""

    zh = "当前密码不正确。"
    en = "The present password is wrong."


class TotpRequired(Unauthenticated):
    """The password is right; the one-time code of the second factor is missing."""

    zh = "请输入动态验证码。"
    en = "Enter the one-time code of your second factor."


class TotpWrong(Unacceptable):
    """The one-time code is wrong, or was used already."""

    zh = "动态验证码不正确或已使用。"
    en = "The one-time code is wrong or was used already."


class TotpAlreadyOn(Conflict):
    """The account has a second factor."""

    zh = "该账号已启用动态验证。"
    en = "The account has a second factor already."


class TotpNotEnrolled(Conflict):
    """There is no second factor to confirm or to remove."""

    zh = "该账号尚未登记动态验证。"
    en = "The account has no second factor."


class TotpDemanded(Forbidden):
    """A role of the account may not be without a second factor."""

    zh = "您的角色必须启用动态验证。"
    en = "Your role may not be without a second factor."


class OneTimeTokenInvalid(Unacceptable):
    """The one-time token is unknown, used, withdrawn or expired, or is not this account's."""

    zh = "一次性凭证无效或已过期。"
    en = "The one-time token is not valid, or not any more."


class InvitationEnded(Conflict):
    """The invitation was accepted or withdrawn."""

    zh = "该邀请已被接受或撤回。"
    en = "The invitation was accepted or withdrawn."


class ScopesUnknown(Unacceptable):
    """No door has this scope, or a token may not have it."""

    zh = "权限范围 {scope} 不存在或不可授予凭证。"
    en = "There is no scope {scope} for a token."


class TokenNarrow(Forbidden):
    """A narrowed token does not make another one."""

    zh = "受限凭证不能再签发凭证。"
    en = "A narrowed token does not make other tokens."


class OwnAccount(Forbidden):
    """Nobody looks after their own account as an administrator."""

    zh = "不能以管理员身份处理本人账号。"
    en = "Nobody looks after their own account as an administrator."


class AccountClosed(Conflict):
    """The account was closed."""

    zh = "该账号已停用。"
    en = "The account is closed."


class AccountInUse(Conflict):
    """Something was done under the account: it may be closed, not deleted."""

    zh = "该账号已有业务记录，只能停用，不能删除。"
    en = "Something was done under this account; it can be closed, not deleted."


class PersonNamed(Conflict):
    """The account is another person's; one account serves one person."""

    zh = "该账号已登记为他人使用；一个账号只能由一人使用。"
    en = "The account is another person's; one account serves one person."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_app_user_username": UsernameTaken,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
