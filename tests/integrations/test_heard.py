"""What is remembered is what was heard: a thousand interrupts at random moments, and a listener who counts.

The listener has a player of its own, behind a network that is late by chance, and knows from the sound
itself which word was over when: tone's words are 0.2 s each, each of espeak's stands between two silences,
and the fake of Edge tells what it made. Nothing of what Nexy believes about times goes into it.
"""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate

import numpy as np
import pytest
import trio

from nexy.config import VoicesConfig
from nexy.modules.audio_generation import Voice
from nexy.modules.audio_generation.providers import PROVIDERS
from nexy.modules.audio_generation.providers.tone import Tone
from nexy.modules.text_filtering import speakable
from nexy.modules.text_processing import Piece
from nexy.nursery.border import open_asyncio
from nexy.types import AudioChunk, Reply, Sentence, Sound, TextChunk
from tests.fakes.edge import open_fake_edge
from tests.fakes.edge_speech import words_of
from tests.integrations.fakes import ANNA, ONE, RATE, Model, Script, Step, ask, cast, conversation

INTERRUPTS = 1_002  # that only the clock can judge, a third with each voice
TOLD = 300  # whose client says how much it has played
LATE_SECONDS = 0.08  # the most that the network takes
SILENCE_SECONDS = 0.06  # shorter ones are inside a word: "t" is one
LOUD = 300  # of 32,767: espeak's silences have nothing, its quietest consonants more

OPENING = " Listen."  # one piece in itself: later ones are whole sentences
PLAIN = [
    OPENING,
    " Seven, eight, **nine**, ten.",
    " Home, sun, *moon*, rain, more, low.",
    " Now, one, two, three, four, five, six, none, more.",
    " Warm, long, new, all.",
]
"""What espeak is given: one word, one stretch of sound."""
MIXED = [
    " It costs **$5** today, and only today.",
    " About 3% of *them* said “no”, didn't they?",
    "\n- [Ask](https://example.org) her at home.",
    " That is €2 or $4: you choose.",
]
WORDS_SAID = {"**$5**": 2, "3%": 2, "[Ask](https://example.org)": 4, "€2": 2, "$4:": 2, "-": 0}


@dataclass(frozen=True)
class Said:
    """A sentence, its sound, and when each word of its text is over: seconds into that sound."""

    text: str
    sounds: list[Sound]
    ends: list[float]


async def say(voice: Voice, text: str) -> list[Sound]:
    spoken = speakable(text)
    async with voice.speak(Sentence(text, spoken.text, spoken.marks)) as sounds:
        return [sound async for sound in sounds]


def by_words(text: str, ends: list[float]) -> list[float]:
    """The end of each written word, by those of the spoken."""
    counts = accumulate(WORDS_SAID.get(word, 1) for word in text.split())
    return [ends[count - 1] if count else 0.0 for count in counts]


def stretches(sounds: list[Sound]) -> list[float]:
    """When each stretch of sound ends that stands between two silences."""
    samples = np.abs(np.frombuffer(b"".join(bytes(sound.pcm) for sound in sounds), dtype="<i2"))
    loud = np.flatnonzero(samples > LOUD)
    rate = sounds[0].rate
    breaks = np.flatnonzero(np.diff(loud) > SILENCE_SECONDS * rate)
    return [float(loud[at]) / rate for at in [*breaks, -1]]


async def record(provider: str) -> list[Said]:
    """What the provider itself makes of the texts."""
    config = VoicesConfig().model_copy(update={"sample_rate": RATE})
    if provider == "tone":
        ends = [0.2 * (n + 1) for n in range(40)]
        return [Said(text, await say(Tone(RATE), text), by_words(text, ends)) for text in MIXED + PLAIN]
    if provider == "espeak":
        async with PROVIDERS[provider](config) as voice:
            spoken = [(text, await say(voice, text)) for text in PLAIN]
        return [Said(text, sounds, stretches(sounds)) for text, sounds in spoken]
    async with (
        open_asyncio(),
        open_fake_edge() as fake,
        PROVIDERS[provider](config.model_copy(update={"edge_tts_url": fake.url})) as voice,
    ):
        spoken = [(text, await say(voice, text)) for text in MIXED + PLAIN]
    made = {text: [word.at + word.seconds for word in words_of(speakable(text).text)] for text, _ in spoken}
    return [Said(text, sounds, by_words(text, made[text])) for text, sounds in spoken]


