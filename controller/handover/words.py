"""The words of a hand-over, in English and Chinese: those of the pages (the package screen), and its own.

words = Words("zh")
words("handover.title"); words.named("metric", "hr"); words("handover.more", n=3)
"""

import re
from functools import cache
from importlib import resources

LANGUAGES = ("en", "zh")
_OF_PAGES = (
    *(("screen", f"words/{name}") for name in ("metrics", "statuses", "scores", "shown")),
    ("controller", "web/public/words/crew"),
)
_LINE = re.compile(r'^  "([^"]+)": "(.*)",$', re.MULTILINE)
_BLANK = re.compile(r"\{(\w+)\}")

_OWN: dict[str, tuple[str, str]] = {
    "handover.title": ("Hand-over", "患者交接单"),
    "handover.printed": ("printed at {time}", "打印时间 {time}"),
    "handover.page": ("one page; the whole of it is in the record", "本页为摘要,完整内容见电子记录"),
    "handover.more": ("and {n} more: see the record", "另有 {n} 项:见电子记录"),
    "handover.cut": (
        "told from {time} on: what was before is in the record",
        "自 {time} 起;之前内容见电子记录",
    ),
    "handover.not-taken": (
        "of the crew's entries {n} could not be given to a patient: see the record",
        "{n} 条车组记录未能归入患者:见电子记录",
    ),
    "handover.identifier": ("identifier", "标识号"),
    "handover.unknown": ("not identified", "身份未明"),
    "handover.age": ("about {n} years (estimated)", "约 {n} 岁(估计)"),
    "handover.no-age": ("age not known", "年龄未知"),
    "handover.no-sex": ("sex not known", "性别未知"),
    "handover.way": ("Way", "经过"),
    "handover.now": ("now", "至今"),
    "handover.vitals": ("Last vital signs", "最后生命体征"),
    "handover.trends": ("Trends: mean, and lowest to highest", "趋势:均值及高低范围"),
    "handover.marks": ("Treatment and marks", "处置与标记"),
    "handover.given": ("Given", "用药与输注"),
    "handover.assessed": ("Assessments and checklists", "评估与核查"),
    "handover.alarms": ("Alarms", "报警"),
    "handover.asked": ("Requests and instructions", "请求与医嘱"),
    "handover.people": ("Told by", "记录人"),
    "handover.none": ("none", "无"),
    "handover.no-values": ("no values", "无数值"),
    "handover.of": ("{n} readings", "{n} 次读数"),
    "handover.without": ("{n} without a value", "{n} 次无数值"),
    "handover.doubtful": ("{n} doubtful", "{n} 次可疑"),
    "handover.range": ("{low} to {high}", "{low} 至 {high}"),
    "handover.ago": ("{age} before", "{age} 前"),
    "handover.old": ("too old to be the present one", "已过时,不代表当前值"),
    "handover.last-value": ("last value {value} at {time}", "最后数值 {value},{time}"),
    "handover.seen": ("seen", "已看到"),
    "handover.escalated": ("nobody reacted", "无人响应"),
    "handover.goes-on": ("goes on", "持续"),
    "handover.unanswered": ("not acknowledged", "未确认"),
    "handover.answered": ("acknowledged by {by} at {time}", "{by} 于 {time} 确认"),
    "handover.score": ("NEWS2", "NEWS2"),
    "handover.no-score": ("nothing to score", "无可评分数据"),
    "handover.at-least": ("{n} or more", "至少 {n}"),
    "handover.taken-back": ("taken back", "已撤销"),
    "handover.limit": ("limit {limit}", "限值 {limit}"),
    "sex.female": ("female", "女"),
    "sex.male": ("male", "男"),
    "sex.other": ("other", "其他"),
    "sex.unknown": ("sex not known", "性别未知"),
    "priority.1": ("low", "低"),
    "priority.2": ("medium", "中"),
    "priority.3": ("high", "高"),
    "resource.bed": ("Bed", "床位"),
    "resource.team": ("Team", "团队"),
    "resource.cath-lab": ("Cath lab", "导管室"),
    "resource.blood": ("Blood", "备血"),
    "resource.call": ("Video call", "视频通话"),
    "assessed.consciousness": ("Consciousness (ACVPU)", "意识(ACVPU)"),
    "assessed.oxygen": ("Oxygen", "吸氧"),
    "assessed.scale": ("SpO2 scale of NEWS2", "NEWS2 血氧量表"),
    "assessed.gcs": ("Glasgow Coma Scale", "格拉斯哥昏迷评分"),
}


class Words:
    """Those of one language, `en` or `zh`."""

    def __init__(self, language: str) -> None:
        self.language = language
        place = LANGUAGES.index(language)
        self._words = _of_pages(language) | {key: both[place] for key, both in _OWN.items()}

    def __call__(self, key: str, **parts: object) -> str:
        """The words for `key`, with {name} filled from `parts`."""
        return _BLANK.sub(lambda blank: str(parts[blank[1]]), self._words[key])

    def named(self, prefix: str, name: str) -> str:
        """The words for `prefix.name`; `name` itself where there are none."""
        return self._words.get(f"{prefix}.{name}", name.replace("_", " "))


@cache
def _of_pages(language: str) -> dict[str, str]:
    files = (resources.files(package) / f"{path}-{language}.js" for package, path in _OF_PAGES)
    return dict(match for file in files for match in _LINE.findall(file.read_text("utf-8")))
