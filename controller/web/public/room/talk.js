// What is written in the room: kept by the controller, and there again for who comes back.
import { el, setText, show } from "/screen/dom.js";
import { languageTag, t } from "./words.js";

export class Talk {
  #lines = new Map();

  /** `say(text)` sends a line, until `signal` is aborted: the next room has the same form. */
  constructor(list, form, say, signal) {
    this.list = list;
    const send = (event) => {
      event.preventDefault();
      const field = form.elements.line;
      if (field.value.trim() === "") return;
      say(field.value.trim());
      field.value = "";
    };
    form.addEventListener("submit", send, { signal });
  }

  /** All there is, or one more. */
  add(lines) {
    for (const line of lines) this.#lines.set(line.id, line);
    this.draw();
  }

  /** Something was refused for good: a line is told as it was, so that it can be written in another way. */
  unsaid({ k, text }) {
    const note = this.list.parentElement.querySelector(".unsaid");
    show(note, true);
    setText(note, k === "chat" ? t("room.unsaid-line", { text }) : t("room.unsaid"));
  }

  draw() {
    const sorted = [...this.#lines.values()].toSorted((a, b) => a.id - b.id);
    this.list.replaceChildren(...sorted.map(row));
    show(this.list, sorted.length > 0);
    this.list.lastElementChild?.scrollIntoView({ block: "nearest" });
  }
}

function row({ id, name, text, at_ms: at }) {
  const time = new Date(at).toLocaleTimeString(languageTag(), { hour: "2-digit", minute: "2-digit" });
  return el("li", { "data-line": id }, el("span", { class: "soft" }, `${time} ${name}: `), text);
}
