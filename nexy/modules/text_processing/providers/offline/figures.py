"""How a number is said: in figures, exactly where that is short, else "about"."""

from decimal import Decimal, localcontext
from fractions import Fraction

from nexy.modules.text_processing.providers.offline.language import Language

_EXACT_DIGITS = 21  # of a whole number; longer ones nobody can follow by ear
_EXACT_DECIMALS = 6  # behind the point, where they end of themselves
_ABOUT_DIGITS = 4  # of what is rounded

_WORDS = {
    "en": {"about": "about", "minus": "minus", "power": "times 10 to the power of"},
    "ru": {"about": "примерно", "minus": "минус", "power": "умножить на 10 в степени"},
}


def say_number(value: Fraction, language: Language, *, exact: bool = True) -> str:
    """`value` for the ear: "51", "minus 2.5", "about 0.3333", "about 8.7 times 10 to the power of 40"."""
    words = _WORDS[language]
    sign = words["minus"] + " " if value < 0 else ""
    size = abs(value)
    text = _exactly(size) if exact else None
    if text is None:
        sign = words["about"] + " " + sign
        text = _roughly(size, language)
    return sign + (text.replace(".", ",") if language == "ru" else text)


def _exactly(size: Fraction) -> str | None:
    if size >= 10**_EXACT_DIGITS:
        return None
    shifted = size * 10**_EXACT_DECIMALS
    if shifted.denominator != 1:
        return None
    whole, decimals = divmod(shifted.numerator, 10**_EXACT_DECIMALS)
    return f"{whole}.{decimals:0{_EXACT_DECIMALS}}".rstrip("0").rstrip(".")


def _roughly(size: Fraction, language: Language) -> str:
    with localcontext() as context:
        context.prec = 50
        number = Decimal(size.numerator) / Decimal(size.denominator)
    if not number:
        return "0"
    exponent = number.adjusted()
    if exponent >= _EXACT_DIGITS or exponent < -_EXACT_DECIMALS:
        mantissa, _, power = f"{number:.3e}".partition("e")
        minus = _WORDS[language]["minus"] + " " if power.startswith("-") else ""
        return f"{_short(mantissa)} {_WORDS[language]['power']} {minus}{power.lstrip('+-')}"
    decimals = _ABOUT_DIGITS if exponent >= -1 else _ABOUT_DIGITS - 1 - exponent
    return _short(f"{number:.{decimals}f}")


def _short(figures: str) -> str:
    return figures.rstrip("0").rstrip(".") if "." in figures else figures
