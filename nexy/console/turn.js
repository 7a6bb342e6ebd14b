// One question and its answer: what has arrived, what has been heard, and how both are shown.
import { h, languageOf } from "./dom.js";
import { showTimes } from "./times.js";
import { t } from "./words.js";

/** A text_chunk and its sound. Places in it are in code points, as the server has them. */
class Sentence {
  constructor(text, start) {
    this.text = text;
    this.points = Array.from(text);
    this.start = start; // samples of the answer before it
    this.samples = 0;
    this.words = [];
    this.element = h("span", { class: "sentence" });
  }

  slice(from, to) {
    return this.points.slice(from, to).join("");
  }

  /** [from, to) of the word that is said after `seconds`; what lies before it has been heard. */
  at(seconds, rate) {
    let now;
    for (const word of this.words) if ((word.start_ms ?? 0) <= seconds * 1000 + 1) now = word;
    if (now) return [now.text_start ?? 0, now.text_end ?? 0];
    if (this.words.length || !this.samples) return [0, 0];
    const about = this.about(seconds, rate);
    return [about, about];
  }

  /** The end of the last word that was heard whole within `seconds`: so the server counts too. */
  heard(seconds, rate) {
    if (!this.words.length) return this.samples ? this.about(seconds, rate) : 0;
    const whole = this.words.filter((word) => (word.end_ms ?? 0) <= seconds * 1000);
    return Math.max(0, ...whole.map((word) => word.text_end ?? 0));
  }

  /** Where a voice without word times is after `seconds`, at the start of a word. */
  about(seconds, rate) {
    const part = Math.min(1, (seconds * rate) / this.samples);
    const text = this.slice(0, Math.floor(this.points.length * part));
    return Array.from(part < 1 ? text.replace(/\S*$/, "") : text).length;
  }

  show(from, to) {
    const key = `${from} ${to}`;
    if (key === this.shown) return;
    this.shown = key;
    this.element.replaceChildren(
      this.slice(0, from),
      h("span", { class: "now" }, this.slice(from, to)),
      h("span", { class: "rest" }, this.slice(to)),
    );
  }

  whole() {
    this.element.replaceChildren(this.text);
  }

  cut(until) {
    const rest = this.slice(until);
    const space = rest.length - rest.trimStart().length;
    this.element.replaceChildren(this.slice(0, until), rest.slice(0, space));
    if (rest.trim()) this.element.append(h("span", { class: "unheard" }, rest.slice(space)));
    return rest;
  }
}

export class Turn {
  #sentences = [];
  #said;
  #problem;
  #details;
  #asked = performance.now();

