// The numbers, large, each with its age.
import { makeCell, updateCell } from "/screen/cell.js";
import { MONITOR_VITALS } from "/screen/vitals.js";

export class Numbers {
  constructor(node, box) {
    this.box = box;
    this.cells = new Map(MONITOR_VITALS.map((vital) => [vital, makeCell(vital.name)]));
    node.append(...this.cells.values());
  }

  update(now) {
    const judged = this.box.judged(now);
    for (const [vital, cell] of this.cells) updateCell(cell, this.box.best(vital, judged), this.box.metrics);
  }
}
