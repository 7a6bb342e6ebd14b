// How long an answer took: a table whose bars stand on one logarithmic scale, 1 ms to 100 s.
import { duration, h, svg } from "./dom.js";
import { t } from "./words.js";

const DECADES = 5;

/** Where on the scale, 0 to 100. */
const place = (milliseconds) =>
  (Math.min(DECADES, Math.max(0, Math.log10(Math.max(1, milliseconds)))) / DECADES) * 100;

function bar(from, to, kind) {
  const lines = Array.from({ length: DECADES - 1 }, (_, n) => {
    const x = ((n + 1) / DECADES) * 100;
    return svg("line", { x1: x, x2: x, y1: 0, y2: 10 });
  });
  const [start, end] = [place(from), place(to)];
  const rect = svg("rect", { class: kind, x: start, width: Math.max(1, end - start), y: 2, height: 6 });
  return svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" }, ...lines, rect);
}

function rows(times) {
  const { word, sound, end, silence } = times;
  return [
    ["first-word", 1, word],
    ["first-sound", word, sound],
    ["end", sound ?? word, end],
    ["silence", 1, silence],
  ].filter(([, , until]) => until !== undefined);
}

/** What the lines mean; a screen reader has the figures. */
function scale() {
  const marks = [10, 100, 1000, 10_000].map((milliseconds) => h("span", {}, duration(milliseconds)));
  return h("div", { class: "scale", "aria-hidden": "true" }, h("div", {}, ...marks));
}

function summary({ word, sound, silence }) {
  const parts = [];
  if (sound !== undefined) parts.push(t("times-summary", { sound: duration(sound) }));
  else if (word !== undefined) parts.push(t("times-text", { word: duration(word) }));
  if (silence !== undefined) parts.push(t("times-silence", { silence: duration(silence) }));
  return parts.length ? `${t("times")}: ${parts.join(", ")}` : t("times");
}

/** Shows `times` (milliseconds: word, sound and end since it was asked; silence since the interrupt). */
export function showTimes(details, times) {
  const all = rows(times);
  details.hidden = all.length === 0;
  const table = h("table", {},
    h("caption", { class: "unseen" }, `${t("times")}. ${t("scale")}.`),
    h("colgroup", {}, h("col", { class: "names" }), h("col")),
    h("thead", { class: "unseen" }, h("tr", {},
      h("th", { scope: "col" }, t("what")), h("th", { scope: "col" }, t("how-long")))),
    h("tbody", {}, ...all.map(([name, from, until]) => h("tr", {},
      h("th", { scope: "row" }, t(name)),
      h("td", {}, h("div", { class: "bar-figure" }, bar(from ?? 1, until, name), h("span", {}, duration(until))))))));
  details.replaceChildren(h("summary", {}, summary(times)), table, scale());
}
