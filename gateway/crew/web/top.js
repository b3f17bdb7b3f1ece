// The uppermost line: who is on board and since when, whether the hospital sees it, who is looking, the time.
import { clockTime } from "/screen/format.js";
import { part, setState, setText, show } from "/screen/dom.js";
import { seen } from "./seen.js";
import { t } from "/screen/i18n.js";
import { timer } from "./times.js";

export class Top {
  constructor(node, box) {
    Object.assign(this, { node, box });
  }

  update(now) {
    const { stay, uplink, clock } = this.box;
    const set = (selector, text) => setText(part(this.node, selector), text);
    setState(part(this.node, "#patient"), stay ? "on-board" : "nobody");
    set("#patient b", stay ? patientName(stay) : t("patient.nobody"));
    set("#patient .more", stay ? patientMore(stay) : t("patient.begin"));
    set("#timer", stay && stay.since_ms !== null ? timer(now - stay.since_ms) : "");
    const { state, live, follows } = seen(uplink, [...this.box.waving]);
    setState(part(this.node, "#uplink"), state);
    set("#uplink .live", live);
    set("#uplink .follows", follows);
    this.#watchers(this.box.case?.watchers ?? []);
    set("#time", clock?.utc_offset_ms === null || !clock ? t("time.no-clock") : clockTime(now + clock.utc_offset_ms));
  }

  #watchers(names) {
    const node = part(this.node, "#watchers");
    show(node, names.length > 0);
    setText(node, t("watchers", { names: names.join(", ") }));
  }
}

/** A name, else the identifier, else "Unknown". */
export function patientName(stay) {
  return stay.name || stay.identifier || t("patient.unknown");
}

/** "male, about 60 · adult": an age is "about" as long as nobody knows who it is. */
export function patientMore(stay) {
  const isKnown = Boolean(stay.name || stay.identifier);
  const sex = stay.sex === "unknown" ? [] : [t(`sex.${stay.sex}`)];
  const years = stay.age === null ? [] : [t(isKnown ? "patient.age" : "patient.about", { n: stay.age })];
  return [[...sex, ...years].join(t("patient.comma")), t(`class.${stay.class}`)].filter(Boolean).join(" · ");
}
