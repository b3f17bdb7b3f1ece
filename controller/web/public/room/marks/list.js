// What is drawn, in words: for who reads with the ears, and to take one mark away.
import { el, keep, setText, show } from "/screen/dom.js";
import { t } from "./words.js";

export class List {
  constructor(node, marks) {
    Object.assign(this, { node, marks });
  }

  draw() {
    const all = this.marks.kept.all().filter((one) => this.marks.sheets.has(one.seat));
    show(this.node, all.length > 0);
    setText(this.node.querySelector("summary"), t("marks.list", { n: all.length }));
    keep(this.node.querySelector("ul"), all, (one) => one.id, (one) => this.#row(one), (row, one) => this.#draw(row, one));
  }

  #row({ id }) {
    const remove = el("button", { type: "button", onclick: () => this.marks.say({ k: "unmark", ids: [id] }) });
    return el("li", {}, el("span"), " ", remove);
  }

  #draw(row, { kind, name, seat, still, view = 0, from, text }) {
    const [words, remove] = row.children;
    const away = still === "" && view !== this.marks.viewOf(seat) ? ` (${t("marks.other-camera")})` : "";
    const what = text === "" ? t(`marks.${kind}`) : `${t(`marks.${kind}`)} “${text}”`;
    setText(words, t("marks.row", { what, name, whose: this.marks.nameOf(seat) }) + away);
    setText(remove, t("marks.remove"));
    remove.ariaLabel = `${t("marks.remove")}: ${words.textContent}`;
    show(remove, this.marks.isStaff || from === this.marks.me);
  }
}
