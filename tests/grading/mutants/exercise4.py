"""Wrong variants of exercise 4, dropout."""

from tests.grading.mutants import exercise4_page
from tests.grading.mutants.mutant import NEAREST, mutants_of

mutant = mutants_of("exercise4")

RESTS = "if not training or p == 0:"
KEPT = "torch.rand_like(x) >= p"
SCALED = "return x * kept / (1 - p)"
LAYER = "return dropout(x, self.p, self.training)"
OWN_P = "self.p = p"
FLAT = "nn.Flatten(),"
FIRST = "nn.Linear(512, 512), nn.ReLU(), Dropout(p)"
SECOND = "nn.Linear(512, 256), nn.ReLU(), Dropout(p)"
LAST = "nn.Linear(256, 10),"
ADAM = "torch.optim.Adam(net.parameters(), lr=learning_rate)"
EPOCHS = "for _ in range(epochs):"
BATCHES = "torch.randperm(len(images)).split(batch_size)"
LOSS = "F.cross_entropy(net(images[batch]), labels[batch])"
STEP = "            optimizer.step()\n"
SHARE = "right.float().mean().item()"
GAP = "p: on_training - on_val for"
BEST = "(-results[p][1], p)"
HE = "[nn.init.kaiming_normal_(x.weight) for x in net.modules() if hasattr(x, 'weight')]"

