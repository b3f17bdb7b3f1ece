"""What staff and guests agree to, word for word, as the page shows it (a patient: telemedicine/words).

The words are kept with what was said.
"""

from collections.abc import Mapping

from controller.telemedicine.model import Language

WORDS: Mapping[Language, str] = {
    "en": "I agree that my picture and my voice are recorded in this room. The recording is encrypted, is "
    "seen only by those who treat the patient, and is deleted after {days} days. I may take this back: the "
    "recording stops then.",
    "zh": "我同意在此房间录制我的影像和声音。录像经加密保存，仅供为患者诊治的人员查看，{days} 天后删除。"
    "我可以随时撤回同意，届时录制将停止。",
}
"""By language; `days`: how long it is kept."""


def words(days: int) -> dict[Language, str]:
    """As they are shown and kept."""
    return {language: text.format(days=days) for language, text in WORDS.items()}
