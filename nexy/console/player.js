// Sound: one AudioContext, whose worklet (playing.js) plays one turn at a time.
const IDLE_MILLISECONDS = 30_000; // then the sound card may rest

export class Player extends EventTarget {
  #context = null;
  #node = null;
  #gain = null;
  #opening = null;
  #early = []; // what was said to the worklet before it was there
  #speed = 1;
  #loud = true;
  #idle = 0;
  #broken = false;
  #turn = 0; // that is played, or was last

  /** Tells "broken" when there will be no sound, and "begun", "at" {played, level}, "done" {played, gaps}, "silent" {played}, all with their turn. */
  constructor(rate) {
    super();
    this.rate = rate; // Hz, of what the server sends
  }

  /** Whether this browser can play, here: a page over plain http from another machine may not. */
  get isPossible() {
    return !this.#broken && typeof AudioWorkletNode === "function";
  }

  get isRunning() {
    return this.#context?.state === "running";
  }

  /** Seconds from the worklet to the ear. */
  get latency() {
    return (this.#context?.outputLatency || 0) + (this.#context?.baseLatency || 0);
  }

  /** Makes ready to play; to be called when the user does something, as browsers allow it only then. */
  async wake() {
    if (!this.isPossible) return;
    clearTimeout(this.#idle);
    try {
      await (this.#opening ??= this.#open());
      await this.#context.resume();
    } catch {
      this.#broken = true; // answers are then shown as text
      this.dispatchEvent(new Event("broken"));
    }
  }

  async #open() {
    const context = new AudioContext({ sampleRate: this.rate, latencyHint: "interactive" });
    this.#context = context;
    await context.audioWorklet.addModule("/console/playing.js");
    const node = new AudioWorkletNode(context, "playing", { numberOfInputs: 0, outputChannelCount: [1] });
    node.port.onmessage = ({ data }) => this.#heard(data);
    this.#gain = new GainNode(context, { gain: this.#loud ? 1 : 0 });
    node.connect(this.#gain).connect(context.destination);
    this.#node = node;
    this.#say({ does: "setSpeed", speed: this.#speed });
    for (const message of this.#early.splice(0)) this.#say(message);
  }

  #say(message) {
    if (!this.#node) return void this.#early.push(message);
    this.#node.port.postMessage(message, message.pcm ? [message.pcm.buffer] : []);
  }

  #heard({ says, ...detail }) {
    if ((says === "done" || says === "silent") && detail.turn === this.#turn) this.#rest();
    this.dispatchEvent(new CustomEvent(says, { detail }));
  }

  #rest() {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#context.suspend(), IDLE_MILLISECONDS);
  }

  begin(turn) {
    clearTimeout(this.#idle);
    this.#turn = turn;
    this.#say({ does: "begin", turn });
  }

  /** Takes the samples over: they are gone for the caller. */
  sound(turn, pcm) {
    this.#say({ does: "sound", turn, pcm });
  }

  end(turn) {
    this.#say({ does: "end", turn });
  }

  /** Silent at once. */
  stop(turn) {
    this.#early = this.#early.filter((message) => message.does !== "sound");
    this.#say({ does: "stop", turn });
  }

  set speed(value) {
    this.#speed = value;
    if (this.#node) this.#say({ does: "setSpeed", speed: value });
  }

  set loud(value) {
    this.#loud = value;
    this.#gain?.gain.setTargetAtTime(value ? 1 : 0, this.#context.currentTime, 0.004);
  }
}
