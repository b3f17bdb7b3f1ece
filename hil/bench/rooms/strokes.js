// In each page of a room that is drawn in: when a person's pointer drew, and when another page had the ink on its canvas.
(() => {
  const clock = () => performance.timeOrigin + performance.now();
  const FAR = 14;
  let armed = null;
  let pressed = false;

  /** The input's own time, not the handler's: what the page needs before it listens counts, too. */
  function stamp(event) {
    if (event.type !== "pointermove") pressed = event.type === "pointerdown";
    const isDrawing = armed === event.type && (event.type !== "pointermove" || pressed);
    if (!isDrawing) return;
    armed = null;
    window.wardlinkStrokes.at = performance.timeOrigin + event.timeStamp;
    window.wardlinkProbe.empty();
  }
  for (const type of ["pointerdown", "pointermove", "pointerup"]) addEventListener(type, stamp, { capture: true });

  const sheetOf = (seat) => document.querySelector(`.tile[data-seat="${seat}"] canvas.sheet`);

  async function placeOn(canvas, [x, y], isMirrored) {
    const { Lens } = await import("/public/room/marks/geometry.js");
    const { width, height } = window.wardlinkBench;
    return new Lens({ width: canvas.clientWidth, height: canvas.clientHeight }, { width, height }, isMirrored).toTile([x, y]);
  }

  window.wardlinkStrokes = {
    at: null,
    /** Where on the screen a point of one's own picture is. */
    async place(x, y) {
      const canvas = sheetOf("me");
      canvas.scrollIntoView({ block: "center" });
      const [px, py] = await placeOn(canvas, [x, y], true);
      const { left, top } = canvas.getBoundingClientRect();
      return [left + px, top + py];
    },
    /** The next event of this type, with the button down, is stamped; an empty message goes with it. */
    arm(type) {
      this.at = null;
      armed = type;
    },
    /** Waits for ink about a point of the picture of `seat`, `right` and `down` pixels beside it. */
    async watch(seat, x, y, right, down) {
      const canvas = sheetOf(seat);
      const pen = canvas.getContext("2d");
      const ratio = devicePixelRatio || 1;
      const [px, py] = await placeOn(canvas, [x, y], false);
      const read = () => pen.getImageData(ratio * (px + right) - FAR, ratio * (py + down) - FAR, 2 * FAR, 2 * FAR).data;
      const before = read();
      this.seen = new Promise((done) => {
        // After all that draws in the same frame, however late that asked for it.
        const { port1, port2 } = new MessageChannel();
        const next = () => requestAnimationFrame(() => port2.postMessage(null));
        port1.onmessage = () => {
          if (read().some((value, n) => value !== before[n])) done(clock());
          else next();
        };
        next();
      });
    },
  };
})();
