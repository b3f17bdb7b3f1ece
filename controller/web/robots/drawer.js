// Opening a drawer of the robot that is here: who takes it out proves who they are, by badge, PIN or password.
import { el, setText } from "/screen/dom.js";
import { field, shownFields, shownOf } from "/round/shown.js";
import { t } from "/public/i18n.js";

const SECRET = ["badge", "pin", "password"];

/** `send(part, body)` gives the answer. What was shown does not stay in the fields. */
export function drawerForm(one, send) {
  const id = (name) => `${name}-${one.id}`;
  const said = el("p", { class: "said", role: "status" });
  const button = el("button", { class: "primary", "aria-label": `${t("robots.drawer-do")} ${one.id}` }, t("robots.drawer-do"));
  const form = el(
    "form",
    {},
    ...field(id("drawer"), t("robots.drawer-number"), { type: "number", min: 1, max: 99, required: true }),
    ...shownFields(id, "robots"),
    ...field(id("password"), t("robots.password"), { type: "password", maxlength: 1024, autocomplete: "off" }),
    el("p", { class: "soft" }, t("robots.nobody-else")),
    button,
    said,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    setText(said, "");
    button.disabled = true;
    const value = (name) => form.querySelector(`#${id(name)}`).value;
    const body = { ...shownOf(form, id), password: value("password"), drawer: Number(value("drawer")) };
    const answer = await send("drawer", body);
    button.disabled = false;
    for (const name of SECRET) form.querySelector(`#${id(name)}`).value = "";
    if (answer.ok) setText(said, t("robots.drawer-asked", { n: body.drawer }));
  });
  return el("details", { "data-when": "here-assigned here-picked" }, el("summary", {}, t("robots.drawer")), form);
}
