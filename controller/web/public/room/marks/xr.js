// The overlay in glasses, or on a telephone that knows where it is: WebXR immersive-ar with a DOM overlay (W3C WebXR
// Augmented Reality Module; WebXR DOM Overlays Module). Where the browser has none the button is not there.
import { el, show } from "/screen/dom.js";
import { t } from "./words.js";

/** A button that begins and ends it; `say(words)`: what became of it. */
export function arButton(marks, say) {
  const button = el("button", { type: "button", class: "ar", hidden: true });
  navigator.xr?.isSessionSupported("immersive-ar").then((can) => show(button, can));
  let glasses = null;
  button.addEventListener("click", async () => {
    if (glasses !== null) return glasses.end();
    try {
      glasses = await begin(marks.overlay, () => (glasses = null));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      say(t("marks.ar-refused", { why: error.message }));
    }
    return undefined;
  });
  return button;
}

/** A session that shows the overlay and nothing else: the world is seen through. */
async function begin(overlay, ended) {
  const home = overlay.node.parentNode;
  const session = await navigator.xr.requestSession("immersive-ar", { requiredFeatures: ["dom-overlay"], domOverlay: { root: overlay.node } });
  overlay.isLent = true;
  overlay.node.classList.add("in-glasses");
  session.addEventListener("end", () => {
    overlay.isLent = false;
    overlay.node.classList.remove("in-glasses");
    home?.append(overlay.node);
    ended();
  });
  const gl = document.createElement("canvas").getContext("webgl", { xrCompatible: true });
  if (gl !== null) see(session, gl);
  return session;
}

/** Nothing is drawn, and that each time: what is not drawn is seen through. */
function see(session, gl) {
  const layer = new XRWebGLLayer(session, gl);
  session.updateRenderState({ baseLayer: layer });
  const frame = () => {
    gl.bindFramebuffer(gl.FRAMEBUFFER, layer.framebuffer);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    session.requestAnimationFrame(frame);
  };
  session.requestAnimationFrame(frame);
}
