// A field that a hand scanner types into: it shows the separator (FNC1), which scanners send as GS and keyboards as Ctrl+].
import { asked, reason } from "/prescriptions/asking.js";
import { el, setText } from "/screen/dom.js";

const SHOWN = "␝";
const SEPARATOR = "\x1d";

export function scanField(id) {
  const input = el("input", { id, type: "text", class: "code", required: true, autocomplete: "off", spellcheck: "false", autocapitalize: "none", maxlength: 512 });
  return scans(input);
}

/** Makes a field one; `scanned()` gives what the scanner sent. */
export function scans(input) {
  input.addEventListener("keydown", (event) => {
    if (event.key !== SEPARATOR && !(event.ctrlKey && event.key === "]")) return;
    event.preventDefault();
    input.setRangeText(SHOWN, input.selectionStart, input.selectionEnd, "end");
  });
  return Object.assign(input, { scanned: () => input.value.trim().replaceAll(SHOWN, SEPARATOR) });
}

/** A field for a GTIN, of which a scanned pack leaves the GTIN; `onScan(pack)` gets all that it says. */
export function gtinField(input, problem, onScan = () => {}) {
  scans(input).addEventListener("change", async () => {
    if (/^\d{0,14}$/.test(input.scanned())) return;
    const answer = await asked("POST", "/api/pharmacy/scan", { code: input.scanned() });
    setText(problem, answer.ok ? "" : reason(answer));
    if (!answer.ok) return;
    input.value = answer.data.gtin;
    onScan(answer.data);
  });
}
