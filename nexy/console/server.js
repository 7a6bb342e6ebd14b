// A live view of the server: /status, looked at while somebody looks.
import { $, duration, h, svg } from "./dom.js";
import { t } from "./words.js";

const EVERY_MILLISECONDS = 2000;
const KEPT = 60; // two minutes
const STATES = { closed: "works", open: "resting", "half-open": "trying", off: "off" };

function line(values, alt) {
  const most = Math.max(1, ...values);
  const step = 100 / (KEPT - 1);
  const first = KEPT - values.length;
  const points = values.map((value, n) => `${((first + n) * step).toFixed(1)},${(30 - (value / most) * 26).toFixed(1)}`);
  const area = `${(first * step).toFixed(1)},32 ${points.join(" ")} 100,32`;
  return svg("svg", { class: "line", viewBox: "0 0 100 32", preserveAspectRatio: "none", role: "img", "aria-label": alt },
    svg("polygon", { points: area }), svg("polyline", { points: points.join(" ") }));
}

function bars(entries, alt) {
  const most = Math.max(...entries.map(([, value]) => value));
  return h("div", { class: "bars", role: "img", "aria-label": alt }, ...entries.map(([name, value, shown]) =>
    h("div", { class: "barline" }, h("span", {}, name),
      svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("rect", { width: Math.max(1, (value / most) * 100), height: 8 })),
      h("span", { class: "figure" }, shown))));
}

function block(title, ...children) {
  return h("section", {}, h("h3", {}, t(title)), ...children);
}

export class ServerView {
  #sessions = [];
  #timer = 0;
  #token;

  constructor(token) {
    this.#token = token;
    $("server").addEventListener("toggle", () => this.look());
    document.addEventListener("visibilitychange", () => this.look());
  }

  async look() {
    clearTimeout(this.#timer);
    if (!$("server").open || document.hidden) return;
    const allowed = await this.#show();
    clearTimeout(this.#timer);
    if (allowed) this.#timer = setTimeout(() => this.look(), EVERY_MILLISECONDS);
  }

  /** False when the server does not tell this user. */
  async #show() {
    const token = this.#token();
    try {
      const answer = await fetch("/status", { headers: token ? { authorization: `Bearer ${token}` } : {} });
      if (answer.status === 401 || answer.status === 403) {
        this.#say("status-forbidden");
        return false;
      }
      this.#draw(await answer.json());
    } catch {
      this.#say("status-away");
    }
    return true;
  }

  #say(name) {
    $("figures").replaceChildren(h("p", { class: "hint" }, t(name)));
  }

  #draw(status) {
    this.#sessions = [...this.#sessions, status.sessions].slice(-KEPT);
    $("figures").replaceChildren(
      this.#sessionsBlock(status), this.#soundBlock(status.last_minute.first_sound_seconds), this.#refusedBlock(status.refused),
      this.#providers("models", status.modules.text_processing), this.#providers("voices", status.modules.audio_generation),
      h("p", { class: "hint" }, t("version", { version: status.version, uptime: this.#uptime(status.uptime_seconds) })));
  }

  #uptime(seconds) {
    if (seconds < 60) return duration(Math.max(1, Math.round(seconds)) * 1000);
    const minutes = Math.floor(seconds / 60);
    return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  }

  #sessionsBlock(status) {
    const all = this.#sessions;
    const alt = t("sessions-alt", { low: Math.min(...all), high: Math.max(...all), now: status.sessions });
    return block("sessions",
      h("p", { class: "big" }, String(status.sessions), " ", h("small", {}, t("active", { n: status.active_sessions }))),
      line(all, alt));
  }

  #soundBlock(figures) {
    if (!figures.count) return block("first-sound-p", h("p", { class: "hint" }, t("no-answers")));
    const entries = [50, 95, 99].map((n) => {
      const milliseconds = figures[`p${n}`] * 1000;
      return [t("p", { n }), milliseconds, duration(milliseconds)];
    });
    return block("first-sound-p", bars(entries, t("percentiles-alt", { p50: entries[0][2], p95: entries[1][2], p99: entries[2][2] })));
  }

  #refusedBlock(refused) {
    const entries = Object.entries(refused).map(([name, times]) => [name.replaceAll("_", " "), times, String(times)]);
    if (!entries.length) return block("refused", h("p", { class: "hint" }, t("refused-none")));
    return block("refused", bars(entries, t("refused-alt", { all: entries.map(([name, times]) => `${name} ${times}`).join(", ") })));
  }

  #providers(title, module) {
    return block(title, h("ul", { class: "providers" }, ...Object.entries(module.providers).map(([name, state]) =>
      h("li", { "data-state": state }, h("span", { class: "dot", "aria-hidden": "true" }), " ", h("span", {}, name), " ",
        h("span", { class: "hint" }, t(STATES[state] ?? state))))));
  }
}
