"""What a trained network has made of its own training images, in evaluation mode.

The losses of the epochs cannot say it: they were measured while the weights changed, with
dropout's masks in place, and on wrong labels as well.
"""

import time

import torch
from torch.nn import functional as F

from cnn_tui.training.device.setup import autocast
from cnn_tui.training.loop.running_metrics import Learned
from cnn_tui.training.loop.session import Stopped, TrainingSession


@torch.inference_mode()
def what_was_learned(session: TrainingSession) -> Learned | None:
    """The loss where labels were left right, and the share of the wrong ones that is reproduced.

    None where the training images are not evaluated. Raises Stopped where that is asked for.
    """
    if session.right_labels is None:
        return None
    began = time.monotonic()
    session.net.eval()
    batches = zip(session.train.parts_in_order(), session.train.in_order(), strict=True)
    sums = torch.zeros(4, dtype=torch.float64)
    for part, (images, labels) in batches:
        if session.should_stop():
            raise Stopped
        with autocast(session.config):
            logits = session.net(images)
            losses = F.cross_entropy(logits, labels, reduction="none").float()
        is_right = session.right_labels[part] == labels
        reproduced = ~is_right & (logits.argmax(1) == labels)
        parts = (losses[is_right].sum(), is_right.sum(), reproduced.sum(), (~is_right).sum())
        sums += torch.stack([each.float() for each in parts]).cpu().double()
    loss, right, learned, wrong = session.ranks.add(*sums.tolist())
    session.progress.seconds += session.ranks.first(time.monotonic() - began)
    return Learned(loss / right if right else None, learned / wrong if wrong else None)
