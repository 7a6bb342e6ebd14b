"""How maths is said: signs between numbers, and what a model writes in TeX."""

import re
from typing import TypeAlias

from nexy.modules.text_filtering.speech import Speech

Token: TypeAlias = re.Match[str]

_SAME_SIGN = {"×": "*", "·": "*", "−": "-"}
_LEADS_AFTER = "([{=+*×÷≈~<>\"'«“„≤≥≠±^"  # what a number's own minus may touch


def _say_operator(speech: Speech, token: Token) -> None:
    """A sign between two numbers, or before one: in words, unless it is a range, a date or markup."""
    sign, start, end = token["operator"], token.start("operator"), token.end()
    before, after = speech.original[start - 1 : start] if start else "", speech.original[end]
    spaced = after.isspace()
    between = speech.counting and before.isspace() == spaced and (spaced or sign not in "-/")
    leads = sign in "+-−" and not spaced and (not before or before.isspace() or before in _LEADS_AFTER)
    if speech.readings and (between or leads):
        signs = speech.readings.signs
        words = {"+": signs.plus, "-": signs.minus, "*": signs.times, "÷": signs.over, "=": signs.equals}
        words["/"] = signs.over
        speech.gap = speech.gap or between
        speech.say_words(words[_SAME_SIGN.get(sign, sign)], end)
        speech.gap = True
    elif between or sign != "*" or (spaced and before.isspace()):
        speech.sign(sign, end)
    else:
        speech.pass_over(end)  # emphasis


def _say_maths(speech: Speech, token: Token) -> None:
    sign = token["maths"]
    if not speech.readings:
        speech.sign(sign, token.end())
        return
    speech.gap = True
    if per := token["per"]:
        speech.say_words(speech.readings.signs.per[per], token.end())
    else:
        speech.say_words(speech.readings.signs.more[sign], token.end())
    speech.gap = True
    speech.counting = sign in "²³π∞"


_FRAC = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")


def _say_frac(speech: Speech, top: str, bottom: str, end: int) -> None:
    readings = speech.readings
    if (
        readings
        and top.isdecimal()
        and bottom.isdecimal()
        and 1 < int(bottom) <= _LAST_NAMED
        and int(top) < int(bottom)
    ):
        words = readings.fraction("", int(top), int(bottom), speech.around(0, 0))
    else:
        over = readings.signs.over if readings else "/"
        words = f"{' '.join(top.split())} {over} {' '.join(bottom.split())}"
    speech.gap = True
    speech.say_words(" ".join(words.split()), end)
    speech.gap = speech.counting = True


_LAST_NAMED = 10  # what is divided by more is "over"
_TEX = {r"\times": "*", r"\cdot": "*", r"\div": "÷", r"\le": "≤", r"\leq": "≤", r"\ge": "≥", r"\geq": "≥"}
_TEX |= {r"\ne": "≠", r"\neq": "≠", r"\approx": "≈", r"\pm": "±", r"\pi": "π", r"\infty": "∞", r"\sqrt": "√"}


def _say_tex(speech: Speech, token: Token) -> None:
    if frac := _FRAC.fullmatch(token["tex"]):
        _say_frac(speech, frac[1], frac[2], token.end())
        return
    sign = _TEX.get(token["tex"])
    if sign is None or not speech.readings:
        speech.part(token.end())
        return
    signs = speech.readings.signs
    speech.gap = True
    speech.say_words({"*": signs.times, "÷": signs.over}.get(sign) or signs.more[sign], token.end())
    speech.gap = True


MATHS = {"operator": _say_operator, "maths": _say_maths, "tex": _say_tex}
