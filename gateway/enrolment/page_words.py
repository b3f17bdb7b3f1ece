"""The words of the box's own page, in Chinese and English."""

from collections.abc import Mapping

LANGUAGES = "en", "zh"
TAGS = {"en": "en", "zh": "zh-CN"}

_EN = {
    "title": "Wardlink gateway",
    "box": "Box",
    "other": "中文",
    "wait": "This gateway waits for its claim",
    "how": "On the controller, make a record for this gateway. Then scan its QR code with a hand scanner, or "
    "copy the text of its claim and paste it here.",
    "claim": "Claim",
    "hidden": "It is not shown, because it is a secret until it has been used.",
    "go": "Enrol",
    "photo": "Or a photo of its QR code",
    "photo-how": "It is read on this box and kept nowhere. At most 12 MB.",
    "read": "Read the photo",
    "work": "Enrolling …",
    "work-how": "The gateway looks for the controller and proves that it is the right one. That takes a "
    "minute at most.",
    "done": "Enrolled",
    "done-how": "This gateway is {gateway}. Its certificate is good until {until} and renews itself. This "
    "page is closed now; start the gateway.",
    "bad-claim": "That is not a claim. Scan it again, or copy all of its text.",
    "no-claim-seen": "No claim can be read in this photo. Take a sharp one of the QR code alone, straight "
    "from the front.",
    "photo-large": "The photo has more than 12 MB. Take a smaller one.",
    "photo-busy": "Another photo is being read just now. Try again.",
    "claim-expired": "The claim has expired. Ask for a new one on the controller.",
    "other-gateway": "The claim is for another gateway. Take the one of this gateway.",
    "untrusted": "Who answers at the claim's address is not its controller, and was told nothing. Check the "
    "network cable and the address, or ask for a new claim.",
    "unreachable": "The controller does not answer. Check the network cable, then try the same claim again.",
    "refused": "The controller refuses the claim: it has expired, or another box has used it. Ask for a new "
    "one.",
    "bad-answer": "The controller gave a certificate that does not fit. Report it to its administrator.",
    "failed": "This box cannot keep its identity. Check that its disk is not full, then try again.",
}
_ZH = {
    "title": "Wardlink 网关",
    "box": "设备",
    "other": "English",
    "wait": "本网关正在等待登记凭证",
    "how": "请在控制器上为本网关建立记录，然后用扫码枪扫描其二维码，或复制凭证文本粘贴到此处。",
    "claim": "登记凭证",
    "hidden": "凭证在使用前属于机密，因此不显示。",
    "go": "登记",
    "photo": "或上传其二维码的照片",
    "photo-how": "照片只在本设备上识别，不会保存。最大 12 MB。",
    "read": "识别照片",
    "work": "正在登记…",
    "work-how": "网关正在寻找控制器并核实其身份，最多需要一分钟。",
    "done": "登记完成",
    "done-how": "本网关为 {gateway}。证书有效期至 {until}，到期前自动更新。本页面现已关闭，请启动网关。",
    "bad-claim": "这不是登记凭证。请重新扫描，或完整复制其文本。",
    "no-claim-seen": "照片中未识别到登记凭证。请正对二维码，拍摄清晰的照片。",
    "photo-large": "照片超过 12 MB。请拍摄较小的照片。",
    "photo-busy": "正在识别另一张照片，请重试。",
    "claim-expired": "登记凭证已过期。请在控制器上重新获取。",
    "other-gateway": "该凭证属于另一台网关。请使用本网关的凭证。",
    "untrusted": "凭证所列地址的应答方不是该控制器，未向其透露任何信息。请检查网线和地址，或重新获取凭证。",
    "unreachable": "控制器没有应答。请检查网线，然后用同一凭证重试。",
    "refused": "控制器拒绝该凭证：凭证已过期，或已被另一台设备使用。请重新获取凭证。",
    "bad-answer": "控制器给出的证书不符。请告知其管理员。",
    "failed": "本设备无法保存身份。请检查磁盘是否已满，然后重试。",
}
WORDS: Mapping[str, Mapping[str, str]] = {"en": _EN, "zh": _ZH}


def chosen(query: str, accepted: str) -> str:
    """The language that the address asks for, else the first of Accept-Language (RFC 9110, 12.5.4)."""
    asked = query.removeprefix("lang=")
    known = [tag.strip()[:2].lower() for tag in accepted.split(",")]
    return next((one for one in (asked, *known) if one in LANGUAGES), LANGUAGES[0])
