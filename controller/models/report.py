"""The report of a training, in words: Markdown beside the JSON that it is made of, and the model's card.

    for name, text in files(told).items(): …      # report.md, report.json, calibration.svg, decision.svg

It says first whether NEWS2 is as good, and what data like these cannot show.
"""

import json
from collections.abc import Iterator
from typing import Any

from controller.models import drawings

Json = dict[str, Any]
CANNOT = {
    "simulated": (
        "**The patients were simulated.** The figures show that training, score and report work, and how the "
        "model compares with NEWS2 *on the assumptions of the simulation*. They can not show how good it is "
        "with people: illness in them is not of three kinds, measurements fail in other ways, treatment "
        "changes the outcome, and who made the simulation knew the score that it is compared with."
    ),
    "public": (
        "**The recordings are of another hospital.** Patients, devices, treatment and what was written down "
        "differ from yours; before any use it has to be judged on your own data."
    ),
    "hospital": (
        "**The data are of the past.** Treatment that NEWS2 set going changed the outcome; what is shown "
        "here is no proof that showing the model to people helps anybody."
    ),
}


def files(told: Json) -> dict[str, str]:
    """By name, the files of a report."""
    return {
        "report.md": "\n".join(_report(told)) + "\n",
        "report.json": json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        "calibration.svg": drawings.calibration(told["calibration"]["curve"]),
        "decision.svg": drawings.decision(told["decision"]),
    }


def verdict(told: Json) -> str:
    """The first sentence."""
    found = told["discrimination"]["difference"]["auroc"]
    figures = f"{found['value']:+.3f} (95 % interval {found['low']:+.3f} to {found['high']:+.3f})"
    data = told["cohort"]["data"]
    if found["high"] < 0:
        return f"NEWS2 is better on these {data} data: the model's AUROC differs from its by {figures}."
    if told["as_good"]:
        return f"NEWS2 is as good on these {data} data: the model's AUROC differs from its by {figures}."
    return f"On these {data} data the model's AUROC is higher than that of NEWS2, by {figures}."


def _report(told: Json) -> Iterator[str]:
    model, cohort = told["model"], told["cohort"]
    yield f"# {model['name']} {model['version']}"
    yield f"\n**{verdict(told)}**\n\n*{model['label']}*. {CANNOT[cohort['data']]}"
    yield from _card(told)
    yield from _discrimination(told)
    yield from _calibration(told["calibration"])
    yield from _decisions(told)
    yield from _groups(told["groups"])
    yield from _coefficients(told["coefficients"])


def _card(told: Json) -> Iterator[str]:
    cohort, held, rules, lost = told["cohort"], told["held_out"], told["rules"], told["not_scored"]
    yield "\n## Card"
    yield "- For: a second look beside NEWS2, by people who see NEWS2."
    yield "- Not for: alarms, decisions, people under 16, pregnant or expected to die, SpO2 by scale 2."
    yield f"- Event: death, cardiac arrest or unplanned intensive care within {rules['horizon_h']} h."
    limits = f"readings up to {rules['limit_min']} min old"
    yield f"- Moments: every {rules['step_h']} h of a stay, before its first event; {limits}."
    yield f"- Trained on: {cohort['title']}, SHA-256 `{cohort['sha256']}`. {cohort['source']}"
    yield (
        f"- To train with: {cohort['patients']} patients, {cohort['landmarks']} moments, "
        f"{cohort['events']} before an event."
    )
    yield (
        f"- Held out: {held['patients']} other patients, who first came after {told['cut'][:10]}; "
        f"{held['moments']} moments, {held['events']} before an event ({_percent(held['rate'])}) of "
        f"{held['patients_with_event']} patients. At {held['beyond']} moments a value or its trend was "
        "beyond all that it was trained on: they count here, at a bed they are not scored."
    )
    why = ", ".join(f"{name} {count}" for name, count in lost["lacking"].items()) or "nothing"
    yield (
        f"- Not scored: {lost['moments']} of {lost['of']} moments, {lost['events']} of them before an event "
        f"(lacking: {why}); {lost['young_stays']} stays of people under 16."
    )


def _discrimination(told: Json) -> Iterator[str]:
    yield "\n## Who is told from whom\n\n| | AUROC (95 %) | AUPRC (95 %) |\n|---|---|---|"
    for who, name in (("model", "model"), ("news2", "NEWS2"), ("difference", "difference")):
        found = told["discrimination"][who]
        cells = (_interval(found[measure]) for measure in ("auroc", "auprc"))
        yield f"| {name} | {' | '.join(cells)} |"
    yield "\nIntervals: bootstrap of patients. AUPRC of chance is the share of events.\n"
    yield "Alerts for each day of a patient, where both find as many moments before an event:\n"
    yield "| | found | NEWS2 a day | model a day | right, NEWS2 | right, model |\n|---|---|---|---|---|---|"
    for one in told["alerts"]:
        days = f"{_number(one['news2_per_patient_day'])} | {_number(one['model_per_patient_day'])}"
        right = f"{_percent(one['news2_precision'])} | {_percent(one['model_precision'])}"
        yield f"| NEWS2 ≥ {one['news2_at_least']} | {_percent(one['sensitivity'])} | {days} | {right} |"


def _calibration(told: Json) -> Iterator[str]:
    yield "\n## Whether the probabilities are right\n\n![Calibration](calibration.svg)\n"
    yield (
        f"Slope {_interval(told['intervals']['slope'])}, ideal 1; intercept in the large "
        f"{_interval(told['intervals']['intercept'])}, ideal 0; predicted {_percent(told['predicted'])}, "
        f"observed {_percent(told['observed'])}; Brier score {_number(told['brier'])} "
        f"({_number(told['brier_of_the_mean'])} for the mean alone)."
    )


def _decisions(told: Json) -> Iterator[str]:
    yield "\n## Whether it would help to decide by it\n\n![Decision curve](decision.svg)\n"
    yield "Net benefit: true alarms a moment, less false ones at the price that the threshold gives them.\n"
    yield "| threshold | model | NEWS2 ≥ 5 | NEWS2 ≥ 7 | everybody | nobody |\n|---|---|---|---|---|---|"
    for one in told["decision"]:
        ways = (f"{one[way]:.4f}" for way in ("model", "news2_5", "news2_7", "all", "none"))
        yield f"| {_percent(one['threshold'])} | {' | '.join(ways)} |"


def _groups(told: list[Json]) -> Iterator[str]:
    yield "\n## In whom\n"
    yield "| group | patients | moments | before an event | AUROC model | AUROC NEWS2 | observed / expected |"
    yield "|---|---|---|---|---|---|---|"
    for one in told:
        names = "model_auroc", "news2_auroc", "observed_by_expected"
        found = " | ".join(_number(one[name]) if name in one else "too few" for name in names)
        yield f"| {one['group']} | {one['patients']} | {one['moments']} | {one['events']} | {found} |"


def _coefficients(told: dict[str, float]) -> Iterator[str]:
    yield "\n## What counts, in logit(p) for one standard deviation\n"
    order = sorted(told.items(), key=lambda one: -abs(one[1]))
    yield ", ".join(f"{name} {weight:+.2f}" for name, weight in order) + "."
    if odd := [name for name, weight in told.items() if name.endswith(("_below", "_above")) and not weight]:
        why = "nobody was so far outside of NEWS2's normal field, or it would have lowered the number"
        yield f"\nSet to 0, because {why}: {', '.join(odd)}."


def _interval(found: Json) -> str:
    return " ".join((_number(found["value"]), f"({_number(found['low'])} to {_number(found['high'])})"))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
