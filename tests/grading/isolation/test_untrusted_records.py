"""Records cross the border as plain lists, and nothing is believed on the way back."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tui.analysis.networks.input_specs import InputSpec
from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.grading.isolation.untrusted_records import MAX_ITEMS, ForgedError, flat, rebuilt

LAYER = LayerSummary(
    name="stem",
    type="Conv2d",
    depth=0,
    is_leaf=True,
    output_shape=(8, 28, 28),
    parameters=80,
    macs=56_448,
    receptive_field=3,
    jump=1,
    start=0.5,
    window=(3, 1, 1, 1),
)
SUMMARY = NetSummary(
    net="net.py:Net",
    title="Net in net.py",
    input_shape=(1, 28, 28),
    output_shape=(8, 28, 28),
    total_parameters=80,
    total_macs=56_448,
    modules=(LAYER, replace(LAYER, window=None, start=None, receptive_field="global")),
    inputs=(InputSpec((1, 28, 28)),),
)
PLACES = {name: place for place, name in enumerate(LayerSummary.__dataclass_fields__)}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def told(**changes: object) -> list[object]:
    """What a host would tell of SUMMARY if its first module had these fields."""
    document: list[object] = json.loads(json.dumps(flat(SUMMARY)))
    module = document[6][0]  # type: ignore[index]
    for name, value in changes.items():
        module[PLACES[name]] = value
    return document


def test_brings_a_record_across_as_it_was() -> None:
    assert rebuilt(NetSummary, told()) == SUMMARY


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 3),
        ("name", None),
        ("parameters", -1),
        ("parameters", 1 << 80),
        ("parameters", 1.5),
        ("parameters", True),
        ("is_leaf", 1),
        ("output_shape", [8, "28", 28]),
        ("output_shape", 8),
        ("output_shape", {"0": 8}),
        ("start", float("nan")),
        ("start", float("-inf")),
        ("start", 1e300),
        ("start", 10**400),
        ("window", [3, 1, 1]),
        ("receptive_field", [3]),
    ],
)
def test_believes_no_value_of_another_kind(field: str, value: object) -> None:
    with pytest.raises(ForgedError):
        rebuilt(NetSummary, told(**{field: value}))


def test_believes_no_list_that_is_too_long() -> None:
    with pytest.raises(ForgedError):
        rebuilt(NetSummary, told(output_shape=[1] * (MAX_ITEMS + 1)))


def test_shows_no_escape_sequence_of_a_name() -> None:
    document = told(name="\x1b]0;hi\x07a\nb\x1b[2J" + "c" * 5000)
    module = rebuilt(NetSummary, document).modules[0]
    assert module.name.startswith("a bccc")
    assert len(module.name) <= 1000


@settings(max_examples=50)
@given(anything, st.sampled_from(sorted(PLACES)))
def test_never_stumbles_over_what_it_is_told(value: object, field: str) -> None:
    for document in (value, [value] * len(NetSummary.__dataclass_fields__), told(**{field: value})):
        try:
            rebuilt(NetSummary, document)
        except ForgedError:
            continue
