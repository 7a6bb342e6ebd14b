// Runs in the page before its own scripts: lets a test hear what is played, and be a microphone and a screen.
const heard = (window.heard = { blocks: [], pressed: [], marked: [], context: null });

/** What was played, from the first sound to the last: {frame, pcm} with 16-bit samples in base64. */
window.played = () => {
  const blocks = heard.blocks.filter(({ samples }) => samples.some((sample) => sample !== 0));
  if (!blocks.length) return { frame: 0, pcm: "" };
  const first = blocks[0].frame;
  const last = blocks.at(-1).frame + blocks.at(-1).samples.length;
  const pcm = new Int16Array(last - first);
  for (const { frame, samples } of blocks) {
    for (let i = 0; i < samples.length; i++) pcm[frame - first + i] = Math.round(samples[i] * 32768);
  }
  let text = "";
  for (const byte of new Uint8Array(pcm.buffer)) text += String.fromCharCode(byte);
  return { frame: first, pcm: btoa(text) };
};

addEventListener("keydown", () => {
  if (heard.context) heard.pressed.push(Math.round(heard.context.currentTime * heard.context.sampleRate));
}, { capture: true });

addEventListener("DOMContentLoaded", () => {
  new MutationObserver(() => {
    const word = document.querySelector(".now")?.textContent;
    if (word && word !== heard.marked.at(-1)) heard.marked.push(word);
  }).observe(document.querySelector("#turns"), { childList: true, subtree: true });
});

window.recognitions = [];
window.webkitSpeechRecognition = window.SpeechRecognition = class {
  start() { window.recognitions.push("start"); this.results = [[{ transcript: "What is seven times eight?" }]]; }
  stop() { window.recognitions.push("stop"); this.onresult(this); this.onend(); }
  abort() { window.recognitions.push("abort"); this.onend(); }
};

if (navigator.mediaDevices) {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = document.createElement("canvas");
    canvas.width = 64;
    canvas.height = 48;
    const pen = canvas.getContext("2d");
    setInterval(() => pen.fillRect(0, 0, 64, 48), 20);
    return canvas.captureStream(30);
  };
}
