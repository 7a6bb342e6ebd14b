// Runs in the page before its own scripts: listens beside the loudspeaker. Its worklet comes from a blob, which
// the page's policy forbids: only with that switched off can it be had.
const RECORDER = `
  class Recorder extends AudioWorkletProcessor {
    process([[samples]]) {
      if (samples) this.port.postMessage({ frame: currentFrame, samples: samples.slice() });
      return true;
    }
  }
  registerProcessor("recorder", Recorder);
`;

const addModule = AudioWorklet.prototype.addModule;
AudioWorklet.prototype.addModule = async function (url, ...rest) {
  await addModule.call(this, URL.createObjectURL(new Blob([RECORDER], { type: "text/javascript" })));
  return addModule.call(this, url, ...rest);
};

const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
  if (to instanceof AudioDestinationNode) {
    heard.context = this.context;
    const recorder = new AudioWorkletNode(this.context, "recorder");
    recorder.port.onmessage = ({ data }) => heard.blocks.push(data);
    connect.call(this, recorder);
    connect.call(recorder, to); // its output is silent; unconnected it would not run
  }
  return connect.call(this, to, ...rest);
};
