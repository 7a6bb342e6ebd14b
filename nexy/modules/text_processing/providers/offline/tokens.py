"""A sum as it was said or typed, taken apart into tokens; None when it holds anything but a sum."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from nexy.modules.text_processing.providers.offline.exact import SumError
from nexy.modules.text_processing.providers.offline.language import Language, listed
from nexy.modules.text_processing.providers.offline.number_words import MULTIPLIERS, ORDINALS, SMALL
from nexy.modules.text_processing.providers.offline.numerals import read_number


class Token(NamedTuple):
    """One word of a sum. `kind` is number, part, factor, verb, join, or what it does: + - * / ^ ( ) …"""

    kind: str
    text: str = ""  # for a part and a factor, as it was said; for a join, the word
    value: Fraction = Fraction(0)


class Verb(NamedTuple):
    """ "multiply … by …": what it does, and the words that may stand between."""

    does: str
    joins: frozenset[str]

    @property
    def swapped(self) -> bool:
        """Whether the second number is meant to come first: subtract 3 from 10."""
        return self.does == "-" and bool(self.joins & {"from", "из", "от"})


_MOST_TOKENS = 200
_MOST_FIGURES = 60  # of one number

_ENDLESS = "too many figures"  # stands for a longer number; no word that is said holds a space

_WORD = r"[^\W\d_]+(?:'[^\W\d_]+)?|\*\*|\S"
_SPACED = "[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+(?![0-9])(?:[.,][0-9]+)?"
_PLAIN = r"[0-9]*[.,]?[0-9]+"
_LEXEME = {
    "en": re.compile(rf"[0-9]{{1,3}}(?:,[0-9]{{3}})+(?![0-9])(?:\.[0-9]+)?|{_SPACED}|{_PLAIN}|{_WORD}"),
    "ru": re.compile(f"{_SPACED}|{_PLAIN}|{_WORD}"),
}
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_CLOCK_OR_DATE = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?|[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}")

_ASKS = frozenset(
    listed(
        "what is what's whats how much many does do calculate compute evaluate solve work out tell me can "
        "could you please nexy hey hi hello so and ok okay now result answer , : . "
        "сколько будет чему равно равен равна равняется посчитай посчитайте вычисли вычислите подсчитай реши "
        "решите найди пожалуйста а и ну мне нэкси некси такое какова каков результат"
    )
)
_DROPPED = frozenset({"the", "raised"})
_ENDS = frozenset(
    listed("? ! . , = equals equal is to make makes please nexy now пожалуйста равно равен равняется будет")
)
_TELL = frozenset(listed("скажи скажите подскажи подскажите"))


def _phrases(rows: dict[str, str]) -> dict[tuple[str, ...], str]:
    return {tuple(said.split()): kind for kind, row in rows.items() for said in row.split(" | ")}


_OPERATORS = _phrases(
    {
        "+": "+ | plus | added to | плюс | прибавить | прибавь | сложить с",
        "-": "- | − | – | minus | less | take away | negative | минус | отнять | вычесть | отними",
        "*": "* | × | · | x | х | times | multiplied by | умножить на | умноженное на | умноженная на | "
        "умножить | помножить на | множить на | умножь на",
        "/": "/ | ÷ | : | divided by | divide by | over | разделить на | делить на | поделить на | "
        "деленное на | делить | разделить | подели на",
        "^": "^ | ** | to power of | to power | в степени",
        "(": "(",
        ")": ")",
        "%": "% | percent | per cent | процент | процента | процентов | проценты",
        "squared": "² | squared | в квадрате",
        "cubed": "³ | cubed | в кубе",
        "root": "√ | square root of | square root | sqrt | root of | квадратный корень из | корень из | "
        "корень квадратный из | квадратный корень | корень",
        "cube root": "∛ | cube root of | кубический корень из | корень кубический из",
        "join": "of | and | by | from | to | with | и | на | из | от | к | с",
    }
) | {(_ENDLESS,): "endless"}
_FACTORS = {
    **dict.fromkeys(["twice", "double", "дважды", "удвоенное"], 2),
    **dict.fromkeys(["triple", "thrice", "трижды"], 3),
    "четырежды": 4,
}
_LONGEST = 4  # words of a phrase

_VERBS = {
    tuple(phrase.split()): Verb(does, frozenset(joins.split()))
    for does, joins, phrases in (
        ("+", "and to", "add"),
        ("+", "and", "sum of"),
        ("*", "by and with", "multiply"),
        ("*", "and", "product of"),
        ("/", "by", "divide"),
        ("-", "from", "subtract | take"),
        ("-", "and", "difference between | difference of"),
        ("+", "и с", "сложи | сложите | сложить"),
        ("+", "к", "прибавь | прибавьте | прибавить | добавь"),
        ("+", "и", "сумма | сумму"),
        ("*", "на", "умножь | умножьте | умножить"),
        ("*", "и на", "перемножь | произведение"),
        ("/", "на", "раздели | разделите | разделить | подели"),
        ("/", "и", "частное"),
        ("-", "из", "вычти | вычесть"),
        ("-", "от из", "отними | отнять"),
        ("-", "и", "разность | разница между"),
    )
    for phrase in phrases.split(" | ")
}


def tokens_of(said: str, language: Language) -> tuple[Verb | None, list[Token]] | None:
    """The verb at the front, if there is one, and the tokens after it. Raises SumError."""
    words = _words(said, language)
    if words is None:
        return None
    verb = _VERBS.get(tuple(words[:2])) or _VERBS.get(tuple(words[:1]))
    if verb:
        words = words[1 if tuple(words[:1]) in _VERBS else 2 :]
    joins = verb is None or "and" not in verb.joins or words.count("and") > 1
    tokens = []
    at = 0
    while at < len(words):
        found = _read(words, at, joins)
        if found is None:
            return None
        token, at = found
        tokens.append(token)
        if len(tokens) > _MOST_TOKENS:
            raise SumError("sum_long")
    if any(token.kind == "endless" for token in tokens):
        raise SumError("sum_long")
    return verb, tokens


def _words(said: str, language: Language) -> list[str] | None:
    """The words of a sum, without the words of asking around it; figures like "12" or "2.5"."""
    text = _HYPHEN.sub(" ", said.lower().replace("ё", "е").strip())
    if _CLOCK_OR_DATE.fullmatch(text.rstrip("?!. ")):
        return None
    words = [
        _figures(word, language) if word[-1] in "0123456789" else word
        for word in _LEXEME[language].findall(text)
        if word not in _DROPPED
    ]
    first, last = 0, len(words)
    if words[:1] and words[0] in _TELL and {"сколько", "чему"} & set(words[1:4]):
        first = 1
    while first < last and words[first] in _ASKS:
        first += 1
    while last > first and words[last - 1] in _ENDS:
        last -= 1
    return words[first:last]


def _figures(text: str, language: Language) -> str:
    """ "1,000.5", "1 000,5" or "2,5" as "1000.5" or "2.5"."""
    if len(text) > _MOST_FIGURES:
        return _ENDLESS
    if language == "en" and _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    text = "".join(text.split()).replace(",", ".")
    return "0" + text if text.startswith(".") else text


def _read(words: Sequence[str], at: int, joins: bool) -> tuple[Token, int] | None:
    """The token that begins at `at`, and where the next one begins."""
    word = words[at]
    if word in MULTIPLIERS and words[at + 1 : at + 2] and (words[at + 1] in SMALL or words[at + 1].isdigit()):
        return Token("factor", word, Fraction(MULTIPLIERS[word])), at + 1
    if number := read_number(words, at, joins=joins):
        kind = "part" if number.part else "number"
        return Token(kind, " ".join(words[at : number.end]), number.value), number.end
    if word in _FACTORS:
        return Token("factor", word, Fraction(_FACTORS[word])), at + 1
    if power := _ordinal_power(words[at : at + 3]):
        return Token("raised", value=Fraction(power)), at + 3
    for length in range(_LONGEST, 0, -1):
        if operator := _OPERATORS.get(tuple(words[at : at + length])):
            return Token(operator, word), at + length
    return None


def _ordinal_power(words: Sequence[str]) -> int:
    """4 for "to the fourth power" or "в четвёртой степени", else 0."""
    match words:
        case ["to", ordinal, "power"] | ["в" | "во", ordinal, "степени"]:
            return ORDINALS.get(ordinal, 0)
    return 0
