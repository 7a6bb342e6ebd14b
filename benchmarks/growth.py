"""Whether memory grows: what stands in a row of looks at it. Only values: nothing runs here."""

import statistics
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

WINDOW = 0.2  # the share of the looks at each end whose medians are compared
BARS = "▁▂▃▄▅▆▇█"
WIDTH, HEIGHT, EDGE = 860, 320, 48  # of the picture, pixels


def grown(values: Sequence[float]) -> float:
    """How much more the median of the last looks is than that of the first."""
    window = max(1, round(len(values) * WINDOW))
    return statistics.median(values[-window:]) - statistics.median(values[:window])


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """Of the straight line that fits best: how much more there is each second."""
    return statistics.linear_regression(times, values).slope


def bars(values: Sequence[float], width: int = 72) -> str:
    """The row as one line of text, from its least to its most."""
    size = max(1.0, len(values) / width)
    means = [
        statistics.fmean(values[int(at * size) : max(int(at * size) + 1, int((at + 1) * size))])
        for at in range(min(width, len(values)))
    ]
    least, most = min(means), max(means)
    return "".join(BARS[round((mean - least) / ((most - least) or 1) * (len(BARS) - 1))] for mean in means)


def picture(
    title: str, minutes: Sequence[float], rows: Mapping[str, Sequence[float]], from_minute: float
) -> str:
    """The rows over time, in MB, as SVG; a line stands where the warm-up ended."""
    most = max(max(row) for row in rows.values()) * 1.1
    across, down = (WIDTH - 2 * EDGE) / minutes[-1], (HEIGHT - 2 * EDGE) / most

    def place(minute: float, mb: float) -> tuple[float, float]:
        return round(EDGE + minute * across, 1), round(HEIGHT - EDGE - mb * down, 1)

    svg = ElementTree.Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}")
    svg.set("font-family", "sans-serif")
    svg.set("font-size", "12")
    ElementTree.SubElement(svg, "rect", width="100%", height="100%", fill="white")
    write(svg, (EDGE, EDGE / 2), title)
    for mb in range(0, int(most) + 1, max(10, int(most / 5) // 10 * 10)):
        (left, y), (right, _) = place(0, mb), place(minutes[-1], mb)
        line(svg, [(left, y), (right, y)], "#dddddd")
        write(svg, (4, y + 4), f"{mb} MB")
    line(svg, [place(from_minute, 0), place(from_minute, most)], "#999999")
    write(svg, place(from_minute, 0), "warm-up ends")
    for minute in (0, minutes[-1] / 2, minutes[-1]):
        x, y = place(minute, 0)
        write(svg, (x - 12, y + 20), f"{minute:.0f} min")
    for number, (name, row) in enumerate(rows.items()):
        colour = ("#0b5fa5", "#b3541e")[number % 2]
        line(svg, [place(minute, mb) for minute, mb in zip(minutes, row, strict=True)], colour)
        write(svg, (WIDTH - 3 * EDGE, EDGE / 2 + 16 * number), name, colour)
    return ElementTree.tostring(svg, encoding="unicode")


def line(svg: ElementTree.Element, points: Sequence[tuple[float, float]], colour: str) -> None:
    joined = " ".join(f"{x},{y}" for x, y in points)
    ElementTree.SubElement(svg, "polyline", points=joined, fill="none", stroke=colour)


def write(svg: ElementTree.Element, at: tuple[float, float], text: str, colour: str = "black") -> None:
    ElementTree.SubElement(svg, "text", x=f"{at[0]}", y=f"{at[1]}", fill=colour).text = text
