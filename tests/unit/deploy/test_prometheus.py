"""What is given to Prometheus and Grafana is whole: rules that fire, runbooks that are there, dashboards."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = (PROMETHEUS / "wardlink.rules.yml").read_text(encoding="utf-8")
RUNBOOKS = (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8")


def promtool(*arguments: str) -> None:
    """Debian's, of the package prometheus."""
    done = subprocess.run(
        ["promtool", *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_fires_on_what_it_is_for_and_on_nothing_else() -> None:
    promtool("test", "rules", "wardlink.test.yml")
    tested = re.findall(r"alertname: (\w+)", (PROMETHEUS / "wardlink.test.yml").read_text(encoding="utf-8"))
    assert set(tested) == set(re.findall(r"alert: (\w+)", RULES))


def test_prometheus_takes_the_configuration_with_the_rules() -> None:
    promtool("check", "config", "--syntax-only", "prometheus.yml")
    promtool("check", "rules", "wardlink.rules.yml")


def test_each_alert_has_its_section_of_the_runbooks_and_none_is_left_over() -> None:
    named = re.findall(r"runbook: docs/runbooks\.md#(\w+)", RULES)
    headings = {heading.lower() for heading in re.findall(r"^## (\w+)$", RUNBOOKS, re.MULTILINE)}
    assert len(named) == len(set(named)) == len(re.findall(r"alert: ", RULES))
    assert set(named) == headings


def test_each_section_says_what_it_means_for_patients_and_when_to_call_somebody() -> None:
    sections = re.split(r"^## ", RUNBOOKS, flags=re.MULTILINE)[1:]
    for section in sections:
        assert all(f"**{part}**" in section for part in ("Patients", "Look", "Do", "Escalate")), section


def test_each_panel_of_a_dashboard_asks_for_something_and_says_in_which_unit() -> None:
    boards = [
        json.loads(one.read_text(encoding="utf-8")) for one in (ROOT / "deploy" / "grafana").glob("*.json")
    ]
    assert len({board["uid"] for board in boards}) == 4
    for panel in (panel for board in boards for panel in board["panels"]):
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert all(target["expr"] for target in panel["targets"])
