"""One question for each demo, to be answered before it runs. Torch-free.

``question_about(name, parameters)`` asks about the demo with what it will run with; the
``records.Question`` compares an answer with the demo's figures. ``predicted`` keeps both.
"""

from collections.abc import Callable

from cnn_tui.chapter.questions import networks, pooling, training
from cnn_tui.chapter.questions.records import DemoPrediction, DemoQuestion, Given

__all__ = ["QUESTIONS", "DemoPrediction", "DemoQuestion", "question_about"]

QUESTIONS: dict[str, Callable[[Given], DemoQuestion | None]] = {
    "convolution": pooling.convolution,
    "max-and-average": pooling.max_and_average,
    "translation-invariance": pooling.translation_invariance,
    "pooling-parameters": pooling.pooling_parameters,
    "global-average": pooling.global_average,
    "architectures": networks.architectures,
    "lenet5-tour": networks.lenet5_tour,
    "alexnet-tour": networks.alexnet_tour,
    "small-filters": networks.small_filters,
    "googlenet-inception": networks.googlenet_inception,
    "residual-block": networks.residual_block,
    "residual-gradient": networks.residual_gradient,
    "densenet-growth": networks.densenet_growth,
    "batchnorm-statistics": training.batchnorm_statistics,
    "batchnorm-modes": training.batchnorm_modes,
    "conv-bn-relu": training.conv_bn_relu,
    "dropout-mask": training.dropout_mask,
    "dropout-modes": training.dropout_modes,
    "dropout-in-a-cnn": training.dropout_in_a_cnn,
    "cifar10-numbers": training.cifar10_numbers,
    "augmentation": training.augmentation,
    "cifar10net": networks.cifar10net,
    "training-step": training.training_step,
    "predictions": training.predictions,
    "compound-scaling": networks.compound_scaling,
    "vit-patches": networks.vit_patches,
    "vit-attention": networks.vit_attention,
    "which-network": networks.which_network,
}
"""Demo → what makes its question of the parameters; None where these leave nothing to ask."""


def question_about(name: str, given: Given) -> DemoQuestion | None:
    """The question about a demo that runs with these parameters, all of them; None without one."""
    make = QUESTIONS.get(name)
    return make(given) if make is not None else None
