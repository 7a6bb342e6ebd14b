"""What the user told earlier, in this conversation: told once, found again when it is asked for."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nexy.modules.text_processing.providers.offline.intents import without_lead
from nexy.modules.text_processing.providers.offline.language import (
    Language,
    brief,
    listed,
    plain,
    sentence,
    sentences,
)
from nexy.modules.text_processing.providers.offline.phrases import say
from nexy.modules.text_processing.providers.offline.topics import TOPICS

_MOST_SAID = 1000  # characters of one prompt that are searched
_MOST_SENTENCE = 500  # characters; a longer one tells a story, not a fact
_MOST_VALUE = 100  # characters of a fact that are said again
_MOST_LISTED = 4  # facts named in one answer
_MANY = frozenset({"like", "please", "note"})  # topics of which one may tell several things


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the user told."""

    topic: str  # the name of a Topic, or "note"
    value: str
    said: str  # the clause itself
    language: Language


_REMEMBER: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:remember|note|don't forget|do not forget|keep in mind)(?: that| to|[,:])* (.+)", re.IGNORECASE
    ),
    "ru": re.compile(
        r"(?:запомни(?:те)?|помни(?:те)?|не забудь(?:те)?|имей(?:те)? в виду)(?:[ ,:]+что\b)?[ ,:]+(.+)",
        re.IGNORECASE,
    ),
}
_OWN: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"my [\w' -]{1,60}? (?:is|are|was|were) .+", re.IGNORECASE),
    "ru": re.compile(r"мо(?:й|я|е|ё|и|ю|его|ей|их) [\w -]{1,60}? ?(?:зовут|это|—|–|-) .+", re.IGNORECASE),
}
_CLAUSE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?:,| and| but)+ (?=(?:i|i'm|my)\b)", re.IGNORECASE),
    "ru": re.compile(r"(?:,? (?:и|а|но)|,) (?=(?:я|меня|мне|мой|моя|моё|мое|мои|мою)\b)", re.IGNORECASE),
}
_ASKING: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?:what|what's|where|when|who|who's|whose|which|how|why|is|are|do|does|did)\b"),
    "ru": re.compile(
        r"(?:что|где|когда|кто|чей|чья|чье|как|какой|какая|какое|какие|каков|почему|сколько|куда)\b"
    ),
}
_SMALL_WORDS = frozenset(
    listed(
        "a an the of to in on at for is are was were be do does did i my me you your what what's where when "
        "who who's whose which how why it that this and or called name again about tell remember please "
        "в во на с к у о об от из за и а но я мой моя мое мои моего моей мою меня мне ты вы что где "
        "когда кто чей чья чье как какой какая какое какие каков это зовут у есть почему "
        "сколько не ли же пожалуйста"
    )
)
_NAME_END = re.compile(r"[,;:]| (?:and|but|и|а|но|from|from the)\b", re.IGNORECASE)
_EDGES = " .,!?;:\"'«»“”„()…"
_MOST_NAMES = 4  # words of a name


class _Turns(NamedTuple):
    """The words that change when who spoke becomes who is spoken to."""

    turns: dict[str, str]
    pattern: re.Pattern[str]


def _turns(text: str) -> _Turns:
    turns = dict(pair.split(":") for pair in text.split(", "))
    longest_first = sorted(turns, key=len, reverse=True)
    return _Turns(turns, re.compile(rf"\b(?:{'|'.join(longest_first)})\b", re.IGNORECASE))


_TURNS: dict[Language, _Turns] = {
    "en": _turns(
        "i am:you are, i'm:you are, i was:you were, i've:you have, i'll:you will, i:you, me:you, my:your, "
        "mine:yours, myself:yourself, we:you, us:you, our:your, ours:yours"
    ),
    "ru": _turns(
        "мой:ваш, моя:ваша, моё:ваше, мое:ваше, мои:ваши, моего:вашего, моей:вашей, моих:ваших, мою:вашу, "
        "моему:вашему, моим:вашим, моём:вашем, моем:вашем, меня:вас, мне:вам, мной:вами"
    ),
}
_UNTURNABLE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\byou", re.IGNORECASE),
    "ru": re.compile(r"\b(?:я|ты|теб|тво)", re.IGNORECASE),
}


def facts_in(said: str) -> list[Fact]:
    """What a user tells in one prompt; questions tell nothing."""
    found = []
    for part in sentences(said[:_MOST_SAID]):
        if len(part) <= _MOST_SENTENCE and not part.endswith("?"):
            found += [fact for clause in _clauses(part) if (fact := _fact(clause))]
    return found


def merged(facts: Iterable[Fact]) -> list[Fact]:
    """Facts, oldest first, without what was told twice or has been replaced."""
    latest: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        key = (fact.topic, plain(fact.value) if fact.topic in _MANY else "")
        latest.pop(key, None)
        latest[key] = fact
    return list(latest.values())


