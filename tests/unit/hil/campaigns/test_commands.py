"""Every campaign is a command with rounds, a seed and a verdict."""

import importlib
import inspect

import pytest
from typer.testing import CliRunner

from hil.campaigns.__main__ import CAMPAIGNS, app


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_a_campaign_takes_a_folder_a_seed_rounds_and_somebody_to_tell(name: str) -> None:
    module = importlib.import_module(f"hil.campaigns.{CAMPAIGNS[name][0]}")
    assert list(inspect.signature(module.run).parameters)[:4] == ["folder", "seed", "rounds", "say"]


def test_help_names_every_campaign() -> None:
    listed = CliRunner().invoke(app, ["--help"]).output
    assert all(name in listed for name in (*CAMPAIGNS, "fuzz"))
