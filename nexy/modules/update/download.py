"""Sends a file, whole or in parts, in pieces that the client can take."""

import secrets
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from email.utils import formatdate
from urllib.parse import quote

import trio
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from nexy.modules.update.appcast import type_of
from nexy.modules.update.conditions import is_known, ranges_of
from nexy.modules.update.reading import Changed, File
from nexy.modules.update.releases import Artifact
from nexy.monitoring import logger

FOREVER = "public, max-age=31536000, immutable"  # another file has another name
AGAIN_SECONDS = "30"  # for a file that is being looked at

log = logger("nexy.updates")


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of the file, with what is sent before them."""

    head: bytes
    of: range


@dataclass(frozen=True)
class Download:
    """The answer to whoever asks for an artifact: an ASGI application."""

    artifact: Artifact
    released_at: int  # Unix seconds
    file: AbstractAsyncContextManager[File | None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked, headers = Headers(scope=scope), self._headers()
        if is_known(asked, headers["etag"]):
            kept = {name: headers[name] for name in ("etag", "cache-control", "last-modified")}
            await Response(status_code=304, headers=kept)(scope, receive, send)
            return
        size, ranges = self.artifact.size, None
        if scope["method"] == "GET":  # for HEAD there are no ranges
            ranges = ranges_of(asked, size, headers["etag"], headers["last-modified"])
        if ranges is not None and not ranges:
            refused = {"content-range": f"bytes */{size}", "cache-control": "no-store"}
            error = {"error": "the file has no such bytes"}
            await JSONResponse(error, 416, refused)(scope, receive, send)
            return
        async with self.file as file:
            if file is None:
                later = {"retry-after": AGAIN_SECONDS, "cache-control": "no-store"}
                error = {"error": "the file cannot be downloaded just now"}
                await JSONResponse(error, 503, later)(scope, receive, send)
                return
            parts, end = _parts(ranges, size, headers)
            length = sum(len(part.head) + len(part.of) for part in parts) + len(end)
            start = Response(status_code=200 if ranges is None else 206, headers=headers)
            start.headers["content-length"] = str(length)
            await send(
                {"type": "http.response.start", "status": start.status_code, "headers": start.raw_headers}
            )
            if scope["method"] == "HEAD":
                await send({"type": "http.response.body"})
            elif await _is_sent(file, parts, receive, send):  # a body that is too short ends the connection
                await send({"type": "http.response.body", "body": end})

    def _headers(self) -> dict[str, str]:
        name = self.artifact.file
        encoded = quote(name, safe="")
        plain = "".join(letter if letter.isascii() and letter not in '"%' else "_" for letter in name)
        return {
            "content-type": type_of(name),
            "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}",
            "accept-ranges": "bytes",
            "etag": f'"{self.artifact.sha256}"',
            "last-modified": formatdate(self.released_at, usegmt=True),
            "cache-control": FOREVER,
        }


def _parts(ranges: Sequence[range] | None, size: int, headers: dict[str, str]) -> tuple[list[Part], bytes]:
    """What to send, and what comes after it; the headers are made to fit."""
    if ranges is None:
        return [Part(b"", range(size))], b""
    if len(ranges) == 1:
        headers["content-range"] = _content_range(ranges[0], size)
        return [Part(b"", ranges[0])], b""
    boundary, kind = secrets.token_hex(16), headers["content-type"]
    headers["content-type"] = f"multipart/byteranges; boundary={boundary}"
    parts = [
        Part(
            f"\r\n--{boundary}\r\nContent-Type: {kind}\r\n"
            f"Content-Range: {_content_range(one, size)}\r\n\r\n".encode(),
            one,
        )
        for one in ranges
    ]
    return parts, f"\r\n--{boundary}--\r\n".encode()


def _content_range(one: range, size: int) -> str:
    return f"bytes {one.start}-{one.stop - 1}/{size}"


async def _is_sent(file: File, parts: Sequence[Part], receive: Receive, send: Send) -> bool:
    """Send them, until the client is gone; whether all of them were sent."""
    done = False
    async with trio.open_nursery() as nursery:

        async def listen() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            nursery.cancel_scope.cancel()

        nursery.start_soon(listen)
        try:
            await _send_parts(file, parts, send)
            done = True
        except Changed:
            log.warning("a download was cut off: its file has changed meanwhile")
        except OSError as error:
            log.warning("a download was cut off: its file cannot be read", why=error.strerror)
        nursery.cancel_scope.cancel()
    return done


async def _send_parts(file: File, parts: Sequence[Part], send: Send) -> None:
    for part in parts:
        if part.head:
            await send({"type": "http.response.body", "body": part.head, "more_body": True})
        at = part.of.start
        while at < part.of.stop:
            data = await file.read(at, part.of.stop - at)
            await send({"type": "http.response.body", "body": data, "more_body": True})
            at += len(data)
