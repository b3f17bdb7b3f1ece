// What this browser remembers between visits; a browser that refuses storage just forgets.

export function recall(key) {
  try {
    return localStorage.getItem(`wardlink.${key}`);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(`wardlink.${key}`, value);
  } catch {
    // Storage is switched off: the choice lasts until the page closes.
  }
}
