"""What is said of the memory to its user: what is known, and that a wish was granted. English and Russian.

Facts stand in the third person; who hears them is spoken to.
"""

import re
from collections.abc import Sequence

from nexy.modules.memory_management.facts import Fact
from nexy.modules.memory_management.merge import worth
from nexy.modules.memory_management.wishes import Wish
from nexy.modules.memory_management.words import listed

_MOST_SAID = 12  # facts in one answer: some 40 seconds

_PHRASES: dict[str, dict[str | Wish, str]] = {
    "en": {
        "known": "This is what I know about you.",
        "more": "And {count} more.",
        "nothing": "I do not know anything about you yet.",
        "how": "To have it forgotten, say: forget everything about me.",
        Wish.FORGET_THAT: "Done. I have forgotten that.",
        Wish.FORGET_EVERYTHING: "Done. I have forgotten everything about you.",
        "none": "There was nothing to forget.",
        "failed": "I cannot get at my memory just now, and nothing has been changed. Please try again later.",
    },
    "ru": {
        "known": "Вот что я о вас знаю.",
        "more": "И ещё {count}.",
        "nothing": "Я пока ничего о вас не знаю.",
        "how": "Чтобы всё это забылось, скажите: забудь всё обо мне.",
        Wish.FORGET_THAT: "Готово. Этого в памяти больше нет.",
        Wish.FORGET_EVERYTHING: "Готово. В памяти больше ничего о вас нет.",
        "none": "Забывать было нечего.",
        "failed": "Сейчас память недоступна. Ничего не изменено. Попробуйте ещё раз немного позже.",
    },
}

_ENGLISH_VERB = re.compile(
    r"^The user ((?:no longer|also|really|often|always|never|usually|sometimes|only) )?(\w+)", re.IGNORECASE
)
_IRREGULAR = {"is": "are", "has": "have", "does": "do", "was": "were", "goes": "go", "asked": "asked me"}
_ENGLISH_WORDS = (
    (re.compile(r"\bThe user's\b"), "Your"),
    (re.compile(r"\bthe user's\b"), "your"),
    (re.compile(r"\bthe user\b", re.IGNORECASE), "you"),
    (re.compile(r"\btheir\b"), "your"),
    (re.compile(r"\btheirs\b"), "yours"),
    (re.compile(r"\bthemselves\b"), "yourself"),
)
_RUSSIAN_WORDS = (
    (re.compile(r"\bПользователя\b"), "Вас"),
    (re.compile(r"\bПользователю\b"), "Вам"),
    (re.compile(r"\bпользователю\b"), "вам"),
    (re.compile(r"\b([УуОо]|обо?|для|от|про) пользователя\b"), r"\1 вас"),
    (re.compile(r" пользователя\b"), " у вас"),
)
_RUSSIAN_BEFORE_VERB = listed("не больше никогда также тоже очень уже ещё терпеть часто иногда обычно всегда")
_RUSSIAN_VERBS = (
    (re.compile(r"^хочет$"), "хотите"),
    (re.compile(r"^ест$"), "едите"),
    (re.compile(r"([её]т|ит)$"), r"\1е"),
    (re.compile(r"([её]т|ит)ся$"), r"\1есь"),
    (re.compile(r"л(?:ся|ась)$"), "лись"),
    (re.compile(r"(?<=[аеёиоуыя])ла?$"), "ли"),
)
_ORDER = re.compile(r"(?<=: ).+")  # what is to be remembered stays as it was said


def told(facts: Sequence[Fact], language: str) -> str:
    """A paragraph that says what is known, what matters most first."""
    phrases = _phrases(language)
    if not facts:
        return phrases["nothing"]
    ranked = sorted(
        facts, key=lambda fact: (fact.language == language, worth(fact), fact.held_at), reverse=True
    )
    said = [to_user(fact) for fact in ranked[:_MOST_SAID]]
    more = [phrases["more"].format(count=len(ranked) - _MOST_SAID)] if len(ranked) > _MOST_SAID else []
    return " ".join([phrases["known"], *said, *more, phrases["how"]])


def granted(wish: Wish, forgotten: int, language: str) -> str:
    """What is said when a wish to forget was granted, and so much was `forgotten`."""
    phrases = _phrases(language)
    return phrases[wish] if forgotten else phrases["none"]


def failed(language: str) -> str:
    """What is said when the memory cannot be reached: it claims nothing that is not so."""
    return _phrases(language)["failed"]


def to_user(fact: Fact) -> str:
    """A fact as it is said to whom it is about: "You live in Riga."."""
    order = _ORDER.search(fact.text)
    text = fact.text[: order.start()] if order else fact.text
    turned = _russian(text) if fact.language == "ru" else _english(text)
    return turned + (order[0] if order else "")


def _phrases(language: str) -> dict[str | Wish, str]:
    return _PHRASES["ru" if language == "ru" else "en"]


def _english(text: str) -> str:
    if not text.startswith("The user's"):
        text = _ENGLISH_VERB.sub(lambda match: f"You {match[1] or ''}{_plain_verb(match[2])}", text)
    for pattern, word in _ENGLISH_WORDS:
        text = pattern.sub(word, text)
    return text


def _plain_verb(verb: str) -> str:
    """ "lives" as "live"."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if verb.endswith(("shes", "ches", "sses", "xes", "zzes")):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else verb


def _russian(text: str) -> str:
    begins, _, rest = text.partition(" ")
    if begins == "Пользователь":
        words = rest.split(" ")
        at = next((at for at, word in enumerate(words) if word not in _RUSSIAN_BEFORE_VERB), 0)
        words[at] = _plural(words[at])
        text = " ".join(["Вы", *words])
    for pattern, word in _RUSSIAN_WORDS:
        text = pattern.sub(word, text)
    return text


def _plural(verb: str) -> str:
    """«живёт» as «живёте», «родилась» as «родились»."""
    for ending, instead in _RUSSIAN_VERBS:
        if ending.search(verb):
            return ending.sub(instead, verb)
    return verb
