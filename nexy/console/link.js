// The connection to the server: sub-protocol nexy.v1.json, see docs/websocket.md.
// It comes back by itself, and goes on with the same session if it is soon enough.
const FIRST_WAIT = 250;
const LONGEST_WAIT = 8000;
const LOST = { code: 14, status: "UNAVAILABLE", message: "" };
const FOR_GOOD = ["UNAUTHENTICATED", "PERMISSION_DENIED", "INVALID_ARGUMENT"]; // to try again would not help

export class Link extends EventTarget {
  #address;
  #hello;
  #socket = null;
  #ready = false;
  #resume = "";
  #session = "";
  #turns = new Map();
  #next = 1;
  #waiting = []; // messages that were asked for while there was no connection
  #sound = null; // the header whose samples come next
  #failures = 0;
  #timer = 0;
  #unwanted = false; // refused for good, until we come as somebody else

  /** `hello()` gives {hardware_id, token}. Tells "ready" {resumed, again}, "lost", "refused": the over, and `forGood`. */
  constructor(address, hello) {
    super();
    this.#address = address;
    this.#hello = hello;
    addEventListener("online", () => this.#again(0));
  }

  get isReady() {
    return this.#ready;
  }

  open() {
    clearTimeout(this.#timer);
    this.#unwanted = false;
    const socket = new WebSocket(this.#address, "nexy.v1.json");
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.#put("0", "hello", { ...this.#hello(), session_id: this.#session, resume: this.#resume });
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = () => this.#socket === socket && this.#closed();
  }

  /** Connects anew as somebody else, or with another token. */
  reopen() {
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.#resume = this.#session = "";
    this.#over();
    this.open();
  }

  /** Asks for something; `on` is told {message, pcm} for each part of the answer, then {over}. */
  request(kind, body, on) {
    const turn = String(this.#next++);
    this.#turns.set(turn, on);
    if (this.#ready) this.#put(turn, kind, body);
    else this.#waiting.push([turn, kind, body]);
    return turn;
  }

  /** Takes back what was not sent yet, for want of a connection; false when it was. */
  takeBack(turn) {
    const at = this.#waiting.findIndex(([one]) => one === turn);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    return this.#turns.delete(turn);
  }

  #put(turn, kind, body) {
    this.#socket.send(JSON.stringify({ turn, [kind]: body }));
  }

  #take(data) {
    if (typeof data !== "string") {
      const header = this.#sound;
      this.#sound = null;
      if (header) this.#tell(header, new Int16Array(data));
      return;
    }
    const message = JSON.parse(data);
    const content = message.stream ?? message.welcome;
    if (content?.audio_chunk) this.#sound = message;
    else if (message.ready) this.#begin(message.ready);
    else this.#tell(message);
  }

  #tell(message, pcm) {
    const on = this.#turns.get(message.turn);
    if (message.over) {
      this.#turns.delete(message.turn);
      if (message.turn === "0") this.#refused(message.over);
    }
    on?.(message, pcm);
  }

  #begin(ready) {
    const again = this.#session !== "";
    const resumed = Boolean(ready.resumed) || (again && ready.session_id === this.#session); // by another process
    this.#ready = true;
    this.#failures = 0;
    this.#resume = ready.resume ?? "";
    this.#session = ready.session_id ?? "";
    for (const request of this.#waiting.splice(0)) this.#put(...request);
    this.dispatchEvent(new CustomEvent("ready", { detail: { resumed, again } }));
  }

  #refused(over) {
    this.#unwanted = FOR_GOOD.includes(over.status);
    this.dispatchEvent(new CustomEvent("refused", { detail: { ...over, forGood: this.#unwanted } }));
  }

  #closed() {
    this.#over();
    if (this.#unwanted) return;
    this.dispatchEvent(new Event("lost"));
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures++);
    this.#again(wait * (0.75 + Math.random() / 2)); // so that a thousand pages do not come back at once
  }

  #again(wait) {
    clearTimeout(this.#timer);
    if (this.#unwanted || !this.#socket || this.#socket.readyState < WebSocket.CLOSING) return;
    this.#timer = setTimeout(() => this.open(), wait);
  }

  /** What ran is over: the server has stopped it as well. What was not sent yet still will be. */
  #over() {
    this.#ready = false;
    this.#sound = null;
    const unsent = new Set(this.#waiting.map(([turn]) => turn));
    for (const [turn, on] of [...this.#turns]) {
      if (unsent.has(turn)) continue;
      this.#turns.delete(turn);
      on({ turn, over: LOST });
    }
  }
}
