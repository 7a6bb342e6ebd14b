"""Asks Gemini: one request a stream (a second one only for a second key), its socket closed on every exit."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ssl import SSLContext
from typing import TYPE_CHECKING, Any

import trio

from nexy.config import ModelsConfig
from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing.model import Piece, Prompt
from nexy.modules.text_processing.providers.gemini.faults import failure, failure_of_status, failure_of_wire
from nexy.modules.text_processing.providers.gemini.keys import OF_THE_KEY, Keys
from nexy.modules.text_processing.providers.gemini.reading import Reading
from nexy.modules.text_processing.providers.gemini.request import contents_of, settings_of
from nexy.modules.text_processing.providers.opened import Opened
from nexy.modules.text_processing.providers.unfit import Proof

if TYPE_CHECKING:
    import google.genai
    import httpx2
    from google.genai.types import GenerateContentResponse

GOOGLE = "https://generativelanguage.googleapis.com"
API_VERSION = "v1beta"  # the stable one has no google_search
CONNECT_SECONDS = 5
IDLE_CONNECTIONS = 32  # kept for the next request, which then needs no handshake
IDLE_SECONDS = 90  # people think between two questions; Google keeps a connection for some minutes
CLOSING_SECONDS = 1


@dataclass(eq=False)
class _Exchange:
    """What the HTTP library holds for one stream."""

    opened: Opened = field(default_factory=Opened)
    responses: "list[httpx2.Response]" = field(default_factory=list)

    async def close(self) -> None:
        """Close the socket, unless the answer was read to its end."""
        if not self.responses:
            await self.opened.close()
        for response in self.responses:
            await response.aclose()


_exchange: ContextVar[_Exchange] = ContextVar("gemini_exchange")
"""That of the running task's stream."""


class Gemini:
    """Google's models. Holds one pool of connections for all sessions."""

    name = "gemini"

    def __init__(self, client: "google.genai.Client", config: ModelsConfig, keys: Keys) -> None:
        self._client = client
        self._config = config
        self._keys = keys
        self._proof = Proof()

    def __repr__(self) -> str:
        return f"<Gemini {self._config.gemini_model}>"

    @trio.as_safe_channel
    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """The answer. A key that fails before the first piece is followed by the next one, at once.

        When all keys rest, nobody is asked: the error says how long.
        """
        contents, settings = contents_of(prompt), settings_of(prompt, self._config)
        tried: set[str] = set()
        fault, now = Fault.QUOTA, trio.current_time()
        while (key := self._keys.best(now, tried)) is not None:
            tried.add(key)
            begun = False
            try:
                async with aclosing(self._pieces(contents, settings, key)) as pieces:
                    async for piece in pieces:
                        if not begun:
                            begun = True
                            self._proof.answered()
                            self._keys.praise(key)
                        yield piece  # noqa: ASYNC119 - as_safe_channel runs and closes this generator in a task
            except ProviderError as error:
                if error.fault not in OF_THE_KEY:
                    raise
                fault, now = error.fault, trio.current_time()
                self._keys.blame(key, error, now)
                if begun:
                    break
            else:
                return
        # How long one key has to rest is not told while another may be asked: then nobody has to wait.
        raise self._keys.exhausted(now) or failure(fault)

    async def _pieces(self, contents: Any, settings: dict[str, Any], key: str) -> AsyncGenerator[Piece, None]:
        reading = Reading(self._config.gemini_model)
        try:
            async with aclosing(self._chunks(contents, settings, key)) as chunks:
                async for chunk in chunks:
                    if text := reading.take(chunk):
                        yield text  # noqa: ASYNC119 - `stream` closes this generator
        except ProviderError as error:
            if error.fault is not Fault.DROPPED or not reading.finished:
                raise  # else all of the answer has come, and only the goodbye is missing
        for piece in reading.rest():
            yield piece
        if reading.fault:
            raise failure(reading.fault)

    async def _chunks(
        self, contents: Any, settings: dict[str, Any], key: str
    ) -> "AsyncGenerator[GenerateContentResponse, None]":
        """What Gemini sends to one request; its errors are ours. Closing it closes the socket."""
        import httpx2
        from google.genai.errors import APIError

        # What the SDK makes of JSON that has not the shape of a chunk is not always its own error.
        foreign = (
            httpx2.HTTPError,
            httpx2.InvalidURL,
            httpx2.StreamError,
            ValueError,
            TypeError,
            AttributeError,
        )
        exchange = _Exchange()
        _exchange.set(exchange)
        chunks = await self._client.aio.models.generate_content_stream(
            model=self._config.gemini_model,
            contents=contents,
            config={**settings, "http_options": {"headers": {"x-goog-api-key": key}}},  # type: ignore[arg-type]
        )
        try:
            async for chunk in chunks:
                yield chunk  # noqa: ASYNC119 - `_pieces` closes this generator
        except APIError as error:
            headers = error.response.headers
            now = datetime.now(UTC)
            refusal = failure_of_status(error.code, error.details, headers, now, proven=bool(self._proof))
            self._proof.refused(refusal.fault)
            raise refusal from None
        except foreign as error:
            raise failure_of_wire(error) from None
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + CLOSING_SECONDS):
                await _close(exchange, chunks, (APIError, *foreign))


