"""A run's options as a TOML file, to keep, change and share; and a run's configuration from one."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from cnn_tui.errors import UsageError
from cnn_tui.files import write_atomically
from cnn_tui.names import match
from cnn_tui.options import converted
from cnn_tui.training.config import TrainConfig, train_options
from cnn_tui.training.config_checks import SEE
from cnn_tui.training.defaults import default_config

WHAT = ("net", "data")
"""What is trained, and on what: texts, as on the command line."""


def save_toml(config: TrainConfig, path: Path) -> None:
    """Write every option of ``config``; raises UsageError where the file cannot be written."""
    lines = [f"{name} = {_written(str(getattr(config, name)))}" for name in WHAT]
    for option in train_options():
        value = getattr(config, option.name)
        if value is None:
            lines.append(f"# {option.name} =  # {option.blank}")
        else:
            lines.append(f"{option.name} = {_written(value)}")
    text = "\n".join(lines) + "\n"
    try:
        write_atomically(path, lambda target: target.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}. Name a file in a folder that is yours."
        ) from error


def config_from(
    path: Path, net: str | None = None, data: str | None = None, **overrides: Any
) -> TrainConfig:
    """The configuration that a TOML file asks for, with ``overrides`` (None: not given) on top.

    What the file leaves out has its default. Raises UsageError that names the file and, for a
    key that is wrong, its line.
    """
    found = _read(path)
    given = {name: value for name, value in overrides.items() if value is not None}
    net, data = net or found.pop("net", None), data or found.pop("data", None)
    if net is None:
        raise UsageError(f'{path} names no network: add a line such as net = "lenet5".')
    settings = {name: value for name, value in found.items() if name not in WHAT}
    return default_config(net, data or "digits", **settings | given)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # Not UTF-8, or not TOML, whose errors name the line.
        raise UsageError(f"{path} is not TOML: {error}.") from error
    options = {each.name: each for each in train_options()}
    found: dict[str, Any] = {}
    for key, value in document.items():
        try:
            name = match(key, (*WHAT, *options), "option", SEE)
            if name in WHAT and not isinstance(value, str):
                raise UsageError(f'{name} must be a text, such as {name} = "…".')
            found[name] = value if name in WHAT else converted(options[name], value, see=SEE)
        except UsageError as error:
            place = f"{path}, {_line(text, key)}{key}"
            raise UsageError(f"{place}: {error}", next_steps=error.next_steps) from error
    return found


def _line(text: str, key: str) -> str:
    """``line 3, `` for the line that sets ``key``; nothing where it is written in another way."""
    pattern = rf"\s*\[*[\"']?{re.escape(key)}[\"']?\s*[=.\]]"
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(pattern, line):
            return f"line {number}, "
    return ""


def _written(value: object) -> str:
    """A value in TOML, whose texts and switches are written as in JSON."""
    return json.dumps(value, ensure_ascii=False)
