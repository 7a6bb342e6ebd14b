"""What the user told earlier: their name, where they live, what they asked to remember."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nexy.modules.text_processing.providers.offline.intents import without_lead
from nexy.modules.text_processing.providers.offline.language import (
    Language,
    brief,
    plain,
    sentence,
    sentences,
)
from nexy.modules.text_processing.providers.offline.phrases import say

_MOST_SAID = 2000  # characters of one prompt that are searched
_MOST_SENTENCE = 500  # characters; a longer one tells a story, not a fact
_MOST_VALUE = 100  # characters of a fact that are said again
_MOST_LISTED = 4  # facts named in one answer


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the user told."""

    topic: str  # of _TOPICS, or "note"
    value: str
    said: str  # the clause itself
    language: Language


class _Topic(NamedTuple):
    name: str
    tells: re.Pattern[str]  # group 1 is the value
    asks: re.Pattern[str]  # matches the whole of a plain question


def _topic(name: str, tells: str, asks: str) -> _Topic:
    return _Topic(name, re.compile(tells, re.IGNORECASE), re.compile(asks))


_TOPICS: dict[Language, tuple[_Topic, ...]] = {
    "en": (
        _topic(
            "name",
            r"(?:my name(?: is|'s)|i am called|i'm called|(?:you can )?call me|they call me) (.+)",
            r"(?:(?:what is|what's|whats|say) )?my name(?: is)?|who (?:am i|i am)|what (?:am i|i am) called"
            r"|what do you call me|what my name is",
        ),
        _topic(
            "home",
            r"i(?: now)? live ((?:in|at|near|on|by) .+)",
            r"where (?:do )?i live|where (?:is my home|my home is)|(?:what|which) (?:city|town|country|street)"
            r" (?:do )?i live (?:in|on)|in (?:what|which) (?:city|town|country) (?:do )?i live",
        ),
        _topic(
            "like",
            r"i (?:really |also |do )?(?:like|love|enjoy) (?!you\b|it\b|that\b|this\b|to know\b)(.+)",
            r"what (?:else )?(?:do )?i (?:like|love|enjoy)",
        ),
        _topic(
            "age",
            r"i(?: am|'m) ([0-9]{1,3}|[a-z -]{3,30}(?= years old))(?: years old)?[.!]*$",
            r"how old (?:am i|i am)|(?:what is |what's )?my age",
        ),
        _topic(
            "work",
            r"i work ((?:at|for|as|in|with|on) .+)",
            r"where (?:do )?i work|who (?:do )?i work for|what do i do|(?:what is |what's )?my (?:job|work)",
        ),
    ),
    "ru": (
        _topic(
            "name",
            r"(?:меня зовут|мо[её] имя(?: это)?|(?:зови|зовите|называй|называйте) меня)[ :—–-]+(.+)",
            r"как (?:же )?меня зовут|(?:как |какое )?(?:у меня |мое )имя|кто я(?: такой| такая)?|назови мое имя",
        ),
        _topic(
            "home",
            r"я (?:сейчас )?живу ((?:в|во|на|под|около|у|за|недалеко от) .+)",
            r"где я (?:сейчас )?живу|(?:в каком|на какой) (?:городе|стране|улице) я живу",
        ),
        _topic("like", r"я (?:очень |тоже |также )?люблю (?!тебя\b|вас\b)(.+)", r"что (?:я люблю|мне нравится)"),
        _topic(
            "please",
            r"мне (?:очень |тоже |также )?(нравится .+|нравятся .+)",
            r"что (?:я люблю|мне нравится)",
        ),
        _topic(
            "age",
            r"мне ([\w -]{1,30} (?:лет|года|год))[.!]*$",
            r"сколько мне лет|(?:какой )?(?:у меня |мой )возраст",
        ),
        _topic("work", r"я работаю (.+)", r"(?:где|кем) я работаю|кто я по профессии|какая у меня работа"),
    ),
}

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
    "ru": re.compile(r"(?:что|где|когда|кто|чей|чья|чье|как|какой|какая|какое|какие|каков|почему|сколько|куда)\b"),
}
_SMALL_WORDS = frozenset(
    "a an the of to in on at for is are was were be do does did i my me you your what what's where when who "
    "who's whose which how why it that this and or called name again about tell remember please "
    "в во на с к у о об от из за и а но я мой моя мое мои моего моей мою меня мне ты вы что где когда кто чей "
    "чья чье как какой какая какое какие каков это зовут у есть почему сколько не ли же пожалуйста".split()
)
_NAME_END = re.compile(r"[,;:]| (?:and|but|и|а|но|from|from the)\b", re.IGNORECASE)
