// Camera and microphone: both, or what there is, and which was refused is said.

/** What is sent: `tracks` by kind; what is not there is not in it. */
export class Media {
  tracks = {};
  problem = null;
  /** Which camera, counted in the order in which they were used. */
  view = 0;

  /** Asks the browser: for both, then for sound alone, then for pictures alone. */
  async open() {
    for (const wanted of [{ audio: true, video: picture() }, { audio: true }, { video: picture() }]) {
      try {
        const stream = await navigator.mediaDevices.getUserMedia(wanted);
        for (const track of stream.getTracks()) this.tracks[track.kind] = track;
        this.problem = this.tracks.audio && this.tracks.video ? null : this.tracks.audio ? "room.no-camera" : "room.no-microphone";
        return;
      } catch (error) {
        if (!(error instanceof DOMException)) throw error;
        this.problem = error.name === "NotAllowedError" ? "room.not-allowed" : "room.no-devices";
      }
    }
  }

  has(kind) {
    return Boolean(this.tracks[kind]?.enabled);
  }

  /** Sends silence, or a black picture, until it is pressed again. */
  toggle(kind) {
    const track = this.tracks[kind];
    if (track) track.enabled = !track.enabled;
  }

  close() {
    for (const track of Object.values(this.tracks)) track.stop();
    this.tracks = {};
  }
}

function picture() {
  return { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
}
