"""What a patient agrees to, word for word, as the page shows it. The words are kept with each consent."""

from collections.abc import Mapping

from controller.telemedicine.model import Language, Scope

CONSENTS: Mapping[Scope, Mapping[Language, str]] = {
    "video": {
        "en": "I agree to this visit by video and sound. The staff of the hospital who take part see and "
        "hear me, and see my vital signs while it lasts. Nothing is recorded unless I agree to that as well. "
        "The staff may keep single pictures in my record; the page tells me each time. "
        "I may end the visit and take this back at any time; my care does not depend on it.",
        "zh": "我同意以视频和语音方式进行本次就诊。参与就诊的医院人员可以看到和听到我，"
        "并在就诊期间看到我的生命体征。除非我另行同意，否则不会录制任何内容。"
        "医务人员可将单张画面存入我的病历，每次页面都会告知我。"
        "我可以随时结束就诊并撤回同意，这不会影响我的治疗。",
    },
    "recording": {
        "en": "I agree that this visit is recorded. The recording is encrypted, is seen only by those who "
        "treat me, and is deleted after the time that the hospital has set. I may take this back: recording "
        "stops then.",
        "zh": "我同意录制本次就诊。录像经加密保存，仅供为我诊治的人员查看，"
        "并在医院规定的期限后删除。我可以随时撤回同意，届时录制将停止。",
    },
    "sharing": {
        "en": "I agree that the experts who take part in this conference, of other hospitals too, see my "
        "case: vital signs, images, laboratory results, medicines and documents that were chosen for it, "
        "until seven days after the conference. What they conclude and sign stays in my record, and a "
        "hospital whose expert signs it keeps that document among its own records, as it has to, even if I "
        "take this back.",
        "zh": "我同意参加本次会诊的专家（包括其他医院的专家）查看我的病例，直至会诊结束后七天："
        "为会诊选定的生命体征、影像、检验结果、用药和文件。专家作出并签署的结论保存在我的病历中；签署专家所在的医院"
        "须依法将该文件保存在其自己的病历中，即使我撤回同意也不例外。",
    },
}
"""By what it is for, and by language."""
