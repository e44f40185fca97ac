import torch
from torch import nn

from cnn_tui.nets.alexnet import response_norm
from cnn_tui.nets.build import build


def test_normalizes_after_the_first_two_relus_and_only_on_request() -> None:
    with torch.device("meta"):
        plain, with_lrn = build("alexnet").features, build("alexnet", lrn=True).features
    kinds = [type(layer) for layer in with_lrn]
    assert [kinds[i - 1] for i, kind in enumerate(kinds) if kind is nn.LocalResponseNorm] == [
        nn.ReLU,
        nn.ReLU,
    ]
    assert kinds.index(nn.LocalResponseNorm) == 2
    assert [type(layer) for layer in plain] == [k for k in kinds if k is not nn.LocalResponseNorm]


def test_normalizes_by_the_formula_of_the_paper() -> None:
    a = 30 * torch.rand(1, 8, 3, 3)
    expected = torch.empty_like(a)
    for i in range(8):
        near = a[:, max(0, i - 2) : min(7, i + 2) + 1]
        expected[:, i] = a[:, i] / (2 + 1e-4 * near.square().sum(1)) ** 0.75
    torch.testing.assert_close(response_norm()(a), expected)
