"""One turn, whoever asks for it: admit → session → answer → log. Every gateway comes through here."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from nexy.errors import BadRequest, Refused
from nexy.integrations.answer import Answer
from nexy.integrations.cast import Cast
from nexy.integrations.entrance import Entrance
from nexy.integrations.keeping import Keeper, Kept
from nexy.integrations.memories import Granting
from nexy.integrations.regrets import Regrets
from nexy.integrations.resuming import Resuming
from nexy.modules.database import Figures, Record
from nexy.modules.interrupt_handling import Bus
from nexy.modules.memory_management import Wish, wish_of, without_secrets
from nexy.modules.session_management import Draft, Sessions, Talk
from nexy.modules.text_filtering import language_of
from nexy.monitoring import log_turn
from nexy.monitoring.events import Events, TurnFigures
from nexy.monitoring.kinds import NOT_OURS, kind_of
from nexy.monitoring.tracing import NO_SPAN, Turns, Untraced
from nexy.nursery.session import Ended, Turn, Why
from nexy.types import AudioChunk, Exchange, HardwareId, Part, SendReply, SessionId, Timing, Utterance

REGRETTED = frozenset({Why.FAILED, Why.TOO_LONG, Why.CLOSING})  # ends of which something is said
FORGETTING = frozenset({Wish.FORGET_THAT, Wish.FORGET_EVERYTHING})

CHARS_PER_TOKEN = 4.0  # of English, as a rule of thumb of those who make language models

Read: TypeAlias = Callable[[], Awaitable[Utterance]]


@dataclass(frozen=True)
class Keeping:
    """One turn on its way into the database, in its session's nursery. It holds nothing of what was said."""

    keeper: Keeper
    session: Talk
    who: HardwareId
    exchange: str
    wish: Wish | None = None
    kept: Kept = field(default_factory=Kept)

    def keep(self, what: Record, exchange: Exchange | None) -> None:
        """The turn is over: store it, once, and learn from it. A wish to forget is not stored."""
        if self.wish in FORGETTING:
            self.kept.over.set()
        else:
            self.session.start_soon(self.keeper.keep(self.who, what, exchange, self.kept))

    def shortened(self, heard: str) -> None:
        """Less was heard than was stored."""
        heard = without_secrets(heard)
        self.session.start_soon(self.keeper.amend(self.who, self.exchange, heard, self.kept))


