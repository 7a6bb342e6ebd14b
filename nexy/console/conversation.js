// Asks, plays, interrupts: one turn speaks at a time.
import { $, duration, h, languageOf } from "./dom.js";
import { Turn } from "./turn.js";
import { t } from "./words.js";

const NO_SOUND_MILLISECONDS = 1500;
const STOP_MILLISECONDS = 500; // for which a new question waits for the old answer to be over

const within = (promise, milliseconds) =>
  Promise.race([promise, new Promise((resolve) => setTimeout(resolve, milliseconds))]);

export class Conversation extends EventTarget {
  #link;
  #player;
  #settings;
  #turns = [];
  #asking = Promise.resolve();

  /** Tells "change" when something begins or ends. */
  constructor(link, player, settings) {
    super();
    this.#link = link;
    this.#player = player;
    this.#settings = settings;
    player.addEventListener("begun", ({ detail }) => this.#begun(detail.turn));
    player.addEventListener("at", ({ detail }) => this.#at(detail));
    player.addEventListener("done", ({ detail }) => this.#done(detail.turn));
  }

  get current() {
    return this.#turns.at(-1);
  }

  get isSpeaking() {
    return Boolean(this.current?.isRunning);
  }

  get transcript() {
    return this.#turns.map((turn) => turn.transcript).join("\n");
  }

  get isEmpty() {
    return this.#turns.length === 0;
  }

  showTimes() {
    for (const turn of this.#turns) turn.showTimes();
  }

  ask(prompt, picture) {
    return this.#inTurn(() => this.#ask(prompt, picture));
  }

  greet(voice, language) {
    return this.#inTurn(() => this.#greet(voice, language));
  }

  /** What runs is stopped at once; what was asked before this is begun before this. */
  #inTurn(begin) {
    const stopped = this.interrupt();
    this.#asking = this.#asking.catch(() => {}).then(async () => {
      await stopped;
      await this.interrupt();
      begin();
    });
    return this.#asking;
  }

  #ask(prompt, picture) {
    const turn = this.#show(prompt, picture);
    const body = { prompt, word_times: true };
    if (picture) {
      Object.assign(body, { screenshot: picture.base64, screen_width: picture.width, screen_height: picture.height });
    }
    turn.request = this.#link.request("stream", body, (message, pcm) => this.#hear(turn, message, pcm));
  }

