"""Finds secrets that are called by their name: "my password is …", "пин-код 1234".

What follows the name is hidden to the end of its sentence.
"""

import re
from collections.abc import Iterator

_ENGLISH_NAMES = (
    r"pass ?-?words?|pass ?-?codes?|pass ?-?phrases?|pin[ -](?:codes?|numbers?)|pins?|cvvs?2?|cvcs?2?|ssn"
    r"|(?:security|secret|access|verification|confirmation|one[- ]time|unlock|recovery|backup|alarm|entry"
    r"|gate|safe|door|card|sms|2fa|authenticator|login|log-in)[ -](?:codes?|keys?|tokens?|phrases?)"
    r"|(?:api|ssh|private|encryption|licen[cs]e|wallet)[ -]keys?|(?:api|auth|bearer) tokens?"
    r"|(?:code|combination|key ?code)(?= (?:of|for|to) (?:the|my|our) )"
    r"|seed[ -]phrases?|mnemonic(?: phrase)?"
    r"|(?:card|account|social security|passport) numbers?"
)
_RUSSIAN_NAMES = (
    r"парол(?:ь|я|ю|ем|и)|пин(?:[ -]?код)?(?:а|ом)?|cvv-?код|цвв"
    r"|код(?:а|ом)? (?:безопасности|доступа|подтверждения|из (?:смс|sms)"
    r"|от (?:двери|подъезда|домофона|сейфа|карты|квартиры|калитки|ворот|сигнализации|телефона))"
    r"|(?:ключ|токен)(?:а|ом)? (?:доступа|api|апи)|(?:апи|api)[ -]?(?:ключ|токен)"
    r"|секретн(?:ый|ое|ая) (?:код|ключ|слово|фраза)|кодов(?:ое|ая) (?:слово|фраза)|сид[ -]?фраза"
    r"|номер(?:а|ом)? (?:моей |моего )?(?:карты|счета|счёта|паспорта)|снилс"
)
_NAME = re.compile(rf"(?<!\w)(?:{_RUSSIAN_NAMES}|{_ENGLISH_NAMES})(?!\w)", re.IGNORECASE)

_MOST_VALUE = 200  # characters behind a name in which its value is looked for
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")

# What is a password for, and then the word that tells it.
_TELLS = re.compile(
    r"(?:[ ,]++(?:of|for|to|on|at|от|для|на|к|в)(?: [\w'@.-]{1,30}){1,4}?)?"
    r"(?: ?[:=]|[ ,]++(?:is|are|was|will be|equals|—|–|-|это|такой|такая|теперь|now|still)(?!\w))"
    r"(?:[ ,:]++(?:is|are|now|still|called|just|simply|set to|такой|просто))*+[ ,:\"'«“]*+"
)
_BARE = re.compile(
    r"[ ,:#№\"'«“]*+(?:(?=\S{0,40}\d)\S{3,}|\d[\d -]{2,})"
)  # a word with a digit in it follows at once
_OWN = re.compile(r"(?<!\w)(?:мой|моя|моё|мое|наш|наша) $", re.IGNORECASE)
_BEFORE = re.compile(
    r"(?<!\S)\S{3,60} (?:is|это|—|-) (?:my|the|our|мой|моя|наш) (?:[\w-]{1,20} )?$", re.IGNORECASE
)

_HARMLESS = re.compile(
    r"(?:not|too|very|weak|strong|wrong|incorrect|expired|correct|right|invalid|lost|forgotten|required|needed"
    r"|important|safe|secure|easy|hard|long|short|old|new|good|bad|the same|what|where|something|stored|saved"
    r"|written|on|in|under|an?|asked|being|going|never|always|different|hidden|missing|useful|known"
    r"|не|нужен|нужна|нужно|слишком|неверн\w+|забыт\w*|важ\w+|над[её]ж\w+|прост\w+|сложн\w+|слаб\w+|что|где|какой"
    r"|хранит\w+|записан\w*|лежит|в|на|есть|очень|всегда|никогда|подходит|меняется|истек|истёк)(?![\w-])[^\d]*+\Z",
    re.IGNORECASE,
)


def named(text: str) -> Iterator[tuple[int, int]]:
    """Where the secrets stand that `text` names: the first character, one past the last."""
    for name in _NAME.finditer(text):
        yield from _value_behind(text, name.start(), name.end())
        line = text[max(0, name.start() - 100) : name.start()]
        if before := _BEFORE.search(line):
            first = name.start() - len(line) + before.start()
            if any(map(str.isdigit, before[0])):
                yield first, name.end()


def _value_behind(text: str, begins: int, past: int) -> Iterator[tuple[int, int]]:
    end = _SENTENCE_END.search(text, past, past + _MOST_VALUE)
    limit = end.start() if end else min(len(text), past + _MOST_VALUE)
    rest = text[past:limit]
    told = _TELLS.match(rest)
    value = rest[told.end() :] if told else ""
    if told and value and not _HARMLESS.match(value):
        yield past + told.end(), limit
    elif _BARE.match(rest) or (_OWN.search(text[:begins][-8:]) and _is_word(rest)):
        yield past, limit


def _is_word(rest: str) -> bool:
    """Whether a word follows that may be the secret itself: «мой пароль солнце»."""
    word = rest.strip(" ,:-—")
    return bool(word) and not _HARMLESS.match(word) and not word.lower().startswith(("от ", "для ", "к "))
