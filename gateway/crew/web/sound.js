// The sounds of alarms, after IEC 60601-1-8:2006 + A1:2012, 6.3.3.1, tables 3 (bursts) and 4 (pulses).
// Read in public, not in the standard itself: spacings, durations, rise and bursts in MarkusRJK/IEC-60601-1-8 on
// GitHub (wavtools.py, which corrects its own earlier "10 to 40 %"), harmonics in PUI Audio's page on the standard.
// Durations and spacings count from 90 % of one slope to 90 % of the next. Seconds and hertz.
//
//   table 3                  high                         medium         low
//   pulses of a burst        10                           3              1 or 2
//   x, y between pulses      0.05 to 0.125 (x)            0.125 to 0.25  0.125 to 0.25
//   3rd to 4th, 8th to 9th   2x + a pulse's duration
//   5th to 6th               0.35 to 1.3
//   between bursts           2.5 to 15                    2.5 to 30      more than 15, or none
//   table 4
//   a pulse's duration       0.075 to 0.2                 0.125 to 0.25  0.125 to 0.25
//   rise                     10 to 20 % of the duration; the fall ends before the next pulse
//   fundamental              150 to 1000; at least four harmonics between 300 and 4000, within ±15 dB of it

const X = 0.08;
const HIGH = 0.15;
const LONG = 2 * X + HIGH;
const FIVE = [X, X, LONG, X];
const Y = 0.2;

/** `pulse`: its duration; `gaps`: from the end of each pulse to the next; `rest`: from a burst to the next. */
export const PATTERNS = {
  high: { pulse: HIGH, gaps: [...FIVE, 0.5, ...FIVE], rest: 5 },
  medium: { pulse: Y, gaps: [Y, Y], rest: 10 },
  low: { pulse: Y, gaps: [Y], rest: 20 },
};
const FUNDAMENTAL = 523;
/** Of the fundamental and of its 2nd to 6th multiple: 523 to 3138 Hz, the weakest 8 dB below the first. */
const HARMONICS = [1, 0.8, 0.7, 0.6, 0.5, 0.4];
const LOUD = 0.9;
const RISE = 0.18;
const FALL = 0.02;

/** The pulses of one burst: [{at, duration}], from its beginning. */
export function pulses(priority) {
  const { pulse, gaps } = PATTERNS[priority];
  const starts = gaps.reduce((all, gap) => [...all, all.at(-1) + pulse + gap], [0]);
  return starts.map((at) => ({ at, duration: pulse }));
}

/** How long a burst sounds. */
export function burstLength(priority) {
  const last = pulses(priority).at(-1);
  return last.at + last.duration;
}

/** Puts one burst into `context`, to sound from its time `at` on, through `out`. */
export function schedule(context, priority, at, out = context.destination) {
  const wave = context.createPeriodicWave(new Float32Array(HARMONICS.length + 1), new Float32Array([0, ...HARMONICS]));
  for (const pulse of pulses(priority)) sound(context, wave, at + pulse.at, pulse.duration, out);
}

function sound(context, wave, at, duration, out) {
  const tone = new OscillatorNode(context, { frequency: FUNDAMENTAL, periodicWave: wave });
  const envelope = new GainNode(context, { gain: 0 });
  envelope.gain.setValueAtTime(0, at);
  envelope.gain.linearRampToValueAtTime(LOUD, at + duration * RISE);
  envelope.gain.setValueAtTime(LOUD, at + duration - FALL);
  envelope.gain.linearRampToValueAtTime(0, at + duration);
  tone.connect(envelope).connect(out);
  tone.start(at);
  tone.stop(at + duration);
}
