"""The list of the user's own networks: found without running a file."""

from pathlib import Path

from cnn_tui.nets.own_list import own_nets
from cnn_tui.workspace import Workspace

NETS = """
import os
from torch import nn
os.abort()

class Block(nn.Module): pass
class Net(nn.Module):
    def __init__(self): self.block = Block()
class Wide(Net): pass
class Settings: pass
class _Private(nn.Module): pass
def conv() -> nn.Sequential: ...
def factory(num_classes: int) -> nn.Sequential: return conv()
def helper(x): return x
"""


def test_lists_what_is_a_network_and_no_part_of_another(tmp_path: Path) -> None:
    files = {
        "my_net.py": NETS,
        "broken.py": "class Net(nn.Module",
        "exercises/exercise5.py": "from torch.nn import Module\nclass VGG(Module): pass\n",
        "runs/x/source/my_net.py": NETS,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert own_nets(Workspace(tmp_path)) == (
        "my_net.py:Wide",
        "my_net.py:factory",
        "exercises/exercise5.py:VGG",
    )