def asked(question: str, facts: Sequence[Fact], language: Language) -> str | None:
    """The answer to a question about a topic, "what is my name?"; None when it is no such question."""
    words = plain(without_lead(question, language))
    names = [topic.name for topic in TOPICS[language] if topic.asks.fullmatch(words)]
    about = [[fact for fact in facts if fact.topic == name] for name in names]
    if known := " ".join(_stated(some, language) for some in about if some):
        return known
    return say(f"untold_{names[0]}", language) if names else None


def all_told(facts: Sequence[Fact], language: Language) -> str:
    """The answer to "what did I tell you?"."""
    if not facts:
        return say("untold", language)
    topics = dict.fromkeys(fact.topic for fact in facts if fact.topic != "note")
    stated = [_stated([fact for fact in facts if fact.topic == topic], language) for topic in topics]
    stated += [_turned(fact) for fact in facts if fact.topic == "note"]
    return say("told", language, facts=" ".join(stated[-_MOST_LISTED:]))


def noted(facts: Sequence[Fact], language: Language) -> str:
    """The answer to a user who has just told `facts`."""
    if len(facts) == 1 and facts[0].topic == "name":
        return say("met", language, value=facts[0].value)
    if len(facts) == 1 and facts[0].topic == "note":
        return say("note", language, value=_turned(facts[0], capital=False))
    stated = [_turned(fact) if fact.topic == "note" else _stated([fact], language) for fact in facts]
    return say("noted", language, facts=" ".join(stated[-_MOST_LISTED:]))


def recalled(question: str, facts: Sequence[Fact], language: Language) -> str | None:
    """The latest fact that has all the words of a question: "what is the code of the door?"."""
    words = plain(without_lead(question, language))
    if not (question.endswith("?") or _ASKING[language].match(words)):
        return None
    wanted = [word for word in words.split() if word not in _SMALL_WORDS]
    for fact in reversed(facts):
        has = plain(fact.said).split()
        if wanted and all(any(_alike(word, other) for other in has) for word in wanted):
            return say("told_note", language, value=_turned(fact, capital=False))
    return None


def name_in(facts: Sequence[Fact]) -> str:
    """The user's name, or ""."""
    return next((fact.value for fact in reversed(facts) if fact.topic == "name"), "")


def _clauses(part: str) -> Iterator[tuple[str, Language]]:
    for language in TOPICS:
        for clause in _CLAUSE[language].split(part):
            yield clause, language


def _fact(clause_in: tuple[str, Language]) -> Fact | None:
    clause, language = clause_in
    clause = without_lead(clause, language)
    order = _REMEMBER[language].match(clause)
    told = order[1] if order else clause
    if not order and _ASKING[language].match(plain(told)):
        return None
    for topic in TOPICS[language]:
        if tells := topic.tells.match(told):
            value = _name(tells[1]) if topic.name == "name" else _value(tells[1])
            return Fact(topic.name, value, told, language) if value else None
    if (order or _OWN[language].match(told)) and (value := _value(told)):
        return Fact("note", value, told, language)
    return None


def _value(text: str) -> str:
    return brief(text.strip(_EDGES), _MOST_VALUE)


def _name(text: str) -> str:
    words = _NAME_END.split(text, maxsplit=1)[0].strip(_EDGES).split()[:_MOST_NAMES]
    if not words or words[0].lower() in {"not", "не", "what", "a", "the"}:
        return ""
    return brief(" ".join(word[:1].upper() + word[1:] for word in words), _MOST_VALUE)


def _stated(about: Sequence[Fact], language: Language) -> str:
    """All that was told on one topic, in one sentence."""
    last = about[-1]
    if last.topic != "name" and last.language != language:
        return say("told_note", language, value=sentence(brief(last.said, _MOST_VALUE)))
    values = [fact.value for fact in about if fact.language == last.language][-3:]
    both = " and " if language == "en" else " и "
    value = both.join(part for part in (", ".join(values[:-1]), values[-1]) if part)
    return say(f"told_{last.topic}", language, value=value)


def _turned(fact: Fact, *, capital: bool = True) -> str:
    """A note as it is said back to who told it: "my dog is small" as "Your dog is small."."""
    words = _TURNS[fact.language]
    text = fact.value
    if not _UNTURNABLE[fact.language].search(text):
        text = words.pattern.sub(lambda word: words.turns[word[0].lower()], text)
    return sentence(text) if capital else text + "."


def _alike(word: str, other: str) -> bool:
    """Whether two words are forms of one word, as far as their beginnings tell."""
    same = min(len(word), len(other))
    stem = max(same - 2, min(same, 3))
    return word == other or (abs(len(word) - len(other)) <= 3 and word[:stem] == other[:stem])
