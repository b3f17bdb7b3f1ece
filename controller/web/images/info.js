// What stands around the image: whose it is, of when, which one, under which window, who drew on it.
import { el, keep, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "/public/i18n.js";

/** "20261126" and "101500.12" as "2026-11-26 10:15", as far as they are known. */
export function studyTime({ date, time }) {
  const day = /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}` : "";
  return day && /^\d{4}/.test(time) ? `${day} ${time.slice(0, 2)}:${time.slice(2, 4)}` : day;
}

/** What kinds of images a study has; drawings on them are none. */
export const kinds = ({ modalities }) => modalities.filter((one) => one !== "PR").join(" ");

/** When a state was made, on this screen's calendar if it says in which zone that was counted. */
export function madeAt({ made, zone }) {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(made);
  if (!parts) return studyTime({ date: made.slice(0, 8), time: made.slice(8) });
  const [, year, month, day, ...clock] = parts;
  const local = `${year}-${month}-${day}T${clock.join(":")}`;
  return zone ? moment(Date.parse(`${local}${zone.slice(0, 3)}:${zone.slice(3)}`)) : local.replace("T", " ");
}

export class Info {
  constructor() {
    this.whose = el("b");
    this.what = el("span");
    this.which = el("span", { class: "now-shown" });
    this.states = el("ul", { class: "states", "data-t-label": "images.drawn" });
    this.states.ariaLabel = t("images.drawn");
    this.head = el("p", { class: "corner" }, this.whose, this.what);
    this.foot = el("div", { class: "corner below" }, this.which, this.states);
  }

  open(patient, study) {
    setText(this.whose, `${patient.name} · ${patient.identifier}`);
    setText(this.what, [kinds(study), study.description, studyTime(study)].filter(Boolean).join(" · "));
    setText(this.which, "");
    this.states.replaceChildren();
  }

  /** Of the picture that is shown: {stack, now, window} and the magnification. */
  update({ stack, now, window }, zoom, states) {
    const told = { n: stack.frames.indexOf(now) + 1, of: stack.length };
    const words = [t("images.which", told)];
    if (now.image.window) {
      const [centre, width] = (window ?? now.image.window).map((one) => Math.round(one));
      words.push(t("images.under", { centre, width }));
    }
    words.push(`${Math.round(zoom * 100)} %`);
    if (now.image.scale.basis === "none") words.push(t("images.no-scale"));
    setText(this.which, words.join(" · "));
    show(this.states, states.length > 0);
    keep(this.states, states, (one) => one.instance, () => el("li"), (node, one) => setText(node, by(one)));
  }
}

function by(state) {
  const words = [state.by || t("images.somebody"), madeAt(state), state.label === "WARDLINK" ? "" : state.label];
  if (state.left_out > 0) words.push(t("images.left-out", { n: state.left_out }));
  return words.filter(Boolean).join(" · ");
}
