// The page: wires its parts to its controls.
import { Conversation } from "./conversation.js";
import { $, h } from "./dom.js";
import { Link } from "./link.js";
import { holdSpace, Listening } from "./listening.js";
import { firstPicture, pictureOf, screen } from "./picture.js";
import { Player } from "./player.js";
import { ServerView } from "./server.js";
import { Settings } from "./settings.js";
import { speak, t } from "./words.js";

const WIDE = matchMedia("(min-width: 66rem)");
const NOTE_MILLISECONDS = 6000;

const settings = new Settings();
const config = await (await fetch("/console/config.json")).json();
const scheme = location.protocol === "https:" ? "wss" : "ws";
const link = new Link(`${scheme}://${location.hostname}:${config.websocket_port}/`, () => ({
  hardware_id: settings.get("device"), token: settings.get("token"),
}));
const player = new Player(config.sample_rate);
const conversation = new Conversation(link, player, settings);
const listening = new Listening();
const server = new ServerView(() => settings.get("token"));
let picture = null;

// Notes: quiet, and gone after a while unless they are still true.
let noteTimer = 0;
function note(name, lasting = false) {
  clearTimeout(noteTimer);
  $("note").textContent = name && t(name);
  if (!lasting) noteTimer = setTimeout(() => ($("note").textContent = ""), NOTE_MILLISECONDS);
}

function state(name) {
  $("state").dataset.state = name;
  const text = $("state").lastElementChild;
  text.dataset.t = name;
  text.textContent = t(name);
}

// Settings.
function translate() {
  speak(settings.get("lang"));
  const examples = ["example-1", "example-2", "example-3"].map((name) => {
    const button = h("button", { type: "button", "data-t": name });
    button.onclick = () => ask(button.textContent);
    return h("li", {}, button);
  });
  const greeting = h("button", { type: "button", "data-t": "hear-greeting" });
  greeting.onclick = greet;
  $("examples").replaceChildren(...examples, h("li", {}, greeting));
  conversation.showTimes();
  server.look();
}

function dress() {
  const theme = settings.get("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

function hush() {
  const on = settings.get("sound");
  $("sound").setAttribute("aria-pressed", String(on));
  player.loud = on;
}

settings.addEventListener("lang", translate);
settings.addEventListener("theme", dress);
settings.addEventListener("sound", hush);
settings.addEventListener("speed", () => (player.speed = settings.get("speed")));
for (const name of ["device", "token"]) settings.addEventListener(name, () => config.websocket_port && link.reopen());
settings.addEventListener("token", () => server.look());
settings.bind($("settings").querySelector("form"));
player.speed = settings.get("speed");
dress();
hush();
translate();

// The connection.
link.addEventListener("ready", ({ detail }) => {
  state("connected");
  if ($("why").textContent) $("why").textContent = t("connected");
  if (detail.again) note(detail.resumed ? "resumed" : "anew");
  else note("");
});
link.addEventListener("lost", () => {
  state("offline");
  note("lost", true);
});
link.addEventListener("refused", ({ detail }) => {
  state("offline");
  const stranger = ["UNAUTHENTICATED", "PERMISSION_DENIED"].includes(detail.status);
  const why = !stranger ? detail.message : settings.get("token") ? "token-wrong" : "token-wanted";
  note(why, true);
  if (!detail.forGood) return; // it is tried again
  $("why").textContent = t(why); // the note is behind the dialog, where no screen reader finds it
  if (!$("settings").open) $("settings").showModal();
  $(stranger ? "s-token" : "s-device").focus();
});

// Asking.
async function ask(text) {
  const prompt = text.trim() || (picture ? t("picture-only") : "");
  if (!prompt) return $("question").focus();
  player.wake();
  note("");
  const sent = picture;
  picture = null;
  showPicture();
  $("question").value = "";
  fit();
  await conversation.ask(prompt, sent);
}

function greet() {
  player.wake();
  conversation.greet(settings.get("voice"), settings.get("lang"));
}

function fit() {
  const field = $("question");
  field.style.blockSize = "auto";
  field.style.blockSize = `${Math.min(field.scrollHeight + 2, 200)}px`;
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask($("question").value);
});
$("question").addEventListener("input", fit);
$("question").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  ask($("question").value);
});
conversation.addEventListener("change", () => {
  const speaking = conversation.isSpeaking;
  if (!speaking && document.activeElement === $("stop")) $("question").focus(); // a disabled button loses the focus
  $("stop").disabled = !speaking;
  if (!conversation.isEmpty && $("welcome").contains(document.activeElement)) $("talk").focus(); // so does one that goes
  $("welcome").hidden = !conversation.isEmpty;
  document.body.classList.toggle("speaking", speaking);
});

