"""Tables: in columns with a head for a person at a terminal, with tabs and without one in a pipe."""

import sys
from collections.abc import Sequence


def show_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a row a line."""
    if not sys.stdout.isatty():
        for row in rows:
            print(*row, sep="\t")
        return
    whole = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*whole, strict=True)]
    for row in whole:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())
