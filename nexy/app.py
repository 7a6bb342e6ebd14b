"""The composition root: opens everything, wires it, serves it. The only file that knows all parts."""

import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio
from starlette.types import ASGIApp

from nexy.config import Config, read_pronunciations
from nexy.errors import BadRequest, Forbidden, Refused
from nexy.integrations import alerting
from nexy.integrations.cast import Cast
from nexy.integrations.console import console_address, console_routes
from nexy.integrations.conversation import Conversation
from nexy.integrations.doorkeeping import OPEN_PATHS, doorkeeper_of, guarded, watch_revocations
from nexy.integrations.encryption import open_tls
from nexy.integrations.gateway import House, Origins, WebSocketListener, serve_websockets
from nexy.integrations.gauges import metrics_of
from nexy.integrations.hosts import known_by_name
from nexy.integrations.http_connections import HttpListener, serve_http
from nexy.integrations.keeping import Keeper
from nexy.integrations.memories import Asking, StoredMemories
from nexy.integrations.overseen import answers, be_overseen
from nexy.integrations.providers import Providers
from nexy.integrations.regrets import Regrets
from nexy.integrations.resuming import Resuming
from nexy.integrations.sayings import Sayings
from nexy.integrations.status import NoUpdates, Status
from nexy.integrations.tending import tend
from nexy.integrations.together import Everywhere, Together, open_together
from nexy.integrations.updates import Updates, open_updates, serve_updates
from nexy.integrations.web import site
from nexy.integrations.welcome import Welcome
from nexy.modules import audio_generation, text_filtering, text_processing
from nexy.modules.database import Database, Usage, open_store
from nexy.modules.grpc_service import Greeting, OperatorService, Read, Sizes, StreamingService, descriptors
from nexy.modules.interrupt_handling import interrupt
from nexy.modules.memory_management import Remembering
from nexy.modules.memory_management import Sizes as MemorySizes
from nexy.modules.session_management import NOBODY, Doorkeeper, Sessions, check_hardware_id, check_session_id
from nexy.modules.text_processing import LanguageModel
from nexy.monitoring.events import Events
from nexy.monitoring.tracing import open_turns
from nexy.monitoring.vitals import Vitals
from nexy.nursery.border import GrpcListener, open_asyncio, serve_grpc
from nexy.nursery.control import Control
from nexy.nursery.session import Ended
from nexy.nursery.shutdown import Drained, run_until_told
from nexy.types import AudioChunk, Caller, HardwareId, SendReply, SessionId, Timing, Utterance

LAST_WORDS_SECONDS = 2.0  # for telling the clients of answers that the drain did not wait for


@dataclass(frozen=True)
class Backstage:
    """What stands behind the gateways: each RPC's work, by its name."""

    conversation: Conversation
    welcome: Welcome
    together: Together
    database: Database
    status: Status
    providers: Everywhere
    config: Config
    doorkeeper: Doorkeeper
    updates: Updates | None  # None when there is to be no update server

    def caller(self, authorization: str | None, address: str) -> Caller:
        return self.doorkeeper.caller(authorization, address)

    def forbidden(self, reason: str) -> Forbidden:
        return self.doorkeeper.forbidden(reason)

    def check_hardware_id(self, given: str) -> HardwareId:
        return check_hardware_id(given)

    def check_session_id(self, given: str) -> SessionId | None:
        session = check_session_id(given)
        if session is None and self.config.sessions.strict_session_id:
            raise BadRequest("session_id is missing")
        return session

    def turn(
        self, who: HardwareId, asked: SessionId | None, read: Read, reply: SendReply, timing: Timing
    ) -> AbstractAsyncContextManager[Ended]:
        return self.conversation.turn(who, asked, read, reply, timing)

    def turn_away(self, authorization: str | None) -> tuple[Refused, Sequence[AudioChunk]] | None:
        if not self.doorkeeper.knows(authorization):
            return None  # that is told first
        return self.conversation.turn_away()

    def tones(self) -> Sequence[AudioChunk]:
        return self.conversation.regrets.tones

    async def say_refused(self, error: Exception, prompt: str, reply: SendReply) -> None:
        await self.conversation.say_refused(error, prompt, reply)

    def counted(self, who: HardwareId) -> AbstractContextManager[None]:
        return self.conversation.sessions.counted(who)

    async def collect(self, said: Utterance, number: int) -> None:
        await self.conversation.collect(said, number)

    async def interrupt(self, who: HardwareId, played_seconds: float | None) -> list[SessionId]:
        began = trio.current_time()
        stopped = await interrupt(who, self.together.bus, played_seconds)
        self.conversation.events.interrupted(trio.current_time() - began, stopped=bool(stopped))
        return stopped

    async def export(self, who: HardwareId) -> str:
        return json.dumps(await self.database.export(who), ensure_ascii=False, indent=1)

    async def forget(self, who: HardwareId) -> int:
        await interrupt(who, self.together.bus)
        forgotten = await self.together.bus.forget(who)
        return forgotten + await self.database.forget(who)

    def greet(
        self,
        asked: tuple[str, str, str],
        deliver: Callable[[Greeting], Awaitable[None]],
        timing: Timing,
        who: HardwareId | None,
    ) -> AbstractAsyncContextManager[Ended]:
        return self.welcome.turn(asked, deliver, timing, who or NOBODY)

    async def add_usage(self, who: HardwareId, source: str, model: str, tokens: tuple[int, int]) -> None:
        if any(tokens):
            await self.database.add_tokens(who, Usage(source or "client", model, *tokens))


