"""The small answers of the update server: bodies with their tags, made once for what is published."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nexy.modules.update.conditions import is_known

SHORT = "max-age=60"
XML, HTML, JSON, TEXT = (
    "application/xml; charset=utf-8",
    "text/html; charset=utf-8",
    "application/json",
    "text/plain; charset=utf-8",
)
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True)
class Body:
    """What is sent, and what depends on nothing else."""

    data: bytes
    kind: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        return self.headers["etag"]


def body_of(text: str, kind: str) -> Body:
    data = text.encode()
    headers = {"etag": f'"{hashlib.sha256(data).hexdigest()}"', "content-type": kind}
    if kind == HTML:
        headers["content-security-policy"] = _policy(text)
    return Body(data, kind, headers)


def json_of(what: Any) -> Body:
    return body_of(json.dumps(what, ensure_ascii=False, indent=1) + "\n", JSON)


def answer(request: Request, body: Body, *, rolling: bool = False) -> Response:
    """`rolling`: others are given something else, so that nothing between here and the client keeps it."""
    headers = body.headers | {"cache-control": f"{'private' if rolling else 'public'}, {SHORT}"}
    if rolling:
        headers["vary"] = "X-Nexy-Device"
    if is_known(request.headers, body.tag):
        return Response(status_code=304, headers=headers)
    return Response(body.data, headers=headers)


def refuse(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status, {"cache-control": "no-store"})


def _policy(html: str) -> str:
    """What a page may do: nothing, and look like its own style element says."""
    style = STYLE.search(html)
    digest = hashlib.sha256((style.group(1) if style else "").encode()).digest()
    allowed = f"style-src 'sha256-{base64.b64encode(digest).decode()}'"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
