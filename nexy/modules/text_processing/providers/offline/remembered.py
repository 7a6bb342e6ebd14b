"""What memory holds, as if the user had told it just now: "The user lives in Riga." as "I live in Riga."."""

import re

from nexy.modules.text_processing.providers.offline.language import brief, language_of, tidy
from nexy.modules.text_processing.providers.offline.told import Fact, facts_in

_MOST_LINES = 60
_MOST_LINE = 300  # characters

_ENGLISH = (
    (re.compile(r"^The user asked to remember: ", re.IGNORECASE), "remember: "),
    (re.compile(r"\bthe user's\b", re.IGNORECASE), "my"),
    (re.compile(r"^The user is\b"), "I am"),
    (re.compile(r"^The user does\b"), "I do"),
    (re.compile(r"^The user has\b"), "I have"),
    (re.compile(r"^The user ((?:no longer |often |always |never |usually )?)(\w+[^s\W])s\b"), r"I \1\2"),
    (re.compile(r"\bthe user\b", re.IGNORECASE), "I"),
    (re.compile(r"\btheir\b"), "my"),
)
_RUSSIAN = (
    (re.compile(r"^Пользователь просил запомнить: "), "запомни: "),
    (re.compile(r"^Пользователя зовут"), "меня зовут"),
    (re.compile(r"\b[Уу] пользователя\b"), "у меня"),
    (re.compile(r"^Пользователю\b"), "мне"),
    (re.compile(r" пользователя\b"), " у меня"),
    (re.compile(r"^Пользователь\b"), "я"),
)
_FIRST_PERSON = {
    "живёт": "живу",
    "любит": "люблю",
    "обожает": "обожаю",
    "ненавидит": "ненавижу",
    "работает": "работаю",
    "предпочитает": "предпочитаю",
    "говорит": "говорю",
    "ест": "ем",
    "пьёт": "пью",
    "пользуется": "пользуюсь",
    "увлекается": "увлекаюсь",
    "переносит": "переношу",
    "может": "могу",
}
_VERB = re.compile(rf"(?<=^я )((?:\w+ ){{0,2}}?)({'|'.join(_FIRST_PERSON)})\b")


def remembered(recollection: str) -> list[Fact]:
    """The facts of a recollection, the most relevant last; talk, which stands in brackets, is none."""
    lines = [tidy(line[:_MOST_LINE]) for line in recollection.splitlines()[:_MOST_LINES]]
    own = [_in_first_person(line) for line in reversed(lines) if line and not line.startswith("(")]
    return [fact for line in own for fact in facts_in(line) or _note(line)]


def _in_first_person(line: str) -> str:
    for pattern, instead in _RUSSIAN if language_of([line]) == "ru" else _ENGLISH:
        line = pattern.sub(instead, line)
    return _VERB.sub(lambda verb: verb[1] + _FIRST_PERSON[verb[2]], line)


def _note(line: str) -> list[Fact]:
    language = language_of([line])
    value = brief(line.rstrip(" ."), 100)
    return [Fact("note", value, line, language)] if language and value else []
