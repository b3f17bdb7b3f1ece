// Dark or light: the system's choice until a person chooses.
import { recall, remember } from "./remember.js";

const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : system.matches;
}

export function onTheme(listener) {
  listeners.add(listener);
}

function tell() {
  for (const listener of listeners) listener();
}

export function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  remember("theme", theme);
  tell();
}

/** Makes `button` switch between dark and light. */
export function themeButton(button) {
  button.addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
}

system.addEventListener("change", () => {
  if (!recall("theme")) tell();
});