  /** `aloud`: its sound is played; then its text appears as it is said, else as it comes. */
  constructor(number, prompt, picture, rate, aloud) {
    this.number = number;
    this.prompt = prompt;
    this.rate = rate;
    this.aloud = aloud;
    this.received = 0; // samples
    this.played = 0;
    this.isOver = this.isSilent = false; // the server has ended it; nothing of it is played any more
    this.interrupted = false;
    this.times = {};
    this.#said = h("p", { class: "answer" });
    this.#problem = h("p", { class: "problem", hidden: true });
    this.#details = h("details", { class: "times", hidden: true, open: true });
    this.element = h("li", { class: "turn" },
      h("h3", {}, h("span", { class: "who", "data-t": "you" }), " ", h("span", { class: "asked", lang: languageOf(prompt) }, prompt)),
      ...(picture ? [h("img", { src: picture.url, alt: t("picture-sent"), width: picture.width, height: picture.height })] : []),
      h("div", { class: "reply" }, h("span", { class: "who", "data-t": "nexy" }), this.#said, this.#problem),
      this.#details);
  }

  get isRunning() {
    return !this.interrupted && !(this.isOver && (this.isSilent || !this.sounds));
  }

  get sounds() {
    return this.aloud && this.received > 0;
  }

  get text() {
    return this.#sentences.map((sentence) => sentence.text).join("");
  }

  /** As the transcript has it. */
  get transcript() {
    const heard = this.heardText ?? this.text;
    const rest = this.unheard?.trim() ? ` [${t("not-heard")} ${this.unheard.trim()}]` : "";
    return `${t("you")}: ${this.prompt}\n${t("nexy")}: ${heard.trim()}${rest}\n`;
  }

  since(begun = this.#asked) {
    return performance.now() - begun;
  }

  note(name, milliseconds = this.since()) {
    if (this.times[name] !== undefined) return;
    this.times[name] = milliseconds;
    this.showTimes();
  }

  showTimes() {
    showTimes(this.#details, this.times);
  }

  fold() {
    this.#details.open = false;
  }

  addText(text) {
    this.note("word");
    const sentence = new Sentence(text, this.received);
    this.#sentences.push(sentence);
    this.#said.lang ||= languageOf(text) ?? "";
    if (this.aloud) return;
    sentence.whole();
    this.#said.append(sentence.element);
  }

  /** There is no sound: what has come is shown, and the rest as it comes. */
  showAll() {
    this.aloud = false;
    for (const sentence of this.#sentences) {
      sentence.whole();
      if (!sentence.element.isConnected) this.#said.append(sentence.element);
    }
  }

  addSound({ words = [] }, samples) {
    const sentence = this.#sentences.at(-1);
    sentence?.words.push(...words);
    if (sentence) sentence.samples += samples;
    this.received += samples;
    if (!this.aloud) this.note("sound");
  }

  /** `played` samples of the answer have been heard. */
  progress(played) {
    this.played = played;
    for (const sentence of this.#sentences) {
      if (sentence.start > played || (sentence.start === this.received && !sentence.samples)) break;
      if (!sentence.element.isConnected) this.#said.append(sentence.element);
      const into = played - sentence.start;
      const next = this.#sentences[this.#sentences.indexOf(sentence) + 1];
      if (next && played >= next.start) sentence.shown !== "whole" && (sentence.whole(), (sentence.shown = "whole"));
      else sentence.show(...sentence.at(into / this.rate, this.rate));
    }
  }

  /** All of it has been heard, or read. */
  complete() {
    this.showAll();
    this.note("end");
  }

  /** It ends after `samples`: what comes later was not heard, and turns grey. Returns whole milliseconds. */
  cut(samples) {
    const milliseconds = Math.floor((samples / this.rate) * 1000);
    const played = (milliseconds / 1000) * this.rate; // as the server will be told
    let rest = "";
    for (const sentence of this.#sentences) {
      const into = (played - sentence.start) / this.rate;
      const begun = into > 0 || !this.aloud;
      const until = !this.aloud ? sentence.points.length : begun ? this.#heard(sentence, played) : 0;
      if (!sentence.element.isConnected) this.#said.append(sentence.element);
      rest += sentence.cut(until);
    }
    this.unheard = rest;
    this.heardText = this.text.slice(0, this.text.length - rest.length);
    const first = this.#said.querySelector(".unheard");
    first?.prepend(h("span", { class: "unseen" }, ` ${t("not-heard")} `));
    return milliseconds;
  }

  #heard(sentence, played) {
    const next = this.#sentences[this.#sentences.indexOf(sentence) + 1];
    if (next && played >= next.start) return sentence.points.length;
    return sentence.heard((played - sentence.start) / this.rate, this.rate);
  }

  /** Shows what went wrong: a text of ours, or the server's own words. Returns what is shown. */
  problem(name, values) {
    const text = t(name, values);
    this.#problem.hidden = false;
    if (name in { "you-stopped": 1, "broken-off": 1 }) this.#problem.dataset.t = name;
    this.#problem.textContent = text;
    const theirs = text === name ? languageOf(text) : undefined;
    if (theirs) this.#problem.lang = theirs;
    else this.#problem.removeAttribute("lang");
    this.#problem.classList.toggle("quiet", name === "you-stopped");
    return text;
  }

  /** A greeting's text is not sent. */
  mention(name) {
    this.#said.dataset.t = name;
    this.#said.textContent = t(name);
  }
}
