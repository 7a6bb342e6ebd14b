"""What a language says for the signs that stand with numbers and in addresses: English and Russian."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Forms = tuple[str, ...]

_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A language's words for signs."""

    units: Mapping[str, Forms]
    form: Callable[[str, Forms], str]
    """Which of a unit's forms goes with a number, which is given in its digits."""
    many: int
    """Index of the form after a word such as "million"."""
    operators: Mapping[str, str]
    at: str
    dot: str
    code: str

    def counted(self, number: str, scale: str, unit: str) -> str:
        """A number with its unit, in words where the writing has signs: "5 million dollars"."""
        forms = self.units[unit]
        if scale:
            return f"{number} {scale} {forms[self.many]}"
        return f"{number} {self.form(number, forms)}"


def _english_form(number: str, forms: Forms) -> str:
    return forms[0] if number == "1" else forms[1]


def _russian_form(number: str, forms: Forms) -> str:
    """One, two to four, more: доллар, доллара, долларов. A fraction goes with the second."""
    if ("." in number or "," in number) and not _GROUPED.fullmatch(number):
        return forms[1]
    last = int(number[-2:]) if number[-2:].isdigit() else int(number[-1])
    if 11 <= last <= 14 or not 1 <= last % 10 <= 4:
        return forms[2]
    return forms[0] if last % 10 == 1 else forms[1]


_ENGLISH = Vocabulary(
    units={
        "%": ("percent", "percent"),
        "$": ("dollar", "dollars"),
        "€": ("euro", "euros"),
        "£": ("pound", "pounds"),
        "₽": ("rouble", "roubles"),
        "°": ("degree", "degrees"),
        "°C": ("degree Celsius", "degrees Celsius"),
        "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    },
    form=_english_form,
    many=1,
    operators={"+": "plus", "-": "minus", "*": "times", "÷": "divided by", "=": "equals"},
    at="at",
    dot="dot",
    code="code",
)

_RUSSIAN = Vocabulary(
    units={
        "%": ("процент", "процента", "процентов"),
        "$": ("доллар", "доллара", "долларов"),
        "€": ("евро", "евро", "евро"),
        "£": ("фунт", "фунта", "фунтов"),
        "₽": ("рубль", "рубля", "рублей"),
        "°": ("градус", "градуса", "градусов"),
        "°C": ("градус Цельсия", "градуса Цельсия", "градусов Цельсия"),
        "°F": ("градус Фаренгейта", "градуса Фаренгейта", "градусов Фаренгейта"),
    },
    form=_russian_form,
    many=2,
    operators={"+": "плюс", "-": "минус", "*": "умножить на", "÷": "разделить на", "=": "равно"},
    at="собака",
    dot="точка",
    code="код",
)

_VOCABULARIES = {"en": _ENGLISH, "ru": _RUSSIAN}


def vocabulary_of(language: str) -> Vocabulary | None:
    """The words of `language`, a tag such as "ru" or "ru-RU"; None where none are known."""
    return _VOCABULARIES.get(language.partition("-")[0].lower())
