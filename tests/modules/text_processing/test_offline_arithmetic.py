"""Sums, typed and said, in both languages."""

from fractions import Fraction

import pytest

from nexy.modules.text_processing.providers.offline.arithmetic import work_out
from nexy.modules.text_processing.providers.offline.figures import say_number

LONG = "That sum is too long for me. Please ask for a shorter one."
BIG = "That number is too big for me."
UNREAL = "That has no answer among the ordinary numbers."
ZERO = "That has no answer: nothing can be divided by zero."
BROKEN = "I cannot work that out as it stands. Please say the sum again."

ENGLISH = {
    "What is 17 times 3?": "17 times 3 is 51.",
    "seventeen times three": "17 times 3 is 51.",
    "Nexy, can you tell me how much is 17 multiplied by 3 please": "17 times 3 is 51.",
    "2 + 2 * 3": "2 plus 2 times 3 is 8.",
    "(2+2)*3 =": "(2 plus 2) times 3 is 12.",
    "2(3+4)": "2 times (3 plus 4) is 14.",
    "12 x 3": "12 times 3 is 36.",
    "10 ÷ 4": "10 divided by 4 is 2.5.",
    "10 over 4": "10 divided by 4 is 2.5.",
    "10 : 4": "10 divided by 4 is 2.5.",
    "5 take away 7": "5 minus 7 is minus 2.",
    "-5 + 3": "Minus 5 plus 3 is minus 2.",
    "5 * -3": "5 times minus 3 is minus 15.",
    "5 − +3": "5 minus 3 is 2.",
    "negative five plus three": "Minus 5 plus 3 is minus 2.",
    "0.1 + 0.2": "0.1 plus 0.2 is 0.3.",
    ".5 + .5": "0.5 plus 0.5 is 1.",
    "2,5 + 2,5": "2.5 plus 2.5 is 5.",
    "1,000,000 + 1": "1000000 plus 1 is 1000001.",
    "1,000.5 + 1": "1000.5 plus 1 is 1001.5.",
    "what's 15 percent of 200": "15 percent of 200 is 30.",
    "15% of 200 + 1": "15 percent of 200 plus 1 is 31.",
    "200 plus 15 per cent": "200 plus 15 percent is 230.",
    "200 - 15%": "200 minus 15 percent is 170.",
    "5% + 10%": "5 percent plus 10 percent is 0.15.",
    "half of 9": "Half of 9 is 4.5.",
    "half of half of 8": "Half of half of 8 is 2.",
    "a quarter of 8": "A quarter of 8 is 2.",
    "three quarters of 8": "Three quarters of 8 is 6.",
    "two thirds plus one third": "Two thirds plus one third is 1.",
    "twice 7": "Twice 7 is 14.",
    "square root of 144": "The square root of 144 is 12.",
    "√2": "The square root of 2 is about 1.4142.",
    "the square root of 2.25": "The square root of 2.25 is 1.5.",
    "cube root of 27": "The cube root of 27 is 3.",
    "cube root of minus 27": "The cube root of minus 27 is minus 3.",
    "cube root of 10": "The cube root of 10 is about 2.1544.",
    "cube root of 0": "The cube root of 0 is 0.",
    "five squared": "5 squared is 25.",
    "5³": "5 cubed is 125.",
    "2 to the power of 10": "2 to the power of 10 is 1024.",
    "2 ** 3 ** 2": "2 to the power of 3 to the power of 2 is 512.",
    "2^-2": "2 to the power of minus 2 is 0.25.",
    "3 to the fourth power": "3 to the power of 4 is 81.",
    "3 raised to the power of 4": "3 to the power of 4 is 81.",
    "-2^2": "Minus 2 to the power of 2 is minus 4.",
    "(-1)^1001": "(minus 1) to the power of 1001 is minus 1.",
    "(-1)^1000": "(minus 1) to the power of 1000 is 1.",
    "0^0": "0 to the power of 0 is 1.",
    "0^5": "0 to the power of 5 is 0.",
    "4^0.5": "4 to the power of 0.5 is 2.",
    "2^0.5": "2 to the power of 0.5 is about 1.4142.",
    "8^(1/3)": "8 to the power of (1 divided by 3) is about 2.",
    "2^64": "2 to the power of 64 is 18446744073709551616.",
    "2^100": "2 to the power of 100 is about 1.268 times 10 to the power of 30.",
    "1/3": "1 divided by 3 is about 0.3333.",
    "1 / 30000": "1 divided by 30000 is about 0.00003333.",
    "1 / 3 / 10^12": "1 divided by 3 divided by 10 to the power of 12 is about 3.333 times 10 to the "
    "power of minus 13.",
    "add 5 and 7": "5 plus 7 is 12.",
    "add 5 and 7 and 8": "5 plus 7 plus 8 is 20.",
    "add 5 to 7": "5 plus 7 is 12.",
    "the sum of 2 and 3": "2 plus 3 is 5.",
    "the sum of one hundred and five and two": "105 plus 2 is 107.",
    "multiply 3 by 4": "3 times 4 is 12.",
    "the product of 3 and 4": "3 times 4 is 12.",
    "divide 10 by 4": "10 divided by 4 is 2.5.",
    "subtract 3 from 10": "10 minus 3 is 7.",
    "the difference between 10 and 3": "10 minus 3 is 7.",
    "one hundred and five plus two": "105 plus 2 is 107.",
    "a hundred plus a thousand": "100 plus 1000 is 1100.",
    "a dozen plus one": "12 plus 1 is 13.",
    "twenty-five plus one": "25 plus 1 is 26.",
    "nineteen hundred plus one": "1900 plus 1 is 1901.",
    "two million three hundred thousand and forty two plus one": "2300042 plus 1 is 2300043.",
    "2 million 500 thousand plus 1": "2500000 plus 1 is 2500001.",
    "two and a half million times two": "2500000 times 2 is 5000000.",
    "three point one four times two": "3.14 times 2 is 6.28.",
    "three point twenty five times two": "3.25 times 2 is 6.5.",
    "10 / 0": ZERO,
    "10 / (5 - 5)": ZERO,
    "0^-1": ZERO,
    "9**9**9": BIG,
    "9^9^9^9": BIG,
    "(10^500)^0.7": BIG,
    "(10^-400)^-0.3": BIG,
    "10^1000 * 10^1000": BIG,
    "10^1000 + 10^-1000": BIG,
    "square root of minus 4": UNREAL,
    "(-8)^0.3": UNREAL,
    "1" * 10_000 + " + 1": LONG,
    "(" * 10_000 + "1": LONG,
    "(" * 60 + "1+1" + ")" * 60: LONG,
    "1 + " * 3000 + "1": LONG,
    " + ".join(["17"] * 40): "The result is 680.",
    "2 +": BROKEN,
    "five times": BROKEN,
    "2 + 3 3": BROKEN,
    "(2 + 3": BROKEN,
    "divide 10 from 5": BROKEN,
    "divide 10": BROKEN,
    "3 of 4 plus 1": BROKEN,
}

