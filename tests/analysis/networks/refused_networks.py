"""Networks that torch refuses on the CPU: each with its input and what the summary says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refused:
    """``code`` is a layer, or a function of the input; ``words`` are a part of the sentence."""

    code: str
    sides: tuple[int, ...]
    words: str


REFUSED = (
    # Pooling
    Refused("nn.MaxPool2d(2, padding=2)", (3, 8, 8), "padding of 2 is more than half of its 2×2"),
    Refused("nn.AvgPool2d(3, padding=2)", (3, 8, 8), "padding of 2 is more than half of its 3×3"),
    Refused("nn.MaxPool2d(3, padding=2, dilation=2)", (3, 8, 8), "more than half of its 3×3"),
    Refused("nn.AvgPool1d(3, padding=2)", (3, 8), "at most half .* pad=2, kernel_size=3"),
    Refused("nn.MaxPool1d(2, padding=2)", (3, 8), "at most half .* padding=2 and kernel_size=2"),
    Refused("nn.AvgPool3d(3, padding=2)", (3, 8, 8, 8), "more than half of its 3×3×3"),
    Refused("nn.MaxPool3d(2, padding=2)", (3, 8, 8, 8), "at most half"),
    Refused("nn.MaxPool2d(9)", (3, 8, 8), "9×9 window does not fit into 3×8×8"),
    Refused("nn.AvgPool3d(9)", (3, 8, 8, 8), "9×9×9 window does not fit"),
    Refused("nn.LPPool2d(2, 9)", (3, 8, 8), "9×9 window does not fit"),
    Refused("nn.FractionalMaxPool2d(3, output_size=8)", (3, 8, 8), "height 3 too large .* 8"),
    Refused("nn.AdaptiveAvgPool2d(2)", (3,), "3D or 4D"),
    Refused("nn.AdaptiveMaxPool2d(2)", (3,), "3D or 4D"),
    Refused("nn.MaxPool2d(2)", (3,), "3D or 4D"),
    # Convolutions
    Refused("nn.Conv2d(4, 8, 3)", (3, 8, 8), "expects 4 input channels, but got 3×8×8"),
    Refused("nn.Conv1d(4, 8, 3)", (3, 8), "expects 4 input channels, but got 3×8"),
    Refused("nn.Conv3d(4, 8, 3)", (3, 8, 8, 8), "expects 4 input channels"),
    Refused("nn.Conv2d(3, 8, 9)", (3, 8, 8), "9×9 kernel does not fit into 3×8×8"),
    Refused("nn.Conv2d(3, 8, 3, dilation=4)", (3, 8, 8), "kernel does not fit"),
    Refused("nn.Conv2d(4, 4, 3, groups=2)", (3, 8, 8), "expects 4 input channels"),
    Refused(
        "lambda x: F.conv2d(x, torch.zeros(3, 2, 1, 1, device=x.device), groups=2)",
        (4, 8, 8),
        "3 kernels do not divide into 2 groups",
    ),
    Refused(
        "lambda x: F.conv2d(x, torch.zeros(4, 3, 1, 1, device=x.device), "
        "torch.zeros(3, device=x.device))",
        (3, 8, 8),
        "its bias holds 3 numbers",
    ),
    Refused("nn.Conv2d(3, 4, 3, padding=8, padding_mode='reflect')", (3, 8, 8), "be less than the"),
    Refused("nn.Conv2d(3, 4, 3, padding=9, padding_mode='circular')", (3, 8, 8), "wrapping"),
    Refused("nn.ConvTranspose2d(4, 8, 2)", (3, 8, 8), "expects 4 input channels, but got 3×8×8"),
    Refused("nn.ConvTranspose1d(4, 8, 2)", (3, 8), "expects 4 input channels"),
    Refused("nn.ConvTranspose3d(4, 8, 2)", (3, 4, 4, 4), "expects 4 input channels"),
    Refused("nn.ConvTranspose2d(3, 4, 2, output_padding=1)", (3, 8, 8), "output padding of 1"),
    Refused("nn.ConvTranspose2d(3, 4, 1, padding=4)", (3, 8, 8), "padding leaves nothing"),
    Refused("nn.Conv2d(3, 4, 1)", (3, 4, 4, 4), "slides over images"),
    # Normalization, activations
    Refused("nn.BatchNorm2d(4)", (3, 8, 8), "expects 4 channels, but got 3×8×8"),
    Refused("nn.BatchNorm2d(4, track_running_stats=False)", (3, 8, 8), "expects 4 channels"),
    Refused("nn.BatchNorm2d(3)", (3, 8), "expected 4D"),
    Refused("nn.InstanceNorm2d(4, affine=True)", (3, 8, 8), r"num_features \(4\)"),
    Refused("nn.InstanceNorm2d(3)", (3, 1, 1), "more than 1 spatial element"),
    Refused("nn.GroupNorm(2, 4)", (3, 8, 8), "expects 4 channels, but got 3×8×8"),
    Refused("lambda x: F.group_norm(x, 2)", (3, 8, 8), "do not divide into its 2 groups"),
    Refused("nn.LayerNorm(9)", (3, 8, 8), "expects 9 at the end, but got 3×8×8"),
    Refused("nn.RMSNorm(9)", (3, 8, 8), "\\[\\*9\\], but got input of size.*8"),
    Refused("nn.PReLU(4)", (3, 8, 8), "expects 4 channels, but got 3×8×8"),
    Refused("nn.Softmax(4)", (3, 8, 8), "works along dimension 4"),
    Refused("nn.GLU(1)", (3, 8, 8), "must be even, but dimension 1 is size 3"),
    # Padding and resizing
    Refused("nn.ReflectionPad2d(8)", (3, 8, 8), "[Pp]adding size should be less"),
    Refused("nn.ReflectionPad1d(8)", (3, 8), "[Pp]adding size should be less"),
    Refused("nn.CircularPad2d(9)", (3, 8, 8), "wrapping around more than once"),
    Refused("nn.ZeroPad2d(-5)", (3, 8, 8), "takes more away than 3×8×8"),
    Refused("nn.PixelShuffle(2)", (3, 8, 8), "=3 is not divisible by 4"),
    Refused("nn.PixelUnshuffle(3)", (3, 8, 8), "=8 is not divisible by 3"),
    Refused("nn.ChannelShuffle(2)", (3, 8, 8), "divisible by groups. Got 3 .* 2"),
    Refused("nn.Upsample(scale_factor=2, mode='linear')", (3, 8, 8), "linear mode needs 3D"),
    Refused("nn.Upsample(scale_factor=0.1)", (3, 8, 8), "greater than 0"),
    Refused("nn.Fold(4, 3)", (3, 8), "=3 and kernel_size=\\(3, 3\\)"),
    # Fully connected, attention, recurrent
    Refused("nn.Linear(9, 2)", (3, 8, 8), "expects 9 features, but got 8"),
    Refused("nn.Bilinear(8, 9, 2)", (8,), "missing 1 required positional argument: 'input2'"),
    Refused("nn.Flatten(1, 5)", (3, 8, 8), "Dimension out of range"),
    Refused("nn.Unflatten(1, (2, 2))", (3, 8, 8), "\\[2, 2\\] don't multiply .* \\(3\\)"),
    Refused("nn.TransformerEncoderLayer(8, 2, 4, batch_first=True)", (5, 6), "of 8, but got 6"),
    Refused("lambda x: nn.LSTM(9, 4, device=x.device)(x)[0]", (5, 8), "Expected 9, got 8"),
    Refused("lambda x: nn.GRUCell(9, 4, device=x.device)(x)", (8,), "got 8 expected 9"),
    Refused(
        "lambda x: F.scaled_dot_product_attention(x, x[..., :3], x)", (5, 8), "do not fit together"
    ),
    Refused(
        "lambda x: F.scaled_dot_product_attention(x, x, x, torch.zeros(4, 4, device=x.device))",
        (5, 8),
        "4×4 and 5×5 do not combine",
    ),
    # What a forward does by itself
    Refused("lambda x: x.mean(4)", (3, 8, 8), "Dimension out of range"),
    Refused("lambda x: x.mean((1, 1))", (3, 8, 8), "multiple times"),
    Refused("lambda x: torch.cat([x, x], 4)", (3, 8, 8), "Dimension out of range"),
    Refused("lambda x: torch.cat([x, x[:, :, 1:]], 1)", (3, 8, 8), "cannot be concatenated"),
    Refused("lambda x: torch.cat([x, x.flatten(1)], 1)", (3, 8, 8), "same number of dimensions"),
    Refused("lambda x: torch.stack([x, x[:, :2]])", (3, 8, 8), "equal size"),
    Refused("lambda x: x + x[:, :2]", (3, 8, 8), "3×8×8 and 2×8×8 do not combine"),
    Refused("lambda x: x[:, :1].clone().add_(x)", (3, 8, 8), "cannot be written into"),
    Refused("lambda x: x @ x[..., :3, :]", (3, 8, 8), "cannot be multiplied"),
    Refused("lambda x: torch.bmm(x, x)", (3, 8, 8), "3D tensor"),
    Refused("lambda x: torch.bmm(x, x[:, :2])", (8, 8), "1×8×8 and 1×2×8 cannot be multiplied"),
    Refused("lambda x: torch.mm(x, x)", (3, 8, 8), "must be a matrix, got 4-D"),
    Refused("lambda x: torch.einsum('nij,njk->nik', x, x)", (3, 8), "j has size 3 .* seen size 8"),
    Refused("lambda x: x.view(x.shape[0], 7, -1)", (3, 8, 8), "invalid for input of size 192"),
    Refused("lambda x: x.transpose(1, 3).view(x.shape[0], -1)", (3, 8, 8), "view size is not"),
    Refused("lambda x: x.transpose(1, 4)", (3, 8, 8), "Dimension out of range"),
    Refused("lambda x: x.permute(0, 1, 2)", (3, 8, 8), "= 4 is not equal to len\\(dims\\) = 3"),
    Refused("lambda x: x[:, 3]", (3, 8, 8), "index 3 is out of bounds .* size 3"),
    Refused("lambda x: x.narrow(1, 2, 2)", (3, 8, 8), "exceeds dimension size \\(3\\)"),
    Refused("lambda x: x.topk(9)[0]", (3, 8, 8), "out of range"),
    Refused("lambda x: x.expand(-1, 6, 8, 8)", (3, 8, 8), "expanded size"),
    Refused("lambda x: nn.Linear(8, 2, device=x.device)(x.long())", (8,), "one type"),
    Refused("lambda x: nn.Linear(8, 2, device=x.device)(x.double())", (8,), "one type"),
    Refused("lambda x: nn.Embedding(4, 2, device=x.device)(x)", (8,), "Long|indices"),
)
