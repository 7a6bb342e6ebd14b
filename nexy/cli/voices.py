"""nexy voices."""

import sys

from nexy.cli.failing import fail
from nexy.modules.audio_generation import KnownVoice, known_voices


def run(language: str) -> None:
    voices = known_voices(language)
    if not voices:
        fail(f"--language: no voice speaks {language!r}")
    rows = [KnownVoice("NAME", "LANGUAGE", "GENDER", "PROVIDER"), *voices] if sys.stdout.isatty() else voices
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        if sys.stdout.isatty():
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            print("  ".join(cells).rstrip())
        else:
            print("\t".join(row))
