"""Exact arithmetic within bounds: nothing that is said can keep the machine busy."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

_MOST_BITS = 4000  # of a numerator or a denominator: 1,200 figures
_ROOT_FIGURES = 40  # of a root that does not come out even


class SumError(Exception):
    """A sum that has no answer; `phrase` names what to say then."""

    def __init__(self, phrase: str) -> None:
        super().__init__(phrase)
        self.phrase = phrase


def bounded(value: Fraction) -> Fraction:
    """`value`, or SumError."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS:
        raise SumError("sum_big")
    return value


def divide(left: Fraction, right: Fraction) -> Fraction:
    if not right:
        raise SumError("sum_zero")
    return bounded(left / right)


def power(base: Fraction, exponent: Fraction) -> tuple[Fraction, bool]:
    """`base` to the power of `exponent`, and whether that is exact."""
    if not base and exponent < 0:
        raise SumError("sum_zero")
    if base in (0, 1) or not exponent:
        return (base if exponent else Fraction(1)), True
    if exponent.denominator > 1:
        return _root_power(base, exponent)
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if base != -1 and (bits - 1) * abs(exponent.numerator) > _MOST_BITS:
        raise SumError("sum_big")
    if base == -1:
        return Fraction(1 if exponent.numerator % 2 == 0 else -1), True
    return bounded(base**exponent.numerator), True


def _root_power(base: Fraction, exponent: Fraction) -> tuple[Fraction, bool]:
    if base < 0:
        raise SumError("sum_unreal")
    if exponent.denominator == 2:
        rooted, even = root(base, 2)
        if even:
            return power(rooted, Fraction(exponent.numerator))
    try:
        return Fraction(math.pow(base, exponent)), False
    except (OverflowError, ValueError):  # ValueError: the base is too small for a float
        raise SumError("sum_big") from None


def root(value: Fraction, degree: int) -> tuple[Fraction, bool]:
    """The square root (degree 2) or cube root (degree 3) of `value`, and whether that is exact."""
    if value < 0 and degree == 2:
        raise SumError("sum_unreal")
    sign, size = (-1, -value) if value < 0 else (1, value)
    top, bottom = _whole_root(size.numerator, degree), _whole_root(size.denominator, degree)
    if top**degree == size.numerator and bottom**degree == size.denominator:
        return Fraction(sign * top, bottom), True
    with localcontext() as context:
        context.prec = _ROOT_FIGURES
        rooted = (Decimal(size.numerator) / Decimal(size.denominator)) ** (Decimal(1) / degree)
    return bounded(sign * Fraction(rooted)), False


def _whole_root(number: int, degree: int) -> int:
    """The whole part of the root of a whole number, by Newton's method."""
    if degree == 2 or number == 0:
        return math.isqrt(number)
    guess = 1 << -(-number.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + number // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better
