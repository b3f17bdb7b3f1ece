"""Titles of a summary, and what is measured at home, in both languages."""

from collections.abc import Mapping

from controller.telemedicine.model import Language
from controller.telemedicine.notes.model import HomePlan, Measured

TITLE: Mapping[Language, str] = {"en": "Summary of your video visit", "zh": "视频就诊小结"}
SECTIONS: Mapping[str, Mapping[Language, str]] = {
    "talked": {"en": "What we talked about", "zh": "本次就诊内容"},
    "found": {"en": "What we found", "zh": "检查与判断"},
    "vitals": {"en": "Measured during the visit", "zh": "就诊时的测量值"},
    "todo": {"en": "What you do now", "zh": "您需要做什么"},
    "medicines": {"en": "Medicines prescribed", "zh": "开具的药品"},
    "home": {"en": "Measure at home", "zh": "居家测量"},
    "referral": {"en": "Where you are sent", "zh": "转诊"},
    "next": {"en": "Next visit", "zh": "下次就诊"},
    "call": {"en": "Call or come at once if", "zh": "出现以下情况请立即联系或就诊"},
}
CALL: Mapping[Language, str] = {
    "en": "it gets worse, you have pain in the chest, or you cannot breathe well. In danger call 120.",
    "zh": "病情加重、胸痛或呼吸困难。紧急情况请拨打120。",
}
"""Proposed, for the physician to change."""
MEASURED: Mapping[Measured, Mapping[Language, str]] = {
    "blood-pressure": {"en": "Blood pressure", "zh": "血压"},
    "weight": {"en": "Weight", "zh": "体重"},
    "blood-glucose": {"en": "Blood glucose", "zh": "血糖"},
    "body-temperature": {"en": "Body temperature", "zh": "体温"},
    "heart-rate": {"en": "Heart rate", "zh": "心率"},
    "oxygen-saturation": {"en": "Oxygen saturation", "zh": "血氧饱和度"},
}


def home_words(plan: HomePlan, language: Language) -> str:
    """ "Blood pressure: 2 times a day for 14 days"."""
    what = MEASURED[plan.what][language]
    if language == "zh":
        return f"{what}：每日{plan.times}次，共{plan.days}天"
    return f"{what}: {plan.times} times a day for {plan.days} days"
