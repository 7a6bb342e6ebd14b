"""Names the web pages that an answer rests on, in the language of the answer. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class _Language(NamedTuple):
    lead: str
    letters: str  # that English has not
    words: str  # of which some stand in nearly every answer


_LATIN = {
    "en": _Language("Sources:", "", "the and of is are to in on it that for with has this you"),
    "de": _Language(
        "Quellen:", "äöüß", "der die das und ist sind ein eine nicht mit auf für im in den zu es"
    ),
    "fr": _Language(
        "Sources :", "éêèàçœ", "le la les de des du est un une et en dans pour sur il qui pas au"
    ),
    "es": _Language("Fuentes:", "ñáéíóú¿¡", "el la los las de es y un una en por que con hay hoy"),
    "it": _Language("Fonti:", "èàìòù", "il lo la gli di e è che un una nel del sono non per in con oggi"),
    "pt": _Language("Fontes:", "ãõçáéíóúâêô", "o os de e é um uma em não que do da são por pelo com hoje"),
    "pl": _Language("Źródła:", "ąęłóńśźż", "w z i na o jest nie się że to są oraz od"),
}
_CYRILLIC = {
    "ru": _Language("Источники:", "ыэъё", "и в на не что это как с по для"),
    "uk": _Language("Джерела:", "іїєґ", "і в на не що це як з та для у"),
}
_LEADS = "|".join(sorted({one.lead.rstrip(" :") for one in (_LATIN | _CYRILLIC).values()}))
_NAMED = re.compile(rf"\s*\n(?:{_LEADS})(?: ?:(?: [^\n]*)?)?\Z")
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC_LETTER = re.compile("[\u0400-\u052f]")
_LATIN_LETTER = re.compile("[a-z\u00df-\u024f]")


def sources(text: str, sites: Sequence[str]) -> str:
    """What follows the answer `text`: "Sources: bbc.com, wikipedia.org." in its language.

    One in a language that Nexy does not greet in is followed by it in English or Russian, as its script is.
    """
    return f"\n\n{_language(text.lower()).lead} {', '.join(sites)}."


def without_sources(answer: str) -> str:
    """`answer` without what `sources` put behind it, also when not all of that was heard."""
    return _NAMED.sub("", answer)


def _language(text: str) -> _Language:
    cyrillic = len(_CYRILLIC_LETTER.findall(text)) > len(_LATIN_LETTER.findall(text))
    words, letters = Counter(_WORD.findall(text)), Counter(text)

    def likeness(one: _Language) -> int:
        return sum(words[word] for word in one.words.split()) + sum(letters[letter] for letter in one.letters)

    # Of those that are alike it is the first.
    return max((_CYRILLIC if cyrillic else _LATIN).values(), key=likeness)
