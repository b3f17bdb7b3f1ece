// The field that a hand scanner types into, and the photo of a label: both end in what the controller reads from it.
import { el, setText, show } from "/screen/dom.js";
import { send } from "/board/api.js";
import { named, t } from "/public/i18n.js";
import { said } from "./said.js";

/** Shown for the separator (FNC1), which scanners send as GS and keyboards as Ctrl+]. */
const SHOWN = "␝";
const SEPARATOR = "\x1d";
const READ = ["gtin", "serial", "lot", "made", "expires", "address"];

export class Scanner {
  /** `onScan(scanned)` is given what the controller says of a label; what it throws is shown. */
  constructor(node, onScan) {
    Object.assign(this, { node, onScan, field: node.querySelector("#scanned"), choices: node.querySelector("#scan-choices") });
    this.said = node.querySelector("#scan-said");
    this.problem = node.querySelector("#scan-problem");
    node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#read(this.field.value.replaceAll(SHOWN, SEPARATOR));
    });
    this.field.addEventListener("keydown", (event) => this.#key(event));
    node.querySelector("#photo").addEventListener("change", (event) => this.#photo(event.target));
  }

  /** The next label may come. */
  ready() {
    this.field.focus();
    this.field.select();
  }

  #key(event) {
    if ((event.ctrlKey && event.key === "]") || event.key === SEPARATOR) {
      event.preventDefault();
      this.field.setRangeText(SHOWN, this.field.selectionStart, this.field.selectionEnd, "end");
    }
  }

  async #read(text) {
    if (text.trim() === "") return;
    await this.#asking(async () => {
      const scanned = await send("POST", "/api/inventory/scan", { text });
      setText(this.said, describe(scanned));
      await this.onScan(scanned);
    });
  }

  async #photo(input) {
    const [file] = input.files;
    if (!file) return;
    setText(this.said, t("scan.looking"));
    await this.#asking(async () => {
      const { texts } = await send("POST", "/api/inventory/photo", file, file.type || "image/jpeg");
      if (texts.length === 1) await this.#read(texts[0]);
      else this.#offer(texts);
    });
    input.value = "";
  }

  /** Several symbols are in the picture: which one? */
  #offer(texts) {
    setText(this.said, t("scan.several"));
    const button = (text) => el("button", { type: "button", onclick: () => this.#read(text) }, text.replaceAll(SEPARATOR, SHOWN));
    this.choices.replaceChildren(...texts.map((text) => el("li", {}, button(text))));
    show(this.choices, true);
  }

  async #asking(work) {
    this.problem.textContent = "";
    this.choices.replaceChildren();
    try {
      await work();
    } catch (error) {
      setText(this.said, "");
      this.problem.textContent = said(error);
      this.ready();
    }
  }
}

/** "UDI · GTIN 04211125658212 · serial A1". */
function describe(scanned) {
  const parts = READ.filter((name) => scanned[name]).map((name) => `${t(`field.${name}`)} ${scanned[name]}`);
  return [named("scan", scanned.kind), ...parts].join(" · ");
}
