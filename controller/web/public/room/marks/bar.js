// The tools for the picture that is drawn on, as far as one may use them.
import { annotated, jpegOf, taken } from "./camera.js";
import { el, setText, show } from "/screen/dom.js";
import { Robot } from "./robot.js";
import { ROOM } from "/public/room/signal.js";
import { Turn } from "./turn.js";
import { arButton } from "./xr.js";
import { t } from "./words.js";

const TOOLS = ["laser", "pen", "arrow", "measure", "text", "pin"];
const WRITES = ["text", "pin"];

export class Bar {
  constructor(node, marks) {
    Object.assign(this, { node, marks });
    this.said = node.parentNode.querySelector(".marks-said");
    this.tools = el("div", { class: "row tools", role: "group" });
    this.buttons = new Map(TOOLS.map((tool) => [tool, this.#button(() => this.#choose(tool), tool)]));
    this.tools.append(...this.buttons.values());
    this.field = el("input", { name: "label", maxlength: "120", autocomplete: "off" });
    this.length = el("input", { name: "mm", type: "number", min: "1", max: "3000", step: "any", inputmode: "decimal" });
    this.acts = new Map(
      Object.entries({
        undo: () => this.#remove(this.#mine().slice(-1)),
        "clear-mine": () => this.#remove(this.#mine()),
        "clear-all": () => this.#remove(this.#all()),
        freeze: () => this.#freeze(),
        snapshot: () => this.#snapshot(),
        "keep-drawn": () => this.#keepDrawn(),
        overlay: () => marks.overlay.toggle(),
        "turn-camera": () => this.turn.turn(marks.sheet.tile),
        guests: () => marks.say({ k: "marking", guests: !marks.guests }),
      }).map(([key, act]) => [key, this.#button(act, key)]),
    );
    this.turn = new Turn(marks.room);
    this.note = el("p", { class: "soft note" });
    this.robot = new Robot(marks, (words) => this.say(words));
    this.ar = arButton(marks, (words) => this.say(words));
    node.replaceChildren(this.tools, this.field, this.length, this.note, el("div", { class: "row" }, ...this.acts.values(), this.ar), this.robot.node);
  }

  #button(act, key = null) {
    return el("button", { type: "button", "data-do": key, onclick: act });
  }

  /** Said to who draws, and read by screen readers. */
  say(words) {
    setText(this.said, words);
  }

  get words() {
    return this.field.value.trim();
  }

  ask() {
    this.say(t("marks.write-first"));
    this.field.focus();
  }

  get mm() {
    const mm = this.length.valueAsNumber;
    return mm > 0 && mm <= 3000 ? mm : null;
  }

  /** The length is of the line that was drawn, and of no other. */
  takeMm() {
    const { mm } = this;
    this.length.value = "";
    return mm;
  }

  #choose(tool) {
    this.marks.hand.choose(tool);
    this.draw();
    if (WRITES.includes(tool) && this.words === "") this.field.focus();
  }

  #mine() {
    const { sheet, me, kept } = this.marks;
    return sheet ? kept.on(sheet.seat, sheet.still?.id ?? "").filter((one) => one.from === me) : [];
  }

  /** On the pictures of all cameras, or on the image of a case that is shown: what is not to be seen stays. */
  #all() {
    const { sheet, kept } = this.marks;
    return sheet?.seat === ROOM ? kept.on(ROOM, sheet.still?.id ?? "") : kept.all().filter((one) => one.seat !== ROOM);
  }

  #remove(marks) {
    if (marks.length > 0) this.marks.say({ k: "unmark", ids: marks.map((one) => one.id) });
  }

