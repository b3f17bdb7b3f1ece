"""The hooks and fixtures of the rig's tests: which rig, what it has, and the evidence that a run leaves.

    ./run rig --lg-env hil/rig/rigs/simulated.yaml --seed 7 --rounds 2 --evidence data/evidence

Marks: `needs("wan")`: a feature of the rig. `bench("relay", why="…")`: parts that only a bench has; elsewhere
the test is skipped and says so. `covers("F-01")`: a row of docs/requirements.csv.
"""

import hashlib
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from labgrid import Environment
from labgrid.pytestplugin.hooks import LABGRID_ENV_KEY

from hil.evidence.bench_key import FOLDER as KEYS
from hil.evidence.bench_key import BenchKey
from hil.evidence.collect import Evidence
from hil.evidence.digests import of_file
from hil.evidence.measurement import AnyMeasurement
from hil.evidence.run import Result
from hil.rig.drivers.protocols import FOLDER
from hil.rig.drivers.whole import rig_of
from hil.rig.process import ROOT
from hil.rig.rig import Rig

EVIDENCE, BEGAN = pytest.StashKey[Evidence](), pytest.StashKey[float]()
_DEFAULT = ROOT / "hil/rig/rigs/emulated.yaml"
_OF_A_NODE = ("board", "relay", "dac")
"""What a bench has to have for any test of the node."""
_SPELLED = {"emulated": "emulated board"}
LEFT_OUT = "left out on the command line"
_RESULTS = {"passed": Result.PASSED, "failed": Result.FAILED, "skipped": Result.SKIPPED}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Seed, rounds, and where the evidence goes."""
    group = parser.getgroup("rig")
    group.addoption("--seed", type=int, default=1, help="of all that is drawn: the same again")
    group.addoption("--rounds", type=int, default=1, help="of the campaign: each kind of fault so often")
    group.addoption("--kinds", type=int, help="so many kinds of fault, drawn by the seed; all if left out")
    group.addoption("--evidence", type=Path, default=ROOT / "data/evidence", help="the folder of bundles")
    group.addoption("--bench-key", type=Path, default=KEYS, help="the folder of the key that signs them")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """The emulated rig, if none is named."""
    config.addinivalue_line("markers", "covers(requirement): a row of docs/requirements.csv")
    config.addinivalue_line("markers", "needs(feature): what the rig has to have")
    config.addinivalue_line("markers", "bench(*parts, why): what only a bench has")
    os.environ.setdefault("LG_ENV", str(_DEFAULT))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin the evidence of this run, in a folder of its own."""
    if session.config.option.collectonly:
        return
    environment = environment_of(session.config)
    rig, seed = Path(environment.config_file), session.config.option.seed
    began = time.time_ns() // 1000
    session.config.stash[BEGAN] = time.monotonic()
    folder = session.config.option.evidence.absolute() / f"{rig.stem}-{seed}-{began}"
    evidence = Evidence(folder, rig.stem, seed, _command(session.config, rig), began, rig_file=rig)
    for name, part in environment.config.data["reality"].items():
        (evidence.real if part["real"] else evidence.faked)(name, part["is"])
    if note := environment.config.data.get("note"):
        evidence.note(note)
    environment.config.set_option("seed", seed)
    environment.config.set_option(FOLDER, str(folder / "rig"))
    (folder / "rig").mkdir(parents=True)
    session.config.stash[EVIDENCE] = evidence


