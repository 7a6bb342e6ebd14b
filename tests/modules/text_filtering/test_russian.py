"""The Russian readings: whatever is put together from their grammar is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.text_filtering import speakable
from nexy.modules.text_filtering.russian.numerals import fraction, one_and_a_half, prefix

WRITTEN = """
    в на с по к до от из между и или не при около примерно главы Пётр Екатерине г. гг. в. вв. н. э. ч.
    л. ст. л. стр. ул. т. ч. мин. шт. мес. ₽/кг руб./мес. руб. км % °C ГБ л. с. га с мая января век
    веков год годах году книги книгу столов таблетке человек дней I II XIV XV–XVI -й -го -х -летний № ½
    ¾ 1/2 3/4 1½ √ ≤ − + 0 1 2 5 11 21 44 100 101 988 1000 1961 2026 1,5 0,1 12,345 3.14 1000000
    12345678901234567890 2–3 1,5–2 5–10 40–45 1941–1945 9:00 24:59 1.1.2026 5:7 17,1 007 8-800-100-20-30
    123-45-67 млн тыс. млрд , . — ( ) «
"""
PIECES = st.sampled_from(WRITTEN.split())


@given(st.lists(st.tuples(PIECES, st.sampled_from(["", " ", " ", " "])), min_size=1, max_size=9))
def test_nothing_raises_and_each_word_is_marked(pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece + gap for piece, gap in pieces)
    spoken = speakable(text, "ru")
    said, reached = [mark[0] for mark in spoken.marks], [mark[1] for mark in spoken.marks]
    assert said == sorted(said)
    assert reached == sorted(reached)
    assert not spoken.marks or said[-1] <= len(spoken.text)


@pytest.mark.parametrize("written", ["{} км", "{}–{} км", "5–{}", "{} млн ₽", "0,{} кг", "${}", "{}-летний"])
def test_a_number_of_any_length_is_said(written: str) -> None:
    assert speakable(written.replace("{}", "1" * 5000), "ru").text.count("один") >= 5000


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "одно"),
        (5, "пяти"),
        (16, "шестнадцати"),
        (21, "двадцатиодно"),
        (40, "сорока"),
        (90, "девяносто"),
        (100, "сто"),
        (150, "стопятидесяти"),
        (300, "трёхсот"),
        (1000, "тысяче"),
        (1961, ""),
    ],
)
def test_a_number_begins_a_word(number: int, said: str) -> None:
    assert prefix(number) == said


@pytest.mark.parametrize(
    ("top", "bottom", "said"),
    [
        (1, 2, "половины"),
        (2, 3, "двух третей"),
        (3, 4, "трёх четвертей"),
        (1, 5, "одной пятой"),
        (7, 10, "семи десятых"),
    ],
)
def test_parts_are_declined(top: int, bottom: int, said: str) -> None:
    assert fraction(top, bottom, "g") == said


def test_one_and_a_half_has_two_forms_and_a_gender() -> None:
    assert (one_and_a_half(), one_and_a_half("n", "f"), one_and_a_half("g", "f")) == (
        "полтора",
        "полторы",
        "полутора",
    )
