"""Wrong variants of exercise 2, skip connections."""

from tests.grading.mutants.mutant import mutants_of

mutant = mutants_of("exercise2")

CONV2 = "self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, padding=1)"
BRANCH = "self.conv2(F.relu(self.conv1(x)))"
ADDED = "out = out + x"
FINAL = "return F.relu(out)"
SKIP = "if self.skip:"
SEEDED = "    torch.manual_seed(seed)\n"
STACK = "nn.Sequential(*(make_block(channels, skip) for _ in range(depth)))"
JACOBIAN = "derivatives.reshape(x.numel(), x.numel())"
LEAF = "x.detach().clone().requires_grad_()"
SUM = "net(leaf).sum()"
MEASURE = """leaf = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(net(leaf).sum(), leaf)
    return gradient.norm().item()"""
NORM = "gradient.norm().item()"
MEASURED = "input_gradient_norm(stack.double(), x.double())"
BLOCKS = "depths[-1] - depths[0]"
FACTOR = "(norms[-1] / norms[0]) ** (1 / blocks)"

DROPOUT = "F.dropout(F.relu(self.conv1(x)), 0.5, self.training)"
GATHERED = """net(x.requires_grad_()).sum().backward()
    return x.grad.norm().item()"""
HE = "nn.init.kaiming_normal_(self.conv1.weight), nn.init.kaiming_normal_(self.conv2.weight)"

