// Runs in a page before its own scripts: when each number was painted, and when each frame was.
//
// A number counts as painted at the first task after the frame that follows its change: there is no closer
// moment that a page is told of (Element Timing tells only an element's first paint).
(() => {
  const probe = { painted: [], frames: [], longTasks: [] };
  let fresh = new Map();
  const afterPaint = new MessageChannel();
  afterPaint.port1.onmessage = () => {
    const at = performance.now();
    for (const one of fresh.values()) probe.painted.push([...one, at]);
    fresh = new Map();
  };

  function changed(records) {
    for (const { target } of records) {
      const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
      const number = element?.closest(".number");
      const cell = number?.closest(".cell");
      const tile = number?.closest(".tile");
      if (tile && cell) fresh.set(number, [tile.dataset.key, cell.dataset.vital, number.textContent]);
    }
  }

  function frame(at) {
    requestAnimationFrame(frame);
    probe.frames.push(at);
    if (probe.frames.length > 100_000) probe.frames.shift();
    afterPaint.port2.postMessage(null);
  }

  new MutationObserver(changed).observe(document, { subtree: true, childList: true, characterData: true });
  if (PerformanceObserver.supportedEntryTypes.includes("longtask")) {
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) probe.longTasks.push([startTime, duration]);
    }).observe({ type: "longtask" });
  }
  requestAnimationFrame(frame);
  window.wardlinkProbe = {
    take() {
      const taken = { ...probe, now: performance.now() };
      Object.assign(probe, { painted: [], frames: [], longTasks: [] });
      return taken;
    },
  };
})();
