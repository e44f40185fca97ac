"""Runs with weights that nobody trained: known networks behind real checkpoints."""

import torch
from torch import nn

from cnn_tui.data.catalogue import parse
from cnn_tui.data.preparation import prepare
from cnn_tui.training.defaults import default_config
from cnn_tui.training.device.setup import decide, make_net
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.store.folder import RunFolder, create_run
from cnn_tui.workspace import Workspace


def make_checkpoint(
    workspace: Workspace, net: str = "lenet5", name: str | None = "mine", **settings: object
) -> tuple[RunFolder, nn.Module]:
    """A run on the digits whose best weights are random, and the network that has them."""
    config = default_config(net, "digits", **settings)
    run = create_run(workspace, config, name)
    data = prepare.load(parse("digits"), workspace.root)
    torch.manual_seed(11)
    network = make_net(decide(config, data), data)
    with torch.no_grad():
        for tensor in network.state_dict().values():
            if tensor.is_floating_point():
                tensor.add_(0.01 * torch.rand(tensor.shape))
    Checkpoints(run.checkpoints).save_best(network, 1)
    return run, network.eval()
