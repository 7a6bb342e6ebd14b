"""Works out sums that were typed or said, in English and Russian, and says the result."""

from dataclasses import dataclass, replace
from fractions import Fraction

from nexy.modules.text_processing.providers.offline import exact
from nexy.modules.text_processing.providers.offline.figures import say_number
from nexy.modules.text_processing.providers.offline.language import Language, plural, sentence
from nexy.modules.text_processing.providers.offline.phrases import say
from nexy.modules.text_processing.providers.offline.tokens import Token, Verb, tokens_of

_DEEPEST = 40  # brackets, signs and roots within one another
_LONGEST_ECHO = 150  # characters of a sum that is said again before its result

_OF = frozenset({"of", "от", "из"})
_OPERATORS = frozenset({"+", "-", "*", "/", "^", "root", "cube root", "squared", "cubed", "raised", "factor"})
_SAID = {
    "en": {
        "+": "plus",
        "-": "minus",
        "*": "times",
        "/": "divided by",
        "^": "to the power of",
        "squared": "squared",
        "cubed": "cubed",
        "root": "the square root of",
        "cube root": "the cube root of",
        "of": "of",
    },
    "ru": {
        "+": "плюс",
        "-": "минус",
        "*": "умножить на",
        "/": "разделить на",
        "^": "в степени",
        "squared": "в квадрате",
        "cubed": "в кубе",
        "root": "квадратный корень из",
        "cube root": "кубический корень из",
        "of": "от",
    },
}


@dataclass(frozen=True, slots=True)
class _Amount:
    """A part of a sum: what it comes to, and how it was said."""

    value: Fraction
    text: str
    exact: bool = True
    share: str = ""  # "percent" or "part" when it may be taken "of" something


def work_out(said: str, language: Language) -> str | None:
    """The sentence that answers a sum, or None when `said` is no sum. Raises nothing, for any text."""
    try:
        found = tokens_of(said, language)
        return _worked_out(*found, language) if found else None
    except exact.SumError as error:
        return say(error.phrase, language)


def _worked_out(verb: Verb | None, tokens: list[Token], language: Language) -> str | None:
    try:
        found = _Parser(verb, tokens, language).whole()
    except exact.SumError as error:
        kinds = {token.kind for token in tokens}
        meant = (verb or kinds & _OPERATORS) and kinds & {"number", "part"}
        if error.phrase == "sum_broken" and not meant:
            return None
        raise
    if found is None:
        return None
    result = say_number(found.value, language, exact=found.exact)
    if len(found.text) > _LONGEST_ECHO:
        return say("sum_result", language, result=result)
    return sentence(say("sum", language, sum=found.text, result=result))


