// In each page of a room that is measured: a camera whose pictures say when they were drawn, readers of what is shown,
// and what the page's connections are. `window.wardlinkBench = { width, height, fps, relay, governed }` is set before.
(() => {
  const { width, height, fps, relay, governed } = window.wardlinkBench;
  const CELLS = 32;
  const MARKS = [1, 0, 1, 1];
  const BITS = 24;
  const KEPT = 2000;
  const clock = () => performance.timeOrigin + performance.now();
  const check = (ms) => (ms ^ (ms >> 4) ^ (ms >> 8) ^ (ms >> 12) ^ (ms >> 16) ^ (ms >> 20)) & 15;
  const pcs = [];
  const channels = new Set();
  const readers = new Map();
  const vital = [];
  const back = [];
  const empty = [];
  const me = Math.random();
  let total = 0;

  /** The time as black and white cells in the top strip: they survive coding, and a smaller picture. */
  function drawTime(pen, ms) {
    const bits = [...MARKS];
    for (let bit = BITS - 1; bit >= 0; bit -= 1) bits.push((ms >> bit) & 1);
    for (let bit = 3; bit >= 0; bit -= 1) bits.push((check(ms) >> bit) & 1);
    bits.forEach((on, at) => {
      pen.fillStyle = on ? "#fff" : "#000";
      pen.fillRect((at * width) / CELLS, 0, width / CELLS, Math.max(8, width / CELLS));
    });
  }

  function camera() {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const pen = canvas.getContext("2d");
    const hue = Math.random() * 360;
    const [track] = canvas.captureStream(0).getVideoTracks();
    let turn = 0;
    const draw = () => {
      turn += 1;
      pen.fillStyle = `hsl(${hue} 40% 40%)`;
      pen.fillRect(0, 0, width, height);
      for (let i = 0; i < 12; i += 1) {
        pen.fillStyle = `hsl(${i * 30 + hue} 80% 60%)`;
        pen.fillRect((width / 2 - 20) * (1 + Math.sin(turn / 15 + i)), height * (0.2 + (0.6 * i) / 12), width / 8, height / 10);
      }
      drawTime(pen, Math.floor(clock()) & 0xffffff);
      track.requestFrame();
    };
    draw();
    setInterval(draw, 1000 / fps);
    return track;
  }

  const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = wanted.audio ? await get({ audio: true }) : new MediaStream();
    if (wanted.video) stream.addTrack(camera());
    return stream;
  };

  function read(row) {
    const bits = Array.from({ length: CELLS }, (_, at) => (row[4 * Math.floor(((at + 0.5) * row.length) / 4 / CELLS) + 1] > 127 ? 1 : 0));
    if (MARKS.some((mark, at) => bits[at] !== mark)) return null;
    const ms = bits.slice(4, 4 + BITS).reduce((sum, bit) => 2 * sum + bit, 0);
    const told = bits.slice(4 + BITS).reduce((sum, bit) => 2 * sum + bit, 0);
    return told === check(ms) ? ms : null;
  }

  class Reader {
    constructor(video) {
      this.ages = [];
      this.frames = 0;
      this.unread = 0;
      this.first = null;
      const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const frame = () => {
        this.#take(video, pen);
        video.requestVideoFrameCallback(frame);
      };
      video.requestVideoFrameCallback(frame);
    }

    #take(video, pen) {
      const wide = video.videoWidth;
      if (wide === 0) return;
      pen.canvas.width = wide;
      pen.canvas.height = 1;
      const line = Math.floor((Math.max(8, width / CELLS) * wide) / width / 2);
      pen.drawImage(video, 0, line, wide, 1, 0, 0, wide, 1);
      const ms = read(pen.getImageData(0, 0, wide, 1).data);
      this.frames += 1;
      total += 1;
      this.first ??= performance.now();
      if (ms === null) this.unread += 1;
      else this.ages.push(((Math.floor(clock()) & 0xffffff) - ms + 0x1000000) & 0xffffff);
      if (this.ages.length > KEPT) this.ages.splice(0, KEPT / 2);
    }
  }

  const Plain = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain {
    constructor(configuration) {
      super({ ...configuration, ...(relay ? { iceTransportPolicy: "relay" } : {}) });
      pcs.push(this);
      if (pcs.length > 60) pcs.splice(0, 30, ...pcs.slice(0, 30).filter((one) => one.connectionState !== "closed"));
      this.addEventListener("datachannel", ({ channel }) => hear(channel));
    }

    createDataChannel(label, options) {
      return hear(super.createDataChannel(label, options));
    }
  };
  if (!governed) RTCRtpSender.prototype.setParameters = async () => {};

  /** What pages of this bench tell each other by the product's channels; the product takes no notice of it. */
  function hear(channel) {
    channels.add(channel);
    channel.addEventListener("close", () => channels.delete(channel));
    channel.addEventListener("message", ({ data }) => {
      const said = typeof data === "string" && data.startsWith('{"bench"') ? JSON.parse(data) : null;
      if (said?.bench === "vital") vital.push(clock() - said.at);
      else if (said?.bench === "mark") say("marks", { ...said, bench: "back" });
      else if (said?.bench === "back" && said.by === me) back.push(clock() - said.at);
      else if (said?.bench === "empty") empty.push(clock() - said.at);
    });
    return channel;
  }

  function say(label, said) {
    for (const channel of channels) if (channel.label === label && channel.readyState === "open") channel.send(JSON.stringify(said));
  }

  const others = () => [...document.querySelectorAll(".tile:not(.me) video")];
  setInterval(() => {
    for (const video of others()) if (!readers.has(video)) readers.set(video, new Reader(video));
    for (const video of readers.keys()) if (!video.isConnected) readers.delete(video);
  }, 50);

  window.wardlinkProbe = {
    enter() {
      this.began = performance.now();
      document.querySelector("[data-do=enter]").click();
    },
    /** From the press to the last picture of those that are seen, ms. */
    joined() {
      return Math.max(...others().map((video) => readers.get(video).first)) - this.began;
    },
    /** How many pictures of others have been seen. */
    seen: () => others().filter((video) => readers.get(video)?.first).length,
    /** Frames of each other's picture, and of all that there ever were. */
    frames: () => others().map((video) => readers.get(video)?.frames ?? 0),
    total: () => total,
    /** Messages of 200 bytes by the channel for vital signs, from now on. */
    vitals: (perSecond) => setInterval(() => say("vitals", { bench: "vital", at: clock(), as: "x".repeat(160) }), 1000 / perSecond),
    /** One by the channel for marks, which each other page sends back. */
    mark: () => say("marks", { bench: "mark", at: clock(), by: me }),
    /** One by the same channel, as short as it can be. */
    empty: () => say("marks", { bench: "empty", at: clock() }),
    /** Of the others. */
    seats: () => [...document.querySelectorAll(".tile:not(.me)")].map((tile) => Number(tile.dataset.seat)),
    /** Since the last time: how old pictures and messages were, and how the pictures went. */
    async take() {
      const each = await Promise.all(pcs.filter((pc) => pc.connectionState === "connected").map(async (pc) => [...(await pc.getStats()).values()]));
      const stats = each.flat();
      const carries = (of, type) => of.some((one) => one.type === type && one.kind === "video");
      const inbound = stats.filter((one) => one.type === "inbound-rtp" && one.kind === "video");
      const all = [...readers.values()];
      return {
        at: performance.now(),
        ages: all.flatMap((one) => one.ages.splice(0)),
        frames: total,
        unread: all.reduce((sum, one) => sum + one.unread, 0),
        reckoned: [...document.querySelectorAll(".tile[data-age]")].map((tile) => Number(tile.dataset.age)),
        vital: vital.splice(0),
        back: back.splice(0),
        empty: empty.splice(0),
        pairs: each.filter((one) => carries(one, "inbound-rtp") && carries(one, "outbound-rtp")).length, // 0: by the server
        freezes: inbound.reduce((sum, one) => sum + (one.freezeCount ?? 0), 0),
        heights: others().map((video) => video.videoHeight),
        relayed: stats.filter((one) => one.type === "local-candidate").some((one) => one.candidateType === "relay"),
      };
    },
  };
})();