  #greet(voice, language) {
    const turn = this.#show(t("a-greeting"));
    turn.request = this.#link.request("welcome", { text: "", voice, language }, (message, pcm) => this.#hear(turn, message, pcm));
  }

  #show(prompt, picture) {
    const aloud = this.#settings.get("sound") && this.#player.isPossible;
    const turn = new Turn(this.#turns.length + 1, prompt, picture, this.#player.rate, aloud);
    this.current?.fold();
    this.#turns.push(turn);
    $("said").replaceChildren();
    $("turns").append(turn.element);
    turn.element.scrollIntoView({ block: "end" });
    if (aloud) this.#player.begin(turn.number);
    this.#changed();
    return turn;
  }

  #hear(turn, message, pcm) {
    const content = message.stream ?? message.welcome ?? {};
    if (message.over) this.#over(turn, message.over);
    else if (turn.interrupted) return; // it was on its way when the user stopped it
    else if (content.metadata) turn.mention("greeting-sound");
    else if (pcm) this.#sound(turn, content.audio_chunk, pcm);
    else if (content.text_chunk) this.#text(turn, content.text_chunk);
    else if (content.error_message) this.#fail(turn, content.error_message);
    else if (content.end_message === "interrupted") this.#stoppedElsewhere(turn);
  }

  #text(turn, text) {
    const follows = this.#follows(turn);
    turn.addText(text);
    if (!turn.aloud) this.#read(text);
    if (follows) this.#follow(turn);
  }

  #sound(turn, chunk, pcm) {
    if (!turn.received) setTimeout(() => this.#mute(turn), NO_SOUND_MILLISECONDS);
    turn.addSound(chunk, pcm.length);
    if (turn.aloud) this.#player.sound(turn.number, pcm);
  }

  /** Its sound has not begun: this browser does not let it. The text is worth more than nothing. */
  #mute(turn) {
    if (turn.begun || turn.interrupted || !turn.aloud) return;
    this.#player.stop(turn.number);
    turn.isSilent = true;
    turn.showAll();
    this.#read(turn.text);
    if (turn.isOver) turn.complete();
    this.#changed();
  }

  #fail(turn, text) {
    turn.failure = turn.problem(text);
    this.#follow(turn);
    if (!turn.sounds) this.#read(text);
  }

  #over(turn, { code = 0, status, message, retry_after_seconds: wait }) {
    turn.isOver = true;
    if (code && !turn.interrupted) this.#explain(turn, status, message, wait);
    if (turn.sounds && !turn.isSilent) this.#player.end(turn.number);
    else if (!turn.interrupted) turn.complete();
    this.#changed();
  }

  #explain(turn, status, message, wait) {
    let told = [message || "failed"];
    if (status === "UNAVAILABLE" && !message) told = ["broken-off"];
    else if (status === "RESOURCE_EXHAUSTED" && wait) told = ["busy", { seconds: duration(wait * 1000) }];
    const text = turn.problem(...told);
    this.#follow(turn);
    if (!turn.sounds && text !== turn.failure) this.#read(text);
  }

  #begun(number) {
    const turn = this.#turns[number - 1];
    if (turn) turn.begun = true;
    turn?.note("sound", turn.since() + this.#player.latency * 1000);
    turn?.progress(0);
  }

  #at({ turn: number, played }) {
    const turn = this.#turns[number - 1];
    if (!turn || turn.interrupted) return;
    const follows = this.#follows(turn);
    turn.progress(Math.max(0, played - this.#player.latency * turn.rate));
    if (follows) this.#follow(turn);
  }

  #done(number) {
    const turn = this.#turns[number - 1];
    if (!turn || turn.interrupted) return;
    turn.isSilent = true;
    turn.complete();
    if (this.#settings.get("read") === "after" || !this.#settings.get("sound")) this.#read(turn.text);
    this.#changed();
  }

  /** Silent at once; resolves when the server has stopped too, or does not answer. `quietly`: the user knows. */
  async interrupt({ quietly = false } = {}) {
    const turn = this.current;
    if (!turn?.isRunning) return;
    const begun = performance.now();
    const follows = this.#follows(turn);
    const unsent = this.#link.takeBack(turn.request);
    const played_ms = await this.#silence(turn, begun);
    turn.problem("you-stopped");
    if (follows) this.#follow(turn);
    if (!quietly) this.#announce(t("stopped"));
    if (unsent || !this.#link.isReady) return;
    const answered = new Promise((resolve) => {
      this.#link.request("interrupt", { played_ms }, (message) => message.over && resolve());
    });
    await within(answered, STOP_MILLISECONDS);
  }

  /** How many milliseconds of `turn` were heard, when nothing more is. */
  async #silence(turn, begun) {
    turn.interrupted = true;
    this.#changed();
    if (!turn.aloud) return turn.cut(turn.received);
    const silent = new Promise((resolve) => {
      const hear = ({ detail }) => {
        if (detail.turn !== turn.number) return; // of the one before, come late
        this.#player.removeEventListener("silent", hear);
        resolve(detail.played);
      };
      this.#player.addEventListener("silent", hear);
    });
    this.#player.stop(turn.number);
    const played = (await within(silent, 100)) ?? turn.played;
    const late = this.#player.latency;
    turn.isSilent = true;
    if (turn.sounds) turn.note("silence", performance.now() - begun + late * 1000);
    return turn.cut(Math.max(0, played - late * turn.rate));
  }

  /** By another page or program with the same device's name. */
  #stoppedElsewhere(turn) {
    turn.interrupted = turn.isSilent = true;
    if (turn.aloud) this.#player.stop(turn.number);
    turn.cut(turn.aloud ? turn.played : turn.received);
    this.#changed();
  }

  /** To a screen reader: never while Nexy itself speaks. */
  #read(text) {
    $("said").append(h("p", { lang: languageOf(text) }, text));
  }

  #announce(text) {
    $("said").replaceChildren(h("p", {}, text));
  }

  /** Whether the end of `turn` is in sight: who has scrolled up to read is left alone. */
  #follows(turn) {
    return turn.element.getBoundingClientRect().bottom < innerHeight;
  }

  #follow(turn) {
    turn.element.scrollIntoView({ block: "nearest" });
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
