"""What is written is made to be heard: nothing that is a word is lost, nothing that is markup is read."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.text_filtering import Spoken, speakable
from nexy.types import Sentence


@pytest.mark.parametrize(
    "text",
    [
        "Hello, world! How are you?",
        "Don't lose it, it’s the dog's 'own' rock 'n' roll.",
        "A well-known fact — or two–three facts, perhaps…",
        "L'été naïve façade, über Straße, Ελλάδα, Łódź, ïñ.",
        "Ёжик, объём и кто-нибудь: «Да!» — сказал он.",
        "हिन्दी में लिखो। שלום עולם! مرحبا؟",
        "今天天气很好，我们去吧。",
        "At 10:30 on 21.11.2026, v3.11.7 at 192.168.0.1, 2nd of 5 km, mp3.",
        "2021-11-26, 2020-2024, 10-15 or 1/2, room 5-3, 555-1234.",
        "C++ and C# by AT&T, #tag, (a) [1] {b}, snake_case, x = y.",
        "Call f(x) < y & z; 5 > 3.",
    ],
)
def test_words_apostrophes_dashes_and_numbers_stay_as_they_are(text: str) -> None:
    assert speakable(text).text == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  Hello,\n\n  world\t! ", "Hello, world!"),
        ("**Bold**, *it*, _it_, __b__, ***both***, ~~no~~ and `c`.", "Bold, it, it, b, both, no and c."),
        ("in**side** a_word_ here", "inside a_word here"),
        ("# One\n## Two\n- three\n  * four\n+ five\n• six", "One Two three four five six"),
        ("> seven\n> > eight\n>nine", "seven eight nine"),
        ("- [ ] open\n- [x] done", "open done"),
        ("1. First\n2) Second", "1. First 2) Second"),
        ("— Привет. — Да.", "Привет. — Да."),
        ("Before\n\n---\n\nafter\n***\nthat\n____\nend", "Before after that end"),
        ("| Name | Age |\n|:--|---:|\n| Ann | 5 |", "Name Age Ann 5"),
        ("one<br>two<br/>three <b>four</b>", "one two three four"),
        ("See [the **docs**](https://example.com/a_(b) \"Docs\")!", "See the docs!"),
        ("![A cat](cat.png) and [x] (y)", "A cat and [x] (y)"),
        ("Hi 😊! 👍🏽 Great🎉stuff 1️⃣ 👨‍👩‍👧 🇩🇪 ✅", "Hi! Great stuff 1"),
        ("soft\u00adhy\u200bphen\ufeff, zero\x00", "softhyphen, zero"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("\\*not bold\\* and 1\\. so", "not bold and 1. so"),
        ('" She left.', "She left."),
        (".. maybe", "maybe"),
        ("**Tip.", "Tip."),
        ("a * b", "a * b"),
    ],
)  # fmt: skip
def test_markup_is_not_read(text: str, said: str) -> None:
    assert speakable(text).text == said
    assert speakable(text, "fr").text == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "---",
        "***",
        "😊",
        "😊 👍🏽!",
        "...",
        "?!",
        "* ",
        "#",
        "|---|",
        "``",
        "$ %",
        "\n> ",
        "—",
        "- \n-",
    ],
)
def test_where_there_is_nothing_to_say_nothing_is_said(text: str) -> None:
    assert speakable(text) == Spoken("", ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("See https://www.example.com/a.html?q=1#x.", "See example.com."),
        ("(http://user:pw@example.org:8080/), ok", "(example.org), ok"),
        ("<https://x.io> or www.Example.com!", "x.io or Example.com!"),
        ("docs.example.com/page/1 and a/b.c/d", "docs.example.com and a/b.c/d"),
        ("example.com, main.py and https://", "example.com, main.py and https://"),
        ("http://localhost:8080/x", "localhost"),
    ],
)
def test_a_web_address_is_said_as_its_site(text: str, said: str) -> None:
    assert speakable(text, "fr").text == said


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Mail <bob.smith@mail.example.com>.", "en", "Mail bob dot smith at mail dot example dot com."),
        ("Пишите на bob@mail.ru!", "ru", "Пишите на bob собака mail точка ru!"),
        ("Écrivez à bob@mail.fr.", "fr", "Écrivez à bob@mail.fr."),
        ("See:\n```python\nx = 1\n```\nSo.", "en", "See: code So."),
        ("```\nx = 1", "ru-RU", "код"),
        ("Voici ```x = 1``` ça", "fr", "Voici ça"),
        ("```x```", "fr", ""),
    ],
)
def test_addresses_and_code_are_named_in_the_listeners_language(text: str, language: str, said: str) -> None:
    assert speakable(text, language).text == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("$3.50, $1 or $ 2, US$5, ($6)", "3.50 dollars, 1 dollar or 2 dollars, US 5 dollars, (6 dollars)"),
        ("1.234,56 €, £1, 5$, 100 ₽", "1.234,56 euros, 1 pound, 5 dollars, 100 roubles"),
        ("$5 million and 2 billion €", "5 million dollars and 2 billion euros"),
        ("buy 5 $10 cards, $5k", "buy 5 10 dollars cards, $5k"),
        ("50%, 5 %, 1 %", "50 percent, 5 percent, 1 percent"),
        ("20 °C, 1°C, 98.6°F, 5℃, 90°", "20 degrees Celsius, 1 degree Celsius, 98.6 degrees Fahrenheit, "
         "5 degrees Celsius, 90 degrees"),
        ("2+2=4", "2 plus 2 equals 4"),
        ("5 - 3 = 2, 5-3, 5−3", "5 minus 3 equals 2, 5-3, 5 minus 3"),
        ("6 × 7, 6*7, 6 * 7, 6 · 7, 8 ÷ 2", "6 times 7, 6 times 7, 6 times 7, 6 times 7, 8 divided by 2"),
        ("(2 + 3) × 4 = -20", "(2 plus 3) times 4 equals minus 20"),
        ("-5°C, −3 and (-1)", "minus 5 degrees Celsius, minus 3 and (minus 1)"),
        ("+7, -$5", "plus 7, minus 5 dollars"),
        ("**5** apples, *5 mg*", "5 apples, 5 mg"),
        ("x = 5, a + 1", "x = 5, a + 1"),
    ],
)  # fmt: skip
def test_signs_that_stand_with_numbers_are_said_in_english(text: str, said: str) -> None:
    assert speakable(text).text == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1%, 2%, 5%, 1,5%", "1 процент, 2 процента, 5 процентов, 1,5 процента"),
        ("11%, 21%, 114%", "11 процентов, 21 процент, 114 процентов"),
        ("$1, $3, $0, 1.000 $", "1 доллар, 3 доллара, 0 долларов, 1.000 долларов"),
        ("1 000 ₽, 101 ₽, 24 ₽", "1000 рублей, 101 рубль, 24 рубля"),
        ("5 млн ₽, $2 миллиона, 3 €, £12", "5 млн рублей, 2 миллиона долларов, 3 евро, 12 фунтов"),
        ("-5 °С, 20°C, 1°", "минус 5 градусов Цельсия, 20 градусов Цельсия, 1 градус"),
        ("2 + 2 = 4; 6 × 7 ÷ 2", "2 плюс 2 равно 4; 6 умножить на 7 разделить на 2"),
    ],
)  # fmt: skip
def test_signs_that_stand_with_numbers_are_said_in_russian(text: str, said: str) -> None:
    assert speakable(text, "ru").text == said


def test_no_other_language_gets_english_words() -> None:
    text = "50 % de $5 + 3 = -4 × 2 à 20 °C"
    assert speakable(text, "fr").text == text
    assert speakable("6*7, *5*", "fr").text == "6*7, 5"


@pytest.mark.parametrize("language", ["de", "ja", "xx"])
def test_signs_without_words_in_a_language_are_left_to_its_voice(language: str) -> None:
    said = speakable("15 % und 2 + 2 = 4, a@b.de, $5, 5 °C, ```x```", language).text
    assert said == "15 % und 2 + 2 = 4, a@b.de, $5, 5 °C,"


def said_until(word: str, text: str, language: str = "en") -> str:
    """How far the text is said when a voice has said `word`."""
    spoken = speakable(text, language)
    end = spoken.text.index(word) + len(word)
    return Sentence(text, spoken.text, spoken.marks).text_said(end)


@pytest.mark.parametrize(
    ("word", "text", "said"),
    [
        ("Hello", " Hello, world.", " Hello,"),
        ("world", " Hello, world.", " Hello, world."),
        ("", " Hello, world.", ""),
        ("Hell", "Hello, world.", ""),
        ("one", "- one\n- two", "- one"),
        ("Bold", "**Bold** text", "**Bold**"),
        ("the", "See [the docs](https://x.io) now", "See [the"),
        ("docs", "See [the docs](https://x.io) now", "See [the docs](https://x.io)"),
        ("3.50", "It costs $3.50 now", "It costs"),
        ("dollars", "It costs $3.50 now", "It costs $3.50"),
        ("x dot", "Ask a@x.io please", "Ask"),
        ("io", "Ask a@x.io please", "Ask a@x.io"),
        ("code", "So:\n```\nx\n```\nthen", "So:\n```\nx\n```"),
        ("今天", "今天天气", "今天"),
        ("stuff", "Great stuff! 😊\n", "Great stuff! 😊"),
        ("Great stuff!", "Great stuff! 😊\n", "Great stuff! 😊\n"),
        ("know", "I 😊 know 😊 it", "I 😊 know"),
    ],
)  # fmt: skip
def test_an_interrupted_sentence_is_remembered_as_far_as_it_was_heard(
    word: str, text: str, said: str
) -> None:
    assert said_until(word, text) == said


MARKUP = " \n\n#*-_`~[](){}<>!?.,:;|\\/@'\"“”«»—–+=×÷−%$€£₽°C℃…"
ANYTHING = st.text() | st.text(alphabet=MARKUP + "ab1C2Яя好é\u0301\u200d😊👍🏽\ufe0f\u00a0", max_size=200)
LANGUAGES = st.sampled_from(["en", "ru", "fr", "en-US", ""])


@given(ANYTHING, LANGUAGES)
def test_the_marks_ascend_within_both_texts_and_reach_the_end(text: str, language: str) -> None:
    spoken = speakable(text, language)
    ends = [end for end, _ in spoken.marks]
    reached = [position for _, position in spoken.marks]
    assert ends == sorted(set(ends))
    assert reached == sorted(reached)
    assert bool(ends) == bool(spoken.text)
    if ends:
        assert ends[0] > 0
        assert ends[-1] <= len(spoken.text)
        assert reached[-1] == len(text.rstrip())


@given(ANYTHING, LANGUAGES)
def test_what_is_said_is_one_line_with_single_spaces(text: str, language: str) -> None:
    said = speakable(text, language).text
    assert said == " ".join(said.split())
    said.encode()  # a voice takes UTF-8: no lone surrogates


@given(st.text(alphabet=st.characters(categories=["L", "Zs"]) | st.sampled_from("'’-,.!?—\n")))
def test_no_letter_of_any_language_is_lost(text: str) -> None:
    letters = [sign for sign in text if unicodedata.category(sign).startswith("L")]
    assert [
        sign for sign in speakable(text, "fr").text if unicodedata.category(sign).startswith("L")
    ] == letters


@given(st.lists(st.from_regex(r"[a-zа-яé]+('[a-z]+)?[,.!?]?", fullmatch=True)))
def test_each_word_of_plain_prose_has_its_mark(words: list[str]) -> None:
    text = " ".join(words)
    spoken = speakable(text)
    assert spoken.text == text
    assert [text[:position] for _, position in spoken.marks] == [
        text[: word.end()] for word in re.finditer(r"\S+", text)
    ]
