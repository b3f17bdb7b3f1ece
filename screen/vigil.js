// Watches whether this page may still be believed: how old its news are, its own faults, its own pulse.
import { age } from "./format.js";
import { setText, show } from "./dom.js";
import { t } from "./i18n.js";

const LOST_MS = 3_000;

export class Vigil {
  /** `source.quietFor()` says how old its news are; beyond `lostMs` the page is not to be believed. */
  constructor(source, lostMs = LOST_MS) {
    Object.assign(this, { source, lostMs });
    this.since = performance.now();
    addEventListener("error", () => this.fault());
    addEventListener("unhandledrejection", () => this.fault());
    this.stopped = document.getElementById("stopped");
  }

  /** Called by every tick. */
  look() {
    const quiet = this.source.quietFor();
    const waited = quiet ?? performance.now() - this.since;
    const lost = waited > this.lostMs;
    document.body.classList.toggle("not-live", lost);
    const words = quiet === null ? t("lost.first") : t("lost.text", { age: age(waited) });
    for (const banner of document.querySelectorAll(".lost")) {
      if (lost) setText(banner, words);
      show(banner, lost);
    }
    this.beat();
  }

  /**
   * The style sheet makes #stopped appear some seconds after its animation began, by the compositor
   * and without any script. Only this beat holds it back: a hung page says so by itself.
   */
  beat() {
    // Asked for each time: what was hidden and is shown again has another animation.
    for (const pulse of this.stopped.getAnimations()) pulse.currentTime = 0;
  }

  fault() {
    for (const banner of document.querySelectorAll(".fault")) show(banner, true);
  }
}
