// Runs before the first paint: the remembered theme and language, so that nothing flashes.
"use strict";
try {
  const theme = localStorage.getItem("wardlink.theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off in this browser: the system's theme applies, nothing is remembered.
}
