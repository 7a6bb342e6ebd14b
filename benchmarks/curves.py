"""The picture of a simulation: what a user meets, by how busy the workers are."""

from xml.etree import ElementTree

from benchmarks.capacity import ACROSS_MS, FIRST_SOUND_MS, LATENESS_MS, p99_ms
from benchmarks.growth import line, write
from benchmarks.simulated import Seen
from benchmarks.study import Found

WIDTH, HEIGHT, EDGE = 860, 360, 56  # pixels
MOST_MS = 120.0
COLOURS = ("#0b5fa5", "#b3541e", "#2d7d46")


def curves(found: Found) -> str:
    """The p99 of three waits over the share of a core, as SVG; dashed, the goal of each."""
    svg = ElementTree.Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}")
    svg.set("font-family", "sans-serif")
    svg.set("font-size", "12")
    ElementTree.SubElement(svg, "rect", width="100%", height="100%", fill="white")
    write(svg, (EDGE, 20), "p99 by how much of its core a worker uses (simulated; dashed: the goals)")
    for ms in range(0, int(MOST_MS) + 1, 20):
        line(svg, [_place(0, ms), _place(1, ms)], "#dddddd")
        write(svg, (8, _place(0, ms)[1] + 4), f"{ms} ms")
    for percent in range(0, 101, 20):
        x, y = _place(percent / 100, 0)
        write(svg, (x - 12, y + 20), f"{percent} %")
    line(svg, [_place(found.core, 0), _place(found.core, MOST_MS)], "#999999")
    write(svg, (_place(found.core, 0)[0] + 4, _place(0, MOST_MS)[1] + 12), "planned with")
    for number, (name, goal, waits) in enumerate(_rows(found.by_load)):
        colour = COLOURS[number]
        seen = zip(found.by_load, waits, strict=True)
        line(svg, [_place(each.core, min(ms, MOST_MS)) for each, ms in seen], colour)
        line(svg, [_place(0, goal), _place(1, goal)], colour)
        svg[-1].set("stroke-dasharray", "4,4")
        write(svg, (EDGE + 12, 2 * EDGE + 16 * number), name, colour)
    return ElementTree.tostring(svg, encoding="unicode")


def _rows(by_load: list[Seen]) -> list[tuple[str, float, list[float]]]:
    return [
        ("sentence → first sound", FIRST_SOUND_MS, [p99_ms(seen.first_sounds) for seen in by_load]),
        ("interrupt across workers", ACROSS_MS, [p99_ms(seen.bus_stops) for seen in by_load]),
        ("chunk of sound, late", LATENESS_MS, [p99_ms(seen.lateness) for seen in by_load]),
    ]


def _place(core: float, ms: float) -> tuple[float, float]:
    across, down = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    return round(EDGE + core * across, 1), round(HEIGHT - EDGE - ms / MOST_MS * down, 1)
