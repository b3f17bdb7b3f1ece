// How old somebody is, as wards say it: days of a newborn, months of an infant, then years.

/** `born`: as much of a date as is known (FHIR R4, date); `now`: a Date. A month or a day that is unknown makes it inexact. */
export function lived(born, now) {
  const [year, month, day] = born.split("-").map(Number);
  const isExact = day !== undefined;
  let months = (now.getFullYear() - year) * 12;
  if (month !== undefined) months += now.getMonth() + 1 - month;
  if (isExact && now.getDate() < day) months -= 1;
  months = Math.max(months, 0);
  if (isExact && months < 2) return { n: days(year, month, day, now), unit: "days", isExact };
  if (month !== undefined && months < 24) return { n: months, unit: "months", isExact };
  return { n: Math.floor(months / 12), unit: "years", isExact };
}

function days(year, month, day, now) {
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  return Math.max(0, Math.round((today - Date.UTC(year, month - 1, day)) / 86_400_000));
}
