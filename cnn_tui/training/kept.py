"""Which epoch's weights a run keeps: the rule by which they are saved, and read off again."""

from collections.abc import Iterable

from cnn_tui.training.records import EpochMetrics, Event


def is_better(accuracy: float, loss: float, best_accuracy: float, best_loss: float) -> bool:
    """Whether weights validate better than the best so far: by accuracy, then by loss."""
    return (accuracy, -loss) > (best_accuracy, -best_loss)


def kept_epoch(
    epochs: Iterable[Event], *, judged: str, before: EpochMetrics | None = None
) -> EpochMetrics | None:
    """The epoch whose weights are kept after these; None where none has ended yet.

    ``judged`` is the setting of the run, best or last; ``before`` was kept until then.
    """
    kept = before
    for each in epochs:
        if isinstance(each, EpochMetrics) and (
            kept is None
            or judged == "last"
            or is_better(each.val_accuracy, each.val_loss, kept.val_accuracy, kept.val_loss)
        ):
            kept = each
    return kept
