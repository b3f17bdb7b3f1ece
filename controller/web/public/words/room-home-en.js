// What was measured at home, in a room, in English.
export default {
  "at-home.title": "Measured at home",
  "at-home.note": "Nobody of the hospital was with the patient.",
  "at-home.none": "The patient is at home. Nothing has been measured there yet.",
};
