/**
 * The viewing frame: shows one file whose bytes the case page hands in, and knows nothing else.
 *
 * A classic script, for the frame is sandboxed and has an origin of its own, from which no module loads. Whatever a file
 * can make of the frame, it reaches no page, no network, no cookie and no other file: each has a frame of its own.
 */

"use strict";

{
  /** @typedef {"picture" | "paper" | "sound" | "film" | "text"} Kind */
  /** @typedef {"unknown" | "other" | "large" | "broken"} Trouble */
  /** Of what type a file is by its own beginning, and by what names of types it may call itself that. */
  /** @typedef {{ kind: Kind, type: string, names: string[], begins: (head: Uint8Array) => boolean }} Form */

  // What a picture takes once it is drawn, four bytes a pixel: a file of a few kilobytes can claim gigabytes.
  const MOST_PIXELS = 64_000_000;
  const MOST_PIXELS_DRAWN = 16_000_000;
  // In bytes: of some scripts a megabyte takes half a minute to break into lines, a quarter of it two seconds.
  const LONGEST_TEXT = 256 * 1024;
  // More marks than any script puts on one letter: a heap of them takes a browser long to lay out, and hides what stands around.
  const MOST_MARKS = 8;
  const HEAPS_OF_MARKS = new RegExp(`(\\p{M}{${MOST_MARKS}})\\p{M}+`, "gu");
  const HEAD_BYTES = 16;
  const ZOOMS = [0.5, 0.75, 1, 1.5, 2, 3, 4];

  /**
   * @param {string} mark
   * @param {number} [at]
   * @returns {(head: Uint8Array) => boolean} whether it stands there; one character is one byte
   */
  const begins = (mark, at = 0) => (head) => [...mark].every((sign, index) => head[at + index] === sign.charCodeAt(0));

  /** @param {string} sort */
  const riff = (sort) => (/** @type {Uint8Array} */ head) => begins("RIFF")(head) && begins(sort, 8)(head);

  // An MPEG frame begins with eleven bits of ones; of the layer one of three is named.
  const frames = (/** @type {Uint8Array} */ head) => head[0] === 0xff && (head[1] & 0xe0) === 0xe0 && (head[1] & 0x18) !== 8;
  const boxes = begins("ftyp", 4);
  const matroska = begins("\x1a\x45\xdf\xa3");

  /** @type {Form[]} a closed list: what is not on it is not shown */
  const FORMS = [
    { kind: "picture", type: "image/jpeg", names: ["image/jpeg", "image/jpg"], begins: begins("\xff\xd8\xff") },
    { kind: "picture", type: "image/png", names: ["image/png"], begins: begins("\x89PNG\r\n\x1a\n") },
    { kind: "picture", type: "image/gif", names: ["image/gif"], begins: (head) => begins("GIF87a")(head) || begins("GIF89a")(head) },
    { kind: "picture", type: "image/webp", names: ["image/webp"], begins: riff("WEBP") },
    { kind: "paper", type: "application/pdf", names: ["application/pdf"], begins: begins("%PDF-") },
    { kind: "sound", type: "audio/wav", names: ["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"], begins: riff("WAVE") },
    { kind: "sound", type: "audio/mpeg", names: ["audio/mpeg", "audio/mp3"], begins: (head) => begins("ID3")(head) || frames(head) },
    { kind: "sound", type: "audio/aac", names: ["audio/aac", "audio/x-aac"], begins: frames },
    { kind: "sound", type: "audio/ogg", names: ["audio/ogg", "audio/opus", "application/ogg"], begins: begins("OggS") },
    { kind: "sound", type: "audio/flac", names: ["audio/flac", "audio/x-flac"], begins: begins("fLaC") },
    { kind: "sound", type: "audio/mp4", names: ["audio/mp4", "audio/x-m4a", "audio/m4a", "audio/3gpp"], begins: boxes },
    { kind: "sound", type: "audio/webm", names: ["audio/webm"], begins: matroska },
    { kind: "film", type: "video/mp4", names: ["video/mp4", "video/quicktime", "video/3gpp"], begins: boxes },
    { kind: "film", type: "video/webm", names: ["video/webm"], begins: matroska },
    { kind: "film", type: "video/ogg", names: ["video/ogg"], begins: begins("OggS") },
    { kind: "text", type: "text/plain", names: ["text/plain", "text/csv"], begins: () => true },
  ];

  /** A file that is not shown, and why. */
  class Unshown extends Error {
    /** @param {Trouble} trouble */
    constructor(trouble) {
      super(trouble);
      this.trouble = trouble;
    }
  }

  /**
   * @param {string} type as the file's sender called it
   * @param {Uint8Array} bytes
   * @returns {Form}
   * @throws {Unshown} what is on no list, or begins as another thing than it is called
   */
  function formOf(type, bytes) {
    const name = type.split(";")[0].trim().toLowerCase();
    const form = FORMS.find(({ names }) => names.includes(name));
    if (!form) throw new Unshown("unknown");
    const head = bytes.subarray(0, HEAD_BYTES);
    if (!form.begins(head) || (form.kind === "text" && bytes.subarray(0, LONGEST_TEXT).includes(0))) throw new Unshown("other");
    return form;
  }

  /**
   * @template {HTMLElement} Element
   * @param {string} id
   * @param {{ new (): Element, prototype: Element }} kind
   * @returns {Element}
   */
  function one(id, kind) {
    const found = document.getElementById(id);
    if (!(found instanceof kind)) throw new TypeError(`the frame has no #${id}`);
    return found;
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {Form} form
   * @returns {string} an address inside this frame; of the list's own type, never of the sender's
   */
  const addressOf = (bytes, form) => URL.createObjectURL(new Blob([bytes], { type: form.type }));

  /**
   * @param {HTMLElement} element
   * @param {string} event that says it is there
   * @returns {Promise<void>}
   * @throws {Unshown} what the browser cannot read
   */
  const ready = (element, event) =>
    new Promise((resolve, reject) => {
      element.addEventListener(event, () => resolve(), { once: true });
      element.addEventListener("error", () => reject(new Unshown("broken")), { once: true });
    });

  /**
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {Form} form
   * @param {string} name
   */
  async function showPicture(bytes, form, name) {
    // Out of the page a picture is measured, but not drawn.
    const picture = new Image();
    const loaded = ready(picture, "load");
    picture.src = addressOf(bytes, form);
    await loaded;
    if (picture.naturalWidth * picture.naturalHeight > MOST_PIXELS) throw new Unshown("large");
    picture.alt = name;
    const shown = one("picture", HTMLElement);
    shown.append(picture);
    shown.hidden = false;
    new Zoom((zoom) => {
      // At first as large as there is room for, never larger than it is.
      picture.classList.toggle("fitted", zoom === 1);
      if (zoom === 1) picture.removeAttribute("width");
      else picture.width = picture.naturalWidth * zoom * Math.min(1, shown.clientWidth / picture.naturalWidth);
    });
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {Form} form
   * @param {string} name
   */
  async function showMedium(bytes, form, name) {
    const medium = document.createElement(form.kind === "film" ? "video" : "audio");
    medium.controls = true;
    medium.preload = "metadata";
    medium.setAttribute("aria-label", name);
    const loaded = ready(medium, "loadedmetadata");
    medium.src = addressOf(bytes, form);
    const shown = one("medium", HTMLElement);
    shown.append(medium);
    await loaded;
    if (medium instanceof HTMLVideoElement && medium.videoWidth * medium.videoHeight > MOST_PIXELS) {
      medium.removeAttribute("src");
      throw new Unshown("large");
    }
    shown.hidden = false;
  }

  /**
   * @param {string} text
   * @returns {string} the same, with no more marks on a letter than a browser lays out at once
   */
  const withoutHeaps = (text) => text.replace(HEAPS_OF_MARKS, "$1");

  /** @param {Uint8Array} bytes */
  async function showText(bytes) {
    const shown = one("text", HTMLElement);
    const text = new TextDecoder().decode(bytes.subarray(0, LONGEST_TEXT));
    shown.textContent = withoutHeaps(text);
    shown.hidden = false;
    one("more-text", HTMLElement).hidden = bytes.length <= LONGEST_TEXT;
    one("more-marks", HTMLElement).hidden = shown.textContent === text;
  }

  /** Larger and smaller, by buttons; draws at once. */
  class Zoom {
    /** @param {(zoom: number) => void} draw */
    constructor(draw) {
      this.draw = draw;
      this.at = ZOOMS.indexOf(1);
      one("larger", HTMLButtonElement).addEventListener("click", () => this.#go(this.at + 1));
      one("smaller", HTMLButtonElement).addEventListener("click", () => this.#go(this.at - 1));
      one("tools", HTMLElement).hidden = false;
      one("zooming", HTMLElement).hidden = false;
      this.#go(this.at);
    }

    get zoom() {
      return ZOOMS[this.at];
    }

    /** @param {number} at */
    #go(at) {
      if (!(at in ZOOMS)) return;
      this.at = at;
      one("larger", HTMLButtonElement).ariaDisabled = String(at === ZOOMS.length - 1);
      one("smaller", HTMLButtonElement).ariaDisabled = String(at === 0);
      one("zoom", HTMLElement).textContent = `${this.zoom * 100}%`;
      this.draw(this.zoom);
    }
  }

  /** A paper, one page at a time. */
  class Paper {
    /** @param {import("../../vendor/pdf.js").PDFDocumentProxy} paper */
    constructor(paper) {
      this.paper = paper;
      this.number = 1;
      this.shown = one("paper", HTMLElement);
      /** @type {import("../../vendor/pdf.js").RenderTask | null} */
      this.drawing = null;
    }

    /**
     * @param {Uint8Array} bytes
     * @returns {Promise<Paper>}
     * @throws {Unshown} what is damaged, or asks for a password
     */
    static async read(bytes) {
      const { pdfjs } = /** @type {{ pdfjs: typeof import("../../vendor/pdf.js") }} */ (/** @type {unknown} */ (globalThis));
      // No worker, no fetching and no WebAssembly: the frame's policy has none of them.
      const without = { useWasm: false, useWorkerFetch: false, enableXfa: false, verbosity: 0 };
      const most = { maxImageSize: MOST_PIXELS, canvasMaxAreaInBytes: 4 * MOST_PIXELS_DRAWN };
      try {
        return new Paper(await pdfjs.getDocument({ data: bytes, ...without, ...most }).promise);
      } catch {
        throw new Unshown("broken");
      }
    }

    /** Show the first page, and the ways to the others. */
    async show() {
      this.shown.hidden = false;
      one("turning", HTMLElement).hidden = this.paper.numPages === 1;
      one("next", HTMLButtonElement).addEventListener("click", () => this.#turn(1));
      one("previous", HTMLButtonElement).addEventListener("click", () => this.#turn(-1));
      document.addEventListener("keydown", (event) => {
        const steps = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        // A page that is wider than the frame is moved by the same keys.
        if (steps && !event.ctrlKey && !event.altKey && this.shown.scrollWidth <= this.shown.clientWidth) this.#turn(steps);
      });
      /** @type {Promise<void>} */
      let first = Promise.resolve();
      this.zoom = new Zoom(() => (first = this.#draw()));
      await first;
    }

    /** @param {number} steps */
    #turn(steps) {
      const number = this.number + steps;
      if (number < 1 || number > this.paper.numPages) return;
      this.number = number;
      this.shown.scrollTop = 0;
      this.#draw();
    }

    async #draw() {
      this.drawing?.cancel();
      const { number } = this;
      one("next", HTMLButtonElement).ariaDisabled = String(number === this.paper.numPages);
      one("previous", HTMLButtonElement).ariaDisabled = String(number === 1);
      const place = one("place", HTMLElement);
      const words = String(place.dataset.words).replace("{n}", String(number)).replace("{all}", String(this.paper.numPages));
      place.textContent = words;
      try {
        await this.#drawPage(await this.paper.getPage(number), words);
      } catch (error) {
        // Whoever turned on while it was being drawn sees the later page.
        if (number === this.number && !(error instanceof Error && error.name === "RenderingCancelledException")) complain("broken");
      }
    }

    /**
     * @param {import("../../vendor/pdf.js").PDFPageProxy} page
     * @param {string} words
     */
    async #drawPage(page, words) {
      const { width, height } = page.getViewport({ scale: 1 });
      const wanted = (Math.max(this.shown.clientWidth, 200) / width) * (this.zoom?.zoom ?? 1);
      const fine = Math.min(devicePixelRatio, 2);
      const scale = Math.min(wanted * fine, Math.sqrt(MOST_PIXELS_DRAWN / (width * height)));
      const canvas = document.createElement("canvas");
      const viewport = page.getViewport({ scale });
      [canvas.width, canvas.height] = [Math.floor(viewport.width), Math.floor(viewport.height)];
      canvas.style.inlineSize = `${Math.floor(wanted * width)}px`;
      canvas.role = "img";
      canvas.ariaLabel = words;
      this.drawing = page.render({ canvas, viewport });
      await this.drawing.promise;
      this.shown.replaceChildren(canvas);
      await this.#tellText(page);
      page.cleanup();
    }

    /** @param {import("../../vendor/pdf.js").PDFPageProxy} page whose words a drawing does not tell a screen reader */
    async #tellText(page) {
      const { items } = await page.getTextContent();
      const words = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("");
      one("page-text", HTMLElement).textContent = withoutHeaps(words);
      one("reading", HTMLElement).hidden = words.trim() === "";
    }
  }

  /** @type {Record<Kind, (bytes: Uint8Array<ArrayBuffer>, form: Form, name: string) => Promise<void>>} */
  const SHOW = {
    picture: showPicture,
    paper: async (bytes) => (await Paper.read(bytes)).show(),
    sound: showMedium,
    film: showMedium,
    text: showText,
  };

  /** @param {Record<string, string>} said */
  const tell = (said) => parent.postMessage(said, location.origin);

  /** @param {Trouble} trouble */
  function complain(trouble) {
    for (const each of document.querySelectorAll("[data-shows]")) each.toggleAttribute("hidden", true);
    for (const each of document.querySelectorAll("[data-trouble]")) {
      each.toggleAttribute("hidden", each.getAttribute("data-trouble") !== trouble);
    }
    tell({ kentongan: "unshown", trouble });
  }

  /**
   * @param {unknown} message
   * @returns {message is { kentongan: "show", name: string, type: string, bytes: ArrayBuffer }}
   */
  function isFile(message) {
    const { kentongan, name, type, bytes } = /** @type {Record<string, unknown>} */ (message ?? {});
    return kentongan === "show" && typeof name === "string" && typeof type === "string" && bytes instanceof ArrayBuffer;
  }

  /** @param {MessageEvent} event */
  async function take({ source, origin, data }) {
    // Only the page that holds this frame, only from our own origin, only what is a file, and only once.
    if (source !== parent || origin !== location.origin || !isFile(data)) return;
    removeEventListener("message", take);
    const bytes = new Uint8Array(data.bytes);
    try {
      const form = formOf(data.type, bytes);
      await SHOW[form.kind](bytes, form, data.name);
      one("waiting", HTMLElement).hidden = true;
      if (one("trouble", HTMLElement).querySelector(":not([hidden])") === null) tell({ kentongan: "shown", kind: form.kind });
    } catch (error) {
      one("waiting", HTMLElement).hidden = true;
      complain(error instanceof Unshown ? error.trouble : "broken");
    }
  }

  addEventListener("message", take);
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") tell({ kentongan: "leave" });
  });
  tell({ kentongan: "ready" });
}
