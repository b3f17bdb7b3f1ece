// Drawing on the pictures of a room: a second pair of eyes that points, draws, measures and pins labels, for all to see.
//
// A mark goes two ways: from page to page at once, and by the controller, which keeps it and tells it to who comes late.
// What is being drawn, and laser pointers, go the short way alone. Who says a mark follows from where it comes from.
// What is drawn on an image of a case goes by the controller alone, which tells it to who may see that image.
import { Bar } from "./bar.js";
import { Hand } from "./hand.js";
import { Image } from "./image.js";
import { Kept, isOn } from "./kept.js";
import { LASER_MS } from "./paint.js";
import { List } from "./list.js";
import { Overlay } from "./overlay.js";
import { Pins, textOf } from "./pins.js";
import { ROOM } from "/public/room/signal.js";
import { Sheet } from "./sheet.js";
import { Standing } from "./standing.js";
import { Stills } from "./stills.js";
import { mayDraw, read } from "./wire.js";
import { t } from "./words.js";

const LABEL = "marks";
const DRAFT_MS = 3000;
const DRAFT_EVERY_MS = 40;
const LOOK_MS = 1000;

export class Marks {
  kept = new Kept(); sheets = new Map(); seats = []; me = null; guests = false; checklist = null; lists = []; chosen = null;
  #lasers = new Map(); #drafts = new Map(); #pins = new Map(); #due = false; #draft = null; #drafted = 0; #looking = null;

  /** `room`: {node, base, signal, channels}. */
  constructor(room) {
    this.room = room;
    this.stills = new Stills(this);
    this.image = new Image(this);
    this.standing = new Standing(this);
    this.hand = new Hand({
      began: (kind, points) => this.#began(kind, points),
      drew: (kind, points) => this.#drew(kind, points),
      points: (at) => this.#points(at),
      moved: () => this.soon(),
    });
    this.bar = new Bar(room.node.querySelector(".marks"), this);
    this.list = new List(room.node.querySelector(".marked"), this);
    this.overlay = new Overlay(this);
    room.channels.on(LABEL, (seat, text) => this.#heard(seat, text));
    this.#looking = setInterval(() => this.kept.doubt(performance.now(), this.me) && this.draw(), LOOK_MS);
  }

  /** With each seat that is had. */
  joined() {
    return this.standing.look();
  }

  /** What the room tells. */
  told(message) {
    const take = this.#taken[message.kind];
    if (take) take(message);
    if (take) this.draw();
  }

  #taken = {
    room: ({ seats, me }) => Object.assign(this, { seats, me }),
    mark: ({ mark }) => this.#confirmed(mark),
    "mark-refused": ({ id, why }) => {
      this.kept.remove([id]);
      this.bar.say(t(`marks.refused-${why}`));
    },
    unmark: ({ ids }) => this.kept.remove(ids),
    marking: ({ guests }) => (this.guests = guests),
    still: ({ still }) => this.stills.told(still),
    thaw: ({ id }) => this.stills.gone(id),
    checklist: ({ checklist }) => (this.checklist = checklist),
    snapshot: ({ name }) => this.bar.say(t("marks.kept", { name })),
    "image-kept": ({ name }) => this.bar.say(t("marks.drawn-kept", { name })),
    image: ({ image }) => {
      this.standing.told("image");
      this.image.told(image);
    },
    "image-refused": ({ why }) => this.bar.say(t(`marks.image-refused-${why}`)),
    conference: () => this.joined(), // who may see the image may have changed
  };

