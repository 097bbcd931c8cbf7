"""What the doors say of themselves: OpenAPI 3.1, and a page to read it without a network."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import flask_swagger_ui
from flask import Blueprint, Flask, Response, send_from_directory
from flask_smorest import Api

from kernel.doors import Door

PROBLEM = "Problem"
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457 problem document",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable; see docs/errors.md"},
        "detail": {"type": "string"},
        "instance": {"type": ["string", "null"], "description": "request id to quote"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "figures": {"type": "object"},
    },
}
KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "one key per intended act (draft-ietf-httpapi-idempotency-key-header-07)",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
VERSION_PARAMETER = {
    "in": "header",
    "name": "If-Match",
    "description": "the ETag of the version that is edited",
    "schema": {"type": "string"},
}
PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>帮扶 Bangfu API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="/api/docs/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "/api/openapi.json", dom_id: "#api"})</script></body></html>
"""


def document(blueprint: Blueprint, door: Door, view: Callable[..., Any], *, public: bool) -> Any:
    """Describe a door in the shape flask-smorest keeps beside a view."""
    smorest: Any = blueprint
    described = smorest.response(door.status, door.returns)(view)
    if door.accepts is not None:
        kind = "application/json" if door.location == "json" else None
        needed = any(field.required for field in door.accepts.fields.values())
        described = smorest.arguments(
            door.accepts, location=door.location, content_type=kind, required=needed
        )(described)
    notes = deepcopy(described._apidoc)  # noqa: SLF001 - flask-smorest's own place
    parameters = notes.setdefault("arguments", {}).setdefault("parameters", [])
    notes["arguments"].setdefault("responses", {}).pop(422, None)
    if door.idempotent:
        parameters.append({**KEY_PARAMETER, "required": True})
    if door.edits:
        parameters.append({**VERSION_PARAMETER, "required": True})
    problem = {
        "description": "refused",
        "content": {
            "application/problem+json": {"schema": {"$ref": f"#/components/schemas/{PROBLEM}"}}
        },
    }
    notes["manual_doc"] = {
        "responses": {"default": problem},
        "security": [] if public else [{"token": []}],
    }
    return notes


def configure(app: Flask) -> Api:
    """Serve `/api/openapi.json` and `/api/docs`."""
    app.config.update(
        API_TITLE="Bangfu 帮扶",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = Api()
    api._register_error_handlers = lambda: None  # noqa: SLF001 - kernel.problems answers errors
    api.init_app(app)
    api.spec.components.schema(PROBLEM, PROBLEM_SCHEMA)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    _serve_page(app)
    return api


def _serve_page(app: Flask) -> None:
    assets = f"{flask_swagger_ui.__path__[0]}/dist"

    @app.get("/api/docs")
    def api_docs() -> Response:
        return Response(PAGE, content_type="text/html; charset=utf-8")

    @app.get("/api/docs/<path:name>")
    def api_docs_asset(name: str) -> Response:
        return send_from_directory(assets, name)
