"""Every random draw of a run comes from a counter, not from what was drawn before.

So a run that goes on from step 1,200 draws what it would have drawn there had
it never stopped.
"""

from hashlib import blake2b

import torch


def seed_for(seed: int, purpose: str, count: int = 0) -> int:
    """A seed of 63 bits for the ``count``-th use of one purpose, such as "order"."""
    digest = blake2b(f"{seed}/{purpose}/{count}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def seed_draws(device: torch.device, seed: int) -> None:
    """Seed the generator from which layers on ``device`` draw, such as dropout's masks.

    ``torch.manual_seed`` would reach every device, at a cost that a small
    network's step can feel.
    """
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)
