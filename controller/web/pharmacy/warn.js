// Two low tones: whoever scans looks at the pack, not at the screen.

const HZ = 220;
const TONES_S = [0, 0.25];
const LONG_S = 0.18;
let audio = null;

export function warn() {
  audio ??= new AudioContext();
  for (const at of TONES_S) {
    const tone = audio.createOscillator();
    tone.frequency.value = HZ;
    tone.type = "square";
    tone.connect(audio.destination);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + at + LONG_S);
  }
}
