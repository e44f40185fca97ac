"""The command line, the form of a new run and a run's configuration offer the same options."""

import inspect
from dataclasses import fields

import pytest

from cnn_tui.cli.options import with_declared
from cnn_tui.cli.train import train
from cnn_tui.training.config import TrainConfig, train_options
from cnn_tui.tui.dialogs.new_run import NOT_IN_FORM, form_options

NOT_CHOSEN = {
    "net": "it is the argument of the command, and the first field of the form",
    "data": "it is no setting of a network, and has a field of its own kind in both",
    "version": "the lab writes it",
    "split_rule": "the lab writes it, so that a run keeps its split",
}
"""Fields of a configuration that are no options, and why."""
ONLY_COMMAND = {
    "net": "the form has it, beside the options",
    "data": "the form has it, beside the options",
    "like": "the app has the key of the run under the cursor for it",
    "config": "in the app, the key of the run under the cursor takes its settings",
    "name": "the form has it, beside the options: it is no part of the configuration",
    "detach": "the app never waits for a run",
    "queue": "the form has a field of its own for it: it is no part of the configuration",
    "find_lr": "it makes no run, and its chart belongs beside the command that follows",
    "foreground": "the app is left while its runs go on",
    "no_start": "it is for a cluster's own launcher, which starts what a form cannot wait for",
    "json": "the app prints nothing",
    "workspace": "the app was opened in one",
    "data_dir": "the app was opened with one",
}
"""Parameters of the command that are no options of a run, and why."""


def test_every_field_of_a_configuration_is_an_option_or_is_listed() -> None:
    options = [each.name for each in train_options()]
    assert sorted([*options, *NOT_CHOSEN]) == sorted(each.name for each in fields(TrainConfig))


def test_the_command_offers_every_option_and_no_other() -> None:
    parameters = inspect.signature(with_declared(train)).parameters
    assert set(parameters) - set(ONLY_COMMAND) == {each.name for each in train_options()}
    assert set(ONLY_COMMAND) <= set(parameters)


def test_the_form_offers_every_option_but_those_that_are_listed() -> None:
    shown = {each.name for each in form_options()}
    assert shown | set(NOT_IN_FORM) == {each.name for each in train_options()}
    assert not shown & set(NOT_IN_FORM)


@pytest.mark.parametrize("option", train_options(), ids=lambda option: option.name)
def test_the_command_says_of_each_option_what_it_is(option) -> None:
    annotation = inspect.signature(with_declared(train)).parameters[option.name].annotation
    (about,) = annotation.__metadata__
    assert about.help == option.summary
    assert about.help[0].isupper() or not about.help[0].isalpha() or about.help.startswith("p of")
    assert about.help.endswith(".")