@dataclass(frozen=True)
class Conversation:
    """Answers utterances in their sessions."""

    sessions: Sessions
    cast: Cast
    regrets: Regrets
    most_prompt_chars: int
    keeper: Keeper
    bus: Bus
    resuming: Resuming
    entrance: Entrance
    events: Events = field(default_factory=Events)
    traces: Turns = field(default_factory=Untraced)

    @asynccontextmanager
    async def turn(
        self, who: HardwareId, asked: SessionId | None, read: Read, reply: SendReply, timing: Timing
    ) -> AsyncIterator[Ended]:
        """Let in one request of `who`, `read` it, answer it with `reply`; yields how it ended.

        It is counted, and can be interrupted, before it is read. For a client with a deadline, sound
        is not held back to real time. Raises BadRequest or Refused before anything is begun; what was
        collected is then still there.
        """
        turn = Turn(timing, self.cast.config.turn_seconds)
        async with self.entrance.admitted(who, asked, turn) as name:
            said = await read()
            name, session, said = await self._bring(who, name, said, turn)
            wish = wish_of(said.prompt)
            dropped = 0
            if wish in FORGETTING:
                dropped = await self.bus.forget_talk(who, all_of_it=wish is Wish.FORGET_EVERYTHING)
            asked_of = self._cast_for(who, wish, dropped)
            answer = Answer(said, reply, session.notes.history, asked_of, timing)
            answer.times.trace = self.traces.begin(timing.asked_at)
            answer.times.trace.go_on_with(said.traceparent)
            keeping = Keeping(self.keeper, session, who, answer.id, wish)
            answer.shortened = keeping.shortened
            async with session.turn(
                turn,
                answer.run,
                partial(self._record, said, name, answer, keeping),
                partial(self._last_words, answer, reply),
            ) as ended:
                yield ended

    async def _bring(
        self, who: HardwareId, name: SessionId, said: Utterance, turn: Turn
    ) -> tuple[SessionId, Talk, Utterance]:
        """Have the session here, and all of what was said. Raises BadRequest or Refused."""
        draft_only = not said.prompt.strip() and said.screenshot is None
        brought = await self.resuming.bring(who, said.session_id, turn, name, draft_only=draft_only)
        if self.sessions.find(who, brought.name) is None:
            self._whole(said, None)  # so that what cannot be answered opens no session
        session = await self.sessions.open(who, brought.name)
        said = self._whole(said, session.notes.draft)
        if turn.why is None:
            session.notes.drop_draft()
            await self.resuming.resume(who, brought, session.notes)
        return brought.name, session, said

    def _cast_for(self, who: HardwareId, wish: Wish | None, dropped: int) -> Cast:
        """What is wanted of the memory itself is not the model's to answer."""
        if wish is None:
            return self.cast
        return replace(self.cast, model=Granting(self.cast.memory, who, wish, dropped))

    async def _last_words(self, answer: Answer, reply: SendReply, ended: Ended) -> None:
        begun = answer.times.sentences > 0
        with answer.times.trace.begin("last_words") if ended.why in REGRETTED else NO_SPAN:
            await self.regrets.say_how_it_ended(ended, language=answer.language, begun=begun, reply=reply)

    def _whole(self, said: Utterance, draft: Draft | None) -> Utterance:
        if draft is not None:
            said = replace(
                said, prompt=draft.text(said.prompt), screenshot=said.screenshot or draft.screenshot
            )
        if not said.prompt.strip() and said.screenshot is None:
            raise BadRequest("the prompt is empty and there is no screenshot")
        if len(said.prompt) > self.most_prompt_chars:
            raise BadRequest(f"the prompt has more than {self.most_prompt_chars} characters")
        return said

    async def say_refused(self, error: Exception, prompt: str, reply: SendReply) -> None:
        """Say to a user who only listens, in the language of `prompt`, that there is no answer."""
        await self.regrets.say_refused(error, language=language_of(prompt), reply=reply)

    def turn_away(self) -> tuple[Refused, Sequence[AudioChunk]] | None:
        """Why a request is refused before it is read, and what is heard: in a rush, when nobody is let in.

        None when it may be let in, or when there is time to tell its user in words.
        """
        if self.sessions.expect() or self.regrets.door.take():
            return None
        return self.sessions.refusal(), self.regrets.tones

    async def collect(self, said: Utterance, number: int) -> None:
        """Keep a part of what is still being said. Raises BadRequest or Refused."""
        part = Part(number, said.prompt, said.screenshot)
        await self.bus.attend(said.hardware_id)
        await self.sessions.collect(said.hardware_id, said.session_id, part, self.most_prompt_chars)

    def _record(
        self, said: Utterance, name: SessionId, answer: Answer, keeping: Keeping, ended: Ended
    ) -> None:
        times = answer.times
        keeping.keep(self._stored(said, name, answer, ended), answer.exchange)
        self._measure(answer, ended)
        log_turn(
            said.hardware_id,
            name,
            ended.why.value,
            error=ended.error,
            model=times.usage.model if times.usage else self.cast.model.name,
            voice=self.cast.voice.name,
            first_word=times.first_word,
            first_sound=times.first_sound,
            end=times.so_far(),
            prompt_chars=len(said.prompt),
            image_bytes=len(said.screenshot.image) if said.screenshot else 0,
            sentences=times.sentences,
            chars=times.chars,
            sound_seconds=times.sound_seconds,
            input_tokens=times.usage.input_tokens if times.usage else None,
            output_tokens=times.usage.output_tokens if times.usage else None,
        )

    def _measure(self, answer: Answer, ended: Ended) -> None:
        """Count the turn, and let its trace go."""
        times = answer.times
        error = kind_of(ended.error) if ended.error else ""
        if ended.why is Why.TOO_LONG:
            error = error or "too_long"
        failed = ended.why in (Why.FAILED, Why.TOO_LONG)
        figures = TurnFigures(
            ended.why.value,
            times.usage.model if times.usage else self.cast.model.name,
            times.voice or self.cast.voice.name,
            times.so_far(),
            times.first_word,
            times.first_sound,
            times.sound_seconds,
            times.usage.input_tokens if times.usage else 0,
            times.usage.output_tokens if times.usage else 0,
            error,
            failed and error not in NOT_OURS,
        )
        self.events.turn_over(figures)
        times.trace.over(
            figures.why,
            error,
            model=figures.model,
            voice=figures.voice,
            sentences=times.sentences,
            sound_seconds=round(times.sound_seconds, 3),
        )

    def _stored(self, said: Utterance, name: SessionId, answer: Answer, ended: Ended) -> Record:
        times, usage, picture = answer.times, answer.times.usage, said.screenshot
        return Record(
            id=answer.id,
            session=name,
            asked_at=self.keeper.clock() - times.so_far(),
            prompt=without_secrets(said.prompt),
            generated=without_secrets(answer.generated),
            heard=without_secrets(answer.exchange.heard if answer.exchange else ""),
            why=ended.why.value,
            model=times.usage.model if times.usage else self.cast.model.name,
            voice=self.cast.voice.name,
            figures=Figures(
                times.so_far(),
                times.recall,
                times.first_word,
                times.first_sound,
                times.sound_seconds,
                times.sentences,
            ),
            input_tokens=usage.input_tokens if usage else _tokens_in(said.prompt, answer.generated),
            output_tokens=usage.output_tokens if usage else _tokens_in(answer.generated, answer.generated),
            estimated=usage is None,
            image_kind=picture.kind if picture else "",
            image_bytes=len(picture.image) if picture else 0,
        )


def _tokens_in(text: str, generated: str) -> int:
    """What it must have cost at least, when the answer broke off before anybody told; 0 if there was none."""
    return math.ceil(len(text) / CHARS_PER_TOKEN) if generated else 0
