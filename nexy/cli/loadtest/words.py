"""Figures as people read them."""


def seconds_as_words(seconds: float) -> str:
    """ "3.1 ms", "250 ms", "2.00 s"."""
    if abs(seconds) >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.1f} ms" if abs(seconds) < 0.1 else f"{seconds * 1000:.0f} ms"


def counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in counts.items()) or "none"