@dataclass(frozen=True)
class Here:
    """What this process has of a device, for the bus."""

    sessions: Sessions
    keeper: Keeper
    memory: Remembering

    async def stop(self, who: HardwareId, played_seconds: float | None) -> list[SessionId]:
        return await self.sessions.stop(who, played_seconds)

    async def forget(self, who: HardwareId) -> int:
        """Also what is on its way into the memory, so that nothing more is learnt of what was said."""
        forgotten = await self.keeper.forget(who, all_of_it=True) + await self.memory.forget(who)
        await self.sessions.forget(who)
        return forgotten

    async def forget_talk(self, who: HardwareId, *, all_of_it: bool) -> int:
        self.sessions.forget_talk(who, all_of_it=all_of_it)
        forgotten = await self.keeper.forget(who, all_of_it=all_of_it)
        if all_of_it:
            self.memory.learn_no_more(who)
        return forgotten


@asynccontextmanager
async def open_backstage(config: Config) -> AsyncIterator[Backstage]:
    """Everything that answers, ready. Raises ProviderError when a model or a voice cannot be had."""
    await trio.to_thread.run_sync(text_filtering.load)  # so that no answer waits for the disk
    async with (
        open_asyncio(),
        text_processing.open_model(
            config.models, config.patience, config.limits.max_concurrent_requests
        ) as model,
        audio_generation.open_voice(config.voices, config.patience) as voice,
        open_store(config.database) as database,
        open_turns(config.traces.otel_exporter_otlp_endpoint) as traces,
        open_updates(config.updates) as updates,
        trio.open_nursery() as nursery,
    ):
        events, vitals, sayings = Events(), Vitals(), Sayings(voice)
        await nursery.start(vitals.watch)
        sessions = Sessions(nursery, config.limits, config.sessions.session_idle_seconds, vitals)
        nursery.start_soon(tend, database, config.database.retention_days, database.now)
        doorkeeper = doorkeeper_of(config.security, config.database)
        await nursery.start(watch_revocations, database, doorkeeper)
        pronunciations = _pronunciations(config)
        memory = _memory(config, model, database, events)
        cast = Cast(model, sayings, memory, config.turn, pronunciations, config.voices.sample_rate)
        regrets = Regrets(sayings, config.voices.sample_rate, nursery)
        alerts, keeper = alerting.alerts_of(config.alerts), Keeper(database, memory, database.now)
        status = Status(
            sessions,
            model,
            voice,
            database,
            memory,
            doorkeeper,
            events,
            vitals,
            alerts,
            keeper,
            updates or NoUpdates(),
        )
        here, most_chars = Here(sessions, keeper, memory), config.limits.max_prompt_chars
        async with open_together(config.bus, config.limits, sessions, here, database.key_of) as together:
            status.together = together
            nursery.start_soon(alerting.watch, status)
            bus, shared = together.bus, together.limits
            providers = Providers(model, voice)
            together.switches.providers.append(providers)
            resuming = Resuming(database, config.sessions.session_idle_seconds)
            yield Backstage(
                Conversation(
                    sessions, cast, regrets, most_chars, keeper, bus, shared, events, traces, resuming
                ),
                Welcome(sessions, sayings, config.turn.turn_seconds, pronunciations, events),
                together,
                database,
                status,
                Everywhere(providers, together.switches),
                config,
                doorkeeper,
                updates,
            )
        nursery.cancel_scope.cancel()


def _memory(config: Config, model: LanguageModel, database: Database, events: Events) -> Remembering:
    """Over the database; what is worth remembering is found by the model, if it is one that can."""
    sizes = MemorySizes(
        config.memory.max_long_term_memory_size,
        config.memory.max_short_term_memory_size,
        config.memory.short_term_memory_hours,
    )
    able = set(config.models.llm_providers) & {"gemini", "openai"}
    ask = Asking(model, database, events) if able else None
    return Remembering(StoredMemories(database), ask, sizes, database.now)


def _pronunciations(config: Config) -> text_filtering.Pronunciations:
    file = config.speech.pronunciations_file
    return text_filtering.Pronunciations(read_pronunciations(Path(file)) if file else {})


