"""A definition read back in words, English and Chinese, and the rules that its answer follows."""

from collections.abc import Mapping

from controller.lake.cohorts.definition import (
    CohortAll,
    CohortAny,
    CohortCondition,
    CohortDefinition,
    CohortNot,
    CohortTree,
    CohortWho,
)
from controller.telemedicine.model import Language

_OPERATORS: Mapping[Language, Mapping[str, str]] = {
    "en": {"<": "below", "<=": "at most", ">": "above", ">=": "at least"},
    "zh": {"<": "低于", "<=": "不高于", ">": "高于", ">=": "不低于"},
}
_SEX: Mapping[Language, Mapping[str, str]] = {
    "en": {"female": "women", "male": "men", "other": "people of another sex"},
    "zh": {"female": "女性", "male": "男性", "other": "其他性别"},
}


def sentence(definition: CohortDefinition, language: Language) -> str:
    """What is asked."""
    who, what = _who(definition.who, language), _tree(definition.condition, language)
    first, last = definition.from_day, definition.to_day
    if language == "zh":
        when = (
            f"，入院日期{f'自 {first} 起' if first else ''}{f'至 {last}' if last else ''}"
            if first or last
            else ""
        )
        return f"入院患者（{who}{when}）：{what}。"
    when = f"{f' from {first}' if first else ''}{f' to {last}' if last else ''}"
    return f"Admissions of {who}{when and f', admitted{when}'}: {what}."


def rules(definition: CohortDefinition, language: Language) -> list[str]:
    """How it is answered."""
    n = definition.transfer_min
    if language == "zh":
        return [
            f"转床间隔不超过 {n} 分钟的视为同一次入院。",
            "一段持续时间自首个读数至末个读数；读数间隔超过所设秒数即中断，不作连接；不同设备的读数不合并。",
            "患者否认的、无数值的、设备标为可疑的、超出测量范围的读数不计；家中测量的不查询。",
            "窗口内没有读数、数据湖尚未覆盖整个窗口、年龄或性别不详的，均为“未知”，而非“否”。",
            "日期和年龄按 UTC 日期计算。",
        ]
    return [
        f"A patient who lies on another bed within {n} minutes is still admitted.",
        "A run lasts from its first reading to its last; a longer gap between two readings ends it and is "
        "never bridged; readings of two devices are never joined.",
        "Readings that the patient disowns, that have no value, that their device flaws or that are out of "
        "the measurement range are left out; what is measured at home is not asked.",
        "Without any reading in the window, with a window that the lake does not have to its end, or with an "
        "unknown age or sex the answer is “unknown”, not “no”.",
        "Days and ages are by the day of UTC.",
    ]


def _who(who: CohortWho, language: Language) -> str:
    is_zh = language == "zh"
    parts = [_SEX[language][who.sex] if who.sex else "不限性别" if is_zh else "people"]
    if who.age_min is not None:
        parts.append(f"{who.age_min} 岁及以上" if is_zh else f"{who.age_min} years or older")
    if who.age_max is not None:
        parts.append(f"{who.age_max} 岁及以下" if is_zh else f"at most {who.age_max} years old")
    if who.wards:
        names = ("、" if is_zh else " or ").join(who.wards)
        parts.append(f"病区 {names}" if is_zh else f"first in ward {names}")
    return ("，" if is_zh else ", ").join(parts)


def _tree(tree: CohortTree, language: Language) -> str:
    is_zh = language == "zh"
    match tree:
        case CohortAll():
            return _list(tree.all_, language, " 并且 " if is_zh else " and ")
        case CohortAny():
            return _list(tree.any_, language, " 或者 " if is_zh else " or ")
        case CohortNot():
            return f"非（{_tree(tree.not_, language)}）" if is_zh else f"not ({_tree(tree.not_, language)})"
        case _:
            return _condition(tree, language)


def _list(parts: list[CohortTree], language: Language, word: str) -> str:
    told = [_tree(one, language) for one in parts]
    return told[0] if len(told) == 1 else f"({word.join(told)})"


def _condition(one: CohortCondition, language: Language) -> str:
    compared = _OPERATORS[language][one.op]
    if language == "zh":
        lasts = (
            f"，持续至少 {one.lasting_min:g} 分钟（间隔超过 {one.max_gap_s} 秒即中断）"
            if one.lasting_min
            else ""
        )
        return f"{_window_zh(one)} {one.code} {compared} {one.value:g} {one.unit}{lasts}"
    gap = f"for at least {one.lasting_min:g} min (a gap over {one.max_gap_s} s ends it) "
    return f"{one.code} {compared} {one.value:g} {one.unit} {gap if one.lasting_min else ''}{_window_en(one)}"


def _window_en(one: CohortCondition) -> str:
    anchor = "admission" if one.anchor == "admission" else "the end of the admission"
    if one.to_h is None and one.from_h == 0 and one.anchor == "admission":
        return "at any time of the admission"
    if one.from_h == 0 and one.to_h is not None:
        return f"within {one.to_h:g} h of {anchor}"
    return f"from {_hours_en(one.from_h, anchor)} to {_hours_en(one.to_h, anchor)}"


def _hours_en(hours: float | None, anchor: str) -> str:
    if hours is None:
        return "the end of the admission"
    if hours == 0:
        return anchor
    return f"{abs(hours):g} h {'before' if hours < 0 else 'after'} {anchor}"


def _window_zh(one: CohortCondition) -> str:
    anchor = "入院" if one.anchor == "admission" else "出院"
    if one.to_h is None and one.from_h == 0 and one.anchor == "admission":
        return "住院期间"
    if one.from_h == 0 and one.to_h is not None:
        return f"{anchor}后 {one.to_h:g} 小时内"
    return f"{_hours_zh(one.from_h, anchor)}至{_hours_zh(one.to_h, anchor)}"


def _hours_zh(hours: float | None, anchor: str) -> str:
    if hours is None:
        return "出院"
    if hours == 0:
        return anchor
    return f"{anchor}{'前' if hours < 0 else '后'} {abs(hours):g} 小时"
