"""The table of pronunciations: read once, every mistake named."""

import re
from pathlib import Path

import pytest

from nexy.config import load, read_pronunciations
from nexy.errors import ConfigError

TABLE = """
nexy = "neksi"
"C++" = "C plus plus"
Nguyen = "Win"

[ru]
nexy = "нэкси"
"""


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "words.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_words_are_for_all_languages_or_for_one(tmp_path: Path) -> None:
    assert read_pronunciations(written(tmp_path, TABLE)) == {
        "": {"nexy": "neksi", "C++": "C plus plus", "Nguyen": "Win"},
        "ru": {"nexy": "нэкси"},
    }
    assert read_pronunciations(written(tmp_path, "# none")) == {}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a = ", "is not TOML"),
        (b'a = "\xff"', "is not UTF-8"),
        ('a = ""', "what is said for 'a' is not a text"),
        ("a = 5", "what is said for 'a' is not a text"),
        (f'a = "{"x" * 201}"', "up to 200 characters"),
        ('"two words" = "x"', "'two words' is not one word"),
        ('[russian]\na = "x"', "[russian] is no language"),
        ('"b c" = "x"\n[ru]\nd = ""', "'b c' is not one word; what is said for 'd' is not"),
    ],
)
def test_every_mistake_is_named(text: str | bytes, mistake: str, tmp_path: Path) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ValueError, match=re.escape(mistake)):
        read_pronunciations(file)
    with pytest.raises(ConfigError) as refused:
        load({"PRONUNCIATIONS_FILE": str(file), "HTTP_PORT": "x"}, Path("/nonexistent"))
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "PRONUNCIATIONS_FILE",
        "HTTP_PORT",
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"PRONUNCIATIONS_FILE: the file cannot be read: No such file"):
        load({"PRONUNCIATIONS_FILE": str(tmp_path / "none.toml")}, Path("/nonexistent"))
