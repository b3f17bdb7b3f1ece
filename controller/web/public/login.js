// The login form: one request; says why it was refused.
import { languageButton, t, translate } from "./i18n.js";
import { themeButton } from "./theme.js";

const form = document.getElementById("form");
const message = document.getElementById("message");
const button = form.querySelector("button");

async function refusal(response) {
  if (response.status === 429) return t("login.slow", { s: response.headers.get("Retry-After") });
  if (response.status === 401) return t("login.wrong");
  return (await response.json()).error.message;
}

async function logIn() {
  const body = JSON.stringify({ user: form.elements.user.value.trim(), password: form.elements.password.value });
  const headers = { "Content-Type": "application/json" };
  const response = await fetch("/api/login", { method: "POST", headers, body });
  if (response.ok) location.replace("/");
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
  form.elements.password.select();
});

languageButton(document.getElementById("language"));
themeButton(document.getElementById("theme"));
translate();
form.elements.user.focus();
