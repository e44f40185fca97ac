"""More wrong variants of exercise 4, dropout, written from its task page alone."""

from tests.grading.mutants.mutant import mutants_of

mutant = mutants_of("exercise4")

MUTANTS = (
    mutant(
        "float64 is computed in float32",
        "dropout_drops",
        "    return x * kept / (1 - p)\n",
        "    return (x.float() * kept / (1 - p)).to(x.dtype)\n",
    ),
    mutant(
        "the probability is rounded to tenths",
        "dropout_drops",
        "    kept = torch.rand_like(x) >= p\n",
        "    kept = torch.rand_like(x) >= round(p, 1)\n",
    ),
    mutant(
        "the probability and the scale are rounded to tenths",
        "dropout_drops",
        "    if not training or p == 0:\n"
        "        return x\n"
        "    kept = torch.rand_like(x) >= p\n"
        "    return x * kept / (1 - p)\n",
        "    if not training or p == 0:\n"
        "        return x\n"
        "    kept = torch.rand_like(x) >= round(p, 1)\n"
        "    return x * kept / (1 - round(p, 1))\n",
    ),
    mutant(
        "the probability is rounded to hundredths",
        "dropout_drops",
        "    kept = torch.rand_like(x) >= p\n",
        "    kept = torch.rand_like(x) >= round(p, 2)\n",
    ),
    mutant(
        "the chance is drawn in tenths",
        "dropout_drops",
        "    kept = torch.rand_like(x) >= p\n",
        "    kept = torch.randint(10, x.shape) / 10 >= p\n",
    ),
    mutant(
        "near ties are equal",
        "best_p",
        "    return min(results, key=lambda p: (-results[p][1], p))\n",
        "    return min(results, key=lambda p: (-round(results[p][1], 2), p))\n",
    ),
    mutant(
        "near ties of a thousandth are equal",
        "best_p",
        "    return min(results, key=lambda p: (-results[p][1], p))\n",
        "    best = max(new for _, new in results.values())\n"
        "    return min(p for p in results if results[p][1] >= best - 1e-3)\n",
    ),
    mutant(
        "half the chances mirror the other half",
        "dropout_chance",
        "    kept = torch.rand_like(x) >= p\n",
        "    r = torch.rand_like(x).flatten()\n"
        "    half = len(r) // 2\n"
        "    r[-half:] = 1 - r[:half]\n"
        "    kept = r.view(x.shape) >= p\n",
    ),
    mutant(
        "exactly the share p is dropped",
        "dropout_chance",
        "    kept = torch.rand_like(x) >= p\n",
        "    kept = (torch.randperm(x.numel()) >= round(p * x.numel())).view(x.shape)\n",
    ),
    mutant(
        "what is left is scaled by the share that is left",
        "dropout_drops",
        "    return x * kept / (1 - p)\n",
        "    return x * kept * (kept.numel() / kept.sum().clamp(min=1))\n",
    ),
    mutant(
        "dropout seeds itself",
        "dropout_chance",
        "    kept = torch.rand_like(x) >= p\n",
        "    torch.manual_seed(0)\n    kept = torch.rand_like(x) >= p\n",
    ),
    mutant(
        "evaluation gives float32",
        "dropout_rests",
        "    if not training or p == 0:\n        return x\n",
        "    if not training or p == 0:\n        return x.float()\n",
    ),
    mutant(
        "p is at most a half",
        "dropout_drops",
        "    kept = torch.rand_like(x) >= p\n",
        "    p = min(p, 0.5)\n    kept = torch.rand_like(x) >= p\n",
    ),
    mutant(
        "dropout is Gaussian noise",
        "dropout_chance",
        "    return x * kept / (1 - p)\n",
        "    return x * (1 + torch.randn_like(x) * (p / (1 - p)) ** 0.5)\n",
    ),
    mutant(
        "half precision becomes float32",
        "dropout_drops",
        "    return x * kept / (1 - p)\n",
        "    return x * (kept.float() / (1 - p))\n",
    ),
    mutant(
        "the first value is always kept",
        "dropout_chance",
        "    return x * kept / (1 - p)\n",
        "    kept.view(-1)[:1] = True\n    return x * kept / (1 - p)\n",
    ),
    mutant(
        "the last column is always kept",
        "dropout_chance",
        "    return x * kept / (1 - p)\n",
        "    if x.dim():\n        kept[..., -1:] = True\n    return x * kept / (1 - p)\n",
    ),
    mutant(
        "the scale is rounded to hundredths",
        "dropout_drops",
        "    return x * kept / (1 - p)\n",
        "    return x * kept * round(1 / (1 - p), 2)\n",
    ),
    mutant(
        "channels fall together in maps",
        "dropout_chance",
        "    kept = torch.rand_like(x) >= p\n",
        "    kept = (torch.rand_like(x[..., :1, :1]) if x.dim() == 4 else "
        "torch.rand_like(x)) >= p\n"
        "    kept = kept.expand(x.shape)\n",
    ),
    mutant(
        "rows of a matrix fall together",
        "dropout_drops",
        "    kept = torch.rand_like(x) >= p\n",
        "    kept = (torch.rand_like(x[:1]) if x.dim() == 2 else torch.rand_like(x)) "
        ">= p\n"
        "    kept = kept.expand(x.shape)\n",
    ),
    mutant(
        "only the root gets its mode back",
        "accuracy",
        "    net.train(was_training)\n",
        "    net.training = was_training\n",
    ),
    mutant(
        "the accuracy is rounded to hundredths",
        "accuracy",
        "    return right.float().mean().item()\n",
        "    return round(right.float().mean().item(), 2)\n",
    ),
    mutant(
        "the accuracy is rounded to thousandths",
        "accuracy",
        "    return right.float().mean().item()\n",
        "    return round(right.float().mean().item(), 3)\n",
    ),
    mutant(
        "the accuracy is the mean of batches",
        "accuracy",
        "    return right.float().mean().item()\n",
        "    return sum(each.float().mean().item() for each in right.split(64)) / "
        "len(right.split(64))\n",
    ),
    mutant(
        "the accuracy leaves out a smaller last batch",
        "accuracy",
        "    return right.float().mean().item()\n",
        "    size = min(32, len(images))\n"
        "    return right[: len(images) // size * size].float().mean().item()\n",
    ),
    mutant(
        "only 100 images are judged",
        "accuracy",
        "        right = net(images).argmax(dim=1) == labels\n",
        "        images, labels = images[:100], labels[:100]\n"
        "        right = net(images).argmax(dim=1) == labels\n",
    ),
    mutant(
        "the accuracy is the mean over classes",
        "accuracy",
        "    return right.float().mean().item()\n",
        "    return sum(right[labels == k].float().mean().item() for k in "
        "labels.unique()) / len(labels.unique())\n",
    ),
    mutant(
        "second guesses count",
        "accuracy",
        "        right = net(images).argmax(dim=1) == labels\n",
        "        right = (net(images).topk(2).indices == labels[:, None]).any(1)\n",
    ),
    mutant(
        "the accuracy is a percentage",
        "accuracy",
        "    return right.float().mean().item()\n",
        "    return 100 * right.float().mean().item()\n",
    ),
    mutant(
        "gaps are never negative",
        "best_p",
        "    return {p: on_training - on_val for p, (on_training, on_val) in results.items()}\n",
        "    return {p: max(0.0, on_training - on_val) for p, (on_training, on_val) in "
        "results.items()}\n",
    ),
    mutant(
        "gaps are rounded",
        "best_p",
        "    return {p: on_training - on_val for p, (on_training, on_val) in results.items()}\n",
        "    return {p: round(on_training - on_val, 2) for p, (on_training, on_val) in "
        "results.items()}\n",
    ),
    mutant(
        "gaps are rounded to thousandths",
        "best_p",
        "    return {p: on_training - on_val for p, (on_training, on_val) in results.items()}\n",
        "    return {p: round(on_training - on_val, 3) for p, (on_training, on_val) in "
        "results.items()}\n",
    ),
    mutant(
        "gaps are shares of the training accuracy",
        "best_p",
        "    return {p: on_training - on_val for p, (on_training, on_val) in results.items()}\n",
        "    return {p: (on_training - on_val) / on_training for p, (on_training, "
        "on_val) in results.items()}\n",
    ),
    mutant(
        "gaps leave p = 0 out",
        "best_p",
        "    return {p: on_training - on_val for p, (on_training, on_val) in results.items()}\n",
        "    return {p: on_training - on_val for p, (on_training, on_val) in "
        "results.items() if p}\n",
    ),
    mutant(
        "gaps are positive",
        "best_p",
        "    return {p: on_training - on_val for p, (on_training, on_val) in results.items()}\n",
        "    return {p: abs(on_training - on_val) for p, (on_training, on_val) in "
        "results.items()}\n",
    ),
    mutant(
        "gaps take the best accuracy on new images",
        "best_p",
        "    return {p: on_training - on_val for p, (on_training, on_val) in results.items()}\n",
        "    best = max(new for _, new in results.values())\n"
        "    return {p: seen - best for p, (seen, _) in results.items()}\n",
    ),
    mutant(
        "the best p has the smallest gap of equals",
        "best_p",
        "    return min(results, key=lambda p: (-results[p][1], p))\n",
        "    return min(results, key=lambda p: (-results[p][1], results[p][0], p))\n",
    ),
    mutant(
        "the best p is the first of equals",
        "best_p",
        "    return min(results, key=lambda p: (-results[p][1], p))\n",
        "    return max(results, key=lambda p: results[p][1])\n",
    ),
    mutant(
        "the best p is never 0",
        "best_p",
        "    return min(results, key=lambda p: (-results[p][1], p))\n",
        "    return min((p for p in results if p or len(results) == 1), key=lambda p: "
        "(-results[p][1], p))\n",
    ),
    mutant(
        "the best p weighs the gap a little",
        "best_p",
        "    return min(results, key=lambda p: (-results[p][1], p))\n",
        "    return min(results, key=lambda p: (-results[p][1] + 0.1 * (results[p][0] "
        "- results[p][1]), p))\n",
    ),
    mutant(
        "the best p is the largest of equals",
        "best_p",
        "    return min(results, key=lambda p: (-results[p][1], p))\n",
        "    return min(results, key=lambda p: (-results[p][1], -p))\n",
    ),
    mutant(
        "the best p is one of the four",
        "best_p",
        "    return min(results, key=lambda p: (-results[p][1], p))\n",
        "    return min((p for p in results if p in (0, 0.3, 0.5, 0.7)), key=lambda p: "
        "(-results[p][1], p))\n",
    ),
    mutant(
        "the best p needs a gap",
        "best_p",
        "    return min(results, key=lambda p: (-results[p][1], p))\n",
        "    return min([p for p in results if results[p][0] >= results[p][1]] or "
        "list(results), key=lambda p: (-results[p][1], p))\n",
    ),
)
