"""The gold sets: what is written, and what a person would say."""

from pathlib import Path

from nexy.modules.text_filtering import speakable

DATA = Path(__file__).parents[2] / "data" / "speakable"


def gold() -> list[tuple[str, str, str]]:
    """(language, written, said)."""
    found = []
    for file in sorted(DATA.glob("*.txt")):
        lines = [line for line in file.read_text().splitlines() if not line.startswith(";")]
        for line in lines:
            written, _, said = line.partition(" →")
            language = file.stem
            if language == "other":
                language, written = written.split(": ", 1)
            found.append((language, written.replace("\\n", "\n"), said.strip()))
    return found


def test_what_is_written_is_said_as_a_person_would_say_it() -> None:
    wrong = []
    for language in sorted({language for language, _, _ in gold()}):
        mine = [
            (written, said, speakable(written, language).text)
            for one, written, said in gold()
            if one == language
        ]
        right = sum(said == does for _, said, does in mine)
        print(f"{language}: {right} of {len(mine)} ({right / len(mine):.1%})")
        wrong += [one for one in mine if one[1] != one[2]]
    assert not wrong
    assert len(gold()) > 300
