// What the user has chosen. All of it is kept in this browser, but the token: that goes with the tab.
const PLACE = "nexy.console";
const TOKEN = "nexy.token";

function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(8)); // randomUUID is not there over plain http
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function kept(store, name) {
  try {
    return store().getItem(name); // a browser may forbid even to look
  } catch {
    return null;
  }
}

function keep(store, name, value) {
  try {
    store().setItem(name, value);
  } catch {
    // it then lasts as long as the page
  }
}

export class Settings extends EventTarget {
  #values;
  #token;

  constructor() {
    super();
    const usual = {
      lang: (navigator.language || "en").startsWith("ru") ? "ru" : "en",
      theme: "", sound: true, speed: 1, read: "silent", space: true, voice: "", device: "",
    };
    let known = {};
    try {
      known = JSON.parse(kept(() => localStorage, PLACE) ?? "{}") ?? {};
    } catch {
      // not ours: begin anew
    }
    this.#values = usual;
    for (const name of Object.keys(usual)) {
      if (typeof known[name] === typeof usual[name]) usual[name] = known[name];
    }
    this.#token = kept(() => sessionStorage, TOKEN) ?? "";
    if (!usual.device.trim()) this.set("device", `browser-${random()}`);
  }

  get(name) {
    return name === "token" ? this.#token : this.#values[name];
  }

  /** Changes one, and tells so with an event of its name. */
  set(name, value) {
    if (this.get(name) === value) return;
    if (name === "token") {
      this.#token = value;
      keep(() => sessionStorage, TOKEN, value);
    } else {
      this.#values[name] = value;
      keep(() => localStorage, PLACE, JSON.stringify(this.#values));
    }
    this.dispatchEvent(new Event(name));
  }

  /** Has the fields of `form` show the settings, and change them. */
  bind(form) {
    for (const field of form.elements) {
      if (!field.name) continue;
      const box = field.type === "checkbox";
      const show = () => (box ? (field.checked = this.get(field.name)) : (field.value = this.get(field.name)));
      field.addEventListener("change", () => {
        const value = box ? field.checked : field.value.trim();
        this.set(field.name, field.name === "speed" ? Number(value) : value);
      });
      this.addEventListener(field.name, show);
      show();
    }
  }
}
