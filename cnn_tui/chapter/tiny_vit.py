"""A Vision Transformer for 8×8 digits that hands out its attention, with trained weights.

The same parts as in ViT-B/16 (Dosovitskiy et al. 2021, figure 1), only small: 16 patches of
2×2 pixels, a class token, two layers of four heads. ``tiny_vit.safetensors`` holds the weights
that ``python -m tests.trained_vit`` has trained on the digits.
"""

from functools import cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from cnn_tui.errors import LabFault

FILE = Path(__file__).with_name("tiny_vit.safetensors")
SIDE, PATCH = 8, 2
"""Pixels of a side of the image, and of a patch."""
PATCHES_PER_SIDE = SIDE // PATCH
TOKENS = PATCHES_PER_SIDE**2 + 1
"""The class token, which is the first, and the patches row by row."""
WIDTH, LAYERS, HEADS, CLASSES = 32, 2, 4, 10


class Attention(nn.Module):
    """Self-attention in several heads: (N, tokens, WIDTH) → the same, and the weights."""

    def __init__(self) -> None:
        super().__init__()
        self.queries_keys_values = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The tokens, mixed, and the weights (N, heads, tokens, tokens); every row sums to 1."""
        n, tokens, _ = x.shape
        parts = self.queries_keys_values(x).view(n, tokens, 3, HEADS, WIDTH // HEADS)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)  # each (N, heads, tokens, 8)
        weights = (queries @ keys.mT / (WIDTH // HEADS) ** 0.5).softmax(-1)
        return self.out((weights @ values).transpose(1, 2).flatten(2)), weights


class EncoderLayer(nn.Module):
    """Attention, then an MLP on each token alone; around both a skip, before both a norm."""

    def __init__(self) -> None:
        super().__init__()
        self.before_attention, self.before_mlp = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = Attention()
        self.mlp = nn.Sequential(
            nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The tokens after the layer, and its attention weights."""
        mixed, weights = self.attention(self.before_attention(x))
        x = x + mixed
        return x + self.mlp(self.before_mlp(x)), weights


class TinyViT(nn.Module):
    """Digits (N, 1, 8, 8) → logits (N, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv2d(1, WIDTH, PATCH, PATCH)
        self.class_token = nn.Parameter(torch.zeros(WIDTH))
        self.positions = nn.Parameter(0.02 * torch.randn(TOKENS, WIDTH))
        self.layers = nn.ModuleList(EncoderLayer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        """The logits alone, as training needs them."""
        return self.with_attention(images)[0]

    def with_attention(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The logits, and all weights (layers, N, heads, tokens, tokens)."""
        patches = self.embed(images).flatten(2).mT  # (N, 16, WIDTH)
        x = torch.cat([self.class_token.expand(len(images), 1, -1), patches], 1) + self.positions
        weights = []
        for layer in self.layers:
            x, of_layer = layer(x)
            weights.append(of_layer)
        return self.head(self.norm(x[:, 0])), torch.stack(weights)


@cache
def trained() -> TinyViT:
    """The network with the weights that come with the package, in evaluation mode."""
    net = TinyViT()
    try:
        weights = load_file(FILE)
        net.load_state_dict({name: each.float() for name, each in weights.items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        raise LabFault(f"{FILE} cannot be read ({error}): install the lab again.") from error
    return net.eval()
