"""The trace of a block is named alike by both ends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.wire.traces import STAGES, collector, is_sampled, parent_of, span_of, trace_of

BLOCKS = st.tuples(st.binary(min_size=8, max_size=8), st.integers(0, 3), st.integers(0, 2**62))


def test_a_trace_is_named_as_the_other_end_names_it() -> None:
    """The number is fixed: an older gateway and a newer controller have to agree."""
    assert trace_of(bytes(8), 1, 7).hex() == "cdd4e1ede93c95cb1dbd09113fd9f45f"


@given(BLOCKS, BLOCKS)
@settings(max_examples=50)
def test_blocks_have_traces_of_their_own(one: tuple[bytes, int, int], other: tuple[bytes, int, int]) -> None:
    assert (trace_of(*one) == trace_of(*other)) == (one == other)
    assert any(trace_of(*one))


@given(BLOCKS)
@settings(max_examples=50)
def test_stages_are_a_chain(block: tuple[bytes, int, int]) -> None:
    trace = trace_of(*block)
    spans = [span_of(trace, stage) for stage in STAGES]
    assert [parent_of(trace, stage) for stage in STAGES] == [None, *spans[:-1]]
    assert len(set(spans)) == len(STAGES)


def test_the_share_is_about_what_is_asked_for_and_the_larger_holds_the_smaller() -> None:
    traces = [trace_of(bytes(8), 1, number) for number in range(20_000)]
    tenth = {trace for trace in traces if is_sampled(trace, 0.1)}
    assert 1_800 < len(tenth) < 2_200
    assert {trace for trace in traces if is_sampled(trace, 0.01)} < tenth
    assert all(is_sampled(trace, 1) for trace in traces)


@pytest.mark.parametrize(
    "address", ["https://otel.example:4318", "http://127.0.0.1:4318", "http://[::1]:4318"]
)
def test_traces_go_by_tls_or_stay_on_this_machine(address: str) -> None:
    assert collector(address) == address


@pytest.mark.parametrize(
    "address", ["http://otel.example", "http://10.0.0.1:4318", "grpc://x", "https://u@x", ""]
)
def test_anything_else_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="expected https"):
        collector(address)