class Again(Tone):
    """Says again what was recorded, each piece of sound as late as chance will have it."""

    def __init__(self, recorded: list[Said], chance: random.Random) -> None:
        super().__init__(RATE)
        self._recorded = {speakable(said.text).text: said.sounds for said in recorded}
        self._chance = chance

    @asynccontextmanager
    async def speak(self, sentence: Sentence) -> AsyncIterator[trio.abc.ReceiveChannel[Sound]]:
        steps: list[Step[Sound]] = []
        for sound in self._recorded[sentence.spoken]:
            steps += [self._chance.expovariate(10) * (self._chance.random() < 0.3), sound]
        yield Script(steps)


@dataclass
class Listener:
    """Plays what comes, when it has come through the network and what came before is played."""

    recorded: dict[str, Said]
    chance: random.Random
    arrived: float = 0.0
    pieces: list[tuple[float, float]] = field(default_factory=list)  # when each begins to play, its length
    words: list[float] = field(default_factory=list)  # the end of each, in seconds of the whole sound
    sent: float = 0.0

    async def reply(self, reply: Reply) -> None:
        await trio.lowlevel.checkpoint()
        if isinstance(reply, TextChunk):
            self.words += [self.sent + end for end in self.recorded[reply.text].ends]
        elif isinstance(reply, AudioChunk):
            self.arrived = max(self.arrived, trio.current_time() + self.chance.uniform(0, LATE_SECONDS))
            ended = sum(self.pieces[-1]) if self.pieces else 0.0
            self.pieces.append((max(self.arrived, ended), reply.seconds))
            self.sent += reply.seconds

    def played(self, now: float) -> float:
        return round(sum(min(seconds, max(0.0, now - begins)) for begins, seconds in self.pieces), 6)

    def heard(self, now: float) -> int:
        """How many words of the text are over."""
        played = self.played(now)
        return sum(round(end, 6) <= played for end in self.words)


async def interrupted(recorded: list[Said], seed: int, *, told: bool) -> tuple[int, int]:
    """How many words are remembered after one interrupt, and how many were heard."""
    chance = random.Random(seed)  # so that what fails, fails again
    texts = [OPENING, *chance.sample([said.text for said in recorded if said.text != OPENING], 3)]
    pieces: list[Step[Piece]] = []
    for text in texts:
        pieces += [text, chance.choice([0.0, 0.0, 1.0, 4.0])]
    listener = Listener({said.text: said for said in recorded}, chance)
    async with trio.open_nursery() as nursery:
        talk = conversation(nursery, cast(Model(*pieces), Again(recorded, chance)))
        nursery.start_soon(partial(ask, talk, [], client=listener))
        await trio.sleep(chance.uniform(0, 14))
        now = trio.current_time()
        await talk.sessions.stop(ANNA, int(listener.played(now) * 1000) / 1000 if told else None)
        session = talk.sessions.find(ANNA, ONE)
        assert session is not None
        (exchange,) = session.notes.history
        assert "".join(texts).startswith(exchange.heard)
        nursery.cancel_scope.cancel()
    return len(exchange.heard.split()), listener.heard(now)


@pytest.mark.parametrize(
    ("provider", "told", "least"),
    [
        ("tone", False, 0.75),
        ("edge", False, 0.75),
        ("espeak", False, 0.65),  # the silence behind a word is its own by espeak's word times
        ("tone", True, 0.97),
        ("edge", True, 0.95),  # MP3 knows a word's end to within a frame
        ("espeak", True, 0.65),
    ],
)
def test_the_heard_words_are_remembered_to_within_one(provider: str, told: bool, least: float) -> None:
    recorded = trio.run(record, provider)
    counts = trio.run(tries, recorded, told, clock=trio.testing.MockClock(autojump_threshold=0))
    off = [remembered - heard for remembered, heard in counts]
    exact = sum(error == 0 for error in off) / len(off)
    print(f"{provider} {told=}: {len(off)} interrupts, {exact:.1%} exact, {min(off):+} to {max(off):+}")
    assert len({heard for _, heard in counts}) >= 12  # at all kinds of moments
    assert min(off) >= -1
    assert max(off) <= 1
    assert exact >= least


async def tries(recorded: list[Said], told: bool) -> list[tuple[int, int]]:
    return [
        await interrupted(recorded, seed, told=told) for seed in range((TOLD if told else INTERRUPTS) // 3)
    ]
