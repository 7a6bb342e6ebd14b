// The picture that goes with the next question: chosen, pasted, dragged, or taken of the screen.
const TAKEN = new Set(["image/png", "image/jpeg", "image/webp"]);
const LONGEST_SIDE = 2048; // of a picture that has to be made smaller

const blobOf = (canvas, kind, quality) => new Promise((resolve) => canvas.toBlob(resolve, kind, quality));

function base64Of(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

function draw(source, width, height, most = Infinity) {
  const scale = Math.min(1, most / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** {name, base64, url, width, height}: as it is if the server takes that, else made so. Throws when it is none. */
export async function pictureOf(blob, name, mostBytes) {
  const bitmap = await createImageBitmap(blob);
  let { width, height } = bitmap;
  if (!TAKEN.has(blob.type) || blob.size > mostBytes) {
    const canvas = draw(bitmap, width, height, LONGEST_SIDE);
    ({ width, height } = canvas);
    blob = await blobOf(canvas, "image/jpeg", 0.9);
  }
  bitmap.close();
  return { name, base64: await base64Of(blob), url: URL.createObjectURL(blob), width, height };
}

/** A PNG of what the user lets us see. Throws when they do not. */
export async function screen() {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
  try {
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = stream;
    await video.play();
    return await blobOf(draw(video, video.videoWidth, video.videoHeight), "image/png");
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

/** The first picture among what was pasted or dropped. */
export const firstPicture = (transfer) =>
  Array.from(transfer?.files ?? []).find((file) => file.type.startsWith("image/"));
