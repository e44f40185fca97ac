"""Inputs of a network as people type them."""

from keyword import iskeyword

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tui.analysis.networks.input_specs import LARGEST_INPUT, InputSpec, NetInputs
from cnn_tui.analysis.networks.input_texts import (
    MOST_INPUTS,
    TYPES,
    line_of,
    parse_input,
    parse_inputs,
    parse_line,
    text_of,
)
from cnn_tui.errors import UsageError

shapes = st.lists(st.integers(1, 30), max_size=7).map(tuple)
names = st.from_regex(r"[a-z_][a-z_0-9]{0,8}", fullmatch=True).filter(lambda n: not iskeyword(n))
specs = st.builds(InputSpec, shapes, st.sampled_from(TYPES), st.just("") | names)
inputs = st.builds(
    NetInputs,
    st.lists(specs, max_size=5, unique_by=lambda each: each.name or object()).map(tuple),
    st.none() | st.integers(1, 9),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(inputs, st.booleans())
def test_reads_what_it_wrote(given: NetInputs, has_batch: bool) -> None:
    given = given if has_batch else NetInputs(given.specs, None, has_batch=False)
    assert parse_line(line_of(given)) == given
    texts = list(map(text_of, given.specs))
    assert parse_inputs(texts, batch=given.batch, has_batch=has_batch) == given


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text() | st.text("0123456789,x:= -.batchinto64", max_size=20))
def test_answers_any_text_with_inputs_or_one_sentence(text: str) -> None:
    for read in (parse_input, parse_line):
        try:
            read(text)
        except UsageError as error:
            sentence = str(error)
            assert sentence.endswith((".", "?")) and "\n" not in sentence
            assert error.fields[0] in ("input_shape", "batch")


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("784", InputSpec((784,))),
        ("3x32×32", InputSpec((3, 32, 32))),
        (" 3, 32 , 32 ", InputSpec((3, 32, 32))),
        ("16:long", InputSpec((16,), "int64")),
        ("mask = 16 : torch.bool", InputSpec((16,), "bool", "mask")),
        ("t=scalar:half", InputSpec((), "float16", "t")),
    ],
)
def test_reads_what_people_write(text: str, spec: InputSpec) -> None:
    assert parse_input(text) == spec


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["big"], "'big' is no input shape: write the sides without the batch"),
        ([""], "'' is no input shape"),
        (["3,,32"], "'3,,32' is no input shape"),
        (["3,-1,32"], "'3,-1,32' is no input shape"),
        ([":int64"], "':int64' is no input shape"),
        (["target=:int64"], "is no input shape: for one number in each example, write scalar"),
        (["1,1,1,1,1,1,1,1,1"], "is no input shape"),
        (["0,3"], "sides from 1 to 10,000,000; got 0,3"),
        (["3,100000000"], "got 3,100000000"),
        (["5000000,5000000"], "got 5000000,5000000"),
        (["16:int46"], "did you mean int64"),
        (["16:word"], "'word' is no type of an input: there are float32, float16"),
        (["2b=16"], "'2b=16' names no parameter of forward: write NAME=SHAPE"),
        (["if=16"], "names no parameter of forward"),
        (["a=1", "a=2"], "Two inputs are named a"),
        (["1"] * (MOST_INPUTS + 1), "33 inputs are more than 32"),
    ],
)
def test_says_what_is_wrong_with_an_input(texts: list[str], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_inputs(texts)
    assert sentence in str(caught.value)
    assert caught.value.fields == ("input_shape",)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("3 batch eight", "A batch is one whole number, such as batch 8, not 'eight'"),
        ("3 batch 8 batch 9", "not '8, 9'"),
        ("3 batch 0", "A batch is from 1 to 65,536 examples, not 0"),
        ("3 batch 8 no-batch", "has a batch or none"),
    ],
)
def test_says_what_is_wrong_with_a_batch(line: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_line(line)
    assert sentence in str(caught.value)
    assert caught.value.fields == ("batch",)


def test_reads_a_line_that_was_copied_from_the_shell() -> None:
    expected = NetInputs((InputSpec((3, 8)), InputSpec((4,), "bool", "m")), 8)
    assert (
        parse_line("3, 8  m=4:bool --batch 8") == parse_line("3,8 m=4:bool --batch=8") == expected
    )
    assert parse_line("784 --no-batch").has_batch is False
    assert LARGEST_INPUT > 3 * 100_000**2
