"""What stands between the last layer and the loss: softmax, sigmoid, ReLU, dropout, argmax."""

from math import prod

import torch

from cnn_tui.analysis.networks.calls import WatchedCall, aten
from cnn_tui.analysis.networks.mistakes.run import TracedRun, note
from cnn_tui.analysis.networks.records import NetNote

SOFTMAX = frozenset({aten.softmax.int, aten._softmax.default})
LOG_SOFTMAX = frozenset({aten.log_softmax.int, aten._log_softmax.default})
SIGMOID = frozenset({aten.sigmoid.default, aten.sigmoid_.default})
RELU = frozenset({aten.relu.default, aten.relu_.default})
LINEAR = frozenset({aten.linear.default, aten.addmm.default})
PICKS = frozenset({aten.argmax.default, aten.max.dim})


def last_operation(run: TracedRun) -> list[NetNote]:
    """What should not stand at the end of a network that is trained with cross-entropy."""
    graph = run.graph
    if len(run.outputs) != 1:
        return []
    place = graph.computed(graph.maker(run.outputs[0]))
    if place is None:
        return []
    call = run.calls[place]
    if call.func in PICKS and run.outputs[0].dtype == torch.int64:
        return _about_classes(call)
    if run.scores is None:
        return []
    if call.func in SOFTMAX | LOG_SOFTMAX:
        return _about_softmax(call)
    if call.func in SIGMOID:
        numbers = run.scores.shape[1]
        is_picture = any(numbers >= prod(each.shape[1:]) for each in run.inputs.all)
        return [] if is_picture else _about_sigmoid(call, numbers)
    before = graph.before(place)
    if before is None or run.calls[before].func not in LINEAR:
        return []
    return _about_relu(call, run.calls[before]) + _about_dropout(call)


def _about_classes(call: WatchedCall) -> list[NetNote]:
    message = (
        f"{call.title} turns the scores into class numbers, through which no gradient flows. "
        "Return the logits, and take the argmax outside the network."
    )
    return note("class-numbers", call.name, message, "predictions")


def _about_softmax(call: WatchedCall) -> list[NetNote]:
    x, dim = call.args[0], call.args[1]
    if x.dim() == 2 and dim % 2 == 0:
        message = (
            f"{call.title} runs over dim 0, the images of the batch, so that each image's answer "
            "depends on the others. The classes are dim 1; the lab's cross-entropy wants logits "
            "and needs neither."
        )
        return note("softmax-dim", call.name, message, "predictions")
    if call.func in LOG_SOFTMAX:  # harmless: of a log-softmax, log-softmax makes the same
        return []
    message = (
        f"The last operation is {call.described}. The lab's cross-entropy wants logits and "
        "does the softmax itself; done twice, it slows training. Remove it, and use softmax only "
        "to show probabilities."
    )
    return note("final-softmax", call.name, message, "predictions")


def _about_sigmoid(call: WatchedCall, classes: int) -> list[NetNote]:
    start = f"The last operation is {call.described}. "
    if classes == 1:
        message = start + (
            "For two classes and one output, nn.BCELoss wants it. The lab's cross-entropy wants "
            "logits, one for each class: write two outputs and remove the sigmoid."
        )
    else:
        message = start + (
            "The lab's cross-entropy wants logits: remove it. Where an image may have several "
            "labels, remove it too and train with nn.BCEWithLogitsLoss."
        )
    return note("final-sigmoid", call.name, message, "predictions")


def _about_relu(call: WatchedCall, layer: WatchedCall) -> list[NetNote]:
    if call.func not in RELU:
        return []
    message = (
        f"A ReLU follows the last layer, {layer.title}, and sets every negative score to 0. "
        "If these are the scores of the classes, remove it: cross-entropy wants them as they are."
    )
    return note("final-relu", call.name, message, "predictions")


def _about_dropout(call: WatchedCall) -> list[NetNote]:
    if call.func is not aten.dropout.default or not call.args[1]:
        return []
    message = (
        f"{call.described} follows the last layer: in training it sets scores of classes "
        "to 0. Put it before that layer."
    )
    return note("final-dropout", call.name, message, "dropout-placement")
