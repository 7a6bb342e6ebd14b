"""The table of outside faults in docs/providers.md names tests, and all of them exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
ROW = re.compile(r"^\| (?P<faults>[^|]*#\d[^|]*) \| [^|]+ \| (?P<tests>[^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
NUMBERED = re.compile(r"^test_(pipecat|agents|genai|grpc|connect_py|edge_tts|aplisay|deepgram)_")


def rows() -> list[tuple[str, str]]:
    """The faults and the tests of each row."""
    section = (ROOT / "docs" / "providers.md").read_text().split("\n## Faults of the field\n")[1]
    return [(row["faults"], row["tests"]) for row in ROW.finditer(section)]


def named_in(path: Path) -> dict[str, str]:
    """The tests of a file, each with its name and docstring as one text."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    return {node.name: f"{node.name} {ast.get_docstring(node)}" for node in functions}


@pytest.mark.parametrize(("faults", "tests"), rows(), ids=[faults for faults, _ in rows()])
def test_each_fault_has_a_test_named_after_it(faults: str, tests: str) -> None:
    named = [named_in(TESTS / path)[name] for path, name in TEST.findall(tests)]
    for number in re.findall(r"#(\d+)", faults):
        assert any(number in re.findall(r"\d+", text) for text in named), number


def test_each_test_named_after_a_fault_is_in_the_table() -> None:
    told = {name for _, tests in rows() for _, name in TEST.findall(tests)}
    named = {name for path in TESTS.rglob("test_*.py") for name in named_in(path) if NUMBERED.match(name)}
    assert named <= told
