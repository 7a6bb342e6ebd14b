// Small help for making elements and showing figures.
import { language, t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  if (attributes["data-t"]) element.textContent = t(attributes["data-t"]);
  element.append(...children);
  return element;
}

/** An element; `data-t` names its text in the user's language. */
export const h = (name, attributes = {}, ...children) =>
  fill(document.createElement(name), attributes, children);

export const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);

/** "38 ms" or "4.6 s". */
export function duration(milliseconds) {
  const short = milliseconds < 1000;
  const number = new Intl.NumberFormat(language(), { maximumFractionDigits: short ? 0 : 1 });
  return `${number.format(short ? milliseconds : milliseconds / 1000)} ${t(short ? "ms" : "s")}`;
}

/** The language that a screen reader should say `text` in; undefined when it cannot be told. */
export function languageOf(text) {
  if (/[а-яё]/i.test(text)) return "ru";
  return /[a-z]/i.test(text) ? "en" : undefined;
}
