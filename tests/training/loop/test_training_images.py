"""What a run says, once it is trained, of the images that it learned from."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from cnn_tui.data.dataset import with_wrong_labels
from cnn_tui.training.loop.session import Stopped
from cnn_tui.training.loop.training_images import what_was_learned
from cnn_tui.training.records import Ended
from tests.training.conftest import Here, made_up_data

MakeRun = Callable[..., Here]


def test_measures_the_loss_where_labels_are_right_and_counts_the_wrong_ones_learned(
    here: MakeRun,
) -> None:
    data = made_up_data(train=40)
    noisy = replace(data, train=with_wrong_labels(data.train, 0.3, 2, seed=1))
    settings = {"net": "dropoutcnn,width=4", "image_size": 16, "label_noise": 0.3}
    run = here(data=noisy, **settings, precision="fp32", epochs=2)
    session = run.train()
    end = run.events()[-1]
    assert isinstance(end, Ended)
    session.net.eval()
    with torch.inference_mode():
        images = torch.cat([images for images, _ in session.train.in_order()])
        logits = session.net(images)
        losses = F.cross_entropy(logits, noisy.train.labels, reduction="none")
    right = noisy.train.labels == data.train.labels
    assert int(right.sum()) == 28
    assert end.right_label_loss == pytest.approx(float(losses[right].mean()), rel=1e-4)
    learned = (logits.argmax(1) == noisy.train.labels)[~right]
    assert end.wrong_labels_learned == pytest.approx(float(learned.float().mean()))


def test_no_wrong_label_was_learned_where_none_is_wrong(here: MakeRun) -> None:
    run = here(train_images=20)
    run.train()
    end = run.events()[-1]
    assert isinstance(end, Ended)
    assert end.right_label_loss is not None and end.right_label_loss < 0.5
    assert end.wrong_labels_learned is None


def test_training_images_are_not_evaluated_where_all_are_learned_from(here: MakeRun) -> None:
    session = here().open()
    assert what_was_learned(session) is None


def test_can_be_stopped_meanwhile(here: MakeRun) -> None:
    session = here(train_images=20).open(lambda: True)
    with pytest.raises(Stopped):
        what_was_learned(session)