class _Parser:
    """Reads tokens from left to right, one method for each strength of binding, weakest first."""

    def __init__(self, verb: Verb | None, tokens: list[Token], language: Language) -> None:
        self._verb = verb
        self._joins = verb.joins if verb else frozenset()
        self._tokens = tokens
        self._language = language
        self._words = _SAID[language]
        self._at = 0
        self._depth = 0
        self._operations = 0

    def whole(self) -> _Amount | None:
        """What all the tokens come to; None when nothing is done to the number that was said."""
        found = self._commanded(self._verb) if self._verb else self._sum()
        if self._at < len(self._tokens):
            raise exact.SumError("sum_broken")
        return found if self._operations else None

    def _commanded(self, verb: Verb) -> _Amount:
        """ "multiply 3 by 4", "the sum of 2 and 3 and 4"."""
        found, rounds = self._sum(), 0
        while rounds == 0 or (self._peek().kind == "join" and verb.does in "+*"):
            if self._take("join").text not in verb.joins:
                raise exact.SumError("sum_broken")
            pair = (found, self._sum())
            found = self._joined(verb.does, *(reversed(pair) if verb.swapped else pair))
            rounds += 1
        return found

    def _sum(self) -> _Amount:
        found = self._product()
        while self._peek().kind in ("+", "-"):
            found = self._joined(self._take().kind, found, self._product())
        return found

    def _product(self) -> _Amount:
        found = self._signed()
        while does := self._times_or_over():
            found = self._joined(does, found, self._signed())
        return found

    def _times_or_over(self) -> str:
        token = self._peek()
        if token.kind in ("*", "/"):
            return self._take().kind
        if token == Token("join", "на") and "на" not in self._joins:
            self._take()
            return "*"
        return "*" if token.kind == "(" else ""

    def _signed(self) -> _Amount:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise exact.SumError("sum_long")
        if self._peek().kind in ("+", "-"):
            sign = self._take().kind
            found = self._signed()
            if sign == "-":
                found = replace(found, value=-found.value, text=f"{self._words['-']} {found.text}")
        else:
            found = self._share()
        self._depth -= 1
        return found

    def _share(self) -> _Amount:
        """ "15 percent of 200", "half of 9"."""
        found = self._power()
        token = self._peek()
        if found.share and token.kind == "join" and token.text in _OF - self._joins:
            self._take()
            found = self._joined("of", found, self._signed())
        return found

    def _power(self) -> _Amount:
        base = self._finished()
        return self._joined(self._take().kind, base, self._signed()) if self._peek().kind == "^" else base

    def _finished(self) -> _Amount:
        """A number and what may come after it: percent, squared, cubed."""
        found = self._number()
        while (kind := self._peek().kind) in ("%", "squared", "cubed", "raised"):
            token = self._take()
            if kind == "%":
                found = self._percent(found)
            elif kind == "raised":
                found = self._joined("^", found, _Amount(token.value, str(token.value)))
            else:
                found = self._raised(found, kind)
        return found

    def _number(self) -> _Amount:
        token = self._take()
        if token.kind == "number":
            return _Amount(token.value, say_number(token.value, self._language))
        if token.kind == "part":
            return _Amount(token.value, token.text, share="part")
        if token.kind == "factor":
            self._operations += 1
            found = self._signed()
            return _Amount(
                exact.bounded(token.value * found.value), f"{token.text} {found.text}", found.exact
            )
        if token.kind == "(":
            found = self._sum()
            self._take(")")
            return replace(found, text=f"({found.text})", share="")
        if token.kind in ("root", "cube root"):
            return self._rooted(token.kind)
        raise exact.SumError("sum_broken")

    def _percent(self, found: _Amount) -> _Amount:
        word = "percent"
        if self._language == "ru":
            whole = found.value.denominator == 1
            word = plural(abs(int(found.value)), "процент", "процента", "процентов") if whole else "процента"
        return _Amount(exact.bounded(found.value / 100), f"{found.text} {word}", found.exact, share="percent")

    def _raised(self, found: _Amount, kind: str) -> _Amount:
        self._operations += 1
        value, even = exact.power(found.value, Fraction(2 if kind == "squared" else 3))
        return _Amount(value, f"{found.text} {self._words[kind]}", found.exact and even)

    def _rooted(self, kind: str) -> _Amount:
        self._operations += 1
        found = self._signed()
        value, even = exact.root(found.value, 2 if kind == "root" else 3)
        return _Amount(value, f"{self._words[kind]} {found.text}", found.exact and even)

    def _joined(self, does: str, left: _Amount, right: _Amount) -> _Amount:
        self._operations += 1
        value, even = _calculated(does, left, right)
        text = f"{left.text} {self._words[does]} {right.text}"
        return _Amount(value, text, left.exact and right.exact and even)

    def _peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else Token("end")

    def _take(self, kind: str = "") -> Token:
        token = self._peek()
        if token.kind == "end" or (kind and token.kind != kind):
            raise exact.SumError("sum_broken")
        self._at += 1
        return token


def _calculated(does: str, left: _Amount, right: _Amount) -> tuple[Fraction, bool]:
    """The value of `left` and `right` put together, and whether that is exact."""
    if does in ("+", "-"):
        # "200 plus 15 percent" means, as on every pocket calculator, 15 percent of the 200
        of_left = right.share == "percent" and left.share != "percent"
        change = exact.bounded(left.value * right.value) if of_left else right.value
        return exact.bounded(left.value + change if does == "+" else left.value - change), True
    if does == "/":
        return exact.divide(left.value, right.value), True
    if does == "^":
        return exact.power(left.value, right.value)
    return exact.bounded(left.value * right.value), True
