"""Wrong variants of exercise 2, skip connections.

Two are known that no check catches. Shallow stacks measured in float32 give norms that
differ from float64's by 1e-7, as those of a right solution do that keeps its norms as
float32. And "at most VANISHING" for "below" differs only where the factor is exactly
0.9, which rounding decides.
"""

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

CONVOLUTIONS = "(self.conv1, self.conv2)"
HALVED_BLOCK = f"for each in {CONVOLUTIONS}:\n            each.weight.data *= 0.5"
NO_BIAS = f"for each in {CONVOLUTIONS}:\n            each.bias.data.zero_()"
HALVED_STACK = f"""_halved({STACK})


@torch.no_grad()
def _halved(net):
    for each in net.parameters():
        each.mul_(0.5)
    return net"""
SCALED_OLD = f"""{CONV2}

    def forward(self, x: Tensor) -> Tensor:
        \"\"\"(N, channels, H, W) -> (N, channels, H, W).\"\"\"
        out = {BRANCH}
        if self.skip:
            {ADDED}"""
SCALED_NEW = SCALED_OLD.replace(
    CONV2, f"{CONV2}\n        self.share = nn.Parameter(torch.ones(()))"
).replace("+ x", "+ self.share * x")
SHARED = """_sharing([make_block(channels, skip) for _ in range(min(depth, 4))], depth)


def _sharing(blocks, depth):
    return nn.Sequential(*(blocks[i % 4] for i in range(depth)))"""
LAST_PLAIN = """nn.Sequential(
        *(make_block(channels, skip and (i < depth - 1 or depth == 1)) for i in range(depth))
    )"""
COPIED = "nn.Sequential(*map(__import__('copy').deepcopy, [make_block(channels, skip)] * depth))"
AT_WEIGHTS = """gradients = torch.autograd.grad(net(x).sum(), list(net.parameters()))
    return sum(each.square().sum() for each in gradients).sqrt().item()"""
FITTED = """\
def _fitted(depths, norms):
    x, y = torch.tensor(depths).double(), torch.tensor(norms).double().log()
    return ((x - x.mean()) @ (y - y.mean()) / (x - x.mean()).square().sum()).exp().item()"""
