// What is drawn, in words: for who reads with the ears, and to take one mark away.
import { el, keep, setText, show } from "/screen/dom.js";
import { ROOM } from "/public/room/signal.js";
import { t } from "./words.js";

export class List {
  constructor(node, marks) {
    Object.assign(this, { node, marks });
  }

  draw() {
    const all = this.marks.kept.all().filter((one) => this.#isHere(one));
    show(this.node, all.length > 0);
    setText(this.node.querySelector("summary"), t("marks.list", { n: all.length }));
    keep(this.node.querySelector("ul"), all, (one) => one.id, (one) => this.#row(one), (row, one) => this.#draw(row, one));
  }

  /** Of images of cases, on the one that is shown. */
  #isHere({ seat, still }) {
    return this.marks.sheets.has(seat) && (seat !== ROOM || still === this.marks.image.still?.id);
  }

  #row({ id }) {
    const remove = el("button", { type: "button", onclick: () => this.marks.say({ k: "unmark", ids: [id] }) });
    return el("li", {}, el("span"), " ", remove);
  }

  /** Of a line on an image of a case, which nobody has to estimate. */
  #length(one) {
    if (one.kind !== "measure" || one.seat !== ROOM) return "";
    const { key, n } = this.marks.image.still.measure(one);
    return ` ${t(key, { n })}`;
  }

  #draw(row, one) {
    const { kind, name, seat, still, view = 0, from, text } = one;
    const [words, remove] = row.children;
    const away = still === "" && view !== this.marks.viewOf(seat) ? ` (${t("marks.other-camera")})` : "";
    const what = text === "" ? t(`marks.${kind}`) + this.#length(one) : `${t(`marks.${kind}`)} “${text}”`;
    setText(words, t("marks.row", { what, name, whose: this.marks.nameOf(seat) }) + away);
    setText(remove, t("marks.remove"));
    remove.ariaLabel = `${t("marks.remove")}: ${words.textContent}`;
    show(remove, this.marks.isStaff || from === this.marks.me);
  }
}
