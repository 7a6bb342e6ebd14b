"""Finds secrets that are called by their name: "my password is …", "пин-код 1234".

What follows the name is hidden to the end of its sentence.
"""

import re
from collections.abc import Iterator

_ENGLISH_NAMES = (
    r"pass ?-?words?|pass ?-?codes?|pass ?-?phrases?|pin[ -](?:codes?|numbers?)|pins?|cvvs?2?|cvcs?2?|ssn|otp"
    r"|pass(?=:)|(?:un)?lock pattern|safe combination"
    r"|(?:security|secret|access|verification|confirmation|one[- ]time|unlock|recovery|backup|alarm|entry"
    r"|gate|safe|door|card|sms|2fa|authenticator|login|log-in)[ -](?:codes?|keys?|tokens?|phrases?)"
    r"|(?:api|ssh|private|encryption|licen[cs]e|wallet)[ -]keys?|(?:api|auth|bearer) tokens?"
    r"|(?:code|combination|key ?code)(?= (?:of|for|to) (?:the|my|our) )"
    r"|seed[ -]phrases?|mnemonic(?: phrase)?"
    r"|(?:card|account|social security|passport) numbers?"
)
_RUSSIAN_NAMES = (
    r"парол(?:ь|я|ю|ем|и)|пин(?:[ -]?код)?(?:а|ом)?|cvv-?код|цвв|код(?:а|ом)? (?:безопасности|доступа"
    r"|подтверждения|из (?:смс|sms)|(?:от )?(?:моей |моего )?(?:двери|подъезда|домофона|сейфа|карты"
    r"|квартиры|калитки|ворот|сигнализации|телефона))|(?:тр[её]х|четыр[её]х|шести)значный код|(?:ключ"
    r"|токен)(?:а|ом)? (?:доступа|api|апи)|(?:апи|api)[ -]?(?:ключ|токен)|секретн(?:ый|ое|ая) (?:код"
    r"|ключ|слово|фраза)|кодов(?:ое|ая) (?:слово|фраза)|сид[ -]?фраза|номер(?:а|ом)? (?:моей "
    r"|моего )?(?:карты|счета|счёта|паспорта)|снилс"
)
_NAME = re.compile(rf"(?<!\w)(?:{_RUSSIAN_NAMES}|{_ENGLISH_NAMES})(?!\w)", re.IGNORECASE)

_MOST_VALUE = 200  # characters behind a name in which its value is looked for
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")

# What is a password for, and then the word that tells it: "for my phone is", "'s", «от почты —», «у меня».
_FOR = r"[ ,]++(?:of|for|to|on|at|от|для|на|к|в|у)(?: [\w'@.-]{1,30})"
_TELLS = re.compile(
    rf"(?:{_FOR}{{1,4}}?)?"
    r"(?: ?[:=]|'s(?!\w)|(?<='s)(?= )|[ ,]++(?:is|are|was|will be|equals|—|–|-|это|такой|такая|теперь"
    r"|now|still)(?!\w))(?:[ ,:]++(?:is|are|now|still|called|just|simply|set to|такой"
    r"|просто))*+[ ,:\"'«“]*+",
    re.IGNORECASE,
)
_FOR_WHAT = re.compile(_FOR, re.IGNORECASE)
# A word with a digit in it follows at once, or a number not far behind.
_BARE = re.compile(
    r"[ ,:#№\"'«“]*+(?:(?=\S{0,40}\d)\S{3,}|\d[\d -]{2,})|(?: [^\W\d]{1,15}){1,3} \d[\d -]{2,}"
)
_OWN = re.compile(r"(?<!\w)(?:мой|моя|моё|мое|наш|наша) $", re.IGNORECASE)
_BEFORE = re.compile(
    r"(?<!\S)\S{3,60} (?:is|это|—|-) (?:my|the|our|мой|моя|наш) (?:[\w-]{1,20} )?$", re.IGNORECASE
)

# What is said of a password and is none. A word of the second kind must end it: "new", not "new york".
_HARMLESS = re.compile(
    r"(?:(?:not|too|very|what|where|something|stored|saved|written|asked|being|going|never|always|hidden"
    r"|the same|stuck|broken|lost|forgotten|required|needed"
    r"|не|нужен|нужна|нужно|слишком|неверн\w+|забы\w+|что|где|какой|хранит\w+|записан\w*|лежит|очень|всегда"
    r"|никогда|подходит|меняется|истек|истёк|сменить|поменять|введите|ввести)(?![\w-])"
    r"|(?:weak|strong|wrong|incorrect|expired|correct|right|invalid|important|safe|secure|easy|hard|long|short"
    r"|old|new|good|bad|different|missing|useful|known"
    r"|важ\w+|над[её]ж\w+|прост\w+|сложн\w+|слаб\w+|нов\w+|стар\w+)"
    r"(?=[ ,]*$|,? (?:and|but|or|enough|to|for|because|now|again|by|after|и|но|потому)\b))[^\d]*+\Z",
    re.IGNORECASE,
)
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


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
    elif _BARE.match(rest) or (_CYRILLIC.match(text[begins]) and _follows(text[:begins], rest)):
        yield past, limit


def _follows(before: str, rest: str) -> bool:
    """Whether the secret itself follows, with no verb between: «мой пароль солнце», «пароль от почты
    солнце»."""
    what_for = _FOR_WHAT.match(rest)
    if not (what_for or _OWN.search(before[-8:])):
        return False
    word = (rest[what_for.end() :] if what_for else rest).strip(" ,:-—?")
    return bool(word) and not _HARMLESS.match(word)
