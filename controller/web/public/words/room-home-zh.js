// 房间内在家测量值的中文词语。
export default {
  "at-home.title": "在家测量",
  "at-home.note": "测量时没有医院人员在场。",
  "at-home.none": "患者在家，尚无测量值。",
};
