// Over the picture that is looked at: the patient's values with their ages, and the next step of the checklist that is
// on. What the values are and how old is the room's panel's to say (vitals.js): here they are said again, word by word.
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { languageTag, t } from "./words.js";
import { ROOM } from "/public/room/signal.js";

const LOOK_MS = 500;

export class Overlay {
  isOn = false;
  #looking = null; #run = null;

  constructor(marks) {
    this.marks = marks;
    this.values = el("ul", { class: "values" });
    this.alarm = el("p", { class: "alarm" });
    this.title = el("p", { class: "title" });
    this.step = el("p", { class: "step", role: "status" });
    this.done = el("button", { type: "button", class: "primary", onclick: () => this.#say(this.next, true) });
    this.back = el("button", { type: "button", onclick: () => this.#say(this.last, false) });
    this.node = el("div", { class: "overlay", hidden: true }, this.alarm, this.values, this.title, this.step, el("div", { class: "row" }, this.done, this.back));
    this.lists = marks.room.node.querySelector(".checklists");
    this.chooser = el("select", { onchange: () => marks.say({ k: "checklist", which: this.chooser.value }) });
    this.steps = el("ol", { class: "steps" });
    this.source = el("p", { class: "soft" });
    this.lists.querySelector(".body").replaceChildren(this.chooser, this.steps, this.source);
  }

  toggle() {
    this.isOn = !this.isOn;
    this.marks.draw();
  }

  get next() {
    return this.marks.checklist?.steps.find((one) => one.done === null) ?? null;
  }

  get last() {
    return this.marks.checklist?.steps.findLast((one) => one.done !== null) ?? null;
  }

  #say(step, done) {
    if (step) this.marks.say({ k: "step", run: this.marks.checklist.run, step: step.id, done });
  }

  /** A checklist that is begun is shown on the picture, unless a person puts it away. */
  draw() {
    const { checklist, sheet } = this.marks;
    if (checklist && checklist.run !== this.#run) this.isOn = true;
    this.#run = checklist?.run ?? null;
    const isShown = this.isOn && sheet !== null && sheet.seat !== ROOM;
    show(this.node, isShown);
    if (isShown && this.node.parentNode !== sheet.tile && !this.isLent) sheet.tile.append(this.node);
    this.#checklist(checklist);
    this.#list(checklist);
    this.#look();
    if (isShown) this.#looking ??= setInterval(() => this.#look(), LOOK_MS);
    else this.#stop();
  }

  /** While glasses have it, it hangs elsewhere. */
  isLent = false;

  #checklist(checklist) {
    for (const node of [this.title, this.step, this.done, this.back]) show(node, checklist !== null);
    if (checklist === null) return;
    const { next, marks } = this;
    const done = checklist.steps.filter((one) => one.done !== null).length;
    setText(this.title, t("marks.steps", { list: words(checklist), done, all: checklist.steps.length }));
    setText(this.step, next ? t("marks.next", { step: words(next) }) : t("marks.all-done"));
    setText(this.done, t("marks.step-done"));
    setText(this.back, t("marks.step-undo"));
    show(this.done, marks.isStaff && next !== null);
    show(this.back, marks.isStaff && this.last !== null);
  }

  /** Below the pictures: which list is on, and who did which step when. */
  #list(checklist) {
    show(this.lists, this.marks.isStaff || checklist !== null);
    setText(this.lists.querySelector("summary"), checklist ? words(checklist) : t("marks.checklist"));
    show(this.chooser, this.marks.isStaff);
    this.chooser.ariaLabel = t("marks.checklist");
    const options = [{ id: "", words: null }, ...this.marks.lists];
    keep(this.chooser, options, (one) => one.id || "none", (one) => el("option", { value: one.id }), (node, one) => setText(node, one.words ? words(one) : t("marks.no-checklist")));
    this.chooser.value = checklist?.which ?? "";
    keep(this.steps, checklist?.steps ?? [], (one) => one.id, () => el("li", {}, el("span"), " ", el("span", { class: "soft" })), (row, one) => step(row, one));
    setText(this.source, checklist ? t("marks.source", { source: checklist.source }) : "");
  }

  #look() {
    const cells = [...this.marks.room.node.querySelectorAll(".vitals:not([hidden]) .cell:not([hidden])")];
    keep(this.values, cells.map(value), (one) => one.name, () => el("li", {}, el("span"), " ", el("b"), " ", el("span")), (row, one) => {
      setState(row, one.state);
      for (const [n, text] of [one.name, one.number, one.rest].entries()) setText(row.children[n], text);
    });
    const alarm = this.marks.room.node.querySelector(".vitals:not([hidden]) .alarms li");
    setText(this.alarm, alarm?.innerText.replaceAll("\n", " ") ?? "");
    show(this.alarm, alarm !== null);
  }

  #stop() {
    clearInterval(this.#looking);
    this.#looking = null;
  }

  close() {
    this.#stop();
    this.node.remove();
    show(this.lists, false);
  }
}

/** One cell of the panel: its number, its unit and age, or why there is no number. */
function value(cell) {
  const said = (kind) => cell.querySelector(`.${kind}`)?.textContent ?? "";
  return { name: cell.querySelector("dt")?.firstElementChild?.textContent ?? cell.dataset.vital, number: said("number"), rest: [said("unit"), said("age"), said("why")].filter(Boolean).join(" · "), state: cell.dataset.state };
}

function step(row, { words: named, done }) {
  row.classList.toggle("done", done !== null);
  setText(row.children[0], words({ words: named }));
  const time = done && new Date(done.at_ms).toLocaleTimeString(languageTag(), { hour: "2-digit", minute: "2-digit" });
  setText(row.children[1], done ? `✓ ${t("marks.step-by", { name: done.name, time })}` : "");
}

const words = ({ words: each }) => each[languageTag().slice(0, 2)] ?? each.en;
