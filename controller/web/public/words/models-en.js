// The model of early warning, in English.
export default {
  "model.name": "Trial model {name} ({version})",
  "model.within": "{p} risk of death, cardiac arrest or unplanned intensive care within {h} h",
  "model.age": "computed {computed} ago, oldest input {oldest} old",
  "model.raised": "raised most by {by}",
  "model.lowered": "lowered by {by}",
  "model.not-computed": "not computed: {why}",
  "model.why.news2": "NEWS2 is not complete",
  "model.why.not-yet": "not looked at yet, at most 5 min",
  "model.why.old": "the last one is {age} old",
  "model.why.age": "under 16 years",
  "model.why.class": "a child or newborn by the alarm limits here",
  "model.why.beyond": "value or trend beyond what it was trained on",
  "model.why.scale": "SpO₂ scale 2",
  "model.data.simulated": "trained on simulated data – for trial only",
  "model.data.public": "trained on public recordings – for trial only",
  "model.data.hospital": "trained on a hospital's own data – for trial only",
};