RUSSIAN = {
    "двадцать пять умножить на четыре": "25 умножить на 4 будет 100.",
    "сколько будет 17 на 3": "17 умножить на 3 будет 51.",
    "Скажи мне, сколько будет два плюс два?": "2 плюс 2 будет 4.",
    "чему равно пятьсот двадцать минус сорок": "520 минус 40 будет 480.",
    "пятью пять": "Пятью 5 будет 25.",
    "шестью 7": "Шестью 7 будет 42.",
    "дважды два": "Дважды 2 будет 4.",
    "разница между пятью и двумя": "5 минус 2 будет 3.",
    "15 процентов от 200": "15 процентов от 200 будет 30.",
    "1 процент от 50": "1 процент от 50 будет 0,5.",
    "2,5 процента от 200": "2,5 процента от 200 будет 5.",
    "половина от 9": "Половина от 9 будет 4,5.",
    "одна треть от девяти": "Одна треть от 9 будет 3.",
    "квадратный корень из ста сорока четырёх": "Квадратный корень из 144 будет 12.",
    "2,5 + 2,5": "2,5 плюс 2,5 будет 5.",
    "1 000 000 плюс 1": "1000000 плюс 1 будет 1000001.",
    "10 : 4": "10 разделить на 4 будет 2,5.",
    "раздели 10 на 4": "10 разделить на 4 будет 2,5.",
    "вычти 3 из 10": "10 минус 3 будет 7.",
    "отними три от десяти": "10 минус 3 будет 7.",
    "прибавь 3 к 10": "3 плюс 10 будет 13.",
    "сумма 2 и 3": "2 плюс 3 будет 5.",
    "три целых пять десятых плюс один": "3,5 плюс 1 будет 4,5.",
    "ноль целых и двадцать пять сотых плюс один": "0,25 плюс 1 будет 1,25.",
    "три запятая четырнадцать плюс один": "3,14 плюс 1 будет 4,14.",
    "3 с половиной умножить на 2": "3,5 умножить на 2 будет 7.",
    "полтора плюс полтора": "1,5 плюс 1,5 будет 3.",
    "полторы тысячи плюс один": "1500 плюс 1 будет 1501.",
    "сто двадцать тысяч триста сорок пять плюс один": "120345 плюс 1 будет 120346.",
    "два миллиона три тысячи минус тысяча": "2003000 минус 1000 будет 2002000.",
    "пять в кубе": "5 в кубе будет 125.",
    "три в четвёртой степени": "3 в степени 4 будет 81.",
    "2 в степени 200": "2 в степени 200 будет примерно 1,607 умножить на 10 в степени 60.",
    "1 / 3": "1 разделить на 3 будет примерно 0,3333.",
    "10 делить на ноль": "Ответа нет: на ноль делить нельзя.",
    "два плюс": "Так я не могу посчитать. Повторите пример, пожалуйста.",
}

NO_SUMS = (
    "",
    "5",
    "minus 5",
    "15%",
    "one and two",
    "a half",
    "five of six",
    "from 5 to 10",
    "nineteen eighty four",
    "minus",
    "half past ten",
    "10:30",
    "2024-10-03",
    "3/10/2026",
    "one more time",
    "What is 2 apples plus 3?",
    "million million",
    "3 to the last power",
    "one hundred hundred",
    "two and three",
    "two and half",
    "twenty zero",
    "zero one",
    "five 7",
    "add",
    "two point plus one",
    "two point half plus one",
    "три целых плюс один",
    "∞",
)


@pytest.mark.parametrize(("said", "answer"), ENGLISH.items(), ids=lambda text: text[:40])
def test_a_sum_in_english(said: str, answer: str) -> None:
    assert work_out(said, "en") == answer


@pytest.mark.parametrize(("said", "answer"), RUSSIAN.items(), ids=lambda text: text[:40])
def test_a_sum_in_russian(said: str, answer: str) -> None:
    assert work_out(said, "ru") == answer


@pytest.mark.parametrize("said", NO_SUMS)
def test_what_is_no_sum_is_left_to_others(said: str) -> None:
    assert work_out(said, "en") is None


def test_a_result_too_small_to_say_is_about_nothing() -> None:
    assert say_number(Fraction(0), "en", exact=False) == "about 0"
    assert say_number(Fraction(-1, 3), "ru", exact=True) == "примерно минус 0,3333"
