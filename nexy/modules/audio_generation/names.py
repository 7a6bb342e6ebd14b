"""Names of voices that every provider understands."""

import re

_LIKE_EDGE = re.compile(r"([a-z]{2,3})-[A-Za-z]{2,4}(?:-[A-Za-z]+)*-\w+Neural\Z")


def language_of_voice(name: str) -> str:
    """The language of a name in the style `en-US-JennyNeural`; "" for any other name."""
    match = _LIKE_EDGE.match(name)
    return match[1] if match else ""


def short(language: str) -> str:
    """The ISO 639 code in a BCP 47 tag: "ru-RU" → "ru"."""
    return language.replace("_", "-").partition("-")[0].lower()
