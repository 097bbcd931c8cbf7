"""A no over HTTP: RFC 9457 problem documents in the asked language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request
from marshmallow import ValidationError
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException

from kernel import errors
from kernel.errors import Refusal, half
from kernel.fields import flatten
from kernel.logs import request_id

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = "2"
RATE_WINDOW_SECONDS = "60"
LANGUAGES = ["zh", "en"]
log = structlog.get_logger()

STATUSES: Mapping[type[Refusal], HTTPStatus] = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.IdempotencyKeyRequired: HTTPStatus.BAD_REQUEST,
    errors.UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    errors.VersionStale: HTTPStatus.PRECONDITION_FAILED,
    errors.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Missing: HTTPStatus.NOT_FOUND,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Unacceptable: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The numbers of the refusals; the nearest parent decides."""

HTTP_CODES = {
    400: "malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "rate_limited",
}
HTTP_SENTENCES = {
    "not_found": ("没有找到。", "Not found."),
    "method_not_allowed": ("此地址不支持该方法。", "This address does not take that method."),
    "too_large": ("请求内容过大。", "The request is too large."),
    "malformed": ("请求格式无法解析。", "The request cannot be read."),
    "rate_limited": ("请求过于频繁，请稍后重试。", "Too many requests; try again later."),
    "defect": ("系统内部错误，请凭编号联系管理员。", "An internal error; quote the number below."),
}
FIELD_SENTENCES = {
    "unknown_field": "未知字段",
    "credit_code_invalid": "统一社会信用代码校验不通过（GB 32100-2015）",
    "id_number_invalid": "身份证号码校验不通过（GB 11643）",
    "Missing data for required field.": "缺少必填字段",
    "Field may not be null.": "不能为空",
    "String does not match expected pattern.": "格式不对",
    "Number too large.": "数值过大",
    "Unknown field.": "未知字段",
    "Invalid value.": "内容不对",
    "Invalid input.": "内容不对",
    "Invalid type.": "类型不对",
    "Invalid input type.": "类型不对",
    "Special numeric values (nan or infinity) are not permitted.": "必须是有限的数",
}
KINDS = {
    "string": "文本",
    "utf-8 string": "文本",
    "integer": "整数",
    "number": "数",
    "boolean": " true 或 false",
    "list": "列表",
    "tuple": "列表",
    "mapping type": "对象",
    "UUID": "有效的编号",
    "URL": "有效的网址",
    "email address": "有效的电子邮箱",
    "date": "有效日期",
    "datetime": "有效时间",
    "time": "有效时间",
    "period of time": "有效时长",
}
"""What a field is to be, after marshmallow's `Not a valid …`."""
BOUNDS = {
    "greater than or equal to": "不小于",
    "greater than": "大于",
    "less than or equal to": "不大于",
    "less than": "小于",
}
BOUND = "|".join(BOUNDS)
SHAPES: tuple[tuple[re.Pattern[str], Callable[..., str]], ...] = (
    (
        re.compile(rf"Not a valid (?:aware |naive )?({'|'.join(KINDS)})\."),
        lambda kind: f"必须是{KINDS[kind]}",
    ),
    (re.compile(r"Shorter than minimum length (\S+)\."), "长度不能少于 {}".format),
    (re.compile(r"Longer than maximum length (\S+)\."), "长度不能超过 {}".format),
    (re.compile(r"Length must be between (\S+) and (\S+)\."), "长度应为 {} 到 {}".format),
    (re.compile(r"Length must be (\S+)\."), "长度应为 {}".format),
    (re.compile(r"Must be equal to (.+)\."), "必须等于 {}".format),
    (re.compile(r"Must be one of: (.*)\."), "只能是：{}".format),
    (
        re.compile(rf"Must be ({BOUND}) (\S+) and ({BOUND}) (\S+)\."),
        lambda one, low, two, high: f"必须{BOUNDS[one]} {low}，{BOUNDS[two]} {high}",
    ),
    (
        re.compile(rf"Must be ({BOUND}) (\S+)\."),
        lambda bound, value: f"必须{BOUNDS[bound]} {value}",
    ),
    (re.compile(r"One or more of the choices you made was not in: (.*)\."), "只能选：{}".format),
    (re.compile(r"One or more of the choices you made was in: (.*)\."), "不能选：{}".format),
)
"""How marshmallow's other sentences look, and what they are in Chinese with the same figures."""
CODE_SENTENCES = {
    "unknown_field": ("含有未知字段。", "There is a field that this request does not have."),
    "credit_code_invalid": (
        "统一社会信用代码校验不通过。",
        "The unified social credit code does not check (GB 32100-2015).",
    ),
    "id_number_invalid": (
        "身份证号码校验不通过。",
        "The identity number does not check (GB 11643).",
    ),
    "invalid": ("提交内容有误，请按字段提示修改。", "Some fields cannot be taken; see errors."),
}