MUTANTS = (
    mutant("dropped in evaluation", "dropout_rests", RESTS, "if p == 0:"),
    mutant("modes turned around", "dropout_rests", RESTS, "if training or p == 0:"),
    mutant(
        "the paper's scaling",
        "dropout_rests",
        RESTS,
        "if not training:\n        return x * (1 - p)\n    if p == 0:",
    ),
    mutant("nothing dropped", "dropout_chance", SCALED, "return x"),
    mutant("one mask for the batch", "dropout_chance", KEPT, "torch.rand_like(x[:1]) >= p"),
    mutant("whole rows", "dropout_chance", KEPT, "torch.rand(*x.shape[:-1], 1) >= p"),
    mutant(
        "whole channels",
        "dropout_chance",
        KEPT,
        "torch.rand(*x.shape[:2], *(1 for _ in x.shape[2:])) >= p",
    ),
    mutant(
        "the same mask in each call",
        "dropout_chance",
        KEPT,
        "torch.rand(x.shape, generator=torch.Generator().manual_seed(4)) >= p",
    ),
    mutant("small values dropped", "dropout_chance", KEPT, "x >= x.quantile(p)"),
    mutant(
        "an exact number dropped",
        "dropout_chance",
        KEPT,
        "torch.randperm(x.numel()).view(x.shape) >= int(p * x.numel())",
    ),
    mutant(
        "noise instead of zeros",
        "dropout_chance",
        SCALED,
        "return x * (1 + torch.randn_like(x) * (p / (1 - p)) ** 0.5)",
    ),
    mutant("one image only", "dropout_chance", SCALED, "return (x * kept / (1 - p))[0]"),
    mutant("not scaled", "dropout_drops", SCALED, "return x * kept"),
    mutant("scaled by 1 / p", "dropout_drops", SCALED, "return x * kept / p"),
    mutant("scaled by 1 - p", "dropout_drops", SCALED, "return x * kept * (1 - p)"),
    mutant("kept with probability p", "dropout_drops", KEPT, "torch.rand_like(x) < p"),
    mutant("always one half", "dropout_drops", KEPT, "torch.rand_like(x) >= 0.5"),
    mutant(
        "scaled by what was kept",
        "dropout_drops",
        SCALED,
        "return x * kept * (kept.numel() / max(1, int(kept.sum())))",
    ),
    mutant("in float32", "dropout_drops", SCALED, "return x.float() * kept / (1 - p)"),
    mutant("never off", "net_evaluates", LAYER, "return dropout(x, self.p, True)"),
    mutant(
        "average pooling",
        "net_evaluates",
        "32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2)",
        "32, kernel_size=3, padding=1), nn.ReLU(), nn.AvgPool2d(2)",
    ),
    mutant("no ReLU", "net_evaluates", SECOND, "nn.Linear(512, 256), Dropout(p)"),
    mutant(
        "narrow",
        "net_evaluates",
        f"*({SECOND}),\n        {LAST}",
        "*(nn.Linear(512, 128), nn.ReLU(), Dropout(p)),\n        nn.Linear(128, 10),",
    ),
    mutant("probabilities for logits", "net_evaluates", LAST, f"{LAST} nn.Softmax(1),"),
    mutant("norm beside dropout", "net_evaluates", FLAT, f"{FLAT} nn.BatchNorm1d(512),"),
    mutant(
        "initialized by He",
        "net_evaluates",
        "def train(",
        f"def he(p, make=make_net):\n    net = make(p)\n    {HE}\n    return net\n\n\n"
        "make_net = he\n\n\ndef train(",
    ),
    mutant("never on", "net_trains", LAYER, "return dropout(x, self.p, False)"),
    mutant("p fixed", "net_trains", OWN_P, "self.p = p and 0.5"),
    mutant("half of p", "net_trains", OWN_P, "self.p = p / 2"),
    mutant("only the first hidden layer", "net_trains", SECOND, "nn.Linear(512, 256), nn.ReLU()"),
    mutant("only the second hidden layer", "net_trains", FIRST, "nn.Linear(512, 512), nn.ReLU()"),
    mutant("on the features too", "net_trains", FLAT, f"{FLAT} Dropout(p),"),
    mutant("on the maps too", "net_trains", FLAT, f"nn.Dropout2d(p), {FLAT}"),
    mutant("on the image too", "net_trains", "*(nn.Conv2d(1,", "Dropout(p), *(nn.Conv2d(1,"),
    mutant("on the logits too", "net_trains", LAST, f"{LAST} Dropout(p),"),
    mutant("images for units", "net_trains", LAYER, "return F.dropout1d(x, self.p, self.training)"),
    mutant(
        "alpha dropout", "net_trains", LAYER, "return F.alpha_dropout(x, self.p, self.training)"
    ),
    mutant(
        "one mask for all images of a batch",
        "net_trains",
        LAYER,
        "return x * dropout(torch.ones_like(x[:1]), self.p, self.training)",
    ),
    mutant(
        "one mask for good",
        "net_trains",
        LAYER,
        "torch.manual_seed(x.shape[1])\n        return dropout(x, self.p, self.training)",
    ),
    mutant("no gradient passes", "net_trains", SCALED, "return x.detach() * kept / (1 - p)"),
    mutant(
        "gradients not scaled",
        "net_trains",
        SCALED,
        "return x * kept + (x * kept * p / (1 - p)).detach()",
    ),
    mutant("never steps", "steps", STEP, ""),
    mutant("gradients pile up", "steps", "            optimizer.zero_grad()\n", ""),
    mutant("plain gradient descent", "steps", ADAM, ADAM.replace("Adam", "SGD")),
    mutant("a rate of its own", "steps", ADAM, ADAM.replace("learning_rate", "1e-3")),
    mutant("weight decay", "steps", ADAM, ADAM.replace("rate)", "rate, weight_decay=1.0)")),
    mutant("decoupled weight decay", "steps", ADAM, ADAM.replace("Adam(", "AdamW(")),
    mutant("a little weight decay", "steps", ADAM, f"{ADAM[:-1]}, weight_decay=1e-4)"),
    mutant("another epsilon of Adam's", "steps", ADAM, f"{ADAM[:-1]}, eps=1e-3)"),
    mutant(
        "gradients clipped",
        "steps",
        "            loss.backward()\n",
        "            loss.backward()\n"
        "            nn.utils.clip_grad_norm_(net.parameters(), 5.0)\n",
    ),
    mutant("label smoothing", "steps", LOSS, f"{LOSS[:-1]}, label_smoothing=0.1)"),
    mutant("steps on the summed loss", "steps", LOSS, f"{LOSS[:-1]}, reduction='sum')"),
    mutant("an epoch too few", "steps", EPOCHS, "for _ in range(1, epochs):"),
    mutant(
        "labels not shuffled along",
        "steps",
        LOSS,
        LOSS.replace("labels[batch]", "labels[: len(batch)]"),
    ),
    mutant("seeded anew in each epoch", "steps", EPOCHS, f"{EPOCHS}\n        torch.manual_seed(0)"),
    mutant("only the head learns", "steps", ADAM, ADAM.replace("net.", "net[-1].")),
    mutant("softmax twice", "steps", LOSS, LOSS.replace("[batch])", "[batch]).softmax(1)", 1)),
    mutant(
        "last batch dropped",
        "steps",
        BATCHES,
        BATCHES.replace(".split", "[: len(images) // batch_size * batch_size].split"),
    ),
    mutant("all but ten batches dropped", "steps", BATCHES, f"{BATCHES}[:10]"),
    mutant("one epoch only", "steps", EPOCHS, "for _ in range(1):"),
    mutant("no shuffling", "steps", BATCHES, "torch.arange(len(images)).split(batch_size)"),
    mutant(
        "shuffled once",
        "steps",
        f"{EPOCHS}\n        for batch in {BATCHES}",
        f"batches = {BATCHES}\n    {EPOCHS}\n        for batch in batches",
    ),
    mutant(
        "drawn with replacement",
        "steps",
        BATCHES,
        "torch.randint(len(images), (len(images),)).split(batch_size)",
    ),
    mutant("Adam begins anew", "steps", EPOCHS, f"{EPOCHS}\n        optimizer = {ADAM}"),
    mutant("trains in evaluation mode", "train_drops", "net.train()", "net.eval()"),
    mutant("trains in any mode", "train_drops", "    net.train()\n", ""),
    mutant("dropout in the first epoch only", "train_drops", STEP, f"{STEP}        net.eval()\n"),
    mutant(
        "dropout in the first batch of each epoch only",
        "train_drops",
        f"    net.train()\n    {EPOCHS}\n        for batch in {BATCHES}:\n",
        f"    {EPOCHS}\n        net.train()\n        for k, batch in enumerate({BATCHES}):\n"
        "            net.train(k == 0)\n",
    ),
    mutant("accuracy rounded", "accuracy", SHARE, f"round({SHARE}, 2)"),
    mutant(
        "accuracy of the first batch",
        "accuracy",
        "right = net(images).argmax(dim=1) == labels",
        "right = net(images[:64]).argmax(dim=1) == labels[:64]",
    ),
    mutant("accuracy of a mode that came", "accuracy", "    net.eval()\n", ""),
    mutant("accuracy leaves evaluation", "accuracy", "    net.train(was_training)\n", ""),
    mutant("accuracy leaves training", "accuracy", "train(was_training)", "train()"),
    mutant("accuracy in percent", "accuracy", SHARE, f"100 * {SHARE}"),
    mutant("number for share", "accuracy", SHARE, "right.sum().item()"),
    mutant("share of the wrong", "accuracy", SHARE, f"1 - {SHARE}"),
    mutant("gaps turned around", "best_p", GAP, "p: on_val - on_training for"),
    mutant("gaps without sign", "best_p", GAP, "p: abs(on_training - on_val) for"),
    mutant("best on training images", "best_p", BEST, "(-results[p][0], p)"),
    mutant("lowest gap", "best_p", BEST, "(results[p][0] - results[p][1], p)"),
    mutant("worst", "best_p", BEST, "(results[p][1], p)"),
    mutant("largest of equals", "best_p", BEST, "(-results[p][1], -p)"),
    mutant("first of equals", "best_p", BEST, "-results[p][1]"),
    mutant(
        "accuracy for p",
        "best_p",
        f"min(results, key=lambda p: {BEST})",
        "max(on_val for _, on_val in results.values())",
    ),
    mutant("ten epochs at most", "comparison", EPOCHS, "for _ in range(min(epochs, 10)):"),
    mutant("few images", "steps", BATCHES, "torch.randperm(len(images))[:25].split(batch_size)"),
    mutant(
        "the nearest training image for a network",
        "steps",
        "            optimizer.step()\n",
        "            optimizer.step()\n" + NEAREST,
    ),
    *exercise4_page.MUTANTS,
)
