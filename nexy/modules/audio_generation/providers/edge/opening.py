"""Edge's voices, ready to speak."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import trio

from nexy.config import VoicesConfig
from nexy.errors import BadRequest, Fault, ProviderError
from nexy.modules.audio_generation.providers.edge.text import parts, sayable
from nexy.modules.audio_generation.providers.edge.voices import chosen
from nexy.types import Sentence, Sound, Stream
from nexy.utils.streams import stream_of

CONNECT_SECONDS = 5  # for the TCP connection; what comes later is the business of those who wait


@dataclass(frozen=True)
class Edge:
    """The voices of Microsoft Edge. A connection for each sentence: the service closes it after one."""

    config: VoicesConfig
    voice: str  # for its own language, and for those that nobody here speaks
    connections: trio.CapacityLimiter  # one token each; who waits is served in the order of coming

    name = "edge"

    def choose(self, voice: str, language: str) -> str:
        return chosen(voice, language, self.voice)

    def speak(self, sentence: Sentence) -> Stream[Sound]:
        from nexy.modules.audio_generation.providers.edge.line import Line
        from nexy.modules.audio_generation.providers.edge.sounds import open_sounds

        text = sayable(sentence.spoken)
        if not text:
            return stream_of(())
        try:
            voice = self.choose(sentence.voice, sentence.language)
        except BadRequest:
            return _failing(ProviderError("edge: no voice of that name", Fault.REFUSED))
        line = Line(tuple(parts(text)), partial(self._communicate, voice))
        return open_sounds(line, self.connections, sentence.spoken, self.config.sample_rate)

    def _communicate(self, voice: str, text: str, connector: Any) -> Any:
        from edge_tts import Communicate

        return Communicate(
            text,
            voice,
            rate=self.config.edge_tts_rate,
            volume=self.config.edge_tts_volume,
            pitch=self.config.edge_tts_pitch,
            boundary="WordBoundary",
            connector=connector,  # its own: the library closes it after one connection
            connect_timeout=CONNECT_SECONDS,
        )


@asynccontextmanager
async def _failing(error: ProviderError) -> AsyncIterator[trio.abc.ReceiveChannel[Sound]]:
    raise error
    yield


@asynccontextmanager
async def open_edge(config: VoicesConfig) -> AsyncIterator[Edge]:
    """Edge's voices, reached as `config` says; needs `open_asyncio` around it.

    Connects to nothing yet. EDGE_TTS_URL is for the whole process, as edge-tts has it: two of
    different addresses cannot be open at once. Raises ProviderError when edge-tts is not installed.
    """
    try:
        import av
        import edge_tts
    except ImportError:
        raise ProviderError(
            "edge-tts is not installed; install it with: pip install 'nexy[edge]' (or set TTS_PROVIDERS)"
        ) from None
    av.logging.set_level(None)  # FFmpeg's opinion of strange MP3 is told as a ProviderError
    try:
        voice = chosen(config.edge_tts_voice, "", "")
    except BadRequest:
        raise ProviderError("EDGE_TTS_VOICE: unknown voice; see: nexy voices", Fault.REFUSED) from None
    with _redirected(edge_tts, config.edge_tts_url):
        yield Edge(config, voice, trio.CapacityLimiter(config.edge_tts_max_connections))


@contextmanager
def _redirected(edge_tts: Any, url: str) -> Iterator[None]:
    """Let the library call `url`, with the CAs that SSL_CERT_FILE names, until the block is left."""
    library = edge_tts.communicate
    drm = edge_tts.drm.DRM
    before = library.WSS_URL, library._SSL_CTX, drm.clock_skew_seconds
    if url:
        library.WSS_URL = _with_token(url, edge_tts.constants.TRUSTED_CLIENT_TOKEN)
        library._SSL_CTX = ssl.create_default_context()
    try:
        yield
    finally:
        if url:  # and what was learned of another server's clock is not kept
            library.WSS_URL, library._SSL_CTX, drm.clock_skew_seconds = before


def _with_token(url: str, token: str) -> str:
    """The library goes on with "&": there has to be a query before it."""
    if "TrustedClientToken=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}TrustedClientToken={token}"
