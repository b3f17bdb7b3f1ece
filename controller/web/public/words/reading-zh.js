// 居家测量值与目标值，中文。
export default {
  "target.below": "低于 {below} {unit}",
  "target.least": "不低于 {low} {unit}",
  "target.between": "不低于 {low}、低于 {below} {unit}",
  "target.none": "无目标",
  "glucose.factor": "葡萄糖 1 mmol/L = {factor} mg/dL（摩尔质量 180.156 g/mol，依 IUPAC 原子量）。按原单位保存，另一单位为换算值。",
};
