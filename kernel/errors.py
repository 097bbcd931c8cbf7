"""Every way of saying no, in the words of the caller.

Refusal
├── Missing        there is no such thing in the actor's sight
│   └── NotFound
├── Forbidden      the actor may not do this
│   ├── NotAllowed (code "forbidden")
│   └── ScopeMissing · OwnOrganisation · OrganisationClosed
├── Conflict       the state of things stands against it
│   ├── WrongState · SamePerson · VersionStale · HoldSpent
│   └── IdempotencyInFlight
├── Unacceptable   the input cannot be taken
│   ├── Invalid · UnknownField · IdempotencyKeyReused · UnitMismatch
│   ├── Malformed · UnsupportedMediaType · IdempotencyKeyRequired (the shape itself is broken)
│   └── PreconditionRequired
├── Unauthenticated nobody is known to ask
└── Busy           later, the same request may succeed
    └── RateLimited

A refusal carries figures, not prose; `message` makes the sentence in the asked language.
The HTTP numbers stand in `kernel.http`.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Any, ClassVar

FEN_PER_YUAN = 100


class _Sentence(string.Formatter):
    """Format figures; the spec `yuan` shows fen as yuan, an unknown figure is a question mark."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        del args
        return kwargs.get(str(key), "?")

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "yuan" and isinstance(value, int):
            sign = "-" if value < 0 else ""
            whole, rest = divmod(abs(value), FEN_PER_YUAN)
            return f"{sign}¥{whole:,}.{rest:02d}"
        return str(value)


SENTENCE = _Sentence()


def half(value: Any, *, english: bool) -> Any:
    """Choose the language of a text that says it twice, `中文 / English`."""
    if not isinstance(value, str) or " / " not in value:
        return value
    chinese, _, other = value.partition(" / ")
    return other if english else chinese


class Refusal(Exception):
    """A no that changes nothing; subclasses give the code and the sentences."""

    zh: ClassVar[str] = "请求被拒绝。"
    en: ClassVar[str] = "The request was refused."
    code: ClassVar[str] = "refusal"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, *, pointer: str | None = None, **figures: Any) -> None:
        self.pointer = pointer
        self.figures = figures
        super().__init__(self.code)

    def message(self, language: str) -> str:
        """Say it in `language` (`zh` or `en`), naming the figures."""
        english = language == "en"
        figures = {name: half(value, english=english) for name, value in self.figures.items()}
        return SENTENCE.vformat(self.en if english else self.zh, (), figures)

    @property
    def field_errors(self) -> list[Mapping[str, Any]]:
        """Name the fields at fault, as JSON pointers; empty where no field is."""
        return [{"pointer": self.pointer, "code": self.code}] if self.pointer else []


class Missing(Refusal):
    """There is no such thing in the actor's sight."""


class Forbidden(Refusal):
    """The actor may not do this."""


class Conflict(Refusal):
    """The state of things stands against it."""


class Unacceptable(Refusal):
    """The input cannot be taken."""


class Busy(Refusal):
    """The same request may succeed later."""

    code = "busy"
    zh = "系统繁忙，请稍后重试。"
    en = "Busy; please try again shortly."


class NotFound(Missing):
    """What does not exist and what is out of sight look the same."""

    zh = "没有找到。"
    en = "Not found."


class Unauthenticated(Refusal):
    """Nobody is known to ask."""

    zh = "请先登录，或登录已失效。"
    en = "Sign in first; the credentials are missing, wrong or expired."


class NotAllowed(Forbidden):
    """The actor's roles do not open this door."""

    code = "forbidden"
    zh = "您的角色不能进行此操作。"
    en = "Your role does not allow this."


class ScopeMissing(Forbidden):
    """The token is narrowed to scopes that leave this door out."""

    zh = "该凭证的权限范围不包含 {scope}；如为登录会话，请先完成密码或动态验证设置。"
    en = "The token lacks the scope {scope}; a session may have to see to password or code first."


