"""Charts as SVG that stands inside a page: no script, no address, the page's own colours."""

import xml.etree.ElementTree as ET

from pygal import Config, Line, StackedBar
from pygal.style import Style

from nexy.cli.loadtest.charts import Chart, number

WIDTH, HEIGHT = 880, 300
TIME_LABELS = 12  # at most, along the axis
COLOURS = 5  # that the page has: --line-1, …
STROKES: tuple[dict[str, object], ...] = (  # lines are told apart without their colours too
    {"width": 2},
    {"width": 2, "dasharray": "6,3"},
    {"width": 3},
    {"width": 2, "dasharray": "2,3"},
    {"width": 2, "dasharray": "8,3,2,3"},
)
MOST_DOTS = 60
SVG = "{http://www.w3.org/2000/svg}"
TEXT = "var(--text)"
MUTED = "var(--muted)"


def svg(chart: Chart, id_prefix: str) -> str:
    """The picture. What it says in words is `id_prefix`-words in the page, its title `id_prefix`-title."""
    config = _config(chart)
    drawn = StackedBar(config) if chart.stacked else Line(config)
    drawn.x_labels = [f"{at:.0f}" for at in chart.times]
    for (name, values), stroke in zip(chart.lines.items(), STROKES, strict=False):
        drawn.add(name, list(values), stroke_style={} if chart.stacked else stroke)
    root = ET.fromstring(drawn.render(is_unicode=True))  # noqa: S314 - made here
    _make_fit(root, chart.unit)
    root.set("role", "img")
    root.set("aria-labelledby", f"{id_prefix}-title")
    root.set("aria-describedby", f"{id_prefix}-words")
    return ET.tostring(root, encoding="unicode")


def _config(chart: Chart) -> Config:
    return Config(
        width=WIDTH,
        height=HEIGHT,
        js=[],
        disable_xml_declaration=True,
        style=Style(
            background="transparent",
            plot_background="transparent",
            foreground=TEXT,
            foreground_strong=TEXT,
            foreground_subtle=MUTED,
            guide_stroke_color="var(--guide)",
            major_guide_stroke_color="var(--guide)",
            font_family="system-ui, sans-serif",
            label_font_size=12,
            major_label_font_size=12,
            legend_font_size=13,
            title_font_size=13,
            opacity="1",
            stroke_opacity="1",
            transition="0s",
            colors=tuple(f"var(--line-{number + 1})" for number in range(COLOURS)),
        ),
        show_dots=len(chart.times) <= MOST_DOTS,
        dots_size=2.5,
        show_legend=len(chart.lines) > 1,
        legend_at_bottom=True,
        legend_at_bottom_columns=len(chart.lines),
        legend_box_size=12,
        show_minor_x_labels=False,
        x_labels_major_every=max(1, -(-len(chart.times) // TIME_LABELS)),
        truncate_label=-1,
        truncate_legend=-1,
        x_title="seconds since the start",
        y_title=chart.unit or None,
        include_x_axis=True,
        margin=4,
        margin_bottom=22,  # the legend is drawn in it
        value_formatter=number,
        no_data_text="",
    )


def _make_fit(root: ET.Element, unit: str) -> None:
    """Leave out what needs a script; what it would show at a dot, the browser shows by itself."""
    for parent in list(root.iter()):
        words = {child.get("class"): child.text or "" for child in parent if child.tag == f"{SVG}desc"}
        for child in list(parent):
            if child.tag in (f"{SVG}script", f"{SVG}title", f"{SVG}desc"):
                parent.remove(child)
        if "value" in words:
            ET.SubElement(
                parent, "title"
            ).text = f"{words['value']} {unit}, second {words.get('x_label', '')}"
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
