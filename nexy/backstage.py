"""What stands behind the gateways: every part is opened and wired here, and `app.py` serves it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import trio

from nexy.config import Config, read_pronunciations
from nexy.errors import BadRequest, Forbidden, Refused
from nexy.integrations import alerting
from nexy.integrations.cast import Cast
from nexy.integrations.conversation import Conversation
from nexy.integrations.doorkeeping import doorkeeper_of, watch_revocations
from nexy.integrations.entrance import Entrance
from nexy.integrations.here import Here
from nexy.integrations.keeping import Keeper
from nexy.integrations.memories import Asking, StoredMemories
from nexy.integrations.parts import NoUpdates
from nexy.integrations.providers import Providers
from nexy.integrations.regrets import Regrets
from nexy.integrations.resuming import Resuming
from nexy.integrations.sayings import Sayings
from nexy.integrations.status import Status
from nexy.integrations.switches import Switches, open_switches
from nexy.integrations.tending import tend
from nexy.integrations.together import Together, open_together
from nexy.integrations.updates import Updates, open_updates
from nexy.integrations.welcome import Welcome
from nexy.modules import audio_generation, text_filtering, text_processing
from nexy.modules.database import Database, Usage, open_store
from nexy.modules.grpc_service import Greeting, Read
from nexy.modules.interrupt_handling import interrupt
from nexy.modules.memory_management import Remembering
from nexy.modules.memory_management import Sizes as MemorySizes
from nexy.modules.session_management import NOBODY, Doorkeeper, Sessions, check_hardware_id, check_session_id
from nexy.modules.text_processing import LanguageModel
from nexy.monitoring.events import Events
from nexy.monitoring.tracing import open_turns
from nexy.monitoring.vitals import Vitals
from nexy.nursery.border import open_asyncio
from nexy.nursery.session import Ended
from nexy.types import (
    AudioChunk,
    Caller,
    Forgotten,
    HardwareId,
    SendReply,
    SessionId,
    Stopped,
    Timing,
    Utterance,
)


@dataclass(frozen=True)
class Backstage:
    """What stands behind the gateways: each RPC's work, by its name."""

    conversation: Conversation
    welcome: Welcome
    together: Together
    database: Database
    status: Status
    providers: Switches
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

    async def interrupt(self, who: HardwareId, played_seconds: float | None) -> Stopped:
        began = trio.current_time()
        stopped = await interrupt(who, self.together.reach, played_seconds)
        self.conversation.events.interrupted(trio.current_time() - began, stopped=bool(stopped.sessions))
        return stopped

    async def export(self, who: HardwareId) -> str:
        return json.dumps(await self.database.export(who), ensure_ascii=False, indent=1)

    async def forget(self, who: HardwareId) -> Forgotten:
        await interrupt(who, self.together.reach)
        forgotten = await self.together.reach.forget(who)
        rows = await self.database.forget(who)
        await self.together.reach.forget_talk(who, all_of_it=True)  # what was read from it meanwhile
        return replace(forgotten, rows=forgotten.rows + rows)

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
        operators = f"{config.bus.nats_prefix}.operator"
        here, most_chars = Here(sessions, keeper, memory), config.limits.max_prompt_chars
        async with (
            open_together(config.bus, config.limits, sessions, here, database.key_of) as together,
            open_switches(Providers(model, voice), together.line, operators) as switches,
        ):
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
                together,
            )
            nursery.start_soon(alerting.watch, status)
            bus, shared = together.reach, together.limits
            entrance = Entrance(sessions, bus, shared)
            idle_seconds = config.sessions.session_idle_seconds
            resuming = Resuming(database, bus, sessions, keeper.settle, idle_seconds, most_chars)
            yield Backstage(
                Conversation(
                    sessions, cast, regrets, most_chars, keeper, bus, resuming, entrance, events, traces
                ),
                Welcome(entrance, sayings, config.turn.turn_seconds, pronunciations, events),
                together,
                database,
                status,
                switches,
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
