"""The playback clock: from what was sent when, it tells what the user can have heard."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from nexy.types import Sentence, Word

TOLERANCE_SECONDS = 1e-6  # far less than one sample: sums of floats do not come out even
TOLD_SECONDS = 1e-3  # clients tell whole milliseconds, and cut off the rest: at the end, all was played
CHARS_PER_SECOND = 15.0  # of speech at 150 words a minute; used only while no word's time is known


@dataclass(slots=True)
class _Said:
    """One sentence on the way to the user's ear."""

    sentence: Sentence
    begins: float  # seconds of sound that were sent before it
    seconds: float = 0.0  # of its own sound, sent so far
    whole: bool = False  # all of its sound is sent
    words: list[Word] = field(default_factory=list)
    pauses: list[tuple[float, float]] = field(default_factory=list)
    """(After how much of its own sound another one was sent, how many seconds that has)."""

    def heard(self, played: float) -> str:
        """Its text as far as `played` seconds of the answer's sound reach into it."""
        into = self._own(played - self.begins) + TOLERANCE_SECONDS
        if self.whole and into >= self.seconds:
            return self.sentence.text
        return self.sentence.text_said(self._spoken_chars(into))

    def _own(self, into: float) -> float:
        """How much of its own sound is in the first `into` seconds."""
        for at, seconds in self.pauses:
            into -= min(seconds, max(0.0, into - at))
        return into

    def _spoken_chars(self, into: float) -> int:
        """How much of Sentence.spoken is said in `into` seconds."""
        if self.words:
            said = bisect_right(self.words, into, key=lambda word: word.until)
            return self.words[said - 1].end if said else 0
        rate = len(self.sentence.spoken) / self.seconds if self.whole else CHARS_PER_SECOND
        return int(into * rate)


class Playback:
    """What of one answer its listener can have heard.

    The listener is taken to play each sound as soon as it has come and what came before is
    played: so it is with the clients' own players, to within the network's delay. Times are
    trio.current_time() seconds.
    """

    def __init__(self) -> None:
        self._said: list[_Said] = []
        self._sent_seconds = 0.0
        self._ends = float("-inf")  # when all that was sent will have been played
        self._silent = 0.0  # of the time since the first sound, how long there was none to play
        self._began = float("-inf")
        self._stopped = float("inf")  # seconds of sound after which the listener has stopped listening

    def __repr__(self) -> str:
        return f"<Playback sent={self._sent_seconds:.2f}s sentences={len(self._said)}>"

    @property
    def sent_seconds(self) -> float:
        return self._sent_seconds

    @property
    def began(self) -> float:
        """When the first sound was sent; -inf while there was none."""
        return self._began

    @property
    def ends(self) -> float:
        """When all that was sent will have been played."""
        return self._ends

    def begin(self, sentence: Sentence) -> None:
        """All sound of the sentence before is sent; that of `sentence` follows."""
        self.finish()
        self._said.append(_Said(sentence, self._sent_seconds))

    def finish(self) -> None:
        """All sound of the newest sentence is sent."""
        if self._said:
            self._said[-1].whole = True

    def learn(self, words: tuple[Word, ...]) -> None:
        """The times of the sentence's next words are known."""
        self._said[-1].words.extend(words)

    def sent(self, seconds: float, now: float) -> None:
        """`seconds` of the sentence's sound were sent."""
        self._said[-1].seconds += seconds
        self._send(seconds, now)

    def sent_aside(self, seconds: float, now: float) -> None:
        """`seconds` of sound were sent that belong to no sentence, perhaps in the middle of one."""
        if self._said and not self._said[-1].whole:
            self._said[-1].pauses.append((self._said[-1].seconds, seconds))
        self._send(seconds, now)

    def _send(self, seconds: float, now: float) -> None:
        if not self._sent_seconds:
            self._began = self._ends = now
        elif now > self._ends:  # the listener has run dry
            self._silent += now - self._ends
            self._ends = now
        self._sent_seconds += seconds
        self._ends += seconds

    def due(self, lead_seconds: float) -> float:
        """When more may be sent so that no more than `lead_seconds` wait to be played."""
        return self._ends - lead_seconds

    def stop(self, now: float, told_seconds: float | None = None) -> None:
        """The listener hears no more; the first time counts.

        `told_seconds` of the sound were played, if the listener's player knows it; else the clock tells.
        """
        if self._stopped < float("inf"):
            return
        if told_seconds is None:
            self._stopped = self.played(now)
        elif told_seconds > self._sent_seconds - TOLD_SECONDS:
            self._stopped = self._sent_seconds
        else:
            self._stopped = told_seconds

    def played(self, now: float) -> float:
        """Seconds of sound that can have been played by `now`."""
        if not self._sent_seconds:
            return 0.0
        if self._stopped < float("inf"):
            return self._stopped
        return min(self._sent_seconds, now - self._began - self._silent)

    def left(self, now: float) -> bool:
        """Whether some of the sound that was sent was not played by `now`."""
        return self.played(now) < self._sent_seconds - TOLERANCE_SECONDS

    def heard(self, now: float) -> str:
        """What of the answer's text can have been heard by `now`: whole words, as the model wrote them."""
        played = self.played(now)
        return "".join(said.heard(played) for said in self._answer if said.begins < played)

    @property
    def text(self) -> str:
        """All of the answer's text whose sound was sent or begun."""
        return "".join(said.sentence.text for said in self._answer)

    @property
    def _answer(self) -> Iterator[_Said]:
        """What the model said: without Nexy's own words."""
        return (said for said in self._said if not said.sentence.aside)
