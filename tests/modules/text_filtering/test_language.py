"""The voice's language follows what is said, and stays when that does not tell.

The sentences in `tests/data/languages` were written for this. `unseen.txt` was written after the rules
and their tables, and measured before any of them was changed for it.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.audio_generation.providers.edge.voices import VOICES
from nexy.modules.text_filtering import language_of
from nexy.modules.text_filtering.alphabets import CYRILLIC, NOT_LATIN, ONLY
from nexy.modules.text_filtering.language import LOOKED_AT

DATA = Path(__file__).parents[2] / "data" / "languages"
SPOKEN = {voice.tag.partition("-")[0] for voice in VOICES}
ONLY_ESPEAK_SPEAKS = {"be", "eu", "hy", "or", "pa"}


def sentences(file: str) -> Iterator[tuple[list[str], str]]:
    """Each sentence, after the words of its heading."""
    heading: list[str] = []
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            heading = line.strip("[]").replace(">", "").split()
        elif line and not line.startswith("#"):
            yield heading, line


def assert_right(what: str, tried: int, wrong: list[str], floor: float) -> None:
    accuracy = 1 - len(wrong) / tried
    sys.stdout.write(f"{what}: {accuracy:.1%} of {tried}\n")
    assert accuracy >= floor, "\n".join([f"{accuracy:.1%}", *wrong])


@pytest.mark.parametrize(
    ("text", "default", "language"),
    [
        ("Hello there, how are you?", "ru", "en"),
        ("Привет", "en", "ru"),
        ("An int containing the default buffer size used by the module's I/O classes.", "en", "en"),
        ("Открой Google и скажи, что там", "en", "ru"),
        ("Открой Microsoft Visual Studio Code", "en", "ru"),
        ("The word дом is Russian", "ru", "en"),
        ("Что такое «machine learning»?", "ru", "ru"),
        ("Oui.", "en", "fr"),
        ("Danke!", "en", "de"),
        ("Да, конечно.", "en", "ru"),
        ("Так, звичайно.", "ru", "uk"),
        ("Какво е това?", "ru", "bg"),
        ("Шта је то?", "ru", "sr"),
        ("ГДЕ МОЙ ТЕЛЕФОН", "en", "ru"),
        ("WO IST MEIN TELEFON", "en", "de"),
        ("wo ist mein telefon", "en", "de"),
        ("**Wichtig:** Das ist *kein* Fehler.", "en", "de"),
        ("Gute Nacht!", "en", "de"),
        ("You're welcome.", "ru", "en"),
        ("D’accord.", "en", "fr"),
        (normalize("NFD", "Tschüss."), "en", "de"),
        ("¿Qué es machine learning?", "en", "es"),
        ("Baie dankie!", "nl", "af"),
        ("Water kook by honderd grade.", "af", "af"),
        ("Ek weet nie wat dit is.", "en", "af"),
        ("दाजुलाई भन्नुहोस्।", "hi", "ne"),
        ("शाळेत सगळे मुले.", "hi", "mr"),
        ("dziękujemy", "en", "pl"),
        ("Што е ова?", "ru", "mk"),
        ("Баярлалаа!", "ru", "mn"),
        ("今天天气很好", "en", "zh"),
        ("明日は晴れです", "zh", "ja"),
        ("東京都の人口は?", "en", "ja"),
        ("東京", "ja", "ja"),
        ("東京", "en", "zh"),
        ("네.", "en", "ko"),
        ("Да.", "en", "ru"),
        ("Ок", "en", "ru"),
        ("Да.", "bg", "bg"),
        ("Ћирилица.", "en", "sr"),  # a word with a letter that Russian has not
    ],
)
def test_what_tells_a_language_is_said_in_it(text: str, default: str, language: str) -> None:
    assert language_of(text, default) == language


@pytest.mark.parametrize("default", ["en", "ru", "de", "ja", "xx"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "...",
        "42 + 1 = 43 😊",
        "OK.",
        "Paris, 2026",
        "3,5 kg",
        "Anna Müller",
        "https://beispiel.example/straße",
        "info@example.com",
        "`der Wert ist nicht gesetzt`",
        "```\nThe weather is fine today.\n```",
        "```\nThe weather is fine today.",
        "README.md",
        "π",
        "\ud800",
        "e\x00",
    ],
)
def test_what_tells_none_keeps_the_language_that_was_spoken_before(text: str, default: str) -> None:
    assert language_of(text, default) == default


@pytest.mark.parametrize(("text", "language"), [("Москва", "uk"), ("Не.", "sr"), ("Вода.", "bg")])
def test_a_word_that_many_languages_have_is_in_the_one_that_was_spoken(text: str, language: str) -> None:
    assert language_of(text, language) == language


def test_english_is_spoken_when_nothing_tells() -> None:
    assert language_of("42") == "en"


@pytest.mark.parametrize(("file", "floor"), [("short.txt", 0.97), ("middle.txt", 0.96)])
def test_another_language_is_recognised(file: str, floor: float) -> None:
    tried = list(sentences(file))
    found = [language_of(text, "ru" if "en" in right else "en") for right, text in tried]
    wrong = [f"{text} {got}" for (right, text), got in zip(tried, found, strict=True) if got not in right]
    assert_right(f"{file}, from another language", len(tried), wrong, floor)


@pytest.mark.parametrize(("file", "floor"), [("short.txt", 0.99), ("middle.txt", 0.99)])
def test_the_language_stays_in_its_own_sentences(file: str, floor: float) -> None:
    tried = list(sentences(file))
    wrong = [text for right, text in tried if any(language_of(text, own) != own for own in right)]
    assert_right(f"{file}, in its language", len(tried), wrong, floor)


@pytest.mark.parametrize(("file", "floor"), [("mixed.txt", 0.99), ("unseen.txt", 0.96)])
def test_names_code_and_words_of_other_languages_do_not_mislead(file: str, floor: float) -> None:
    tried = list(sentences(file))
    found = [(default, right, text, language_of(text, default)) for (default, right), text in tried]
    wrong = [f"{default} > {got}: {text}" for default, right, text, got in found if got != right]
    assert_right(file, len(tried), wrong, floor)


def test_the_set_has_every_language_that_edge_speaks() -> None:
    written = {code for file in ("short.txt", "middle.txt") for right, _ in sentences(file) for code in right}
    assert written == SPOKEN
    assert sum(1 for file in DATA.iterdir() for _ in sentences(file.name)) > 1000


def test_every_language_that_is_found_has_a_voice() -> None:
    import eldc

    found = {*ONLY.values(), *CYRILLIC, *NOT_LATIN, *eldc.LANGUAGES}
    assert found - SPOKEN <= ONLY_ESPEAK_SPEAKS | {"no", "tl", "ku", "yo"}
    for text in ("Mo fẹ́ràn láti máa ka ìwé ní gbogbo ọjọ́.", "من هەموو ڕۆژێک کتێب دەخوێنمەوە."):
        assert language_of(text, "xx") not in {"yo", "ku"}


@given(st.text(max_size=2 * LOOKED_AT), st.sampled_from(["en", "ru", "mk", "gl", "xx"]))
def test_any_text_is_in_a_language(text: str, default: str) -> None:
    assert language_of(text, default) in SPOKEN | ONLY_ESPEAK_SPEAKS | {default}


@pytest.mark.parametrize("text", ["a", "а", "`", "'", "a.", "/", "://", "字", "a-", "é", "\u0301", "[¿", "1"])
def test_a_long_text_takes_no_longer_than_its_beginning(text: str) -> None:
    began = time.process_time()
    language_of(text * 1_000_000)
    assert time.process_time() - began < 0.1


def test_a_sentence_takes_far_less_than_a_millisecond() -> None:
    tried = [text for file in DATA.iterdir() for _, text in sentences(file.name)]
    began = time.process_time()
    for text in tried:
        language_of(text)
    assert time.process_time() - began < 0.0003 * len(tried)
