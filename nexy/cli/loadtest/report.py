"""The report: one page that needs nothing else, for those who look and those who listen."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files

from nexy.cli.loadtest.charts import Chart, charts, number
from nexy.cli.loadtest.drawing import svg
from nexy.cli.loadtest.outcome import Outcome
from nexy.cli.loadtest.table import COLUMNS, facts, heading, latencies, row, warnings

# It says so itself: nothing is loaded from anywhere, and no script runs.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(found: Outcome) -> str:
    """The whole HTML file."""
    style = files("nexy.cli.loadtest").joinpath("report.css").read_text(encoding="utf-8")
    title = f"Load test: {heading(found)}"
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>",
            *_body(found, title),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _body(found: Outcome, title: str) -> Iterator[str]:
    plan = found.plan
    yield f"<h1>{escape(title)}</h1>"
    yield (
        f"<p>Each user asks, hears the answer as it is played, thinks for {number(plan.think)} s on the "
        f"average and asks again; of the answers, {plan.interrupt:.0%} are to be cut off. "
        f"The users came within {number(plan.ramp)} s.</p>"
    )
    yield from (f'<p class="warning"><strong>Warning:</strong> {escape(one)}</p>' for one in warnings(found))
    yield from _verdict(found)
    yield "<h2>Latencies</h2>"
    rows = [row(name, spread) for name, spread in latencies(found)]
    yield _table(("what", *COLUMNS[1:]), rows, "Times of all turns, percentiles by nearest rank")
    yield "<h2>Facts</h2>\n<dl>"
    yield from (f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in facts(found))
    yield "</dl>\n<h2>Over time</h2>"
    for index, chart in enumerate(charts(found)):
        yield from _figure(chart, f"chart-{index + 1}")


def _verdict(found: Outcome) -> Iterator[str]:
    word, kind = ("All thresholds held", "good") if found.good else ("Not all thresholds held", "bad")
    yield f'<section class="verdict {kind}" aria-labelledby="verdict">\n<h2 id="verdict">{word}</h2>'
    rows = [("held" if one.holds else "MISSED", one.what, one.found, one.wanted) for one in found.verdict]
    yield _table(("verdict", "what", "found", "wanted"), rows, "Each threshold beside the figure")
    yield "</section>"


def _figure(chart: Chart, name: str) -> Iterator[str]:
    unit = f", {chart.unit}" if chart.unit else ""
    yield f'<figure>\n<figcaption><h3 id="{name}-title">{escape(chart.title + unit)}</h3>'
    yield f'<p>{escape(chart.about)}</p>\n<p class="words" id="{name}-words">{escape(chart.in_words())}</p>'
    yield f'</figcaption>\n<div class="picture">{svg(chart, name)}</div>'
    rows = [
        (f"{at:.0f}", *("" if value is None else number(value) for value in values))
        for at, *values in zip(chart.times, *chart.lines.values(), strict=True)
    ]
    table = _table(("second", *chart.lines), rows, f"{chart.title}{unit}")
    yield f"<details>\n<summary>The figures of this chart</summary>\n{table}\n</details>\n</figure>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    lines = [f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>"]
    lines += [f'<th scope="col">{escape(name)}</th>' for name in head]
    lines.append("</tr></thead>\n<tbody>")
    for first, *cells in rows:
        data = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        lines.append(f'<tr><th scope="row">{escape(first)}</th>{data}</tr>')
    lines.append("</tbody>\n</table>")
    return "\n".join(lines)