class OrganisationClosed(Forbidden):
    """The actor's organisation was merged or abolished: it reads, and writes nothing new."""

    zh = "您的单位已合并或撤销，不再受理新业务。"
    en = "Your organisation was merged or abolished; it takes no new writes."


class OwnOrganisation(Forbidden):
    """Nobody decides on their own organisation."""

    zh = "不能对本单位的事项作出决定。"
    en = "Nobody decides on their own organisation."


class WrongState(Conflict):
    """The thing is not in a state that allows this."""

    zh = "当前状态为 {state}，不能进行此操作。"
    en = "The state is {state}; that does not allow this."


class SamePerson(Conflict):
    """Author, approver and payer are different people."""

    zh = "同一人不能既经办又审批或付款。"
    en = "The same person cannot both prepare and decide or pay."


class VersionStale(Conflict):
    """Somebody else changed it first."""

    zh = "内容已被他人修改（当前版本 {current}），请刷新后再试。"
    en = "Somebody changed it first (current version {current}); reload and try again."


class HoldSpent(Conflict):
    """A hold ends once: it has not that much left."""

    zh = "占用额度已结清或不足，不能重复处理。"
    en = "The hold has already ended or has not that much left."


class IdempotencyInFlight(Conflict):
    """The first request with this key is still running."""

    zh = "相同幂等键的请求正在处理中，请稍后重试。"
    en = "A request with the same Idempotency-Key is still running; try again shortly."


class Invalid(Unacceptable):
    """A field or a combination of fields cannot be taken."""

    zh = "提交内容有误：{reason}"
    en = "The input cannot be taken: {reason}"

    def __init__(self, *, reason: str = "", pointer: str | None = None, **figures: Any) -> None:
        super().__init__(pointer=pointer, reason=reason, **figures)


class UnknownField(Unacceptable):
    """A field that this request does not have."""

    zh = "含有未知字段。"
    en = "There is a field that this request does not have."


class UnitMismatch(Unacceptable):
    """Units of measure that do not convert into each other."""

    zh = "计量单位不能换算：{from_unit} → {to_unit}。"
    en = "Units do not convert: {from_unit} → {to_unit}."


class TermBackdated(Unacceptable):
    """A number begins today or later; what was done under the old one stands."""

    zh = "数值不能早于今日（{today}）生效。"
    en = "A number cannot begin before today ({today})."


class TermUnfit(Unacceptable):
    """A number lies within what can be worked with."""

    zh = "数值须在 {least} 至 {most} 之间。"
    en = "The number lies between {least} and {most}."


class TermTaken(Conflict):
    """One number of a kind begins on one day; another takes another day."""

    zh = "该数值当日已有登记，请另选生效日期。"
    en = "A number already begins on that day; choose another."


class IdempotencyKeyReused(Unacceptable):
    """The key was used for another request."""

    zh = "该幂等键已用于不同内容的请求。"
    en = "This Idempotency-Key was used for a different request."


class Malformed(Unacceptable):
    """The request cannot be read at all."""

    zh = "请求格式无法解析。"
    en = "The request cannot be read."


class IdempotencyKeyRequired(Unacceptable):
    """This request has effects nobody wants twice."""

    zh = "此请求必须携带 Idempotency-Key 请求头（1–255 个可见字符）。"
    en = "This request needs an Idempotency-Key header (1 to 255 visible characters)."


class PreconditionRequired(Unacceptable):
    """An edit names the version it edits."""

    zh = "修改时必须携带 If-Match 请求头。"
    en = "An edit needs an If-Match header."


class UnsupportedMediaType(Unacceptable):
    """The body is not of a kind that this request takes."""

    zh = "不支持的内容类型，请使用 {wanted}。"
    en = "Unsupported content type; send {wanted}."


class RateLimited(Busy):
    """Too many requests from one place or for one account."""

    zh = "请求过于频繁，请稍后重试。"
    en = "Too many requests; try again later."


def check_version(current: int, expected: int | None) -> None:
    """Refuse an edit of another version than the one in force (VersionStale)."""
    if expected is not None and expected != current:
        raise VersionStale(current=current)
