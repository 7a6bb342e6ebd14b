"""The model behind an OpenAI-compatible endpoint: one streamed request for each answer, natively on Trio.

With httpx2 and not with the official library. That one does work on Trio without asyncio, and does close
its socket; but at the end of every stream it leaves its generators suspended (a ResourceWarning and a stray
task each), it hides whether [DONE] came, costs 0.6 s and 49 MB to import, and three times the CPU a piece.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import trio

from nexy.config import ModelsConfig
from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing.model import Piece, Prompt
from nexy.modules.text_processing.providers.openai.exchange import (
    LAST_BYTES_SECONDS,
    Body,
    post,
    read_error,
)
from nexy.modules.text_processing.providers.openai.faults import failure, of_answer
from nexy.modules.text_processing.providers.openai.reading import Reading
from nexy.modules.text_processing.providers.openai.request import OPTIONAL, body_of
from nexy.modules.text_processing.providers.unfit import Proof
from nexy.utils.retry_after import retry_after

if TYPE_CHECKING:
    import httpx2

SERVICE_URL = "https://api.openai.com/v1"
CONNECT_SECONDS = 5.0
KEPT_CONNECTIONS = 100  # idle ones: as many as there may be answers at once
KEPT_SECONDS = 60.0  # a person pauses for as long; a new connection costs two or three round trips
FINISHED_SECONDS = 1.0  # after the last word, for what it cost: some endpoints never close

_LOOPBACK = re.compile(r"localhost|127\.[\d.]+|::1")
_NOT_TAKEN = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|not permitted|not allowed|unexpected", re.IGNORECASE
)


@dataclass(slots=True)
class OpenAIModel:
    """Asks one endpoint."""

    client: "httpx2.AsyncClient" = field(repr=False)
    url: str = field(repr=False)
    model: str
    own: bool = False  # it is the service itself
    without: set[str] = field(default_factory=set)  # optional parameters that the endpoint did not take
    proof: Proof = field(default_factory=Proof, repr=False)
    name: str = "openai"

    @trio.as_safe_channel
    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """The answer to `prompt`. The request is sent when the first piece is asked for."""
        response = await self._ask(prompt)
        reading = Reading(self.model)
        body = Body(response)
        try:
            if _is_one_piece(response):
                for text in reading.whole(await body.whole()):
                    yield text
            while not reading.done and (received := await _more(body, reading)):
                for text in reading.feed(received):
                    yield text
            for text in reading.end():
                yield text
            if reading.usage and reading.answered:
                yield reading.usage
            reading.check()
        finally:
            if reading.answered:
                self.proof.answered()
            with trio.move_on_after(LAST_BYTES_SECONDS if reading.done else 0, shield=True):
                await body.finish()

    async def _ask(self, prompt: Prompt) -> "httpx2.Response":
        """The answer's head, when it is a good one. Raises ProviderError.

        An endpoint that does not know an optional parameter is asked once more, and from then on, without.
        """
        while True:
            sent = body_of(prompt, self.model, own=self.own, without=self.without)
            response = await post(self.client, self.url, sent)
            if response.is_success:
                return response
            wait = retry_after(response.headers.get("retry-after"), datetime.now(UTC))
            text, described = await read_error(response)
            unknown = self._unknown_parameter(response.status_code, text)
            if not unknown:
                fault = of_answer(response.status_code, described, text, proven=bool(self.proof))
                self.proof.refused(fault)
                raise failure(fault, wait)
            self.without.add(unknown)

    def _unknown_parameter(self, status: int, text: str) -> str:
        """The optional parameter that the endpoint complains of; "" when there is none."""
        if status not in (400, 422) or not _NOT_TAKEN.search(text):
            return ""
        named = (name for name in OPTIONAL if re.search(rf"\b{name}\b", text))
        return next((name for name in named if name not in self.without), "")


def _is_one_piece(response: "httpx2.Response") -> bool:
    """Whether the endpoint does not stream. Raises ProviderError when it is a page for people."""
    kind = str(response.headers.get("content-type", "")).lower()
    if kind.startswith("text/html"):
        raise failure(Fault.MALFORMED)
    return kind.startswith("application/json")


async def _more(body: Body, reading: Reading) -> bytes:
    """The next bytes; empty at the end. When the model has finished, a late or broken end is a good one."""
    if not reading.finish:
        return await body.part()
    with trio.move_on_after(FINISHED_SECONDS), suppress(ProviderError):
        return await body.part()
    return b""


@asynccontextmanager
async def open_openai(config: ModelsConfig) -> AsyncIterator[OpenAIModel]:
    """Open the endpoint that `config` names: one client for the process, no request yet.

    Raises ProviderError when the configuration cannot be right.
    """
    base_url, key = config.openai_base_url.strip(), config.openai_api_key.get_secret_value().strip()
    _check(base_url, key, config.openai_model)
    import httpx2

    async with httpx2.AsyncClient(
        headers={
            "content-type": "application/json",
            "accept": "text/event-stream",
            "accept-encoding": "identity",  # what packs a stream also holds it back
            **({"authorization": f"Bearer {key}"} if key else {}),
        },
        timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
        limits=httpx2.Limits(
            max_connections=None, max_keepalive_connections=KEPT_CONNECTIONS, keepalive_expiry=KEPT_SECONDS
        ),
        # A proxy of the environment is for the world outside, not for a model on this machine.
        trust_env=not _LOOPBACK.fullmatch(urlsplit(base_url).hostname or ""),
    ) as client:
        url = (base_url or SERVICE_URL).rstrip("/") + "/chat/completions"
        yield OpenAIModel(client, url, config.openai_model, own=not base_url)


def _check(base_url: str, key: str, model: str) -> None:
    """Raise ProviderError for what can be seen without asking, in words that say how to mend it."""
    if not model:
        raise ProviderError(
            "openai: OPENAI_MODEL is missing: the model's name at the endpoint", Fault.REFUSED
        )
    if not base_url and not key:
        raise ProviderError("openai: OPENAI_API_KEY is missing (or OPENAI_BASE_URL)", Fault.KEY)
    if not key.isascii() or not key.isprintable():
        raise ProviderError("openai: OPENAI_API_KEY has characters that no key has", Fault.KEY)
    if base_url and not _is_url(base_url):
        raise ProviderError("openai: OPENAI_BASE_URL is not a http:// or https:// address", Fault.REFUSED)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
