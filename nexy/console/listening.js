// Speech, recognised by the browser where it can; and the space bar, held to talk.
const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;
const TAP_MILLISECONDS = 200; // a space bar that is let go sooner was not meant
const OWN_SPACE = "input, textarea, select, button, a, summary, audio, video, [contenteditable], [role=button], dialog";

export class Listening extends EventTarget {
  #recognition = null;
  #text = "";

  static get isPossible() {
    return Boolean(Recognition);
  }

  get isOn() {
    return this.#recognition !== null;
  }

  /** Tells "change"; "hearing" {text} as it is understood; then "said" {text} or "failed" {error}. */
  start(language) {
    if (!Recognition || this.isOn) return;
    const recognition = new Recognition();
    this.#recognition = recognition;
    this.#text = "";
    recognition.lang = { en: "en-US", ru: "ru-RU" }[language];
    recognition.interimResults = recognition.continuous = true;
    recognition.onresult = ({ results }) => {
      this.#text = Array.from(results, (result) => result[0].transcript).join("");
      this.#tell("hearing", { text: this.#text });
    };
    recognition.onerror = ({ error }) => error !== "aborted" && this.#tell("failed", { error });
    recognition.onend = () => this.#ended(recognition);
    recognition.start();
    this.#tell("change");
  }

  /** What was said until now is all. */
  stop() {
    this.#recognition?.stop();
  }

  /** Nothing was said. */
  abort() {
    const recognition = this.#recognition;
    this.#recognition = null;
    recognition?.abort();
    if (recognition) this.#tell("change");
  }

  #ended(recognition) {
    if (this.#recognition !== recognition) return;
    this.#recognition = null;
    this.#tell("change");
    this.#tell("said", { text: this.#text.trim() });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Calls `on.hold` when Space goes down where it has no other meaning; then `on.release`, or `on.drop` after a mere tap. */
export function holdSpace(on) {
  let since = 0;
  const isOurs = (event) =>
    event.code === "Space" && !event.ctrlKey && !event.altKey && !event.metaKey && !event.target.closest?.(OWN_SPACE);
  addEventListener("keydown", (event) => {
    if (!isOurs(event) || !on.wanted()) return;
    event.preventDefault(); // it would scroll
    if (event.repeat || since) return;
    since = performance.now();
    on.hold();
  });
  addEventListener("keyup", (event) => {
    if (event.code !== "Space" || !since) return;
    event.preventDefault();
    const held = performance.now() - since;
    since = 0;
    if (held < TAP_MILLISECONDS) on.drop();
    else on.release();
  });
  addEventListener("blur", () => {
    if (since) on.drop();
    since = 0;
  });
}
