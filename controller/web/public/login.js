// The login form: one request; says why it was refused.
import { home, person } from "./person.js";
import { languageButton, t, translate } from "./i18n.js";
import { otherWays } from "./ways.js";
import { themeButton } from "/screen/theme.js";

const form = document.getElementById("form");
const message = document.getElementById("message");
const button = form.querySelector("button");

async function refusal(response) {
  if (response.status === 429) return t("login.slow", { s: response.headers.get("Retry-After") });
  const { code, message } = (await response.json()).error;
  if (code === "code-needed" || code === "wrong-code") askForCode();
  if (code === "code-needed") return "";
  if (code === "wrong-code") return t("login.wrong-code");
  if (code === "second-factor-broken") return t("login.factor-broken");
  return response.status === 401 ? t("login.wrong") : message;
}

/** The password was right; the second factor is missing. */
function askForCode() {
  for (const node of [form.elements.code, form.querySelector("label[for=code]")]) node.hidden = false;
}

async function logIn() {
  const { user, password, code } = form.elements;
  const given = { user: user.value.trim(), password: password.value, ...(code.value && { code: code.value.trim() }) };
  const body = JSON.stringify(given);
  const headers = { "Content-Type": "application/json" };
  const response = await fetch("/api/login", { method: "POST", headers, body });
  if (response.ok) location.replace(home(await person()));
  else message.textContent = await refusal(response);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  message.textContent = "";
  try {
    await logIn();
  } catch {
    message.textContent = t("login.unreachable");
  } finally {
    button.disabled = false;
  }
  if (form.elements.code.hidden) form.elements.password.select();
  else form.elements.code.select();
});

languageButton(document.getElementById("language"));
themeButton(document.getElementById("theme"));
translate();
otherWays({ box: document.getElementById("ways"), oidc: document.getElementById("oidc"), passkey: document.getElementById("passkey") }, (text) => {
  message.textContent = text;
});
form.elements.user.focus();
