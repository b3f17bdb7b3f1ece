// The wall of tiles: which beds, in how many columns, so that as many as possible fit without scrolling.
import { keep, show } from "/screen/dom.js";
import { bedView } from "./views.js";
import { makeTile, updateTile } from "./tile.js";
import { t } from "/public/i18n.js";
import { recall, remember } from "/screen/remember.js";
import { Waveform } from "/screen/waveform.js";

const LEAST_WIDTH = 224;
const LEAST_ON_A_WALL = 210;
const WALL_WIDTH = 1200;
const LEAST_HEIGHT = 168;
const MOST_HEIGHT = 520;
const SHAPE = 1.45;
const REDRAWN_MS = 250;

/** The number of columns that gives the largest tiles of about SHAPE (width by height). */
export function columnsFor(count, width, height) {
  const least = width < WALL_WIDTH ? LEAST_WIDTH : LEAST_ON_A_WALL;
  const most = Math.max(1, Math.floor(width / least));
  let best = { columns: most, size: 0 };
  for (let columns = 1; columns <= Math.min(most, count); columns++) {
    const tall = height / Math.ceil(count / columns);
    const size = tall < LEAST_HEIGHT ? 0 : Math.min(width / columns, tall * SHAPE);
    if (size > best.size) best = { columns, size };
  }
  return Math.min(best.columns, Math.max(count, 1));
}

export class Beds {
  constructor(ward, sweeps, open) {
    Object.assign(this, { ward, sweeps, open });
    this.list = document.getElementById("beds");
    this.empty = document.getElementById("empty");
    this.select = document.getElementById("ward");
    this.waves = new Map();
    this.shown = new Map();
    this.fresh = new Set();
    this.next = 0;
    this.drawnTo = -Infinity;
    this.select.addEventListener("change", () => remember("ward", this.select.value));
    this.list.addEventListener("keydown", (event) => this.#arrows(event));
    new ResizeObserver(() => this.#arrange()).observe(this.list.parentElement);
  }

  wave(items, now) {
    for (const item of items) if (item.metric === "pleth" && item.bed) this.#waveOf(item.bed).push(item, now);
  }

  /** Beds, devices or patients changed places: no trace may go on under another name. */
  restart() {
    for (const wave of this.waves.values()) wave.clear();
  }

  #waveOf(bed) {
    if (!this.waves.has(bed)) this.waves.set(bed, new Waveform());
    return this.waves.get(bed);
  }

  /** These have something new to show: their tiles are drawn at the next turn. */
  news(items) {
    for (const item of items) if (item.bed) this.fresh.add(item.bed);
  }

  /** Every tile at once. */
  redraw(now) {
    this.drawnTo = -Infinity;
    this.draw(now);
  }

  /**
   * The tiles with news, and of all tiles, in turn, as many as keep each younger than REDRAWN_MS: no number
   * is kept waiting, and no frame has to lay out the whole wall.
   */
  draw(now) {
    const all = [...this.shown.keys()];
    const share = Math.min(Math.ceil((all.length * (now - this.drawnTo)) / REDRAWN_MS), all.length);
    for (let i = 0; i < share; i++) this.fresh.add(all[this.next++ % all.length]);
    for (const id of this.fresh) if (this.shown.has(id)) this.#draw(this.shown.get(id), now);
    this.fresh.clear();
    this.drawnTo = now;
  }

  #draw({ tile, bed }, now) {
    updateTile(tile, bedView(this.ward, bed, now, this.#waveOf(bed.id)));
  }

  /** A tile for each bed that is to be shown; a new one is drawn at the next turn. */
  place() {
    this.#wards();
    const chosen = this.select.value;
    const beds = this.ward.beds.filter((bed) => !chosen || bed.ward === chosen);
    const before = this.list.childElementCount;
    const shown = new Map();
    keep(this.list, beds, (bed) => bed.id, (bed) => this.#make(bed), (tile, bed) => shown.set(bed.id, { tile, bed }));
    for (const id of shown.keys()) if (!this.shown.has(id)) this.fresh.add(id);
    this.shown = shown;
    this.sweeps.prune();
    show(this.empty, beds.length === 0);
    if (beds.length === 0) this.empty.textContent = t(this.ward.ready ? "board.no-beds" : "board.waiting");
    if (this.list.childElementCount !== before) this.#arrange();
  }

  #make(bed) {
    const tile = makeTile(bed, this.open);
    this.sweeps.add(tile.querySelector("canvas"), this.#waveOf(bed.id));
    return tile;
  }

  #wards() {
    const { wards } = this.ward;
    const names = ["", ...wards.map((ward) => ward.id)];
    const texts = [t("board.all-wards"), ...wards.map((ward) => ward.name)];
    if (texts.join("\n") === [...this.select.options].map((option) => option.text).join("\n")) return;
    const chosen = this.select.options.length ? this.select.value : recall("ward") ?? "";
    this.select.replaceChildren(...names.map((name, i) => new Option(texts[i], name)));
    this.select.value = names.includes(chosen) ? chosen : "";
    show(this.select, wards.length > 1);
  }

  #arrange() {
    const count = this.list.childElementCount;
    const { clientWidth, clientHeight } = this.list.parentElement;
    const columns = columnsFor(count, clientWidth, clientHeight);
    const rows = Math.ceil(count / columns) || 1;
    const tall = Math.min(Math.max(clientHeight / rows, LEAST_HEIGHT), MOST_HEIGHT);
    this.columns = columns;
    this.list.style.setProperty("--columns", columns);
    this.list.style.setProperty("--tall", `${Math.floor(tall)}px`);
  }

  #arrows(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns }[event.key];
    const buttons = [...this.list.querySelectorAll(".open")];
    const here = buttons.indexOf(document.activeElement);
    if (step === undefined || here < 0) return;
    event.preventDefault();
    buttons[here + step]?.focus();
  }
}
