// 患者在家测量值的中文词语（工作人员）。
export default {
  "at-home.measured": "在家测量",
  "at-home.measured-note": "患者自己的设备在最近 14 天的测量值。没有医院人员在场：可能由他人使用。带 ? 表示设备对数值有疑问。",
  "at-home.what": "项目",
  "at-home.value": "数值",
  "at-home.when": "时间",
  "at-home.device": "设备",
  "at-home.said": "患者说",
  "at-home.said.mine": "是我",
  "at-home.said.not-mine": "是别人",
  "at-home.kind.blood-pressure": "血压",
  "at-home.kind.blood-glucose": "血糖",
  "at-home.kind.weight": "体重",
  "at-home.kind.body-temperature": "体温",
  "at-home.kind.oxygen-saturation": "血氧",
};
