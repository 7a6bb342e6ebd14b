"""Words made comparable, in English and Russian: "Living" and "lives", "Риге" and "Рига" are alike."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]++(?:['’][^\W_]++)*+")
_LONGEST_WORD = 40  # characters; what is longer is compared by its beginning


def listed(text: str) -> frozenset[str]:
    """A set of words, for tables that read better as a text."""
    return frozenset(text.split())


SMALL = listed(
    "a an the of to in on at for by with from as and or but so is are was were be been am i'm i me my mine "
    "you your do does did has have had that this it its it's what what's where when who who's which how why "
    "can could would will shall should tell please about there here user user's "
    "в во на с со к ко у о об от до из за по и а но или что это как где когда кто какой какая какое какие "
    "ли же бы я мне меня мной мой моя мое мои моего моей моих мою ты тебя тебе вы вас вам есть был была "
    "было были пользователь пользователя пользователю пользователем зовут имени расскажи скажи пожалуйста"
)
NEGATIONS = listed("not no never don't doesn't longer isn't не нет больше никогда hates dislikes")

_RUSSIAN_ENDINGS = sorted(
    listed(
        "иями ями ами иях ого его ому ему ыми ими иям ией ую юю ая яя ой ей ый ий ое ее ые ие ом ем ам ям ах "
        "ях ов ев ешь ишь ет ит ут ют ат ят ете ите ть а я о е ы и у ю ь й"
    ),
    key=len,
    reverse=True,
)


def words_of(text: str) -> list[str]:
    """The words of `text`, folded: lower case, "ё" as "е", straight apostrophes."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("ё", "е").replace("’", "'")
    return [word[:_LONGEST_WORD] for word in _WORD.findall(folded)]


def telling(text: str) -> frozenset[str]:
    """The stems of the words of `text` that tell what it is about."""
    return frozenset(stem(word) for word in words_of(text) if word not in SMALL)


def stems(text: str) -> frozenset[str]:
    """The stems of all words of `text`, small ones too."""
    return frozenset(map(stem, words_of(text)))


def key(text: str, most: int = 60) -> str:
    """A short name for what `text` is about, the same for the same words in any order."""
    return "+".join(sorted(telling(text)))[:most]


def denials(text: str) -> frozenset[str]:
    """The words of `text` that turn its sense round."""
    return NEGATIONS.intersection(words_of(text))


def stem(word: str) -> str:
    """The part of a folded word that its forms have in common, as far as endings tell."""
    return _english(word) if word.isascii() else _russian(word)


def _english(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("s'")
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "i"
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    if word.endswith("e") and len(word) > 3:
        return word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word


def _russian(word: str) -> str:
    for ending in _RUSSIAN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            return word[: -len(ending)]
    return word
