// Changes of a conference: each says what it replaces; what somebody else changed meanwhile is shown first.
import { ask } from "/public/ask.js";
import { follow, told } from "/people/page.js";
import { el, setText } from "/screen/dom.js";
import { t } from "./words.js";

/** The answer's data, or undefined: it was refused, and the page says why. `outdated()`: look again. */
export async function changed(method, path, body, revision, outdated) {
  const headers = revision === null ? undefined : { "If-Match": `"${revision}"` };
  const answer = await ask(method, path, body, headers);
  follow(answer);
  if (answer.status === 412) await outdated();
  setText(document.getElementById("problem"), answer.ok ? "" : answer.status === 412 ? t("mc.outdated") : told(answer));
  return answer.ok ? (answer.data ?? true) : undefined;
}

/** One line from the person in a form after `place`, then `act(text)`; again: the form goes. */
export function asked(place, name, words, act, type = "text") {
  const there = place.parentNode.querySelector("[data-ask]");
  there?.remove();
  if (there?.dataset.ask === name) return;
  const field = el("input", { name, type, maxlength: "200", required: true, "aria-label": words, placeholder: words });
  const form = el("form", { class: "row", "data-ask": name }, field, el("button", { class: "primary" }, words));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if ((await act(field.value.trim())) !== undefined) form.remove();
  });
  place.after(form);
  field.focus();
}

export function button(words, act, { label = null, kind = "", name = null } = {}) {
  return el("button", { type: "button", class: kind, "aria-label": label, "data-do": name, onclick: act }, words);
}
