"""Train the tiny Vision Transformer whose attention a demo shows: ``python -m tests.trained_vit``.

Its weights come with the package. They are trained on the 1,438 training digits alone, moved
by up to a pixel: without that, 18,000 parameters memorize them.
"""

import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from cnn_tui.chapter.demos.shared import digit_batches
from cnn_tui.chapter.tiny_vit import FILE, SIDE, TinyViT
from cnn_tui.data.preparation import digits

EPOCHS, BATCH_SIZE, LEARNING_RATE = 120, 64, 3e-3
WEIGHT_DECAY, LABEL_SMOOTHING = 0.05, 0.1


def train(epochs: int = EPOCHS) -> TinyViT:
    """The network after its epochs, under a one-cycle schedule; in evaluation mode."""
    torch.manual_seed(0)
    data = digits.prepared()
    loader = digit_batches(data, data.train, BATCH_SIZE, SIDE)
    net = TinyViT()
    optimizer = torch.optim.AdamW(net.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = epochs * -(-len(data.train) // BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, steps)
    for epoch in range(epochs):
        for images, labels in loader.epoch(0, epoch):
            down, right = torch.randint(-1, 2, (2,)).tolist()
            moved = images.roll((down, right), (2, 3))
            loss = F.cross_entropy(net(moved), labels, label_smoothing=LABEL_SMOOTHING)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return net.eval()


def main() -> None:
    """Write the weights again."""
    weights = {name: each.half().contiguous() for name, each in train().state_dict().items()}
    save_file(weights, FILE)


if __name__ == "__main__":
    main()
