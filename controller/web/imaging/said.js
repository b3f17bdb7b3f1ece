// What files of DICOM say, as a person reads it: names, dates, times, sizes, and the address of the viewer.
import { t } from "/public/i18n.js";

/** A person's name (PS3.5, 6.2, PN): "Muster^Anna^^Dr." is "Muster, Anna Dr.". */
export function person(name) {
  const [family = "", ...given] = name.split("=", 1)[0].split("^");
  const rest = given.filter(Boolean).join(" ");
  return [family, rest].filter(Boolean).join(", ");
}

/** "20261126", "101500.123": "2026-11-26 10:15"; what is not known is left out. */
export function when(date, time) {
  const day = /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date;
  const hour = /^\d{4}/.test(time) ? `${time.slice(0, 2)}:${time.slice(2, 4)}` : "";
  return [day, hour].filter(Boolean).join(" ");
}

export function size(bytes) {
  if (bytes < 1e3) return `${bytes} B`;
  const [n, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${n.toFixed(1)} ${unit}`;
}

/** The patient of a study in one line, whatever of it is known. */
export function whose({ patient, birth_date, sex }) {
  const who = person(patient.name) || t("worklist.no-name");
  return [who, patient.identifier || t("worklist.no-identifier"), when(birth_date, ""), sex].filter(Boolean).join(" · ");
}

/** The viewer is on another port of this host: the session's cookie is its, too. */
export function viewer(port, study) {
  return `${location.protocol}//${location.hostname}:${port}/viewer?StudyInstanceUIDs=${encodeURIComponent(study)}`;
}
