"""The voice's language follows the script of what is said."""

import pytest

from nexy.modules.text_filtering import language_of


@pytest.mark.parametrize(
    ("text", "default", "language"),
    [
        ("Hello", "ru", "en"),
        ("Привет", "en", "ru"),
        ("Открой Google и скажи, что там", "en", "ru"),
        ("The word дом is Russian", "ru", "en"),
        ("дом dom", "ru", "en"),
        ("Où es-tu, Ægir?", "ru", "en"),
        ("", "ru", "ru"),
        ("42 + 1 = 43 😊", "ru", "ru"),
        ("今天天气很好", "zh", "zh"),
        ("...", "en", "en"),
    ],
)
def test_the_language_is_that_of_most_letters_or_the_one_that_was_spoken_before(
    text: str, default: str, language: str
) -> None:
    assert language_of(text, default) == language


def test_english_is_spoken_when_nothing_tells() -> None:
    assert language_of("42") == "en"
