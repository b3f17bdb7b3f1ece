// Fingers, mouse and wheel on the canvas: one pointer works with the chosen tool, two move and magnify.

const WHEEL_STEP = 40;

/** `to`: {begin(at), drag(at, dx, dy), end(at), cancel(), magnify(factor, at), pan(dx, dy), scroll(steps)}. */
export class Hand {
  constructor(canvas, to) {
    Object.assign(this, { canvas, to, down: new Map(), wheel: 0 });
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.#up(event));
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    const at = this.#at(event);
    this.down.set(event.pointerId, at);
    this.single = this.down.size === 1 && event.button === 0;
    if (this.single) this.to.begin(at);
    else this.to.cancel();
  }

  #move(event) {
    const last = this.down.get(event.pointerId);
    if (!last) return;
    const at = this.#at(event);
    const [dx, dy] = [at[0] - last[0], at[1] - last[1]];
    if (this.single) this.to.drag(at, dx, dy);
    else if (this.down.size === 2) this.#pinch(event.pointerId, at, dx, dy);
    else this.to.pan(dx, dy);
    this.down.set(event.pointerId, at);
  }

  #pinch(id, at, dx, dy) {
    const other = [...this.down].find(([one]) => one !== id)[1];
    const apart = ([x, y]) => Math.max(Math.hypot(x - other[0], y - other[1]), 1);
    const last = this.down.get(id);
    this.to.pan(dx / 2, dy / 2);
    this.to.magnify(apart(at) / apart(last), [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2]);
  }

  #up(event) {
    if (!this.down.delete(event.pointerId) || !this.single) return;
    this.single = false;
    if (event.type === "pointercancel") this.to.cancel();
    else this.to.end(this.#at(event));
  }

  #wheel(event) {
    event.preventDefault();
    if (event.ctrlKey) return this.to.magnify(Math.exp(-event.deltaY / 300), this.#at(event));
    this.wheel += event.deltaMode === 0 ? event.deltaY : event.deltaY * WHEEL_STEP;
    const steps = Math.trunc(this.wheel / WHEEL_STEP);
    this.wheel -= steps * WHEEL_STEP;
    if (steps) this.to.scroll(steps);
  }
}