@dataclass(frozen=True)
class Server:
    """A server that listens."""

    backstage: Backstage
    grpc: GrpcListener
    http: HttpListener | None  # None: the supervisor of several workers has it
    websockets: WebSocketListener | None  # None: they are off
    updates: HttpListener | None  # the same

    def __str__(self) -> str:
        return " ".join(f"{name}={address}" for name, address in self.addresses.items())

    @property
    def addresses(self) -> dict[str, str]:
        """ "host:port" of each part that listens, by its name."""
        found = {"grpc": self.grpc.address}
        if self.http is not None:
            found["http"] = self.http.address
        if self.websockets is not None:
            found["ws"] = self.websockets.address
        if self.updates is not None:
            found["updates"] = self.updates.address
        return found

    @property
    def console(self) -> str:
        """Where people on this machine find the page to talk to it."""
        return console_address(self.backstage.config, self.addresses["http"])

    async def drain(self) -> None:
        """Take no new work; returns when what runs has ended."""
        self.grpc.stop_listening()
        if self.websockets is not None:
            self.websockets.stop_listening()
        await self.backstage.conversation.sessions.drain()


@asynccontextmanager
async def open_server(config: Config, overseer: Control | None = None) -> AsyncIterator[Server]:
    """Serve until the block is left; what still runs then is told so and stopped.

    With an `overseer`, this is one of several workers: they share the ports, and the overseer speaks for all.
    """
    limits = config.limits
    sizes = Sizes(limits.max_message_bytes, limits.max_image_bytes, limits.max_prompt_chars)
    async with open_backstage(config) as backstage:
        streaming = StreamingService(backstage, sizes)
        operator = OperatorService(backstage.providers, streaming.caller, backstage.forbidden)
        host, status, shared = config.server.grpc_host, backstage.status, overseer is not None

        async with (
            open_tls(config.security) as tls,
            serve_grpc(
                [streaming.service(), operator.service()],
                host=host,
                port=config.server.grpc_port,
                descriptors=descriptors(),
                limits=config.connections,
                tls=tls.grpc,
                shared=shared,
            ) as grpc,
            _open_pages(config, backstage, tls.http, overseer) as http,
            _gateway(
                config,
                streaming,
                config.server.http_port if http is None else http.port,
                tls.http,
                shared=shared,
            ) as websockets,
            serve_updates(
                backstage.updates, host, config.updates.update_port, tls.public, shared=shared
            ) as updates,
        ):
            server = Server(backstage, grpc, http, websockets, updates)
            status.endpoints.update(server.addresses)
            listeners = (grpc, http, websockets, updates)
            status.listeners.extend(part for part in listeners if part is not None)
            try:
                yield server
            finally:
                with trio.move_on_after(LAST_WORDS_SECONDS, shield=True):
                    await backstage.conversation.sessions.stop_all()


@asynccontextmanager
async def _open_pages(
    config: Config, backstage: Backstage, tls: ssl.SSLContext | None, overseer: Control | None
) -> AsyncIterator[HttpListener | None]:
    """The port of the pages; None where an overseer has it, who is told what there is to show."""
    if overseer is None:
        pages, server = _pages(config, backstage), config.server
        async with serve_http(pages, server.grpc_host, server.http_port, tls) as listener:
            yield listener
        return
    async with trio.open_nursery() as nursery:
        nursery.start_soon(be_overseen, overseer, answers(backstage.status, backstage.doorkeeper))
        yield None
        nursery.cancel_scope.cancel()


def _pages(config: Config, backstage: Backstage) -> ASGIApp:
    """All that HTTP shows. The console page is for everybody: it asks for a token by itself."""
    status, server = backstage.status, config.server
    console = console_routes(config, status.endpoints)

    async def whole() -> dict[str, Any]:
        return status.whole()

    async def reasons() -> list[str]:
        return status.reasons()

    async def metrics(accept: str) -> tuple[bytes, str]:
        return metrics_of(status, accept)

    pages = site(whole, reasons, metrics, console)
    for_all = OPEN_PATHS | {route.path for route in console}
    inside = guarded(pages, backstage.doorkeeper, for_all)
    return known_by_name(inside, server.grpc_host, server.websocket_origins)


@asynccontextmanager
async def _gateway(
    config: Config, service: StreamingService, page_port: int, tls: ssl.SSLContext | None, *, shared: bool
) -> AsyncIterator[WebSocketListener | None]:
    """The port of WebSockets, for the very same service; None when it is off."""
    server = config.server
    if server.websocket_port is None:
        yield None
        return
    origins = Origins(frozenset(server.websocket_origins), page_port, tls is not None)
    house = House(service, config.connections, config.limits.max_message_bytes, origins)
    async with serve_websockets(
        house, server.grpc_host, server.websocket_port, tls, shared=shared
    ) as listener:
        yield listener


async def serve(config: Config, say: Callable[[Server], None], overseer: Control | None = None) -> Drained:
    """Serve until a signal comes; `say` is told the server once all its addresses answer."""
    async with open_server(config, overseer) as server:
        drain_seconds = config.server.drain_seconds
        return await run_until_told(server.drain, drain_seconds, lambda: say(server))