def language() -> str:
    """Give the language of this request: as its page chose, else as asked, Chinese by default."""
    chosen = g.get("language")
    if chosen is not None:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, default="zh") or "zh"


def status_of(refused: type[Refusal]) -> HTTPStatus:
    """Give the HTTP status of a refusal, by its nearest listed parent."""
    for kind in refused.__mro__:
        if kind in STATUSES:
            return STATUSES[kind]
    raise TypeError(f"{refused.__name__} has no HTTP status")


def problem(
    status: int,
    *,
    code: str,
    title: str,
    field_errors: list[Mapping[str, Any]] | None = None,
    figures: Mapping[str, Any] | None = None,
) -> Response:
    """Make a problem document (RFC 9457)."""
    body: dict[str, Any] = {
        "type": f"/api/problems#{code}",
        "title": title,
        "status": int(status),
        "code": code,
        "detail": title,
        "instance": request_id.get() or None,
    }
    if field_errors:
        body["errors"] = field_errors
    if figures:
        body["figures"] = figures
    response = Response(
        orjson.dumps(body, default=str), status=int(status), content_type=PROBLEM_JSON
    )
    response.headers["Content-Language"] = language()
    return response


def refused(refusal: Refusal) -> Response:
    """Answer with a refusal; logged at INFO, without its figures."""
    status = status_of(type(refusal))
    log.info("refused", code=refusal.code, status=int(status))
    english = language() == "en"
    sentence = refusal.message(language())
    field_errors = [{**one, "detail": sentence} for one in refusal.field_errors]
    response = problem(
        status,
        code=refusal.code,
        title=sentence,
        field_errors=list(field_errors),
        figures={name: half(one, english=english) for name, one in refusal.figures.items()},
    )
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    retry = isinstance(refusal, errors.Busy | errors.IdempotencyInFlight)
    if retry:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def unacceptable(error: ValidationError) -> Response:
    """Answer with what marshmallow found, one problem per field."""
    found = flatten(error.messages)
    english = language() == "en"
    for one in found:
        one["detail"] = sentence_in(one["detail"], english=english)
    codes = {one["code"] for one in found}
    code = codes.pop() if len(codes) == 1 else "invalid"
    if code not in CODE_SENTENCES:
        code = "invalid"
    log.info("refused", code=code, status=422)
    return problem(422, code=code, title=CODE_SENTENCES[code][english], field_errors=list(found))


def sentence_in(detail: str, *, english: bool) -> str:
    """Choose the half of a bilingual sentence, or translate marshmallow's own."""
    chosen = str(half(detail, english=english))
    return chosen if english else _in_chinese(chosen)


def _in_chinese(sentence: str) -> str:
    """Say marshmallow's own sentence in Chinese; ours are that already."""
    for shape, said in SHAPES:
        if found := shape.fullmatch(sentence):
            return said(*found.groups())
    return FIELD_SENTENCES.get(sentence, sentence)


def answer_errors(app: Flask) -> None:
    """Answer everything that goes wrong outside a view with a problem document too."""

    def refusal_handler(error: Refusal) -> Response:
        return refused(error)

    def redis_handler(error: RedisError) -> Response:
        log.warning("redis is away", kind=type(error).__name__)
        return refused(errors.Busy())

    def http_handler(error: HTTPException) -> Response:
        behind = getattr(error, "original_exception", None)
        if isinstance(behind, RedisError):  # an answer was ready, and could not be counted
            return redis_handler(behind)
        status = error.code or 500
        code = HTTP_CODES.get(
            status, "defect" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "http"
        )
        pair = HTTP_SENTENCES.get(code, (error.name, error.name))
        response = problem(status, code=code, title=pair[language() == "en"])
        for name, value in error.get_headers():
            if name.lower() in {"allow", "retry-after"}:
                response.headers[name] = value
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            response.headers.setdefault("Retry-After", RATE_WINDOW_SECONDS)
        return response

    def defect_handler(error: Exception) -> Response:
        log.error("defect", kind=type(error).__name__, exc_info=error)
        return problem(500, code="defect", title=HTTP_SENTENCES["defect"][language() == "en"])

    app.register_error_handler(Refusal, refusal_handler)
    app.register_error_handler(RedisError, redis_handler)
    app.register_error_handler(HTTPException, http_handler)
    app.register_error_handler(Exception, defect_handler)
