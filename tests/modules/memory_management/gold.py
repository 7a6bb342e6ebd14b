"""The gold lists: lines of "what is expected" and "what is said", parted by the first " | "."""

from pathlib import Path

DATA = Path(__file__).parents[2] / "data" / "memory"


def gold(name: str) -> list[tuple[str, str]]:
    """(what is said, what is expected) of each line of a list; lines that begin with "# " are headings."""
    lines = (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    parts = [line.split(" | ", 1) for line in lines if line and not line.startswith("# ")]
    return [(said, expected) for expected, said in parts]
