// Plays what it is sent, without gaps, at any speed in its own pitch. Runs on the thread of the sound.
//
// Faster and slower is done by overlapping pieces of the sound where they are most alike (WSOLA):
// `at` is the sample that would naturally come next, `aim` where the speed wants to be.
const FADE_SECONDS = 0.004; // a stop that does not click
const PIECE_SECONDS = 0.015;
const SEARCH_SECONDS = 0.008;
const FIRST_STOCK_SECONDS = 0.06; // before the first sample is played; more after each gap
const MOST_STOCK_SECONDS = 0.3;
const REPORT_BLOCKS = 8; // of 128 samples: every 21 ms

class Playing extends AudioWorkletProcessor {
  constructor() {
    super();
    this.ring = new Float32Array(1 << 18);
    this.piece = Math.round(PIECE_SECONDS * sampleRate);
    this.search = Math.round(SEARCH_SECONDS * sampleRate);
    this.block = new Float32Array(this.piece);
    this.speed = 1;
    this.tail = new Float32Array(0);
    this.stock = FIRST_STOCK_SECONDS * sampleRate;
    this.begin({ turn: 0 });
    this.port.onmessage = ({ data }) => this[data.does](data);
  }

  begin({ turn }) {
    this.turn = turn;
    this.written = this.at = this.aim = 0;
    this.made = this.used = 0; // of the block
    this.rate = 1; // at which the block was made
    this.running = this.begun = this.ended = this.done = false;
    this.gaps = this.blocks = this.loudest = 0;
  }

  setSpeed({ speed }) {
    this.speed = speed;
  }

  sound({ turn, pcm }) {
    if (turn !== this.turn) return;
    this.room(pcm.length);
    const mask = this.ring.length - 1;
    for (let i = 0; i < pcm.length; i++) this.ring[(this.written + i) & mask] = pcm[i] / 32768;
    this.written += pcm.length;
  }

  /** Pieces are looked for behind `at` too: that much must not be written over. */
  room(samples) {
    const kept = 2 * (this.piece + this.search);
    let size = this.ring.length;
    while (this.written - this.at + samples + kept > size) size *= 2;
    if (size === this.ring.length) return;
    const bigger = new Float32Array(size);
    const from = Math.max(0, this.at - kept);
    for (let i = from; i < this.written; i++) bigger[i & (size - 1)] = this.ring[i & (this.ring.length - 1)];
    this.ring = bigger;
  }

  end({ turn }) {
    if (turn === this.turn) this.ended = true;
  }

  /** Silence, 4 ms from now. What was not played is forgotten. */
  stop({ turn }) {
    if (turn !== this.turn || this.done) return;
    const played = this.played();
    const size = this.running ? Math.round(FADE_SECONDS * sampleRate) : 0;
    this.tail = Float32Array.from({ length: size }, (_, i) => (this.next() ?? 0) * (1 - i / size));
    this.tailAt = 0;
    this.done = true;
    this.running = false;
    this.written = this.at;
    if (size) this.stopped = { says: "silent", turn, played };
    else this.port.postMessage({ says: "silent", turn, played });
  }

  /** How many samples of what was sent have been played. */
  played() {
    return Math.max(0, Math.round(this.at - (this.made - this.used) * this.rate));
  }

  next() {
    if (this.used === this.made && !this.make()) return undefined;
    return this.block[this.used++];
  }

  /** Fills the block; false when there is nothing to fill it with. */
  make() {
    const queued = this.written - this.at;
    this.used = this.made = 0;
    if (queued <= 0) return false;
    this.rate = this.bearable(queued / sampleRate);
    const needed = this.piece + Math.max(this.at, Math.ceil(this.aim) + this.search);
    if (Math.abs(this.rate - 1) < 0.01 || needed > this.written) this.copy(queued);
    else this.overlap();
    return true;
  }

  /** The server sends little more than is heard at speed 1: who is faster waits for it softly, not in gaps. */
  bearable(seconds) {
    if (this.ended || this.speed <= 1) return this.speed;
    return 1 + (this.speed - 1) * Math.min(1, Math.max(0, seconds - 0.3));
  }

  copy(queued) {
    const mask = this.ring.length - 1;
    this.made = Math.min(128, queued);
    for (let i = 0; i < this.made; i++) this.block[i] = this.ring[(this.at + i) & mask];
    this.at += this.made;
    this.aim = this.at;
    this.rate = 1;
  }

  overlap() {
    const mask = this.ring.length - 1;
    const best = this.alike(Math.round(this.aim));
    for (let i = 0; i < this.piece; i++) {
      const share = Math.sin(((i + 0.5) / this.piece) * (Math.PI / 2)) ** 2;
      this.block[i] = this.ring[(this.at + i) & mask] * (1 - share) + this.ring[(best + i) & mask] * share;
    }
    this.made = this.piece;
    this.at = best + this.piece;
    this.aim += this.piece * this.rate;
  }

  /** Where near `aim` the sound is most like what would naturally come next. */
  alike(aim) {
    const from = Math.max(0, aim - this.search);
    let best = this.nearest(from, aim + this.search, 4, 4, aim);
    best = this.nearest(Math.max(from, best - 3), best + 3, 1, 1, best);
    return best;
  }

  nearest(from, to, step, stride, best) {
    const mask = this.ring.length - 1;
    let most = -Infinity;
    for (let start = from; start <= to; start += step) {
      let product = 0;
      let power = 1e-9;
      for (let i = 0; i < this.piece; i += stride) {
        const sample = this.ring[(start + i) & mask];
        product += sample * this.ring[(this.at + i) & mask];
        power += sample * sample;
      }
      const likeness = product / Math.sqrt(power);
      if (likeness > most) [most, best] = [likeness, start];
    }
    return best;
  }

  process(_, [[out]]) {
    for (let i = 0; i < out.length; i++) out[i] = this.tailAt < this.tail.length ? this.tail[this.tailAt++] : 0;
    if (this.stopped && this.tailAt >= this.tail.length) {
      this.port.postMessage(this.stopped);
      this.stopped = null;
    }
    if (!this.done) this.play(out);
    return true;
  }

  play(out) {
    const queued = this.written - this.at + this.made - this.used;
    if (!this.running && queued > 0 && (this.ended || queued >= this.stock)) this.start();
    if (this.running) this.fill(out);
    else if (this.ended && queued === 0) this.finish();
  }

  start() {
    this.running = true;
    if (!this.begun) this.port.postMessage({ says: "begun", turn: this.turn });
    this.begun = true;
  }

  finish() {
    this.done = true;
    this.port.postMessage({ says: "done", turn: this.turn, played: this.played(), gaps: this.gaps });
  }

  fill(out) {
    for (let i = 0; i < out.length; i++) {
      const sample = this.next();
      if (sample === undefined) {
        this.running = false;
        if (!this.ended) this.starved();
        break;
      }
      out[i] += sample;
      if (Math.abs(sample) > this.loudest) this.loudest = Math.abs(sample);
    }
    if (++this.blocks % REPORT_BLOCKS === 0) {
      this.port.postMessage({ says: "at", turn: this.turn, played: this.played(), level: this.loudest });
      this.loudest = 0;
    }
  }

  starved() {
    this.gaps++;
    this.stock = Math.min(this.stock * 2, MOST_STOCK_SECONDS * sampleRate);
  }
}

registerProcessor("playing", Playing);
