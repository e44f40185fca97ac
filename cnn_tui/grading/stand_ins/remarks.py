"""What a report says of the stand-ins that a submission met; torch-free.

The submission's process names entries of ``REMARKS``; the sentences are the judge's.
"""

SHOWING = {
    **{name: name for name in ("matplotlib", "seaborn", "plotly", "IPython", "ipywidgets")},
    **{name: name for name in ("tensorboard", "wandb", "torchinfo", "torchsummary", "torchviz")},
    **dict.fromkeys(("mpl_toolkits", "pylab"), "matplotlib"),
}
"""Packages that draw or report, and that no function of an exercise needs → what installs them."""
COMPILE, WORKERS = "torch.compile", "num_workers"
REMARKS = {
    COMPILE: "torch.compile had no effect: a check runs all code eagerly.",
    WORKERS: "Each DataLoader ran with num_workers=0: a check starts no worker processes.",
    **{
        name: f"{name} is not installed here: its calls were accepted and did nothing."
        for name in SHOWING.values()
    },
}
"""What a submission's process may name → the sentence of the report."""

_noted: list[str] = []


def note(name: str) -> None:
    """Remember in a submission's process that the remark of this name holds."""
    if name not in _noted:
        _noted.append(name)


def noted() -> list[str]:
    """The names of all remarks that hold so far in this process."""
    return list(_noted)