def _command(config: pytest.Config, rig: Path) -> str:
    """Repeats the run from the project's folder: with the seed, and whatever was left out."""
    option, path = config.option, rig.resolve()
    words = ["--lg-env", str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)]
    for name, value in (
        ("--seed", option.seed),
        ("--rounds", option.rounds if option.rounds > 1 else None),
        ("--kinds", option.kinds),
        ("-k", option.keyword),
        ("-m", option.markexpr if "-m" in config.invocation_params.args else None),
    ):
        words += [name, str(value)] if value else []
    return shlex.join(["./run", "rig", *words])


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """What was left out is in the evidence, too: nobody is to think that it passed."""
    for item in items:
        evidence = item.config.stash.get(EVIDENCE, None)
        if evidence:
            evidence.outcome(item.nodeid, Result.SKIPPED, 0.0, LEFT_OUT)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, with the reason, what this rig cannot do."""
    environment = environment_of(item.config)
    for marker in item.iter_markers("bench"):
        _have(environment, *marker.args, why=marker.kwargs["why"])
    needed = {str(marker.args[0]) for marker in item.iter_markers("needs")}
    missing = needed - features_of(environment)
    if missing:
        pytest.skip(f"this rig has no {', '.join(_SPELLED.get(name, name) for name in sorted(missing))}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Put each test's outcome into the evidence, and what it covers."""
    report: pytest.TestReport = yield  # pyright: ignore[reportAssignmentType]
    evidence = item.config.stash[EVIDENCE]
    if report.when == "call" or not report.passed:
        broke = report.failed and report.when != "call"
        result = Result.ERROR if broke else _RESULTS[report.outcome]
        evidence.outcome(item.nodeid, result, report.duration, _why(report))
        for marker in item.iter_markers("covers"):
            if result is not Result.SKIPPED:
                evidence.covers(marker.args[0], item.nodeid)
    return report  # pyright: ignore[reportReturnType]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Sign the bundle."""
    if session.config.option.collectonly:
        return
    evidence, config = session.config.stash[EVIDENCE], session.config
    logs = Path(environment_of(config).config.get_option(FOLDER))
    for path in sorted({*logs.glob("*.log"), *logs.glob("logs/*.log")}):
        evidence.log(path.stem + ".txt", path.read_text(encoding="utf-8", errors="replace"))
    if (serial := logs / "serial.jsonl").exists():
        evidence.attach("serial.jsonl", serial.read_bytes())
    said = list[str]()
    config.stash[_BUNDLE] = evidence.close(BenchKey.of(config.option.bench_key), said.append)
    config.stash[_SAID] = said


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say where the evidence is, and what was measured."""
    if config.option.collectonly:
        return
    terminalreporter.section("rig")
    for taken in config.stash[EVIDENCE].record.taken:
        many = taken.measured.measured() if taken.measured.kind == "distribution" else [taken.measured]
        for one in many:
            terminalreporter.write_line(f"{one.name}: {one.value:.4g} {one.unit} ({one.judgement})")
    for line in config.stash.get(_SAID, []):
        terminalreporter.write_line(line)


_BUNDLE, _SAID = pytest.StashKey[Path](), pytest.StashKey[list[str]]()


def environment_of(config: pytest.Config) -> Environment:
    """labgrid's, of this run."""
    environment = config.stash[LABGRID_ENV_KEY]
    assert environment is not None
    return environment


def features_of(environment: Environment) -> frozenset[str]:
    """What the rig has."""
    return frozenset(environment.get_features())


def _have(environment: Environment, *parts: str, why: str) -> None:
    """Skip unless all parts are there."""
    paths = environment.config.data.get("parts", {})
    missing = [name for name in parts if not (name in paths and Path(paths[name]).exists())]
    if missing:
        pytest.skip(f"needs the bench: {why} (no {', '.join(missing)} here)")


def part_of(config: pytest.Config, name: str) -> str:
    """The path of a part that a bench has."""
    return environment_of(config).config.data["parts"][name]


def _why(report: pytest.TestReport) -> str:
    if report.skipped and isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return report.longreprtext.strip().splitlines()[-1] if report.failed else ""


@pytest.fixture(scope="session")
def evidence(pytestconfig: pytest.Config) -> Evidence:
    """What this run leaves."""
    return pytestconfig.stash[EVIDENCE]


@pytest.fixture
def measure(evidence: Evidence, request: pytest.FixtureRequest) -> Callable[[AnyMeasurement], AnyMeasurement]:
    """Put what was measured into the evidence, as of this test; it is returned, for its judgement."""
    return lambda measured: evidence.measure(measured, request.node.nodeid)


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Of all that is drawn."""
    return pytestconfig.option.seed


@pytest.fixture
def draw(seed: int, request: pytest.FixtureRequest) -> Random:
    """What a test draws: the same again by the same seed."""
    return Random(f"{seed} {request.node.nodeid}")


@pytest.fixture(scope="session")
def say(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """A line for people, at once."""
    reporter, capture = map(pytestconfig.pluginmanager.get_plugin, ("terminalreporter", "capturemanager"))
    assert reporter is not None
    assert capture is not None

    def said(line: str) -> None:
        with capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(f"  {line}")

    return said


@pytest.fixture(scope="session")
def rig(request: pytest.FixtureRequest, evidence: Evidence) -> Rig:
    """The whole rig, running: started once, for all tests."""
    environment = environment_of(request.config)
    features = features_of(environment)
    if "bench" in features:
        _have(
            environment, *_OF_A_NODE, why="a board, a switch for its power, something that drives its sensor"
        )
    if "wan" in features and os.geteuid():
        pytest.skip("needs root for its network: run it as root, or take hil/rig/rigs/simulated.yaml")
    made = rig_of(request.getfixturevalue("target"), features)
    made.start()
    for name, data in made.node.digests().items():
        evidence.digest(name, hashlib.sha256(data).hexdigest())
    evidence.digest("gateway and controller (sources)", _sources())
    evidence.digest("python", of_file(Path(sys.executable).resolve()))
    return made


def _sources() -> str:
    digest = hashlib.sha256()
    for package in ("devices", "gateway", "controller"):
        for path in sorted((ROOT / package).rglob("*.py")):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
