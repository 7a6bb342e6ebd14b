"""What is said is what a person would say, and its words find their way back into the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.text_filtering import language_of, speakable
from nexy.types import Sentence

ENGLISH = {
    "Yes.": "Yes.",
    " It's **bold** and _fine_.": "It's bold and fine.",
    "## Heading": "Heading",
    "- item one 😀": "item one",
    "Use `ls` now.": "Use ls now.",
    "See [the docs](https://a.b/c?d).": "See the docs.",
    "See https://www.example.com/x/y?z now.": "See example.com now.",
    "Write to ada@example.com.": "Write to ada at example dot com.",
    "That is 15% off.": "That is 15 percent off.",
    "It costs $3.50.": "It costs 3.50 dollars.",
    "It is 20 °C.": "It is 20 degrees Celsius.",
    "2 + 2 = 4": "2 plus 2 equals 4",
    "6 * 7 and 8 ÷ 2": "6 times 7 and 8 divided by 2",
    "2020-2024": "2020-2024",
    "---": "",
    "😀": "",
    "O’Neil’s naïve café": "O’Neil’s naïve café",
}
RUSSIAN = {
    "Скидка 20%.": "Скидка 20 процентов.",
    "Пишите на ada@mail.ru.": "Пишите на ada собака mail точка ru.",
    "Это 5 €.": "Это 5 евро.",
    "2 + 2 = 4": "2 плюс 2 равно 4",
}


@pytest.mark.parametrize(("text", "said"), ENGLISH.items())
def test_in_english(text: str, said: str) -> None:
    assert speakable(text, "en").text == said


@pytest.mark.parametrize(("text", "said"), RUSSIAN.items())
def test_in_russian(text: str, said: str) -> None:
    assert speakable(text, "ru").text == said


@pytest.mark.parametrize("language", ["de", "ja", "xx"])
def test_no_other_language_gets_english_words(language: str) -> None:
    said = speakable("15 % und 2 + 2 = 4, a@b.de, $5, 5 °C, ```x```", language).text
    assert not {"percent", "plus", "equals", "at", "dot", "dollars", "code"} & set(said.split())


def test_code_is_named_and_not_read() -> None:
    assert "x = 1" not in speakable("```py\nx = 1\n```").text
    assert "code" in speakable("```py\nx = 1\n```").text.lower()


def test_what_is_heard_is_the_text_as_it_was_written() -> None:
    text = "It **costs** $3.50 today."
    spoken = speakable(text)
    sentence = Sentence(text, spoken.text, spoken.marks)
    assert sentence.text_said(spoken.text.index("costs") + 5) == "It **costs**"
    assert sentence.text_said(spoken.text.index("3.50") + 4) in ("It **costs**", "It **costs** $3.50")
    assert sentence.text_said(len(spoken.text)) == text
    assert sentence.text_said(0) == ""


@given(st.text(max_size=80), st.sampled_from(["en", "ru", "de"]))
def test_marks_go_forward_and_stay_within(text: str, language: str) -> None:
    spoken = speakable(text, language)
    assert list(spoken.marks) == sorted(spoken.marks)
    assert all(0 <= said <= len(spoken.text) and 0 <= written <= len(text) for said, written in spoken.marks)
    assert "  " not in spoken.text
    if spoken.marks:
        assert spoken.marks[-1][1] >= len(text.rstrip())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello", "en"),
        ("Привет", "ru"),
        ("Привет, Nexy", "ru"),
        ("Hello, Ада!", "en"),
        ("123", "de"),
        ("", "ru"),
    ],
)
def test_the_language_is_that_of_the_letters(text: str, language: str) -> None:
    default = language if not any(map(str.isalpha, text)) else "xx"
    assert language_of(text, default) == language