// Interrupting.
$("stop").onclick = () => conversation.interrupt();
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (listening.isOn) listening.abort();
  else if (conversation.isSpeaking) conversation.interrupt();
  else if (event.target === $("question")) $("talk").focus();
  else return;
  event.preventDefault(); // a dialog stays open: Nexy was meant
});

// Pictures.
function showPicture() {
  $("picture").hidden = !picture;
  if (!picture) return $("picture").replaceChildren();
  const about = t("picture-ready", picture);
  const remove = h("button", { type: "button", "data-t": "remove-picture" });
  remove.onclick = () => {
    forgetPicture();
    showPicture();
    $("question").focus();
  };
  $("picture").replaceChildren(h("img", { src: picture.url, alt: "" }), h("span", {}, about), remove);
}

function forgetPicture() {
  if (picture) URL.revokeObjectURL(picture.url);
  picture = null;
}

async function attach(blob, name) {
  try {
    const added = await pictureOf(blob, name, config.max_image_bytes);
    forgetPicture();
    picture = added;
    showPicture();
    note("picture-added");
    $("question").focus();
  } catch {
    note("picture-wrong");
  }
}

function takeFrom(event, transfer) {
  const file = firstPicture(transfer);
  if (!file) return;
  event.preventDefault();
  attach(file, file.name || t("pasted"));
}

$("attach").onclick = () => $("file").click();
$("file").onchange = () => {
  const [file] = $("file").files;
  if (file) attach(file, file.name);
  $("file").value = "";
};
addEventListener("paste", (event) => takeFrom(event, event.clipboardData));
addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  document.body.classList.add("dragging");
});
for (const name of ["dragleave", "drop"]) addEventListener(name, () => document.body.classList.remove("dragging"));
addEventListener("drop", (event) => takeFrom(event, event.dataTransfer));
$("capture").hidden = !navigator.mediaDevices?.getDisplayMedia;
$("capture").onclick = async () => {
  try {
    await attach(await screen(), t("screenshot"));
  } catch {
    note("capture-failed");
  }
};

// Speaking.
function listen() {
  player.wake();
  conversation.interrupt({ quietly: true }); // to begin to speak is to interrupt; and a screen reader would be heard
  listening.start(settings.get("lang"));
}

listening.addEventListener("change", () => {
  const button = $("talk-button");
  button.setAttribute("aria-pressed", String(listening.isOn));
  $("hearing").hidden = !listening.isOn;
  $("hearing").textContent = t("listening");
});
listening.addEventListener("hearing", ({ detail }) => ($("hearing").textContent = detail.text));
listening.addEventListener("said", ({ detail }) => (detail.text ? ask(detail.text) : note("nothing-heard")));
listening.addEventListener("failed", ({ detail }) => {
  listening.abort();
  const denied = ["not-allowed", "audio-capture", "service-not-allowed"].includes(detail.error);
  note(denied ? "no-microphone" : detail.error === "no-speech" ? "nothing-heard" : "recognition-failed");
});
if (Listening.isPossible) {
  $("talk-button").hidden = false;
  $("talk-button").onclick = () => (listening.isOn ? listening.stop() : listen());
  holdSpace({
    wanted: () => settings.get("space"),
    hold: listen,
    release: () => listening.stop(),
    drop: () => listening.abort(),
  });
}

// The rest of the page.
$("sound").onclick = () => settings.set("sound", !settings.get("sound"));
$("greet").onclick = greet;
$("set").onclick = () => $("settings").showModal();
$("settings").onclose = () => ($("why").textContent = "");
$("help").onclick = () => $("keys").showModal();
$("save").onclick = () => {
  const url = URL.createObjectURL(new Blob([conversation.transcript], { type: "text/plain;charset=utf-8" }));
  h("a", { href: url, download: "nexy.txt" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
};

// The bars of the logo move with the voice.
const logo = document.querySelector(".logo");
const still = matchMedia("(prefers-reduced-motion: reduce)");
player.addEventListener("at", ({ detail }) => {
  if (!still.matches) logo.style.setProperty("--level", detail.level.toFixed(2));
});
for (const name of ["done", "silent"]) {
  player.addEventListener(name, () => logo.style.setProperty("--level", "0"));
}

// Browsers let a page play only after its user has done something: the first thing done is soon enough.
for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => player.wake(), { once: true });

$("server").open = WIDE.matches;
player.addEventListener("broken", () => note("no-sound", true));
if (!player.isPossible) note("no-sound-here", true);
if (config.websocket_port) link.open();
else {
  state("offline");
  note("no-gateway", true);
}
performance.mark("usable");
document.documentElement.dataset.ready = "";
