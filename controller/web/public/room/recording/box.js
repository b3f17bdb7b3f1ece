// A chunk of a recording, sealed in the page: AES-256-GCM, its nonce before it, its place as associated data, as the
// controller has it (telemedicine/recordings/seal.py). The hash of the chunk before is part of the place.

/** The key that the controller hands out, base 64, as one that no script can read again. */
export function importKey(text) {
  return crypto.subtle.importKey("raw", Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), "AES-GCM", false, ["encrypt"]);
}

/** `place`: {recording, n, run, from, to, before}. Returns {bytes, digest}: the box, and its hash in hexadecimal. */
export async function seal(key, place, data) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const { recording, n, run, from, to, before } = place;
  const additionalData = new TextEncoder().encode([recording, n, run, from, to, before].join("/"));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, data));
  const bytes = new Uint8Array(iv.length + sealed.length);
  bytes.set(iv);
  bytes.set(sealed, iv.length);
  return { bytes, digest: hex(await crypto.subtle.digest("SHA-256", bytes)) };
}

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((one) => one.toString(16).padStart(2, "0")).join("");
}
