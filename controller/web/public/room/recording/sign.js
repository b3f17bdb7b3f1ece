// What everybody in the room sees of its recording: the red sign in words, what they are asked, and what they may do.
import { el, setState, setText, show } from "/screen/dom.js";
import { languageTag, t } from "./words.js";

const ASKS = new Set(["asked", "paused"]);
const LIVE = new Set(["asked", "agreed", "running", "paused"]);

/** How it stands, in words. `lost`: this page records, and hears nothing of the controller. */
export function standing({ state, by, missing }, lost) {
  if (lost) return t("recording.lost");
  if (state !== "paused" && state !== "asked") return t(`recording.state-${state}`, { by });
  if (missing.length === 0) return t("recording.page-gone", { by });
  const names = missing.map(({ name }) => name || t("recording.the-patient")).join(", ");
  return t(`recording.state-${state}`, { names });
}

export class Sign {
  #asked = "";

  /** `acts`: what the buttons do, by name: ask, go-on, stop, say(said), aloud, erase(number). */
  constructor(node, acts) {
    Object.assign(this, { node, acts });
  }

  /** `told`: of the recording, or null; `me`: {staff, records, agreed, mine}: `records`: one may record; `words`: what one is asked. */
  draw(told, me, words, lost) {
    const isLive = told !== null && LIVE.has(told.state);
    const sign = this.node.querySelector(".sign");
    show(sign, told !== null);
    setState(sign, told === null ? "" : lost ? "paused" : told.state);
    setText(sign, told === null ? "" : standing(told, lost));
    const actions = [...(isLive ? this.#answers(told, me, words) : this.#begins(me)), ...this.#ends(isLive, me), ...this.#erases(isLive, words)];
    show(this.node, told !== null || actions.length > 0);
    const key = JSON.stringify([isLive && told.number, actions.map((one) => one.textContent)]);
    if (key === this.#asked) return; // somebody may be about to press one
    this.#asked = key;
    this.node.querySelector(".acts").replaceChildren(...actions);
  }

  #begins(me) {
    return me.records ? [this.#button("ask", () => this.acts.ask())] : [];
  }

  #answers(told, me, words) {
    const tongue = languageTag().slice(0, 2);
    if (!me.agreed && words !== null) {
      return [el("p", { class: "words" }, words.words[tongue]), this.#button("agree", () => this.acts.say("permit"), "primary"), this.#button("refuse", () => this.acts.say("deny"))];
    }
    const parts = me.agreed ? [this.#button("withdraw", () => this.acts.say("withdrawn"))] : [];
    const patient = told.missing.some(({ name, part }) => part === "patient" && name === "");
    if (me.staff && patient && ASKS.has(told.state) && words?.aloud) {
      parts.unshift(el("p", { class: "words" }, t("recording.aloud", { words: words.aloud[tongue] })), this.#button("heard", () => this.acts.aloud()));
    }
    return parts;
  }

  #ends(isLive, me) {
    if (!isLive || !me.records) return [];
    return [...(me.mine ? [this.#button("go-on", () => this.acts.goOn())] : []), this.#button("stop", () => this.acts.stop())];
  }

  /** Two presses: it cannot be undone. */
  #erases(isLive, words) {
    if (isLive || !words?.mine.length) return [];
    const sure = (event) => {
      const yes = this.#button("erase-sure", () => words.mine.forEach((number) => this.acts.erase(number)), "danger");
      event.target.replaceWith(yes);
      yes.focus();
    };
    return [el("p", { class: "words" }, t("recording.kept")), el("button", { type: "button", "data-do": "erase", onclick: sure }, t("recording.erase"))];
  }

  #button(key, act, kind = "") {
    return el("button", { type: "button", class: kind, "data-do": key, onclick: act }, t(`recording.${key}`));
  }
}
