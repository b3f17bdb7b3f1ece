// What was measured at a patient's home, for staff, in English.
export default {
  "at-home.measured": "Measured at home",
  "at-home.measured-note": "By the patient's own devices in the last 14 days. Nobody of the hospital was there: somebody else may have used them. With ? the device says something against it.",
  "at-home.what": "What",
  "at-home.value": "Value",
  "at-home.when": "When",
  "at-home.device": "Device",
  "at-home.said": "The patient says",
  "at-home.said.mine": "it was me",
  "at-home.said.not-mine": "it was somebody else",
  "at-home.kind.blood-pressure": "Blood pressure",
  "at-home.kind.blood-glucose": "Glucose",
  "at-home.kind.weight": "Weight",
  "at-home.kind.body-temperature": "Temperature",
  "at-home.kind.oxygen-saturation": "SpO2",
};