MUTANTS = (
    mutant("always a skip", "zero_weights", SKIP, "if True:"),
    mutant("never a skip", "zero_weights", SKIP, "if False:"),
    mutant("skip turned around", "zero_weights", SKIP, "if not self.skip:"),
    mutant("no ReLU at the end", "zero_weights", FINAL, "return out"),
    mutant("added after the last ReLU", "zero_weights", ADDED, "return F.relu(out) + x"),
    mutant("another activation at the end", "zero_weights", FINAL, "return F.gelu(out)"),
    mutant("output not returned", "zero_weights", FINAL, "F.relu(out)"),
    mutant("skip in place of the branch", "residual_block", ADDED, "out = x"),
    mutant(
        "one block for all",
        "zero_weights",
        "return Block(channels, skip)",
        "BLOCK.append(Block(channels, skip))\n    return BLOCK[0]\n\n\nBLOCK = []",
    ),
    mutant("no bias", "plain_block", CONV2, CONV2.replace("=1)", "=1, bias=False)")),
    mutant("one convolution", "plain_block", BRANCH, "F.relu(self.conv1(x))"),
    mutant(
        "one convolution used twice", "plain_block", BRANCH, "self.conv1(F.relu(self.conv1(x)))"
    ),
    mutant("one convolution known by two names", "plain_block", CONV2, "self.conv2 = self.conv1"),
    mutant("no ReLU between", "plain_block", BRANCH, "self.conv2(self.conv1(x))"),
    mutant(
        "a ReLU before the first",
        "plain_block",
        BRANCH,
        "self.conv2(F.relu(self.conv1(F.relu(x))))",
    ),
    mutant("dropout in training", "plain_block", BRANCH, f"self.conv2({DROPOUT})"),
    mutant("branch cut off from the gradient", "plain_block", BRANCH, f"{BRANCH}.detach()"),
    mutant(
        "norm in the block",
        "zero_weights",
        CONV2,
        f"{CONV2[:13]}nn.Sequential({CONV2[13:]}, nn.BatchNorm2d(channels))",
    ),
    mutant("ReLU before the sum", "residual_block", ADDED, "out = F.relu(out) + x"),
    mutant("skip with a slope below zero", "residual_block", ADDED, "out = out + F.leaky_relu(x)"),
    mutant("a share of the skip", "zero_weights", ADDED, "out = out + 0.9 * x"),
    mutant("skip cut off from the gradient", "residual_block", ADDED, "out = out + x.detach()"),
    mutant("Jacobian transposed", "jacobian", JACOBIAN, f"{JACOBIAN}.T"),
    mutant("Jacobian of the sum", "jacobian", JACOBIAN, f"{JACOBIAN}.sum(0)"),
    mutant("Jacobian in the shape of maps", "jacobian", JACOBIAN, "derivatives"),
    mutant(
        "Jacobian less the identity", "jacobian", JACOBIAN, f"{JACOBIAN} - torch.eye(x.numel())"
    ),
    mutant("Jacobian of the diagonal", "jacobian", JACOBIAN, f"{JACOBIAN}.diagonal().diag()"),
    mutant("Jacobian in float32", "jacobian", JACOBIAN, f"{JACOBIAN}.float()"),
    mutant("a block too few", "stack", "range(depth)", "range(depth - 1)"),
    mutant("a block too many", "stack", "range(depth)", "range(depth + 1)"),
    mutant(
        "one block repeated",
        "stack",
        STACK,
        "nn.Sequential(*([make_block(channels, skip)] * depth))",
    ),
    mutant(
        "stacks without a skip",
        "stack",
        "make_block(channels, skip) for",
        "make_block(channels, False) for",
    ),
    mutant(
        "skip in the first block only",
        "stack",
        "make_block(channels, skip) for _",
        "make_block(channels, skip and not _) for _",
    ),
    mutant("seed forgotten", "same_start", SEEDED, ""),
    mutant("always one seed", "same_start", SEEDED, "    torch.manual_seed(0)\n"),
    mutant("a seed for each kind", "same_start", SEEDED, "    torch.manual_seed(seed + skip)\n"),
    mutant(
        "a seed for each kind of deep stack",
        "same_start",
        SEEDED,
        "    torch.manual_seed(seed + (skip and depth > 1))\n",
    ),
    mutant(
        "each block seeded anew",
        "same_start",
        STACK,
        STACK.replace("make_block", "torch.manual_seed(seed) and make_block"),
    ),
    mutant(
        "stacks kept",
        "same_start",
        "def make_stack",
        "@__import__('functools').cache\ndef make_stack",
    ),
    mutant("gradient of the mean", "input_gradient_norm", SUM, "net(leaf).mean()"),
    mutant("gradient of the squares", "input_gradient_norm", SUM, "net(leaf).square().sum()"),
    mutant("norm without the root", "input_gradient_norm", NORM, "gradient.square().sum().item()"),
    mutant("largest for norm", "input_gradient_norm", NORM, "gradient.abs().max().item()"),
    mutant(
        "root mean square for norm",
        "input_gradient_norm",
        NORM,
        "gradient.square().mean().sqrt().item()",
    ),
    mutant(
        "norm for each image",
        "input_gradient_norm",
        NORM,
        "gradient.flatten(1).norm(dim=1).mean().item()",
    ),
    mutant(
        "a list of norms", "input_gradient_norm", NORM, "gradient.flatten(1).norm(dim=1).tolist()"
    ),
    mutant(
        "at a point of its own", "input_gradient_norm", LEAF, "torch.ones_like(x).requires_grad_()"
    ),
    mutant("gradients pile up in x", "gradient_norms", MEASURE, GATHERED),
    mutant(
        "measured in float32", "gradient_norms", MEASURED, "input_gradient_norm(stack, x.float())"
    ),
    mutant("depths sorted", "gradient_norms", "in depths:", "in sorted(depths):"),
    mutant(
        "one depth for all",
        "gradient_norms",
        "stack = make_stack(channels, depth,",
        "stack = make_stack(channels, depths[0],",
    ),
    mutant(
        "a seed for each depth",
        "gradient_norms",
        "depth, skip, seed)\n        norms",
        "depth, skip, seed + depth)\n        norms",
    ),
    mutant(
        "norms of plain stacks only",
        "gradient_norms",
        "depth, skip, seed)\n        norms",
        "depth, False, seed)\n        norms",
    ),
    mutant("only the last norm", "gradient_norms", "return norms", "return norms[-1:]"),
    mutant("factor over all blocks", "which_vanishes", FACTOR, "norms[-1] / norms[0]"),
    mutant(
        "factor turned around", "which_vanishes", FACTOR, "(norms[0] / norms[-1]) ** (1 / blocks)"
    ),
    mutant("factor of the last depth", "which_vanishes", BLOCKS, "depths[-1]"),
    mutant("factor per measurement", "which_vanishes", BLOCKS, "len(depths) - 1"),
    mutant("factor shared out evenly", "which_vanishes", FACTOR, "norms[-1] / norms[0] / blocks"),
    mutant(
        "grows for vanishes",
        "which_vanishes",
        "(depths, plain) < VANISHING",
        "(depths, plain) > VANISHING",
    ),
    mutant("another limit", "which_vanishes", "VANISHING = 0.9", "VANISHING = 0.5"),
    mutant(
        "always plain",
        "which_vanishes",
        'return "residual" if residual_vanishes else "neither"',
        'return "plain"',
    ),
    mutant("both is plain", "which_vanishes", 'return "both"', 'return "plain"'),
    mutant(
        "another initialization",
        "finding",
        CONV2,
        f"{CONV2}\n        {HE}",
    ),
)
