// The room of a conference, with what is of conferences alone: who asks to speak, and the chair who asks to be quiet.
import { button } from "./said.js";
import { el, show } from "/screen/dom.js";
import { Room } from "/public/room/room.js";
import { ROOM } from "/public/room/signal.js";
import { t } from "./words.js";

export class Meeting {
  #room = null;
  #hands = new Set();
  #isUp = false;
  #told = null;
  /** Whether this person may keep in the record what is drawn on an image. */
  keepsImages = false;

  /** `look()`: the conference changed; `problem(words)`. */
  constructor(node, { look, problem }) {
    Object.assign(this, { node, look, problem });
    this.place = node.querySelector("#room");
    this.led = node.querySelector("#led");
    this.place.addEventListener("wardlink-told", (event) => this.#heard(event.detail));
    this.place.querySelector(".leave").addEventListener("click", () => this.leave());
    new MutationObserver(() => this.draw()).observe(this.place.querySelector(".tiles"), { childList: true, subtree: true });
  }

  enter(told) {
    this.leave();
    const { number } = told.conference;
    this.#told = told;
    this.#room = new Room(`/api/conferences/${number}/room`, this.place, (answer) => {
      this.problem(t("mc.room-refused", { why: answer.message }));
      this.#closed();
    });
    this.#room.keepsImages = this.keepsImages;
    show(this.node, true);
    show(this.place, true);
    this.node.scrollIntoView({ block: "start" });
    this.draw();
    this.#room.enter();
  }

  /** The conference that is shown: another than the room's has no room here. */
  follow(told) {
    if (this.#room === null || told.conference.number !== this.#told.conference.number) return;
    this.#told = told;
    this.draw();
  }

  get isOpen() {
    return this.#room !== null;
  }

  /** An image of a case, to all. */
  show(image) {
    this.#room?.signal.say(ROOM, { k: "image", ...image });
    this.place.scrollIntoView({ block: "start" });
  }

  leave() {
    this.#room?.leave();
    this.#closed();
  }

  #closed() {
    this.#room = null;
    this.#hands.clear();
    this.#isUp = false;
    show(this.node, false);
  }

  #heard(message) {
    if (message.kind === "conference") this.look();
    if (message.kind === "hush") this.problem(t("mc.hushed"));
    if (message.kind === "hand") {
      if (message.up) this.#hands.add(message.seat);
      else this.#hands.delete(message.seat);
      this.draw();
    }
  }

  /** In another language. */
  redraw() {
    this.#room?.draw();
    this.draw();
  }

  draw() {
    if (this.#room === null) return;
    const names = this.#names();
    for (const seat of this.#hands) if (!names.has(seat)) this.#hands.delete(seat);
    const who = [...this.#hands].map((seat) => names.get(seat)).join(", ");
    const hands = el("p", { class: "hands waits", role: "status" }, who ? t("mc.hands", { who }) : "");
    const hand = button(t(this.#isUp ? "mc.hand-down" : "mc.hand"), () => this.#ask(), { name: "hand" });
    const quiet = this.#told.conference.is_chair ? [...names].filter(([seat]) => seat !== this.#room.signal.seat).map(([seat, name]) => this.#hush(seat, name)) : [];
    const text = hands.textContent + hand.textContent + quiet.map((one) => one.dataset.seat + one.ariaLabel).join();
    if (this.led.dataset.drawn === text) return;
    this.led.dataset.drawn = text;
    this.led.replaceChildren(hands, hand, ...quiet);
  }

  /** Seats and names, as the tiles have them. */
  #names() {
    const mine = this.#room.signal.seat;
    return new Map([...this.place.querySelectorAll(".tiles .tile")].map((tile) => [tile.dataset.seat === "me" ? mine : Number(tile.dataset.seat), tile.querySelector(".name").textContent]));
  }

  #ask() {
    this.#isUp = !this.#isUp;
    this.#room.signal.say(ROOM, { k: "hand", up: this.#isUp });
    this.draw();
  }

  #hush(seat, name) {
    const node = button(`${t("mc.hush")}: ${name}`, () => this.#room.signal.say(ROOM, { k: "hush", seat }), { label: t("mc.hush-of", { who: name }) });
    node.dataset.seat = seat;
    return node;
  }
}

