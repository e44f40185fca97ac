"""``new-net``: a network of one's own to start from."""

from pathlib import Path
from typing import Annotated

import typer


def new_net(
    file: Annotated[Path, typer.Argument(metavar="FILE.py", help="A new file, such as my_net.py.")],
) -> None:
    """Write a small network to start from: change it, summarize it, train it.

    FILE.py:Net then stands for it wherever a network is named, with options of its own:
    FILE.py:Net,width=32. The topic own-network goes through it.
    """
    from cnn_tui.nets.new_net import NAME, write_new_net
    from cnn_tui.next_steps import Action, step
    from cnn_tui.render.draw.commands import command
    from cnn_tui.render.draw.console import stderr
    from cnn_tui.workspace import expanded

    path = write_new_net(expanded(file))
    net = f"{file}:{NAME}"
    talk = stderr()
    talk.print(f"Written: {path}", markup=False, soft_wrap=True)
    for action in (Action.SUMMARIZE, Action.TRAIN):
        talk.print(f"  {command(step(action, net))}", markup=False, soft_wrap=True)
