// That there are reports of imaging one has not read, or critical ones nobody has acknowledged: on the way to them.
import { ask } from "/public/ask.js";

export class Reports {
  constructor() {
    this.may = false;
    this.told = null;
  }

  person(me) {
    this.may = me.imaging && me.state === "open" && me.permissions.includes("imaging:read");
    return this.news();
  }

  /** Something is new of somebody's orders: whether it is for the one who is logged in, the controller says. */
  async news() {
    if (!this.may) return;
    const answer = await ask("GET", "/api/imaging/notices");
    if (!answer.ok) return;
    this.told = answer.data.notices;
    this.draw();
  }

  draw() {
    const way = document.getElementById("to-imaging");
    if (way === null || this.told === null) return;
    if (this.told.length === 0) delete way.dataset.reports;
    else way.dataset.reports = this.told.length;
    way.dataset.critical = String(this.told.some((one) => one.critical && one.acknowledged_ms === null));
  }
}