  #freeze() {
    const { sheet, stills } = this.marks;
    if (sheet.still) this.marks.say({ k: "thaw", still: sheet.still.id });
    else stills.freeze(sheet);
  }

  draw() {
    const { marks } = this;
    const { sheet } = marks;
    show(this.node, sheet !== null && marks.may);
    if (sheet === null) return;
    const { tool } = marks.hand;
    this.tools.ariaLabel = t("marks.tools", { name: marks.nameOf(sheet.seat) });
    for (const [key, button] of this.buttons) {
      setText(button, t(`marks.${key}`));
      button.ariaPressed = String(key === tool);
    }
    const isImage = sheet.seat === ROOM;
    this.#place(isImage ? marks.image.node : marks.room.node.querySelector(".tiles"));
    show(this.buttons.get("pin"), !isImage); // words stay where they are: an image does not move
    for (const [node, key, isShown] of [[this.field, "marks.write", WRITES.includes(tool)], [this.length, "marks.length", tool === "measure" && !isImage]]) {
      show(node, isShown);
      node.ariaLabel = node.placeholder = t(key);
    }
    this.#acts(sheet, marks);
    setText(this.note, tool === "measure" ? t(isImage ? `marks.scale-${sheet.still?.scale.basis ?? "none"}` : "marks.estimate-note") : "");
    this.robot.draw(marks.seats.find((one) => one.seat === sheet.seat));
  }

  /** Below the picture that is drawn on, or below all people's. */
  #place(pictures) {
    if (pictures.nextElementSibling !== this.said) pictures.after(this.said, this.node);
  }

  #acts(sheet, marks) {
    const isImage = sheet.seat === ROOM;
    const mayThaw = !sheet.still || marks.isStaff || sheet.still.from === marks.me;
    const keeps = isImage && marks.room.keepsImages === true && this.#all().length > 0;
    const staffs = { "keep-drawn": keeps, "clear-all": this.#all().length > 0, guests: !isImage, snapshot: !isImage && marks.room.base.startsWith("/api/visits/") };
    const mine = this.#mine().length > 0;
    const shown = { undo: mine, "clear-mine": mine, freeze: mayThaw && !isImage, overlay: !isImage, "turn-camera": sheet.seat === marks.me && this.turn.has };
    for (const [key, button] of this.acts) {
      setText(button, t(key === "freeze" && sheet.still ? "marks.thaw" : `marks.${key}`));
      show(button, key in staffs ? marks.isStaff && staffs[key] : shown[key]);
    }
    this.acts.get("guests").ariaPressed = String(marks.guests);
    this.acts.get("overlay").ariaPressed = String(marks.overlay.isOn);
    setText(this.ar, t("marks.ar"));
  }

  /** Bare, and as it is drawn upon, if it is: both as they are at the press. */
  async #snapshot() {
    const { sheet, room } = this.marks;
    const bare = taken(sheet);
    if (bare === null) return this.say(t("marks.no-picture"));
    const scene = this.marks.scene(sheet);
    const drawn = scene.marks.length > 0 ? annotated(bare, scene) : null;
    if (!(await this.#isSure())) return undefined;
    const form = new FormData();
    form.append("bare", await jpegOf(bare), "bare.jpg");
    if (drawn) form.append("annotated", await jpegOf(drawn), "annotated.jpg");
    const why = await posted(`${room.base}/snapshots?seat=${room.signal.seat}`, form);
    if (why !== null) this.say(t("marks.not-kept", { why }));
    return undefined;
  }

  /** What all have drawn on the image of a case, as the controller has it; the archive shows it over that image. */
  async #keepDrawn() {
    const { room } = this.marks;
    if (!(await this.#isSure("marks.keep-drawn-sure"))) return undefined;
    const why = await posted(`${room.base}/image/states?seat=${room.signal.seat}`);
    if (why !== null) this.say(t("marks.drawn-not-kept", { why }));
    return undefined;
  }

  async #isSure(words = "marks.keep-sure") {
    const { confirmed } = await import("/public/confirm.js");
    return confirmed(t("marks.snapshot"), t(words), t("marks.snapshot"));
  }

  close() {
    this.node.replaceChildren();
    show(this.node, false);
    this.say("");
  }
}

/** Why it was refused; null: it was not. */
async function posted(address, form = null) {
  try {
    const response = await fetch(address, { method: "POST", body: form });
    return response.ok ? null : (await response.json()).error.message;
  } catch (error) {
    if (error instanceof TypeError) return t("marks.offline");
    throw error;
  }
}
