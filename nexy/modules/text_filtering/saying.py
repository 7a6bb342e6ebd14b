"""How each kind of token is said. A handler takes the speech so far and the token, and says it."""

import re
from collections.abc import Callable
from typing import TypeAlias

from nexy.modules.text_filtering.dates import DATES
from nexy.modules.text_filtering.figures import FIGURES
from nexy.modules.text_filtering.maths import MATHS
from nexy.modules.text_filtering.pictographs import name_of
from nexy.modules.text_filtering.proportions import PROPORTIONS
from nexy.modules.text_filtering.speech import Speech

Token: TypeAlias = re.Match[str]
Handler: TypeAlias = Callable[[Speech, Token], None]

LONGEST_INLINE = 30  # characters of code that are read; more is named
_SITE = re.compile(r"<?(?:\w+://)?(?:[^\s/?#]*@)?(?:www\.)?([^\s/?#:>]+)", re.IGNORECASE)
_NOTHING_SAID = re.compile(r"[^\w.,;:!?…–—-]*")
_ROMAN = re.compile(r"(?=[IVXL])L?X{0,3}(?:IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}
_CODE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_-]+[A-Za-z0-9]+)*")
_CALLED = re.compile(r"\(\)\Z|\A<(?=\w+>\Z)|(?<=\w)>\Z")
_FILE = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_STARS = re.compile(r"[⭐★][⭐★☆]{1,9}")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+|-")
_CODE_LANGUAGE = re.compile(r"[`~]{3,}[^\S\n]*([A-Za-z+#]{1,12})[^\S\n]*\n")
_CODE_LANGUAGES = """
    py=Python python=Python js=JavaScript javascript=JavaScript ts=TypeScript typescript=TypeScript sh=Shell
    bash=Shell c=C cpp=C-plus-plus c++=C-plus-plus cs=C-sharp csharp=C-sharp go=Go rust=Rust java=Java
    html=HTML css=CSS json=JSON yaml=YAML sql=SQL swift=Swift kotlin=Kotlin ruby=Ruby php=PHP
"""
_CODE_NAMES = dict(pair.split("=") for pair in _CODE_LANGUAGES.split())
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&#39;": "'"}
_ENTITIES |= {"&ndash;": "–", "&mdash;": "—"}


def say_word(speech: Speech, token: Token) -> None:
    """A word, or one before a full stop that is not its own."""
    kind = token.lastgroup or ""
    word = token[kind]
    if speech.pronunciations and (said := speech.pronunciations.of(word, speech.language)):
        speech.say_words(said, token.end())
    elif word.isupper() and speech.readings and (len(word) > 1 or word in "IVX"):
        _say_capitals(speech, word, token.start(kind), token.end())
    else:
        speech.say(word, token.end())


def _say_capitals(speech: Speech, word: str, start: int, end: int) -> None:
    """A Roman numeral, an acronym, or a word that is shouted."""
    readings = speech.readings
    assert readings is not None  # noqa: S101 - who calls has looked
    around = speech.around(start, end)
    said = None
    if _ROMAN.fullmatch(word):
        said = readings.roman(_value(word), around)
    if said is None and not speech.shouted:
        said = readings.spell(word)
    speech.say_words(said or word, end)


def _value(roman: str) -> int:
    values = [_VALUES[letter] for letter in roman]
    return sum(
        -one if one < following else one for one, following in zip(values, [*values[1:], 0], strict=True)
    )


def _say_days(speech: Speech, token: Token) -> None:
    """ "Mon–Fri"."""
    first, last = token["days"][:3], token["days"][4:]
    if speech.readings and (days := speech.readings.signs.days):
        speech.say_words(f"{days[first]} {speech.readings.signs.ratio} {days[last]}", token.end())
    else:
        speech.say(token["days"], token.end())


def _say_weekday(speech: Speech, token: Token) -> None:
    """ "Tue, Dec 1", or a cell of a table; it may be the sun that ends a sentence."""
    written, end = token["weekday"], token.end()
    days = speech.readings.signs.days if speech.readings else {}
    dated = speech.around(end, end).after.lstrip(" ,")[:1].isalnum()
    if days and (dated or _in_cell(speech, token)):
        speech.say_words(days[written[:3]], end)
        return
    word = written.rstrip(".")
    speech.say_written(word, end - len(written) + len(word))
    if word != written:
        speech.sign(".", end)


def _in_cell(speech: Speech, token: Token) -> bool:
    """Whether it is all that is in a cell of a table."""
    around = speech.around(token.start(token.lastgroup or 0), token.end())
    return around.before.rstrip().endswith("|") and around.after.lstrip().startswith("|")


def _say_crumb(speech: Speech, token: Token) -> None:
    """ "Settings > Privacy"."""
    speech.pause(",")


def _say_abbreviation(speech: Speech, token: Token) -> None:
    written, start, end = token["abbr"], token.start("abbr"), token.end()
    around = speech.around(start, end)
    said = speech.readings.abbreviation(written, around) if speech.readings else None
    if said is None or speech.pronunciations.of(written[:-1], speech.language):
        word = written[:-1]
        if len(word) > 1 and word.isupper() and word.isalpha() and speech.readings:
            _say_capitals(speech, word, start, end - 1)
        elif "." in word or " " in word:
            speech.say(word, end)
        else:
            speech.say_written(word, end - 1)
        speech.sign(".", end)
        return
    speech.say_words(said, end)
    if _NOTHING_SAID.fullmatch(around.after):
        speech.sign(".", end)  # it is the sentence's too


