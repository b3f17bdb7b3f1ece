// The model of early warning, in Chinese.
export default {
  "model.name": "试用模型 {name}（{version}）",
  "model.within": "{h} 小时内死亡、心脏骤停或非计划转入 ICU 的风险 {p}",
  "model.age": "{computed}前计算，最旧的输入为 {oldest}前",
  "model.raised": "主要升高因素：{by}",
  "model.lowered": "主要降低因素：{by}",
  "model.not-computed": "未计算：{why}",
  "model.why.news2": "NEWS2 不完整",
  "model.why.not-yet": "尚未计算，最多等 5 分钟",
  "model.why.old": "上一次结果已是 {age}前",
  "model.why.age": "不满 16 岁",
  "model.why.class": "此处按儿童或新生儿的报警限",
  "model.why.beyond": "数值或趋势超出训练数据的范围",
  "model.why.scale": "SpO₂ 量表 2",
  "model.data.simulated": "用模拟数据训练 – 仅供试用",
  "model.data.public": "用公开记录训练 – 仅供试用",
  "model.data.hospital": "用本院数据训练 – 仅供试用",
};
