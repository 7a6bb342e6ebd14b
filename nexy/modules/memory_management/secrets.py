"""Finds what must never be kept: cards, accounts, passwords, PINs, keys, phrases that open a wallet.

It errs on the side of forgetting: a harmless text that is taken for a secret is only not remembered.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from nexy.modules.memory_management.named_secrets import named
from nexy.modules.memory_management.words import listed

HIDDEN = "[secret]"
MOST_LOOKED_AT = 20_000  # characters; what stands behind them is dropped

Span: TypeAlias = tuple[int, int]  # the first character, one past the last

_DIGITS = re.compile(r"(?<![\d+])\d(?:[ -]?\d){11,}+")
_GROUP = re.compile(r"\d++")
_CARDS = (  # how a card's number begins, and how long it is
    (re.compile(r"4"), {13, 16, 19}),
    (re.compile(r"5[1-5]|2[2-7]|35"), {16}),
    (re.compile(r"3[47]"), {15}),
    (re.compile(r"3[068]"), {14, 16}),
    (re.compile(r"6|5[06-8]"), {16, 17, 18, 19}),
)
_IBAN = re.compile(r"(?<![^\W_])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}+", re.IGNORECASE | re.ASCII)
_KNOWN_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:sk-[\w-]{16,}+|(?:sk|pk|rk)_(?:live|test)_\w{10,}+|gh[pousr]_\w{20,}+"
    r"|github_pat_\w{20,}+|glpat-[\w-]{16,}+|xox[abprs]-[\w-]{10,}+|hf_\w{20,}+|AIza[\w-]{30,}+"
    r"|ya29\.[\w-]{20,}+|(?:AKIA|ASIA)[A-Z0-9]{12,}+|npm_\w{30,}+|pypi-[\w-]{30,}+|SG\.[\w-]{16,}+"
    r"|\d{8,10}:AA[\w-]{30,}+|eyJ[\w-]{10,}+\.[\w.-]++)",
    re.ASCII,
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,30}KEY.*+", re.DOTALL)
_RUN = re.compile(r"[A-Za-z0-9+/_=~-]{20,}+")
_HEX = re.compile(r"(?:0x)?[0-9a-f]{32,}", re.IGNORECASE)
_TURN = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)")

_SEED_WORD = re.compile(r"[a-z]{3,8}")
_SEED_LENGTHS = frozenset({12, 15, 18, 21, 24})
_PROSE = listed(  # words that no list of words for seeds has
    "the and with have has had was were are for your them how but not from she her hers him his its our "
    "their would could should been got went said did does too out who why which"
)


def holds_secret(text: str) -> bool:
    """Whether there is something in `text` that must not be kept."""
    return len(text) > MOST_LOOKED_AT or next(_spans(text), None) is not None


def without_secrets(text: str) -> str:
    """`text` with each secret in it replaced by a word that says so."""
    text = text[:MOST_LOOKED_AT]
    kept, at = [], 0
    for first, past in sorted(_spans(text)):
        if first >= at:
            kept += [text[at:first], HIDDEN]
        at = max(at, past)
    return "".join([*kept, text[at:]])


def _spans(text: str) -> Iterator[Span]:
    """Where secrets stand; they may overlap."""
    for pattern in (_PRIVATE_KEY, _KNOWN_KEY):
        yield from (match.span() for match in pattern.finditer(text))
    yield from (match.span() for match in _RUN.finditer(text) if _is_random(match[0]))
    yield from _cards(text)
    yield from _ibans(text)
    yield from _seeds(text)
    yield from named(text)


def _cards(text: str) -> Iterator[Span]:
    """Runs of whole groups of digits that make the number of a card."""
    for run in _DIGITS.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
        for at, (first, _) in enumerate(groups):
            digits, counts = "", False  # single digits with spaces between are a count, unless they are all
            for begin, past in groups[at:]:
                digits += text[begin:past]
                counts |= past - begin == 1
                if len(digits) > 19:
                    break
                if (not counts or (first, past) == run.span()) and _is_card(digits):
                    yield first, past


def _is_card(digits: str) -> bool:
    fits = any(begins.match(digits) and len(digits) in lengths for begins, lengths in _CARDS)
    return fits and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _ibans(text: str) -> Iterator[Span]:
    """Account numbers whose check digits are right, where other words may follow without a sign between."""
    for match in _IBAN.finditer(text):
        ends = [place + 1 for place in range(len(match[0])) if match[0][place] != " "]
        for end in reversed(ends):
            number = match[0][:end].replace(" ", "").upper()
            if 15 <= len(number) <= 34 and _mod_97(number):
                yield match.start(), match.start() + end
                break


def _mod_97(number: str) -> bool:
    turned = number[4:] + number[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _is_random(run: str) -> bool:
    """Whether no word looks like `run`: hexadecimal, or letters and digits well mixed."""
    if _HEX.fullmatch(run):
        return any(map(str.isdigit, run)) and any(map(str.isalpha, run))
    kinds = {("digit" if c.isdigit() else "upper" if c.isupper() else "lower") for c in run if c.isalnum()}
    if len(kinds) == 3 and _bits(run) >= 4.0 and _TURN.search(run):
        return True
    return "digit" in kinds and len(kinds) > 1 and len(_TURN.findall(run)) >= 6


def _bits(run: str) -> float:
    """The entropy of a character of `run`."""
    shares = [count / len(run) for count in Counter(run).values()]
    return -sum(share * math.log2(share) for share in shares)


def _seeds(text: str) -> Iterator[Span]:
    """As many plain words in a row, and no other, as open a wallet."""
    row: list[Span] = []
    for match in re.finditer(r"\S++|\Z", text):
        if _SEED_WORD.fullmatch(match[0]) and match[0] not in _PROSE:
            row.append(match.span())
            continue
        if len(row) in _SEED_LENGTHS:
            yield row[0][0], row[-1][1]
        row = []
