// Keeps the page itself (never a value) in the browser, so that it opens without the box, and the screen on.

/** The only address that may become a script: Trusted Types. */
const policy = globalThis.trustedTypes?.createPolicy("service-worker", { createScriptURL: () => "/sw.js" });

export async function keepPage() {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register(policy ? policy.createScriptURL("") : "/sw.js");
  } catch (error) {
    // A box with a certificate that this browser does not know: the page works, but only while the box is there.
    console.warn(`this page cannot be kept: ${error.message}`);
  }
}

/** The screen stays on while the page is seen. Browsers take that back when the page is hidden. */
export function keepAwake() {
  const ask = () => {
    if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
  };
  document.addEventListener("visibilitychange", ask);
  document.addEventListener("pointerdown", ask, { once: true });
  ask();
}
