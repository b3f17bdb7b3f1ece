// Readings and targets of devices at home, in English.
export default {
  "target.below": "below {below} {unit}",
  "target.least": "at least {low} {unit}",
  "target.between": "at least {low} and below {below} {unit}",
  "target.none": "no target",
  "glucose.factor": "1 mmol/L of glucose is {factor} mg/dL (180.156 g/mol, by IUPAC's atomic weights). Kept as it was told; the other unit is calculated.",
};
