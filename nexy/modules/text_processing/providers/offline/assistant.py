"""The offline model: looks for an honest answer to each sentence, and says plainly what it cannot do."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import trio

from nexy.config import ModelsConfig
from nexy.modules.text_processing.model import Piece, Prompt, Usage
from nexy.modules.text_processing.providers.offline.arithmetic import work_out
from nexy.modules.text_processing.providers.offline.clock import part_of_day, say_date, say_time
from nexy.modules.text_processing.providers.offline.intents import intent_of, without_lead
from nexy.modules.text_processing.providers.offline.language import (
    Language,
    brief,
    language_of,
    sentence,
    sentences,
    tidy,
)
from nexy.modules.text_processing.providers.offline.phrases import say
from nexy.modules.text_processing.providers.offline.pictures import describe
from nexy.modules.text_processing.providers.offline.remembered import remembered
from nexy.modules.text_processing.providers.offline.told import (
    Fact,
    all_told,
    asked,
    facts_in,
    merged,
    name_in,
    noted,
    recalled,
)
from nexy.utils.streams import stream_of

_MOST_ANSWER = 590  # characters: longer than that nobody wants to listen to a machine that knows little
_MOST_REPEATED = 400  # characters of the user's or Nexy's words
_MOST_HEARD = 120  # characters of what was not understood
_MOST_SENTENCES = 12  # of one prompt that are looked at
_MOST_ANSWERED = 3  # sentences of one prompt that are answered

_PIECE = re.compile(r"\s*\S+")
_ECHO: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?:repeat|say|echo)(?: after me)?\b[ ,:]+(.+)", re.IGNORECASE),
    "ru": re.compile(
        r"(?:повтори|скажи|произнеси)(?:те)?(?: за мной)?\b[ ,:]++(?:пожалуйста[ ,:]++)?(?!мне\b)(.+)",
        re.IGNORECASE,
    ),
}
_SOCIAL = frozenset({"greet", "how", "thanks", "bye", "hear", "okay"})


def _local_now() -> datetime:
    return datetime.now().astimezone()


@dataclass(slots=True)
class OfflineModel:
    """Answers what needs no model: sums, the clock, what was said; and says that it has no model."""

    now: Callable[[], datetime]
    name: str = "offline"

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[trio.abc.ReceiveChannel[Piece]]:
        words = _PIECE.findall(answer(prompt, self.now()))
        usage = Usage(len(prompt.said.split()), len(words), self.name)
        pieces: list[Piece] = [*words, usage]
        async with stream_of(pieces) as stream:
            yield stream


@asynccontextmanager
async def open_offline(
    _: ModelsConfig, now: Callable[[], datetime] = _local_now
) -> AsyncIterator[OfflineModel]:
    """Open the offline model; it holds nothing that must be closed. `now` tells the local time."""
    yield OfflineModel(now)


def answer(prompt: Prompt, now: datetime) -> str:
    """The whole answer: never empty, short, on one line. Raises nothing, for any text."""
    parts = sentences(prompt.said)
    earlier = [exchange.prompt for exchange in reversed(prompt.history)]
    language = language_of([prompt.said, *earlier]) if parts else language_of(earlier)
    if not parts:
        spoken = language or "en"
        return describe(prompt.screenshot, spoken) if prompt.screenshot else say("silent", spoken)
    earlier_facts = (fact for before in prompt.history for fact in facts_in(before.prompt))
    facts = merged([*remembered(prompt.recollection), *earlier_facts])
    for tried in dict.fromkeys((language or "en", "en", "ru")):
        turn = _Turn(prompt, now, tried, facts, alone=len(parts) == 1)
        if found := turn.answered(parts):
            return brief(found, _MOST_ANSWER)
    return _unknown(prompt, language)


def _unknown(prompt: Prompt, language: Language | None) -> str:
    """Says so, and what was heard; what Nexy can do only if the user has not heard it before."""
    if language is None:
        return say("foreign", "en")
    said = tidy(prompt.said)
    heard = say("heard", language, said=sentence(brief(said, _MOST_HEARD)))
    abilities = say("abilities", language)
    return say(
        "unknown",
        language,
        heard=heard if any(map(str.isalnum, said)) else "",
        abilities="" if any(abilities in before.heard for before in prompt.history) else abilities,
    )


@dataclass(slots=True)
class _Turn:
    """One prompt, looked at in one language; `facts` grows while the user tells more."""

    prompt: Prompt
    now: datetime
    language: Language
    facts: list[Fact]
    alone: bool  # there is only one sentence

    def answered(self, parts: Sequence[str]) -> str:
        """The answers to all sentences together; "" when nothing but small talk was understood."""
        if echoed := self._echoed():
            return echoed
        answers: dict[str, None] = {}  # in order, each once
        understood = unknown = False
        for part in parts[:_MOST_SENTENCES]:
            intent = self._intent(part)
            found = self._found(part, intent)
            understood |= found is not None and intent not in _SOCIAL
            unknown |= found is None
            if found is not None:
                answers[found] = None
        if not answers or (unknown and not understood):
            return ""
        rest = [say("rest", self.language)] if unknown else []
        return " ".join([*list(answers)[:_MOST_ANSWERED], *rest])

    def _echoed(self) -> str | None:
        """ "Say after me: …", however many sentences follow."""
        whole = tidy(self.prompt.said)
        order = _ECHO[self.language].match(without_lead(whole, self.language))
        if order is None or self._intent(whole) or asked(whole, self.facts, self.language):
            return None
        text = order[1].strip(" \"'«»“”")
        return self._repeated(text) if text else None

    def _repeated(self, text: str) -> str:
        if len(text) <= _MOST_REPEATED:
            return sentence(text)
        return say("long", self.language, said=sentence(brief(text, _MOST_REPEATED)))

    def _intent(self, part: str) -> str:
        return intent_of(part, self.language) or intent_of(without_lead(part, self.language), self.language)

    def _found(self, part: str, intent: str) -> str | None:
        """The answer to one sentence, or None."""
        if topic := asked(part, self.facts, self.language):
            return topic
        if intent:
            return self._intended(intent)
        if told := [fact for fact in facts_in(part) if fact.language == self.language]:
            self.facts = merged([*self.facts, *told])
            return noted(told, self.language)
        return work_out(part, self.language) or recalled(part, self.facts, self.language)

    def _intended(self, intent: str) -> str:
        match intent:
            case "greet":
                return self._greeting()
            case "time":
                return say("time", self.language, time=say_time(self.now, self.language))
            case "date" | "tomorrow" | "yesterday":
                day = self.now.date() + timedelta({"date": 0, "tomorrow": 1, "yesterday": -1}[intent])
                return say(intent, self.language, date=say_date(day, self.language))
            case "picture":
                return describe(self.prompt.screenshot, self.language)
            case "told":
                return all_told(self.facts, self.language)
            case "repeat" | "echo":
                return self._said_before(intent)
            case _:
                return say(intent, self.language, name=self._name())

    def _greeting(self) -> str:
        hello = say(part_of_day(self.now), self.language, name=self._name())
        return say("greeting", self.language, hello=hello) if self.alone else hello

    def _name(self) -> str:
        name = name_in(self.facts)
        return f", {name}" if name else ""

    def _said_before(self, intent: str) -> str:
        """What Nexy ("repeat") or the user ("echo") said last."""
        history = reversed(self.prompt.history)
        said = [tidy(turn.heard if intent == "repeat" else turn.prompt) for turn in history]
        last = next(filter(None, said), "")
        if intent == "repeat":
            return self._repeated(last) if last else say("unsaid", self.language)
        if not last:
            return say("you_unsaid", self.language)
        return say("you_said", self.language, said=sentence(brief(last, _MOST_REPEATED)))