def _say_other(speech: Speech, token: Token) -> None:
    word = token["other"]
    if said := speech.pronunciations.of(word, speech.language):
        speech.say_words(said, token.end())
    elif speech.readings and "_" in word:
        speech.say_words(word.replace("_", " ").replace("  ", " "), token.end())
    else:
        speech.say(word, token.end())


def _say_site(speech: Speech, token: Token) -> None:
    site = _SITE.match(token[0].lstrip())
    _say_address(speech, site[1] if site else "", token.end())


def _say_address(speech: Speech, address: str, end: int) -> None:
    if speech.readings:
        signs = speech.readings.signs
        if "@" in address:
            for sign in "_-":
                address = address.replace(sign, f" {signs.more.get('dash' if sign == '-' else sign, sign)} ")
        address = " ".join(address.replace("@", f" {signs.at} ").replace(".", f" {signs.dot} ").split())
    speech.say_words(address, end)


def _say_email(speech: Speech, token: Token) -> None:
    _say_address(speech, token["email"].strip("<>"), token.end())


def _say_target(speech: Speech, token: Token) -> None:
    """A link's address: its site, unless the text is that already."""
    site = _SITE.match(token["address"])
    name = site[1].rstrip(".") if site and "//" in token["address"] else ""
    if name and name.lower() not in speech.original[: token.start()].lower()[-80:]:
        speech.pause(",")
        _say_address(speech, name, token.end())
    else:
        speech.pass_over(token.end())


def _say_inline(speech: Speech, token: Token) -> None:
    """Code in a sentence is read when it is short; its parts are words."""
    code, end = _CALLED.sub("", token["inline"][1:-1]), token.end()
    if speech.readings and _CODE_WORD.fullmatch(code):
        speech.say_words(" ".join(part for part in _CAMEL.split(code) if part).replace("  ", " "), end)
    elif len(code) <= LONGEST_INLINE and speech.readings and _FILE.fullmatch(code):
        speech.say_words(
            " ".join(code.replace(".", f" {speech.readings.signs.dot} ").replace("_", " ").split()), end
        )
    elif len(code) > LONGEST_INLINE and speech.readings:
        speech.say(speech.readings.signs.code, end)
    elif code.strip():
        speech.say_words(" ".join(code.split()), end)


def _name_code(speech: Speech, token: Token) -> None:
    """Code is named, not read."""
    speech.gap = True
    language = _CODE_LANGUAGE.match(token["fence"])
    name = _CODE_NAMES.get(language[1].lower(), language[1]).replace("-", " ") if language else ""
    if speech.readings:
        signs = speech.readings.signs
        speech.say_words(f"{signs.code_in} {name}" if name else signs.code, token.end())
    elif name:
        speech.say_words(name, token.end())
    speech.gap = True


def _say_tag(speech: Speech, token: Token) -> None:
    """ "#1", "№ 5", "@name", "#WordsInOne"."""
    sign, rest, end = token["tag"][0], token["tag"][1:].strip(), token.end()
    if not speech.readings:
        speech.sign(sign, token.start("tag") + 1)
        speech.say(rest, end)
        return
    if rest.isdecimal():
        number = speech.readings.number(rest, speech.around(token.start("tag"), end))
        speech.say_words(f"{speech.readings.signs.number} {number}" if sign in "#№" else number, end)
        return
    speech.say_words(" ".join(part for part in _CAMEL.split(rest) if part) or rest, end)


def _say_emoji(speech: Speech, token: Token) -> None:
    """Named where it is all that there is; a decoration otherwise."""
    pictures = token["emoji"]
    more = speech.readings.signs.more if speech.readings else {}
    name = ""
    if _STARS.fullmatch(pictures) and speech.readings and "⭐" in more:
        filled = str(len(pictures) - pictures.count("☆"))
        name = f"{speech.readings.number(filled, speech.around(0, 0))} {more['⭐']}"
    elif _in_cell(speech, token):
        name = more.get(pictures.rstrip("\ufe0f")) or name_of(pictures, speech.language)
    elif speech.silent and speech.wordless:
        name = name_of(pictures, speech.language)
    if name:
        speech.say_words(name, token.end())
    else:
        _part(speech, token)


def _say_entity(speech: Speech, token: Token) -> None:
    sign = _ENTITIES.get(token["entity"], "")
    if sign == "&" and speech.readings:
        speech.say(speech.readings.signs.ands, token.end())
    elif sign:
        speech.sign(sign, token.end())
    else:
        _part(speech, token)


def _say_and(speech: Speech, token: Token) -> None:
    if speech.readings:
        speech.gap = True  # R&D
        speech.say(speech.readings.signs.ands, token.end())
        speech.gap = True
    else:
        speech.sign("&", token.end())


def _write_sign(speech: Speech, token: Token) -> None:
    speech.sign(token["sign"], token.end())


def _pass_over(speech: Speech, token: Token) -> None:
    speech.pass_over(token.end())


def _part(speech: Speech, token: Token) -> None:
    """Say nothing, and do not run together what stands on its sides."""
    speech.part(token.end())


SAYINGS: dict[str, Handler] = {
    **FIGURES,
    **DATES,
    **PROPORTIONS,
    **MATHS,
    "abbr": _say_abbreviation,
    "stopped": say_word,
    "days": _say_days,
    "weekday": _say_weekday,
    "crumb": _say_crumb,
    "fence": _name_code,
    "inline": _say_inline,
    "url": _say_site,
    "page": _say_site,
    "site": _say_site,
    "email": _say_email,
    "tag": _say_tag,
    "other": _say_other,
    "link": _pass_over,
    "target": _say_target,
    "mark": _pass_over,
    "gap": _part,
    "emoji": _say_emoji,
    "entity": _say_entity,
    "ampersand": _say_and,
    "sign": _write_sign,
}