  #confirmed(mark) {
    this.standing.told(mark.id);
    this.#drafts.delete(mark.id);
    this.kept.add(mark, true, performance.now());
  }

  #heard(from, text) {
    const word = read(text);
    const who = this.seats.find((one) => one.seat === from);
    if (word === null || !who || !mayDraw(who.part, this.guests)) return;
    const now = performance.now();
    if (word.k === "laser") this.#lasers.set(from, { ...word, from, seen: now });
    else if (word.k === "draft") this.#drafts.set(word.id, { ...word, from, seen: now });
    else this.#short({ ...word, from, name: who.name }, now);
    this.soon();
  }

  #short(mark, now) {
    this.#drafts.delete(mark.id);
    if (this.kept.add(mark, false, now)) this.list.draw();
    this.#pins.get(mark.seat)?.look();
  }

  get mine() {
    return this.seats.find((one) => one.seat === this.me) ?? null;
  }

  get isStaff() {
    return this.mine?.part === "staff";
  }

  get may() {
    return this.mine !== null && mayDraw(this.mine.part, this.guests);
  }

  nameOf(seat) {
    if (seat === ROOM) return t("marks.case", { n: this.image.n });
    return this.seats.find((one) => one.seat === seat)?.name ?? this.kept.by(seat)[0]?.name ?? "";
  }

  /** Which of its cameras a seat sends; marks on its live picture are of one. */
  viewOf(seat) {
    return seat === this.me ? this.room.media.view : (this.seats.find((one) => one.seat === seat)?.view ?? 0);
  }

  /** The picture that is drawn on. */
  get sheet() {
    return this.chosen === null ? null : (this.sheets.get(this.chosen) ?? null);
  }

  choose(seat) {
    this.chosen = this.chosen === seat ? null : seat;
    if (this.chosen === ROOM && this.hand.tool === "pin") this.hand.choose("text");
    this.hand.on(this.sheet);
    this.draw();
    this.sheet?.canvas.focus();
    this.bar.turn.look().then(() => this.bar.draw());
  }

  say(body) {
    this.room.signal.say(ROOM, body);
  }

  #new(kind, points) {
    const { width, height } = this.sheet.size ?? { width: 16, height: 9 };
    return { ...this.#shown(this.sheet), kind, points, size: this.sheet.still?.pixels ?? [width, height], text: "", patch: "" };
  }

  /** What is shown of a sheet: a still, or the live picture by one of the cameras there. */
  #shown({ seat, still }) {
    return { seat, still: still?.id ?? "", view: this.viewOf(seat) };
  }

  #began(kind, points) {
    const now = performance.now();
    this.#draft ??= crypto.randomUUID();
    if (now - this.#drafted < DRAFT_EVERY_MS || points.length < 2) return;
    this.#drafted = now;
    this.room.channels.send(LABEL, JSON.stringify({ ...this.#new(kind, points), k: "draft", id: this.#draft }));
  }

  #points(at) {
    const now = performance.now();
    const word = { k: "laser", ...this.#shown(this.sheet), at };
    this.room.channels.send(LABEL, JSON.stringify(word));
    this.#lasers.set(this.me, { ...word, from: this.me, seen: now });
    this.soon();
  }

  #drew(kind, points) {
    if (this.sheet.still && !this.sheet.still.bitmap) return this.bar.say(t("marks.not-there"));
    const mark = this.#new(kind, points);
    const id = this.#draft ?? crypto.randomUUID();
    this.#draft = null;
    if (kind === "text" || kind === "pin") mark.text = this.bar.words;
    if (mark.text === "" && (kind === "text" || kind === "pin")) return this.bar.ask();
    if (kind === "pin" && !this.#hold(mark)) return this.bar.say(t("marks.plain"));
    if (kind === "measure" && mark.seat !== ROOM && this.bar.mm !== null) mark.mm = this.bar.takeMm();
    return this.#put({ ...mark, id });
  }

  /** On a frozen picture nothing has to be followed: it is written there. */
  #hold(mark) {
    if (mark.still !== "") {
      mark.kind = "text";
      return true;
    }
    const patch = this.#follower(this.chosen).patchAt(mark.points[0]);
    if (patch !== null) mark.patch = textOf(patch);
    return patch !== null;
  }

  #put(mark) {
    this.kept.add({ ...mark, from: this.me, name: this.mine.name }, false, performance.now());
    if (mark.seat !== ROOM) this.room.channels.send(LABEL, JSON.stringify({ ...mark, k: "mark" }));
    this.say({ ...mark, k: "mark" });
    this.bar.say("");
    this.draw();
  }

  #follower(seat) {
    if (!this.#pins.has(seat)) {
      const sheet = this.sheets.get(seat);
      const marks = () => (sheet.still ? [] : this.kept.on(seat, "", this.viewOf(seat)).filter((one) => one.kind === "pin"));
      this.#pins.set(seat, new Pins(sheet, marks, () => this.soon()));
    }
    return this.#pins.get(seat);
  }

  /** After the room has drawn its tiles: each has a sheet, and no other. */
  draw() {
    this.image.draw();
    const there = new Map([...this.room.node.querySelectorAll(".tile")].map((tile) => [tile.dataset.seat === "me" ? this.me : Number(tile.dataset.seat), tile]));
    for (const [seat, sheet] of this.sheets) if (there.get(seat) !== sheet.tile) this.#drop(seat);
    for (const [seat, tile] of there) if (seat !== null && !this.sheets.has(seat)) this.#open(seat, tile);
    for (const [seat, sheet] of this.sheets) this.#sheet(seat, sheet);
    this.bar.draw();
    this.list.draw();
    this.overlay.draw();
    this.soon();
  }

  #open(seat, tile) {
    const sheet = new Sheet(tile, seat, () => this.choose(seat));
    sheet.onresize = () => this.soon();
    this.sheets.set(seat, sheet);
  }

  #sheet(seat, sheet) {
    const still = seat === ROOM ? this.image.still : this.stills.of(seat);
    if (this.chosen === seat && still?.id !== sheet.still?.id) this.#dropBegun();
    sheet.still = still;
    const name = this.nameOf(seat);
    const { length } = this.kept.on(seat, sheet.still?.id ?? "", this.viewOf(seat));
    sheet.opener.hidden = !this.may;
    sheet.draw(name, this.chosen === seat, t("marks.picture", { name, n: length }));
    this.#follower(seat).look();
  }

  /** What was begun was on another picture. */
  #dropBegun() {
    this.hand.drop();
    this.#draft = null;
  }

  #drop(seat) {
    if (this.chosen === seat) {
      this.chosen = null;
      this.hand.on(null);
    }
    this.#pins.get(seat)?.close();
    this.#pins.delete(seat);
    this.sheets.get(seat).close();
    this.sheets.delete(seat);
  }

  /** Paints at the next turn of the screen. */
  soon() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#paint();
    });
  }

  #paint() {
    const now = performance.now();
    for (const [kept, longest] of [[this.#lasers, LASER_MS], [this.#drafts, DRAFT_MS]]) {
      for (const [key, one] of kept) if (now - one.seen > longest) kept.delete(key);
    }
    for (const sheet of this.sheets.values()) sheet.paint(this.scene(sheet, now));
    if (this.#lasers.size + this.#drafts.size > 0) this.soon();
  }

  /** What is on a picture now. */
  scene(sheet, now = performance.now()) {
    const shown = this.#shown(sheet);
    const on = (one) => isOn(one, shown);
    const marks = this.kept.on(shown.seat, shown.still, shown.view).map((one) => (one.kind === "pin" ? this.#follower(sheet.seat).place(one) : one));
    const begun = this.chosen === sheet.seat && this.hand.line?.points.length > 1 ? [{ ...this.#new(this.hand.line.kind, this.hand.line.points), from: this.me }] : [];
    const cross = this.chosen === sheet.seat ? this.hand.cross : null;
    return { marks, drafts: [...[...this.#drafts.values()].filter(on), ...begun], lasers: [...this.#lasers.values()].filter(on), cross, now, nameOf: (seat) => this.nameOf(seat), measure: sheet.still?.measure };
  }

  close() {
    clearInterval(this.#looking);
    this.hand.close();
    this.bar.close();
    this.overlay.close();
    this.image.close();
    for (const pins of this.#pins.values()) pins.close();
    for (const sheet of this.sheets.values()) sheet.close();
    this.sheets.clear();
    this.kept = new Kept();
    this.list.draw();
  }
}
