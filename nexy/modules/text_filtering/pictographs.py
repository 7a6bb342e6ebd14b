"""Names of emoji, in the languages for which the emoji library has them."""

import emoji

_LANGUAGES = frozenset(["en", "es", "ja", "ko", "pt", "it", "fr", "de", "fa", "id", "zh", "ru", "tr", "ar"])
_LONGEST = 64  # code points that are looked at: the library's search is quadratic
_MANY = 3  # of one row are named; a row is decoration


def load_names() -> None:
    """Load the table, which takes a quarter of a second, so that no answer waits for it."""
    name_of("👍", "en")


def name_of(pictures: str, language: str) -> str:
    """The names of up to three emoji, without repeats; empty where there are none for the language."""
    if language not in _LANGUAGES:
        return ""
    found = list(dict.fromkeys(one["emoji"] for one in emoji.emoji_list(pictures[:_LONGEST])))
    names = [
        emoji.demojize(one, language=language, delimiters=("", "")).replace("_", " ").replace("-", " ")
        for one in found[:_MANY]
    ]
    return ", ".join(" ".join(name.split()) for name in names)
