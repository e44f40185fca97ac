"""What the studies are, which runs they are made of, and how those are found again."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from cnn_tui.chapter.catalogue import topic
from cnn_tui.errors import UsageError
from cnn_tui.nets.build import build
from cnn_tui.nets.specs import parse
from cnn_tui.render.draw.canvas import DASHES
from cnn_tui.training.config_json import to_json
from cnn_tui.training.defaults import default_config
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import create_run
from cnn_tui.training.studies.catalogue import SKIP, STUDIES, find_study, names
from cnn_tui.training.studies.plan import (
    LEFT_OPEN,
    free_name,
    is_called,
    is_the_same,
    outdated_runs,
    plan,
    runs_of,
)
from cnn_tui.workspace import Workspace
from tests.made_up_runs import events, write_metrics

every_study = pytest.mark.parametrize("study", STUDIES, ids=names())


def test_has_the_comparisons_of_the_chapter() -> None:
    assert set(names()) == {"batchnorm", "dropout", "skip", "architectures"}
    with pytest.raises(UsageError, match="did you mean dropout"):
        find_study("dropuot")
    assert find_study("Batch-Norm").name == "batchnorm"


@every_study
def test_compares_no_more_arms_than_there_are_dashes_to_tell_them_apart(study) -> None:
    assert len(study.arms) <= len(DASHES)


@every_study
def test_holds_arms_against_those_that_differ_in_one_option(study) -> None:
    nets = {arm.name: parse(arm.net) for arm in study.arms}
    first, *others = nets
    for one, other in study.pairs or [(each, first) for each in others]:
        assert nets[one].name == nets[other].name
        ours, theirs = nets[one].settings, nets[other].settings
        assert len([key for key in ours if ours[key] != theirs[key]]) == 1


@every_study
def test_names_a_topic_that_there_is(study) -> None:
    assert topic(study.topic).slug == study.topic


@every_study
@pytest.mark.parametrize("data", ["digits", "cifar10", "mnist", "folder:/tmp/images"])
def test_compares_what_differs_in_the_network_and_in_nothing_else(study, data) -> None:
    planned = plan(study, data, seeds=2)
    assert len(planned) == 2 * len(study.arms)
    configs = [to_json(each.config) for each in planned if each.seed == 1]
    differing = {key for key in configs[0] if len({str(config[key]) for config in configs}) > 1}
    assert differing == {"net"}


@every_study
def test_gives_its_runs_names_that_the_store_takes(study, workspace: Workspace) -> None:
    planned = plan(study, seeds=100)
    assert len({each.name for each in planned}) == len(planned)
    longest = max(planned, key=lambda each: len(each.name))
    run = create_run(workspace, longest.config, longest.name)
    assert listing.status(run).name == longest.name


@every_study
def test_trains_every_arm_with_one_seed_before_it_goes_on_to_the_next(study) -> None:
    in_turn = [(each.seed, each.arm) for each in plan(study, seeds=2)]
    assert in_turn == [(seed, arm) for seed in (0, 1) for arm in study.arms]


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"seeds": 0}, "seeds"),
        ({"seeds": 101}, "seeds"),
        ({"epochs": 0}, "epochs"),
        ({"device": "gpu"}, "device"),
    ],
)
def test_refuses_what_no_run_can_do(given, option) -> None:
    with pytest.raises(UsageError) as error:
        plan(SKIP, **given)
    assert error.value.fields == (option,)


def test_knows_a_run_again_whatever_the_machine_settled() -> None:
    planned = plan(SKIP, "cifar10")[0].config
    settled = replace(planned, device="cuda", placement="host", image_size=32)
    assert is_the_same(planned, settled)
    assert is_the_same(planned, replace(settled, version=3, checkpoint_seconds=1.0))


@pytest.mark.parametrize(
    "changes", [{"epochs": 3}, {"seed": 9}, {"lr": 1.0}, {"label_noise": 0.1}, {"net": "lenet5"}]
)
def test_takes_no_run_of_other_settings_for_its_own(changes) -> None:
    planned = plan(SKIP)[0].config
    assert not is_the_same(planned, replace(planned, **changes))


def test_takes_no_run_on_another_device_than_the_one_asked_for() -> None:
    planned = plan(SKIP, device="cpu")[0].config
    assert not is_the_same(planned, replace(planned, device="cuda"))


def test_leaves_open_only_what_a_run_may_settle() -> None:
    untouched = default_config("lenet5", "cifar10")
    assert {name: getattr(untouched, name) for name in LEFT_OPEN} == LEFT_OPEN
    (planned, *_) = plan(SKIP, "cifar10")
    assert not is_the_same(planned.config, replace(planned.config, precision="bf16"))
    assert not is_the_same(planned.config, replace(planned.config, threads=2))


@pytest.mark.parametrize(
    ("name", "is_it"),
    [
        ("skip-plain-s1", True),
        ("skip-plain-s1-2", True),
        ("skip-plain-s12", False),
        ("skip-plain-s1-x", False),
        ("mine", False),
        ("", False),
    ],
)
def test_knows_its_runs_by_their_names(name: str, is_it: bool) -> None:
    assert is_called(name, "skip-plain-s1") is is_it


def test_finds_the_runs_of_a_plan_that_there_are(workspace: Workspace) -> None:
    first, second, *_ = planned = plan(SKIP, seeds=1)
    create_run(workspace, replace(first.config, epochs=1), first.name)
    assert runs_of(workspace, planned) == {}
    mine = create_run(workspace, first.config, free_name(workspace, first.name))
    assert listing.status(mine).name == f"{first.name}-2"
    assert runs_of(workspace, planned) == {first.name: mine}
    (mine.path / "config.json").write_text("{")
    assert runs_of(workspace, planned) == {}
    assert free_name(workspace, second.name) == second.name


def test_counts_the_runs_that_an_earlier_version_has_finished(workspace: Workspace) -> None:
    planned = plan(SKIP, seeds=1)
    first, second = planned
    events_of = {}
    for each, changes in ((first, {"lr": 1.0}), (second, {"lr": 1.0}), (second, {})):
        name = free_name(workspace, each.name)
        run = create_run(workspace, replace(each.config, **changes), name)
        events_of[name] = run
    write_metrics(events_of[first.name], events(1, 1, "finished"))
    write_metrics(events_of[second.name], events(1, 1, "finished"))
    statuses = listing.list_runs(workspace)
    found = runs_of(workspace, planned, statuses)
    assert list(found) == [second.name]
    assert outdated_runs(planned, found, statuses) == 1
    assert outdated_runs(plan(SKIP, "cifar10", seeds=1), {}, statuses) == 0


def test_has_38_layers_to_train_in_the_study_of_skip_connections() -> None:
    plain, residual = (build(arm.net) for arm in SKIP.arms)
    layers = [each for each in plain.modules() if isinstance(each, nn.Conv2d | nn.Linear)]
    assert len(layers) == 38
    extra = set(residual.state_dict()) - set(plain.state_dict())
    assert set(plain.state_dict()) < set(residual.state_dict())
    assert all("downsample" in name for name in extra)


def test_makes_plain_blocks_that_lack_the_input() -> None:
    plain, residual = (build(arm.net, image_size=16).eval() for arm in SKIP.arms)
    for net in (plain, residual):
        for name, value in net.named_parameters():
            if ".bn2" in name:
                nn.init.zeros_(value)
    x = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    logits = [net(x) for net in (plain, residual)]
    assert torch.equal(logits[0][0], logits[0][1])
    assert not torch.equal(logits[1][0], logits[1][1])
