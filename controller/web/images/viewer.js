// One image of a patient at a time: its window, its size, its neighbours, how long things are, what is drawn on it.
import { savePath, picturePath, QUICK, seriesPath, sizeFor, statesPath } from "./paths.js";
import { Cine } from "./cine.js";
import { Controls } from "./controls.js";
import { Drafts, Stack, statesOn } from "./stack.js";
import { el, setText } from "/screen/dom.js";
import { get, send } from "/board/api.js";
import { Grip } from "./grip.js";
import { Hand } from "./hand.js";
import { Info } from "./info.js";
import { key } from "./keys.js";
import { Lens } from "./lens.js";
import { lostBanner } from "/board/panel.js";
import { onLanguage, t } from "/public/i18n.js";
import { paint } from "./paint.js";
import { Pen } from "./pen.js";
import { Pictures } from "./pictures.js";

/** After so long without a movement the picture is fetched as large as it is shown, and its neighbours. */
const STILL_MS = 150;
const AHEAD = 8;

export class Viewer {
  constructor() {
    this.lens = new Lens();
    this.drafts = new Drafts();
    this.pictures = new Pictures((picture, tag) => this.#shown(picture, tag), (error, tag) => this.#failed(error, tag));
    this.pen = new Pen(this);
    this.cine = new Cine(this);
    this.info = new Info();
    this.controls = new Controls(this.#acts());
    this.canvas = el("canvas", { tabindex: 0, role: "application", "data-t-label": "images.canvas" });
    this.canvas.ariaLabel = t("images.canvas");
    this.problem = el("p", { role: "status", class: "problem" });
    this.title = el("h2", { id: "viewer-title", "data-t": "images.title" }, t("images.title"));
    const close = el("button", { type: "button", class: "close", "data-t": "bed.close", onclick: () => this.#leave() }, t("bed.close"));
    const stage = el("div", { class: "stage" }, this.canvas, this.info.head, this.info.foot, this.problem);
    const help = el("p", { class: "help", "data-t": "images.help" }, t("images.help"));
    this.dialog = el("dialog", { class: "viewer", "aria-labelledby": "viewer-title" }, lostBanner(), el("header", {}, this.title, close), this.controls.node, stage, help);
    document.body.append(this.dialog);
    this.#listen();
  }

  #acts() {
    return {
      tool: (name) => this.tool(name),
      series: (uid) => this.#openSeries(this.study.series.find((one) => one.series === uid)),
      preset: (window) => this.#setWindow(window),
      fit: () => this.fit(),
      play: () => this.cine.toggle(),
      undo: () => this.undo(),
      save: () => this.#save(),
      marks: (shown) => {
        this.marks = shown;
        this.draw();
      },
    };
  }

  #listen() {
    new Hand(this.canvas, new Grip(this));
    new ResizeObserver(() => this.#resize()).observe(this.canvas);
    onLanguage(() => this.dialog.open && this.draw());
    this.canvas.addEventListener("keydown", (event) => key(event, this) && event.preventDefault());
    this.controls.words.addEventListener("keydown", (event) => event.key === "Enter" && this.canvas.focus());
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#leave();
    });
    this.dialog.addEventListener("close", () => this.#closed());
  }

  /** `patient`: {identifier, name}; `study` as the controller lists it; `may`: whether marks may be saved. */
  open(patient, study, may) {
    Object.assign(this, { patient, study, may, states: [], marks: true, warned: false });
    this.drafts.clear();
    this.controls.marks.checked = true;
    this.info.open(patient, study);
    this.say("");
    this.dialog.showModal();
    this.canvas.focus();
    this.tool("window");
    this.controls.open(study.series, study.series[0]);
    this.#openSeries(study.series[0]);
    this.#loadStates();
  }

  /** The first picture is asked for at once, before what there is in the series is known. */
  async #openSeries(series) {
    const place = { patient: this.patient.identifier, study: this.study.study, series: series.series };
    Object.assign(this, { series, stack: null, shown: null, window: null, size: QUICK });
    this.pen.drop();
    this.cine.stop();
    this.lens.fit();
    this.controls.choose(series);
    this.draw();
    this.pictures.want(picturePath({ ...place, instance: series.instance, frame: series.frame }, null, QUICK), { series });
    try {
      const { images } = await get(seriesPath(place.patient, place.study, place.series));
      if (this.series !== series || !this.dialog.open) return;
      this.stack = new Stack(place, images);
      this.stack.find(series.instance, series.frame);
      this.#want();
    } catch (error) {
      if (this.series === series) this.#failed(error, { series });
    }
  }

  async #loadStates() {
    const { study } = this;
    try {
      const { states } = await get(statesPath(this.patient.identifier, study.study));
      if (this.study !== study) return;
      this.states = states;
      this.draw();
    } catch (error) {
      if (this.study === study) this.say(t("images.states-failed", { message: error.message }));
    }
  }

  get now() {
    return this.stack?.now ?? null;
  }

  get draws() {
    return this.stack !== null && this.pen.kind !== null;
  }

  tool(name) {
    this.chosen = name;
    this.pen.choose(name);
    this.controls.tool(name);
    this.draw();
  }

