"""The words that numbers are made of, English and Russian; "ё" is written "е" here."""

from fractions import Fraction

from nexy.modules.text_processing.providers.offline.language import listed


def _in_order(first: int, step: int, words: str) -> dict[str, int]:
    return {word: first + step * n for n, word in enumerate(words.split())}


def _forms(rows: dict[int, str]) -> dict[str, int]:
    return {word: value for value, words in rows.items() for word in words.split()}


def _declined(numbers: dict[str, int], *endings: str) -> dict[str, int]:
    return {stem + ending: value for stem, value in numbers.items() for ending in endings}


SMALL = {
    **_in_order(
        0, 1, "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    ),
    **_in_order(15, 1, "fifteen sixteen seventeen eighteen nineteen"),
    **_in_order(20, 10, "twenty thirty forty fifty sixty seventy eighty ninety"),
    **_forms({0: "nought", 12: "dozen", 40: "fourty"}),
    **_forms(
        {
            0: "ноль нуль ноля нуля нолю нулю нолем нулем",
            1: "один одна одно одного одной одну одному одним",
            2: "два две двух двум двумя двое",
            3: "три трех трем тремя трое",
            4: "четыре четырех четырем четырьмя",
            8: "восемь восьми восемью восьмью",
            40: "сорок сорока",
            80: "восемьдесят восьмидесяти восемьюдесятью восьмьюдесятью",
            90: "девяносто девяноста",
            100: "сто ста",
            200: "двести двухсот двумстам двумястами",
            300: "триста трехсот тремстам тремястами",
            400: "четыреста четырехсот четыремстам четырьмястами",
            800: "восемьсот восьмисот восьмистам восемьюстами восьмьюстами",
        }
    ),
    **_declined(_in_order(5, 1, "пят шест сем"), "ь", "и", "ью"),
    **_declined(_in_order(9, 1, "девят десят одиннадцат двенадцат тринадцат четырнадцат"), "ь", "и", "ью"),
    **_declined(_in_order(15, 1, "пятнадцат шестнадцат семнадцат восемнадцат девятнадцат"), "ь", "и", "ью"),
    **_declined(_in_order(20, 10, "двадцат тридцат"), "ь", "и", "ью"),
    **_declined(_in_order(50, 10, "пят шест сем"), "ьдесят", "идесяти", "ьюдесятью"),
    **_declined(_in_order(500, 100, "пят шест сем"), "ьсот", "исот", "истам", "ьюстами"),
    **_declined({"девят": 900}, "ьсот", "исот", "истам", "ьюстами"),
}
"""Words that add up: twenty five, сто двадцать пять."""

HUNDRED = frozenset({"hundred", "hundreds"})

SCALES = {
    **_forms({1000: "thousand thousands", 10**6: "million millions", 10**9: "billion billions"}),
    **_forms({10**12: "trillion trillions"}),
    **_declined({"тысяч": 1000}, "а", "и", "", "у", "е", "ей", "ью", "ам", "ами", "ах"),
    **_declined({"миллион": 10**6}, "", "а", "ов", "у", "ом", "е", "ы", "ам", "ами", "ах"),
    **_declined({"миллиард": 10**9}, "", "а", "ов", "у", "ом", "е", "ы", "ам", "ами", "ах"),
    **_declined({"триллион": 10**12}, "", "а", "ов", "у", "ом", "е", "ы", "ам", "ами", "ах"),
}
"""Words that multiply what stands before them."""

PARTS = {
    **dict.fromkeys(listed("half halves половина половину половины половине половиной"), Fraction(1, 2)),
    **dict.fromkeys(listed("third thirds треть трети третью"), Fraction(1, 3)),
    **dict.fromkeys(listed("quarter quarters четверть четверти четвертью четвертей"), Fraction(1, 4)),
    **dict.fromkeys(listed("fifth fifths пятая пятых пятую"), Fraction(1, 5)),
    **dict.fromkeys(listed("tenth tenths десятая десятых десятую"), Fraction(1, 10)),
    **dict.fromkeys(listed("hundredth hundredths сотая сотых сотую"), Fraction(1, 100)),
    **dict.fromkeys(listed("thousandth thousandths тысячная тысячных тысячную"), Fraction(1, 1000)),
}

ORDINALS = {
    **_in_order(2, 1, "second third fourth fifth sixth seventh eighth ninth tenth"),
    **_in_order(2, 1, "второй третьей четвертой пятой шестой седьмой восьмой девятой десятой"),
}
"""Which power a number is raised to."""

ONE_AND_A_HALF = frozenset({"полтора", "полторы", "полутора"})
POINT = frozenset({"point", "точка", "запятая"})
WHOLES = frozenset({"целых", "целая", "целую", "целой"})
ARTICLES = frozenset({"a", "an"})
MULTIPLIERS = {word: SMALL[word] for word in listed("пятью шестью семью восемью девятью")}
"""In "пятью пять" these say both the number and "times"."""
