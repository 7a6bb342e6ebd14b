"""The user's table of pronunciations: a TOML file of words and how they are said."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

LONGEST = 200  # characters of what is said for one word

Table = dict[str, dict[str, str]]


def read_pronunciations(file: Path) -> Table:
    """Language (ISO 639-1, or "" for all) → word → how it is said.

    Words at the top of the file are for every language, those under [ru] for Russian. Raises ValueError
    that names every mistake.
    """
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError("the file is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the file is not TOML: {error}") from error
    languages = {"": {word: said for word, said in written.items() if not isinstance(said, dict)}}
    languages |= {name: words for name, words in written.items() if isinstance(words, dict)}
    mistakes = [mistake for name, words in languages.items() for mistake in _mistakes(name, words)]
    if mistakes:
        raise ValueError("; ".join(mistakes))
    return {name: dict(words) for name, words in languages.items() if words}


def _mistakes(language: str, words: Mapping[str, object]) -> Iterator[str]:
    if language and not (language.isascii() and language.islower() and len(language) in (2, 3)):
        yield f"[{language}] is no language, such as [ru]"
    for word, said in words.items():
        if not word or len(word.split()) != 1 or word != word.strip():
            yield f"{word!r} is not one word"
        if not isinstance(said, str) or not said.strip() or not said.isprintable() or len(said) > LONGEST:
            yield f"what is said for {word!r} is not a text of up to {LONGEST} characters"
