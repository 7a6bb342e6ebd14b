"""Whatever is said, the offline assistant answers: shortly, on one line, and without an exception."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.text_processing.model import Prompt
from nexy.modules.text_processing.providers.offline.arithmetic import work_out
from nexy.modules.text_processing.providers.offline.assistant import answer
from nexy.modules.text_processing.providers.offline.numerals import read_number
from nexy.modules.text_processing.providers.offline.phrases import _ENGLISH, _RUSSIAN
from nexy.types import Exchange
from tests.modules.text_processing.talking import SATURDAY

WORDS = (
    "what is my name I like live in remember that say repeat after me hello nexy please the of and a an "
    "two half third hundred thousand million point percent plus minus times divided by square root squared "
    "17 3.5 1,000 0 -1 ( ) + - * / ^ ** % √ ? ! . , : = ² screen this how old am time date tomorrow told "
    "скажи повтори мне меня зовут я живу люблю запомни что пять пятью двадцать сто тысяч полтора целых "
    "десятых с половиной и на от из к корень процентов умножить разделить раздели вычти сколько будет "
    "который час to the fourth power в третьей степени"
)

anything = st.text(max_size=300)
likely = st.lists(st.sampled_from(WORDS.split()), max_size=40).map(" ".join)
said = st.one_of(
    anything, likely, st.lists(st.one_of(st.sampled_from(WORDS.split()), anything), max_size=6).map("".join)
)


def check(text: str) -> None:
    assert text
    assert text == text.strip()
    assert "\n" not in text
    assert len(text) < 600


@given(said)
def test_any_text_gets_a_short_answer(text: str) -> None:
    check(answer(Prompt(text), SATURDAY))


@given(st.lists(st.tuples(said, said), max_size=5), said)
def test_any_past_does_too(past: list[tuple[str, str]], text: str) -> None:
    check(answer(Prompt(text, tuple(Exchange(*exchange) for exchange in past)), SATURDAY))


@given(likely, st.integers(1, 400))
def test_text_of_any_length_does_too(text: str, times: int) -> None:
    check(answer(Prompt((text * times)[:10_000]), SATURDAY))


@given(st.characters(exclude_categories=()), st.integers(1, 50))
def test_any_character_does_too(character: str, times: int) -> None:
    check(answer(Prompt(character * times), SATURDAY))


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_sums_of_whole_numbers_are_right(left: int, right: int) -> None:
    def signed(number: int) -> str:
        return f"minus {-number}" if number < 0 else str(number)

    said = f"{signed(left)} plus {signed(right)} is {signed(left + right)}."
    assert work_out(f"{left} + {right}", "en") == said[:1].upper() + said[1:]


ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"


def in_words(number: int) -> str:
    for scale, name in ((10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= scale:
            rest = f" {in_words(number % scale)}" if number % scale else ""
            return f"{in_words(number // scale)} {name}{rest}"
    if number < 20:
        return ONES.split()[number]
    return TENS.split()[number // 10 - 2] + (f" {ONES.split()[number % 10]}" if number % 10 else "")


@given(st.integers(0, 10**9 - 1))
def test_numbers_said_in_words_are_understood(number: int) -> None:
    words = in_words(number).split()
    assert read_number(words, 0) == (Fraction(number), len(words), False)


def test_both_languages_have_the_same_phrases() -> None:
    assert _ENGLISH.keys() == _RUSSIAN.keys()
