"""What staff, guests and experts agree to, word for word, as pages show it (a patient: telemedicine/words).

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
OF_CONFERENCES: Mapping[Language, str] = {
    "en": "I agree that my picture and my voice are recorded in this conference. The recording is encrypted, "
    "is kept by the hospital that holds the conference, is seen there only by those who take part in it, and "
    "is deleted after {days} days. I may take this back: the recording stops then.",
    "zh": "我同意在本次会诊中录制我的影像和声音。录像经加密保存于举办会诊的医院，仅供该院参加会诊的人员查看，"
    "{days} 天后删除。我可以随时撤回同意，届时录制将停止。",
}
"""The same, in a conference, of other sites too."""


def words(days: int, texts: Mapping[Language, str] = WORDS) -> dict[Language, str]:
    """As they are shown and kept."""
    return {language: text.format(days=days) for language, text in texts.items()}
