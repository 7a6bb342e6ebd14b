"""What is written is made to be heard: nothing that is a word is lost, nothing that is markup is read."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.text_filtering import Pronunciations, Spoken, speakable
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
        "C++ and C#, (a) [x] {b}, x = y, f(x) < y, mp3.",
    ],
)
def test_words_apostrophes_dashes_and_numbers_stay_as_they_are(text: str) -> None:
    assert speakable(text).text == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  Hello,\n\n  world\t! ", "Hello, world!"),
        ("**Bold**, *it*, _it_, __b__, ***both***, ~~no~~ and `c`.", "Bold, it, it, b, both, no and c."),
        ("in**side** a-word_ here", "inside a-word here"),
        ("# One\n## Two\n- three\n  * four\n+ five\n• six", "One Two three four five six"),
        ("> seven\n> > eight\n>nine", "seven eight nine"),
        ("- [ ] open\n- [x] done", "open done"),
        ("— Привет. — Да.", "Привет. — Да."),
        ("Before\n\n---\n\nafter\n***\nthat\n____\nend", "Before after that end"),
        ("one<br>two<br/>three <b>four</b>", "one two three four"),
        ("See [the **docs**](a_(b).html \"Docs\")!", "See the docs!"),
        ("![A cat](cat.png) and [x] (y)", "A cat and [x] (y)"),
        ("Hi 😊! 👍🏽 Great🎉stuff 👨‍👩‍👧 🇩🇪 ✅", "Hi! Great stuff"),
        ("soft\u00adhy\u200bphen\ufeff, zero\x00", "softhyphen, zero"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("\\*not bold\\* and so\\.", "not bold and so."),
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
        ("See:\n```python\nx = 1\n```\nSo.", "en", "See: code in Python So."),
        ("```\nx = 1", "ru-RU", "код"),
        ("Voici ```x = 1``` ça", "fr", "Voici ça"),
        ("```x```", "fr", ""),
    ],
)
def test_addresses_and_code_are_named_in_the_listeners_language(text: str, language: str, said: str) -> None:
    assert speakable(text, language).text == said


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
        ("docs", "See [the docs](https://x.io) now", "See [the docs"),
        ("dot io", "See [the docs](https://x.io) now", "See [the docs](https://x.io)"),
        ("dollars", "It costs $3.50 now", "It costs"),
        ("cents", "It costs $3.50 now", "It costs $3.50"),
        ("Price", "| A | Price |\n|---|---|\n| b | $5 |", "| A | Price"),
        ("b, Price", "| A | Price |\n|---|---|\n| b | $5 |", "| A | Price |\n|---|---|\n| b"),
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


def test_a_table_that_goes_on_is_read_with_the_headings_as_they_were_said() -> None:
    before = speakable("| # | Price ($) | **Wind** (km/h) |\n|---|---|---|\n")
    assert before.text == "Table: number, Price (dollars), Wind (kilometers per hour)."
    assert before.headings == ("number", "Price (dollars)", "Wind (kilometers per hour)")
    after = speakable("| 1 | 5 | - |\n", headings=before.headings)
    assert after.text == "one, Price (dollars): five."
    assert after.headings == before.headings


@pytest.mark.parametrize("text", ["5pm.", "At 9am-5pm.", "See you at 5 p.m.", "It is 8 oz."])
def test_what_ends_with_a_full_stop_has_one_at_a_sentences_end(text: str) -> None:
    assert re.search(r"[^.]\.\Z", speakable(text).text)


MARKUP = " \n\n#*-_`~[](){}<>!?.,:;|\\/@'\"“”«»—–+=×÷−%$€£₽°C℃…"
ANYTHING = st.text() | st.text(
    alphabet=MARKUP + "ab1C2IVXЯя好é№½²мг\u0301\u200d😊👍🏽\ufe0f\u00a0", max_size=200
)
LANGUAGES = st.sampled_from(["en", "ru", "fr", "en-US", ""])


PARTS_OF_FIGURES = """
    1 2 21 007 1961 3.5 1,234.50 $ € % km кг г. млн № # – - / : . , ( + ½ Nov мая th -го p.m. IV | ` @ x.io
    Dr. т.е. x × " / 4 % in oz. 9am 10⁸ ⁻ Mon Jun CA$ ⭐ ✅ > Next
"""
FIGURES = st.lists(st.sampled_from([*PARTS_OF_FIGURES.split(), *"     \n"])).map("".join)


@given(ANYTHING | FIGURES, LANGUAGES)
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


@given(ANYTHING | FIGURES, LANGUAGES)
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


@given(
    st.lists(st.from_regex(r"[A-ZА-Я]?[a-zа-яé]+('[a-z]+|-[а-я]+)?[,;:]?", fullmatch=True), min_size=1),
    st.sampled_from(["", ".", "!", "?", "…"]),
    st.sampled_from(["", " ", "\n", "- "]),
    st.sampled_from(["en", "ru", "fr"]),
)
def test_a_sentence_of_words_is_said_the_same_when_it_is_taken_apart(
    words: list[str], end: str, lead: str, language: str
) -> None:
    text = lead + " ".join(words) + end
    alone = speakable(text, language)
    beside = speakable(text + " 🎉", language)
    assert (beside.text, [at for at, _ in beside.marks]) == (alone.text, [at for at, _ in alone.marks])
    assert beside.marks[:-1] == alone.marks[:-1]


TABLE = Pronunciations(
    {"": {"nexy": "neksi", "Nguyen": "Win", "B2B": "business to business"}, "ru": {"nexy": "нэкси"}}
)


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Nexy is here.", "en", "neksi is here."),
        ("Ask NEXY, or Nexy's friend.", "en", "Ask neksi, or neksi's friend."),
        ("Mr. Nguyen and nguyen.", "en", "Mister Win and nguyen."),
        ("**Nexy** и всё.", "ru", "нэкси и всё."),
        ("It is B2B now", "fr", "It is business to business now"),
        ("Nothing of it.", "en", "Nothing of it."),
    ],
)
def test_a_user_says_how_words_are_said(text: str, language: str, said: str) -> None:
    assert speakable(text, language, pronunciations=TABLE).text == said


def test_what_is_said_otherwise_is_remembered_as_it_was_written() -> None:
    text = "It is B2B now"
    spoken = speakable(text, pronunciations=TABLE)
    sentence = Sentence(text, spoken.text, spoken.marks)
    assert sentence.text_said(spoken.text.index("to") + 2) == "It is"
    assert sentence.text_said(spoken.text.index(" now")) == "It is B2B"
