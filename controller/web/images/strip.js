// The studies of the patient in an opened bed, the newest first; one is opened in the viewer.
import { belongTo } from "./pictures.js";
import { el, keep, part, setText, show } from "/screen/dom.js";
import { heading } from "/board/panel.js";
import { makeStudy, updateStudy } from "./study.js";
import { t } from "/public/i18n.js";
import { Studies } from "./studies.js";
import { Viewer } from "./viewer.js";

export class StudyStrip {
  constructor(clock) {
    Object.assign(this, { clock, patient: null, may: [], viewer: null });
    this.studies = new Studies(() => this.#draw());
    this.list = el("ul", { class: "studies" });
    this.problem = el("p", { role: "status", class: "problem" });
    this.node = el("section", { hidden: true }, heading("images.title"), this.problem, this.list);
  }

  person(me) {
    this.may = me.permissions;
    belongTo(me.user);
  }

  open(bed) {
    this.update(bed);
  }

  close() {
    this.patient = null;
    this.studies.of(null);
  }

  update(bed) {
    this.patient = this.may.includes("imaging:read") ? bed.patient : null;
    this.studies.of(this.patient?.identifier ?? null);
    this.#draw();
  }

  #draw() {
    const { all, problem } = this.studies;
    show(this.node, this.patient !== null && (all.length > 0 || problem !== ""));
    setText(this.problem, problem && t("images.list-failed", { message: problem }));
    const now = this.clock.now();
    keep(this.list, this.patient ? all : [], (one) => one.study, makeStudy, (node, one) => {
      updateStudy(node, this.patient, one, now);
      part(node, "button").onclick = () => this.#show(one);
    });
  }

  #show(study) {
    this.viewer ??= new Viewer();
    this.viewer.open(this.patient, study, this.may.includes("imaging:write"));
  }
}
