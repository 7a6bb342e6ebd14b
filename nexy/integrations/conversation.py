"""One turn, whoever asks for it: admit → session → answer → log. Every gateway comes through here."""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from nexy.integrations.answer import Answer, Cast
from nexy.modules.session_management import Sessions
from nexy.monitoring import log_turn
from nexy.nursery.session import Ended
from nexy.types import SendReply, SessionId, Utterance


@dataclass(frozen=True)
class Conversation:
    """Answers utterances in their sessions."""

    sessions: Sessions
    cast: Cast

    @asynccontextmanager
    async def turn(self, said: Utterance, reply: SendReply, deadline: float | None) -> AsyncIterator[Ended]:
        """Answer `said` with `reply`; yields how it ended, for telling the client.

        `deadline` is when the client gives up, in trio.current_time(); with one, sound is not held
        back to real time. Raises Refused before anything is begun.
        """
        with self.sessions.admit(said.hardware_id):
            name, session = await self.sessions.open(said.hardware_id, said.session_id)
            answer = Answer(said, reply, session.notes.history, self.cast, paced=deadline is None)
            async with session.turn(
                answer.run,
                partial(self._record, said, name, answer),
                deadline=math.inf if deadline is None else deadline,
                longest_seconds=self.cast.patience.turn_seconds,
            ) as ended:
                yield ended

    def _record(self, said: Utterance, name: SessionId, answer: Answer, ended: Ended) -> None:
        times = answer.times
        log_turn(
            said.hardware_id,
            name,
            ended.why.value,
            error=ended.error,
            model=self.cast.model.name,
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