LAZY = """\
class Lazy(nn.Module):
    def __init__(self, *options):
        super().__init__()
        self.options = options

    def forward(self, x):
        if not hasattr(self, "blocks"):
            channels, depth, skip = self.options
            self.blocks = nn.Sequential(*(make_block(channels, skip) for _ in range(depth)))
        return self.blocks(x)"""

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
    mutant("gradients pile up in x", "input_gradient_norm", MEASURE, GATHERED),
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
        "plain_block",
        CONV2,
        f"{CONV2}\n        {HE}",
    ),
    mutant(
        "all weights halved in the block", "plain_block", CONV2, f"{CONV2}\n        {HALVED_BLOCK}"
    ),
    mutant("all weights halved in the stack", "same_start", STACK, HALVED_STACK),
    mutant("biases at zero", "plain_block", CONV2, f"{CONV2}\n        {NO_BIAS}"),
    *(
        mutant(name, "same_start", STACK, STACK.replace("make_block", f"{seeding} and make_block"))
        for name, seeding in (
            ("the seed varied per block", "torch.manual_seed(seed + _)"),
            ("a seed far off for each block", "torch.manual_seed(1000 * seed + _)"),
            ("the seed from the second block on", "(_ != 1 or torch.manual_seed(seed))"),
        )
    ),
    *(
        mutant(name, "same_start", SEEDED, f"    {seeding}\n")
        for name, seeding in (
            ("the seed varied per depth", "torch.manual_seed(seed + depth)"),
            ("the seed times the depth", "torch.manual_seed(seed * depth)"),
            ("the seed by channels", "torch.manual_seed(seed + channels)"),
            ("a seed for Python only", "__import__('random').seed(seed)"),
            ("a seed for plain stacks only", "skip or torch.manual_seed(seed)"),
        )
    ),
    mutant("repeated depths dropped", "gradient_norms", "in depths:", "in dict.fromkeys(depths):"),
    *(
        mutant(name, check, CONV2, CONV2.replace(old, new))
        for name, check, old, new in (
            ("maps padded by reflection", "plain_block", "=1)", "=1, padding_mode='reflect')"),
            ("maps padded in a circle", "plain_block", "=1)", "=1, padding_mode='circular')"),
            ("a dilated convolution", "plain_block", "padding=1", "padding=2, dilation=2"),
            ("a 5x5 convolution", "plain_block", "3, padding=1", "5, padding=2"),
            ("a 1x1 convolution", "plain_block", "3, padding=1", "1"),
            ("a convolution per channel", "plain_block", "=1)", "=1, groups=channels)"),
            ("a transposed convolution", "plain_block", "Conv2d", "ConvTranspose2d"),
        )
    ),
    *(
        mutant(name, check, BRANCH, new)
        for name, check, new in (
            ("a leaky ReLU between", "plain_block", "self.conv2(F.leaky_relu(self.conv1(x)))"),
            ("a GELU between", "plain_block", "self.conv2(F.gelu(self.conv1(x)))"),
            ("a ReLU that ends at 6 between", "plain_block", "self.conv2(F.relu6(self.conv1(x)))"),
            ("a third convolution", "plain_block", f"self.conv2(F.relu({BRANCH}))"),
        )
    ),
    mutant("a ReLU after the second", "residual_block", BRANCH, f"F.relu({BRANCH})"),
    mutant(
        "float32 inside the block", "plain_block", FINAL, "return F.relu(out.float()).to(x.dtype)"
    ),
    mutant("the mean subtracted", "zero_weights", FINAL, "return F.relu(out - out.mean() + 0 * x)"),
    *(
        mutant(name, check, FINAL, new)
        for name, check, new in (
            ("a ReLU that ends at 6", "plain_block", "return F.relu6(out)"),
            ("a softplus at the end", "zero_weights", "return F.softplus(out)"),
            ("the absolute value at the end", "zero_weights", "return out.abs()"),
            (
                "the last ReLU without a skip only",
                "zero_weights",
                "return out if self.skip else F.relu(out)",
            ),
        )
    ),
    *(
        mutant(name, check, ADDED, new)
        for name, check, new in (
            ("the skip subtracted", "zero_weights", "out = out - x"),
            ("the skip multiplied", "zero_weights", "out = out * x"),
            ("half of branch and half of skip", "zero_weights", "out = (out + x) / 2"),
            (
                "the skip taken after the first convolution",
                "zero_weights",
                "out = out + self.conv1(x)",
            ),
            (
                "the skip in training only",
                "zero_weights",
                "out = out + x if self.training else out",
            ),
            (
                "the skip in evaluation only",
                "residual_block",
                "out = out if self.training else out + x",
            ),
            ("the skip from the first image", "zero_weights", "out = out + x[:1]"),
            (
                "the skip of half of the channels",
                "zero_weights",
                "out = out + x * (torch.arange(x.shape[1]) % 2).view(-1, 1, 1)",
            ),
            ("the skip moved by a column", "zero_weights", "out = out + x.roll(1, 3)"),
            ("the skip twice", "zero_weights", "out = out + 2 * x"),
        )
    ),
    mutant("a skip with a weight of its own", "residual_block", SCALED_OLD, SCALED_NEW),
    mutant(
        "a block dropped at random",
        "residual_block",
        ADDED,
        "out = x + out * (not self.training or torch.rand(()) < 0.5)",
    ),
    *(
        mutant(name, check, STACK, new)
        for name, check, new in (
            (
                "blocks shared from the fifth on",
                "same_start",
                SHARED,
            ),
            (
                "the last block without a skip",
                "stack",
                LAST_PLAIN,
            ),
            (
                "copies of one block",
                "same_start",
                COPIED,
            ),
            (
                "half as many blocks",
                "stack",
                "nn.Sequential(*(make_block(channels, skip) for _ in range((depth + 1) // 2)))",
            ),
            (
                "a list of blocks",
                "stack",
                "nn.ModuleList(make_block(channels, skip) for _ in range(depth))",
            ),
            (
                "channels doubled",
                "stack",
                "nn.Sequential(*(make_block(2 * channels, skip) for _ in range(depth)))",
            ),
        )
    ),
    mutant("a lazy stack", "same_start", STACK, "Lazy(channels, depth, skip)\n\n\n" + LAZY),
    *(
        mutant(name, "jacobian", JACOBIAN, new)
        for name, new in (
            ("Jacobian of the absolute values", f"{JACOBIAN}.abs()"),
            ("rows that sum to 1", f"{JACOBIAN}.softmax(1)"),
            ("Jacobian computed in float32", f"{JACOBIAN}.float().to(x.dtype)"),
            ("Jacobian plus the identity", f"{JACOBIAN} + torch.eye(x.numel())"),
            ("Jacobian rounded", f"{JACOBIAN}.round(decimals=2)"),
            (
                "rows in the order of pixels",
                "derivatives[0].permute(1, 2, 0, 3, 4, 5, 6).reshape(x.numel(), x.numel())",
            ),
            ("squared derivatives", f"{JACOBIAN}.square()"),
            ("the first channel only", "derivatives[0, :1].reshape(-1, x.numel())"),
        )
    ),
    *(
        mutant(name, "input_gradient_norm", SUM, new)
        for name, new in (
            ("the largest value", "net(leaf).max()"),
            ("the first image", "net(leaf)[0].sum()"),
            ("the sum less the mean", "(net(leaf) - net(leaf).mean()).sum()"),
            ("the norm of the output", "net(leaf).norm()"),
            ("the first channel", "net(leaf)[:, 0].sum()"),
            ("the sum per image", "net(leaf).sum() / len(x)"),
        )
    ),
    *(
        mutant(name, "input_gradient_norm", NORM, new)
        for name, new in (
            ("sum of absolute values for norm", "gradient.abs().sum().item()"),
            ("sum for norm", "gradient.sum().item()"),
            ("spread for norm", "gradient.std().item()"),
            ("norm of the first image", "gradient[0].norm().item()"),
            ("norm per value", "gradient.norm().item() / gradient.numel()"),
            ("norm rounded", "round(gradient.norm().item(), 2)"),
            ("logarithm of the norm", "gradient.norm().log10().item()"),
        )
    ),
    mutant("gradient at the weights", "input_gradient_norm", MEASURE, AT_WEIGHTS),
    *(
        mutant(name, "gradient_norms", "return norms", new)
        for name, new in (
            ("norms from the last to the first", "return norms[::-1]"),
            ("norms as shares of the first", "return [each / norms[0] for each in norms]"),
            ("logarithms of norms", "return [__import__('math').log10(each) for each in norms]"),
            ("norms by depth", "return dict(zip(depths, norms))"),
            ("norms that only fall", "return [min(norms[: i + 1]) for i in range(len(norms))]"),
            ("norms per block", "return [n / d for n, d in zip(norms, depths)]"),
        )
    ),
    *(
        mutant(name, "gradient_norms", MEASURED, new)
        for name, new in (
            ("a map of ones", "input_gradient_norm(stack.double(), torch.ones_like(x).double())"),
            ("the first image only", "input_gradient_norm(stack.double(), x.double()[:1])"),
            ("a map of norm 1", "input_gradient_norm(stack.double(), (x / x.norm()).double())"),
            (
                "rounded through half precision",
                "input_gradient_norm(stack.double(), x.bfloat16().double())",
            ),
        )
    ),
    *(
        mutant(name, "which_vanishes", FACTOR, new)
        for name, new in (
            (
                "arithmetic mean of ratios",
                "sum(b / a for a, b in zip(norms, norms[1:])) / (len(norms) - 1)",
            ),
            ("a line through all logarithms", "_fitted(depths, norms)\n\n\n" + FITTED),
            ("largest to smallest", "(min(norms) / max(norms)) ** (1 / blocks)"),
            ("first and second only", "(norms[1] / norms[0]) ** (1 / (depths[1] - depths[0]))"),
            ("difference per block", "(norms[-1] - norms[0]) / blocks"),
            ("factor of at most 1", "min(1.0, (norms[-1] / norms[0]) ** (1 / blocks))"),
            ("logarithm of the factor", "__import__('math').log(norms[-1] / norms[0]) / blocks"),
            ("one block too many", "(norms[-1] / norms[0]) ** (1 / (blocks + 1))"),
        )
    ),
    *(
        mutant(name, "which_vanishes", old, new)
        for name, old, new in (
            ("a limit of 0.89", "VANISHING = 0.9", "VANISHING = 0.89"),
            ("a limit of 0.91", "VANISHING = 0.9", "VANISHING = 0.91"),
            ("none for neither", 'else "neither"', 'else "none"'),
            (
                "both is the smaller one",
                'return "both"',
                "return 'plain' if plain[-1] < residual[-1] else 'residual'",
            ),
            ("plain and residual mixed up", "(depths, plain) <", "(depths, residual) <"),
            ("vanished by the last norm", "factor_per_block(depths, plain) <", "plain[-1] <"),
        )
    ),
)