  /** Asks for the picture of where one is now. `moving`: the small one, the large one when nothing moves. */
  #want(moving = false) {
    clearTimeout(this.still);
    if (moving) this.still = setTimeout(() => this.#want(), STILL_MS);
    const { stack, series, window, now } = this;
    if (!now) return;
    const { columns, rows } = now.image;
    const covered = Math.max(columns, rows) * this.lens.scale * devicePixelRatio;
    const size = moving ? QUICK : sizeFor(covered, Math.max(columns, rows));
    this.pictures.want(picturePath(stack.placeOf(now), window, size), { series, stack, now, window, moving });
  }

  #shown(picture, tag) {
    if (tag.series !== this.series || !this.dialog.open) return;
    this.shown = { picture, ...tag };
    const { columns, rows, aspect } = tag.now?.image ?? { columns: picture.width, rows: picture.height, aspect: 1 };
    Object.assign(this.lens, { columns, rows, aspect });
    if (this.failing) this.say("");
    this.failing = false;
    this.draw();
    if (!tag.stack || tag.moving) return;
    this.pictures.ahead(tag.stack.around(AHEAD).map((one) => picturePath(tag.stack.placeOf(one), tag.window, QUICK)));
  }

  /** What is on the screen is of another image, or under another window, than was asked for: it goes. */
  #failed(error, tag) {
    if (!["Refusal", "TypeError", "InvalidStateError"].includes(error.name)) throw error;
    if (tag.series !== this.series) return;
    this.shown = null;
    this.failing = true;
    this.say(t("images.failed", { message: error.message }));
    this.draw();
  }

  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.dialog.open) this.#draw();
    });
  }

  /** Marks belong to the picture that is shown, which may be behind the one that is wanted. */
  #draw() {
    const { shown, lens } = this;
    const here = shown?.now ?? null;
    const states = here ? statesOn(this.states, here) : [];
    const drafts = here ? [...this.drafts.on(here), ...this.pen.pending(here)] : [];
    const pen = this.canvas.getContext("2d");
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const scene = { picture: shown?.picture ?? null, lens, saved: this.marks ? states : [], drafts, cross: this.pen.cross };
    paint(pen, { ...scene, scale: here?.image.scale });
    if (here) this.info.update(shown, lens.scale, states);
    this.controls.update({ window: this.now?.image.window, drafts: this.drafts.count, here: here ? this.drafts.on(here).length : 0, may: this.may, saving: this.saving, many: this.stack?.length > 1, playing: this.cine.playing });
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0) return;
    Object.assign(this.canvas, { width: Math.round(width * devicePixelRatio), height: Math.round(height * devicePixelRatio) });
    Object.assign(this.lens, { width, height });
    this.draw();
    this.#want(true);
  }

  fit() {
    this.lens.fit();
    this.draw();
  }

  pan(dx, dy) {
    this.lens.move(dx, dy);
    this.draw();
  }

  magnify(factor, at) {
    this.lens.magnify(factor, at);
    this.draw();
    this.#want(true);
  }

  scroll(steps) {
    this.stack?.move(steps);
    this.pen.drop();
    this.#want(true);
  }

  #setWindow(window) {
    this.window = window;
    this.#want(true);
  }

  /** By parts of the window's width. */
  changeWindow(brightness, contrast) {
    const window = this.window ?? this.now?.image.window;
    if (!window) return;
    const [centre, width] = window;
    const step = Math.max(width, 1);
    const tidy = (value) => Number(value.toPrecision(6));
    this.#setWindow([tidy(centre + brightness * step), tidy(Math.max(width + contrast * step, step / 1000))]);
  }

  /** A mark on the image that is shown. */
  add(mark) {
    const { stack, now, window } = this.shown;
    this.warned = false;
    this.drafts.add(now, stack.placeOf(now), mark, window ?? now.image.window);
    this.draw();
  }

  undo() {
    if (this.shown?.now) this.drafts.undo(this.shown.now);
    this.draw();
  }

  say(message) {
    setText(this.problem, message);
  }

  async #save() {
    const { study } = this;
    this.saving = true;
    this.draw();
    try {
      for (const { here, place, marks, window } of this.drafts.all) {
        const state = await send("POST", savePath(place), { frame: here.frame, window, marks });
        if (this.study !== study) return;
        this.states.push(state);
        this.drafts.forget(here);
      }
      this.say(t("images.saved"));
    } catch (error) {
      if (!["Refusal", "TypeError"].includes(error.name)) throw error;
      this.say(t("images.not-saved", { message: error.message }));
    } finally {
      this.saving = false;
      this.draw();
    }
  }

  #leave() {
    if (this.drafts.count > 0 && !this.warned) {
      this.warned = true;
      return this.say(t("images.unsaved", { n: this.drafts.count }));
    }
    this.dialog.close();
  }

  #closed() {
    clearTimeout(this.still);
    this.pictures.stop();
    this.drafts.clear();
    this.pen.drop();
    this.cine.stop();
    Object.assign(this, { study: null, series: null, stack: null, shown: null });
  }
}
