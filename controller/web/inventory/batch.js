// Many records at once: a CSV file is checked or imported, and each bad row is listed with what to do.
import { el, setText, show } from "/screen/dom.js";
import { head } from "/ledger/table.js";
import { named, t } from "/public/i18n.js";
import { said } from "./said.js";
import { send } from "/board/api.js";

const COLUMNS = ["row", "column", "expected", "came", "remedy"];

export class Batch {
  /** `onChange()` after an import. */
  constructor(node, onChange) {
    Object.assign(this, { node, onChange, report: null, wasTried: false });
    this.file = node.querySelector("#table");
    this.buttons = [node.querySelector("#try"), node.querySelector("#import")];
    this.file.addEventListener("change", () => this.#chosen());
    this.buttons[0].addEventListener("click", () => this.#send(true));
    this.buttons[1].addEventListener("click", () => this.#send(false));
  }

  #chosen() {
    for (const button of this.buttons) button.disabled = this.file.files.length === 0;
  }

  async #send(tries) {
    const problem = this.node.querySelector("#batch-problem");
    problem.textContent = "";
    this.report = null;
    try {
      this.report = await send("POST", `/api/inventory/import?dry_run=${tries ? 1 : 0}`, this.file.files[0], "text/csv");
      this.wasTried = tries;
    } catch (error) {
      problem.textContent = said(error);
    }
    this.draw();
    if (!tries) this.onChange();
  }

  draw() {
    const words = this.node.querySelector("#batch-said");
    const faults = this.report?.faults ?? [];
    const counts = this.report && { ...this.report, faults: faults.length };
    setText(words, counts ? t(this.wasTried ? "batch.tried" : "batch.done", counts) : "");
    show(this.node.querySelector(".scroll"), faults.length > 0);
    const cell = (fault, name) => (name === "column" ? named("field", fault[name]) : `${fault[name]}`);
    const rows = faults.map((fault) => el("tr", {}, ...COLUMNS.map((name) => el("td", {}, cell(fault, name)))));
    this.node.querySelector("#faults").replaceChildren(head(COLUMNS.map((name) => `batch.${name}`)), el("tbody", {}, ...rows));
  }
}
