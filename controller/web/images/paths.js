// Where the controller has a patient's images, and of which size a picture is asked for.

const part = encodeURIComponent;
/** The larger side of pictures, pixels: few sizes, so that what was fetched before is found again. */
const SIZES = [512, 1024, 2048, 4096];
/** The first picture of a study, and those under a moving hand. */
export const QUICK = SIZES[0];
/** Of JPEG: nothing that counts is lost, and a slice of 512 × 512 has some 30 kB. */
const QUALITY = 88;

export const studiesPath = (patient) => `/api/patients/${part(patient)}/imaging/studies`;

export const studyPath = (patient, study) => `${studiesPath(patient)}/${part(study)}`;

export const statesPath = (patient, study) => `${studyPath(patient, study)}/states`;

export const seriesPath = (patient, study, series) => `${studyPath(patient, study)}/series/${part(series)}`;

const instancePath = (place) => `${seriesPath(place.patient, place.study, place.series)}/instances/${part(place.instance)}`;

export const savePath = (place) => `${instancePath(place)}/states`;

export const thumbnailPath = (place) => `${instancePath(place)}/frames/${place.frame}/thumbnail`;

/** `place`: {patient, study, series, instance, frame}; `window`: [centre, width] or null, the image's own. */
export function picturePath(place, window, size) {
  const query = new URLSearchParams({ viewport: `${size},${size}`, quality: QUALITY });
  // PS3.3, C.11.2.1.2: LINEAR is for widths of 1 and more.
  if (window) query.set("window", `${window[0]},${window[1]},${window[1] < 1 ? "linear-exact" : "linear"}`);
  return `${instancePath(place)}/frames/${place.frame}/rendered?${query}`;
}

/** The size to ask for where the image covers `shown` pixels of the screen and has `own`, on its larger side. */
export function sizeFor(shown, own) {
  return SIZES.find((size) => size >= Math.min(shown, own)) ?? SIZES.at(-1);
}