async def _close(
    exchange: _Exchange,
    chunks: "AsyncIterator[GenerateContentResponse]",
    errors: tuple[type[Exception], ...],
) -> None:
    """Close the socket of a stream that may be unfinished, and end the generators that read from it."""
    await exchange.close()
    # They still wait, one inside the other, and closing the outermost would not reach the others. But
    # the innermost finds its body over now, and so they end in order.
    with suppress(*errors):
        async for _ in chunks:
            pass


@asynccontextmanager
async def open_gemini(
    config: ModelsConfig, *, connect_seconds: float = CONNECT_SECONDS, tls: SSLContext | None = None
) -> AsyncIterator[Gemini]:
    """Open the pool of connections; nothing is sent yet. `tls` says whom to trust, the system's by default.

    Raises ProviderError when no key is configured, or when the address is none.
    """
    secrets = (config.gemini_api_key, config.gemini_fallback_api_key)
    keys = [key for secret in secrets if (key := secret.get_secret_value().strip())]
    if not keys:
        raise failure(Fault.KEY)
    import httpx2

    address = _address(config.gemini_base_url or GOOGLE)
    trust = tls or httpx2.create_ssl_context()
    async with _open_http(connect_seconds, trust) as http:
        from google import genai

        options = genai.types.HttpOptions(
            base_url=address,
            api_version=API_VERSION,
            httpx_async_client=http,
            # Of what we never use: else each would read all of the system's certificates once more.
            client_args={"verify": trust},
            async_client_args={"ssl": trust},
        )
        client = genai.Client(api_key=keys[0], vertexai=False, http_options=options)
        try:
            yield Gemini(client, config, Keys(keys))
        finally:
            client.close()


def _address(url: str) -> str:
    import httpx2

    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        raise failure(Fault.UNREACHABLE) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise failure(Fault.UNREACHABLE)
    return url


@asynccontextmanager
async def _open_http(connect_seconds: float, tls: SSLContext) -> "AsyncIterator[httpx2.AsyncClient]":
    import httpx2

    from nexy.modules.text_processing.providers.gemini.body import CheckedBody

    async def prepare(request: httpx2.Request) -> None:
        # The SDK takes every limit off its requests; how long an answer may take is the caller's affair.
        request.extensions["timeout"] = httpx2.Timeout(None, connect=connect_seconds).as_dict()
        request.extensions["trace"] = _exchange.get().opened

    async def note(response: httpx2.Response) -> None:
        response.stream = CheckedBody(response)
        _exchange.get().responses.append(response)

    async with httpx2.AsyncClient(
        verify=tls,
        headers={"Accept-Encoding": "identity"},  # who compresses a stream holds it back
        limits=httpx2.Limits(
            max_connections=None,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_SECONDS,
        ),
        event_hooks={"request": [prepare], "response": [note]},
    ) as http:
        yield http
