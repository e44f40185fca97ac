"""Fewer bytes for the same picture, for screens that are drawn over SSH.

Textual ends every run of cells with a reset and begins the next one with its
whole style. A terminal remembers its style, so what changed is enough: that is
about half of all that a switch of panes sends.
"""

import os
import re
import signal
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

STYLE = re.compile(r"\x1b\[([0-9;]*)m")
MOVE = re.compile(r"(?:\n|\x1b\[[0-9;]*H)+")
BLANK = re.compile(r"(?: |\n|\x1b\[[0-9;]*H)+")
CODE = re.compile(r"[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|\d+")
FOREGROUND = re.compile(r"38;.*|3[0-7]|9[0-7]|39")
BACKGROUND = re.compile(r"48;.*|4[0-7]|10[0-7]|49")

REVERSE = "7"
SEEN_ON_BLANKS = frozenset({"4", REVERSE, "9", "21", "53"})
"""Underline, reverse, strike-through, double underline and overline."""


@dataclass(frozen=True)
class Style:
    """What a terminal draws with: attributes, foreground and background, as SGR codes."""

    attributes: frozenset[str] = frozenset()
    foreground: str = ""
    background: str = ""


PLAIN = Style()


@runtime_checkable
class Resumable(Protocol):
    """An app that another program may take the terminal from for a while."""

    def come_back(self) -> None:
        """The terminal is the app's again."""


class Terse:
    """Rewrites what Textual sends; it remembers the terminal's style, unknown at first."""

    def __init__(self) -> None:
        self._wanted = PLAIN
        self._has: Style | None = None

    def shorten(self, data: str) -> str:
        """The same picture in fewer characters."""
        parts: list[str] = []
        end = 0
        for match in STYLE.finditer(data):
            self._text(data[end : match.start()], parts)
            self._wanted = _applied(self._wanted, match[1])
            end = match.end()
        self._text(data[end:], parts)
        return "".join(parts)

    def _text(self, text: str, parts: list[str]) -> None:
        if not text:
            return
        wanted = self._wanted
        if self._has is not None and BLANK.fullmatch(text):
            wanted = _enough_for_blanks(self._has, wanted)
        if wanted != self._has and MOVE.fullmatch(text) is None:
            parts.append(_change(self._has, wanted))
            self._has = wanted
        parts.append(text)


class TerseDriver(LinuxDriver):
    """Textual's driver, with a shorter way to say the same, and manners towards the shell."""

    def __init__(self, app: App[Any], **settings: Any) -> None:
        super().__init__(app, **settings)
        self._has_terminal = False

    @property
    def has_job_control(self) -> bool:
        """Whether a shell would take over from the suspended lab, and could bring it back.

        A program that a terminal, ssh or a script has started shares the group of
        the session's leader: stopped, it would never go on.
        """
        return os.getpgrp() != os.getsid(0)

    def start_application_mode(self) -> None:
        """Take the terminal over, at the start and after an editor or a shell had it."""
        self._terse = Terse()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._has_terminal = True

    def stop_application_mode(self) -> None:
        """Leave the terminal as it was."""
        super().stop_application_mode()
        self._has_terminal = False

    def resume_application_mode(self) -> None:
        """Come back: draw everything, and let no key act that was typed before."""
        super().resume_application_mode()
        if isinstance(self._app, Resumable):
            self._app.come_back()

    def write(self, data: str) -> None:
        """Send ``data`` to the terminal."""
        super().write(self._terse.shorten(data))

    def _sigtstp_application(self, *_: object) -> None:
        """Stop as soon as nothing is being drawn.

        A signal may come in the middle of a write to the terminal, and leaving the
        terminal writes, too: it would wait forever for its own lock.
        """
        self._loop.call_soon_threadsafe(self.stop_job)

    def stop_job(self) -> None:
        """Stop, with whatever else the shell takes for one job, such as ``uv run cnn-lab``.

        Textual would stop its own process only, and the shell would wait for the others.
        """
        is_ours = self._auto_restart and self._has_terminal
        if is_ours:
            self.suspend_application_mode()
            self._must_signal_resume = True
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.killpg(os.getpgrp(), signal.SIGTSTP)
        # Here it stands still, until SIGCONT; where nobody could send that, the system
        # does not stop it in the first place.
        signal.signal(signal.SIGTSTP, self._sigtstp_application)
        _continue_the_others()
        if is_ours and not self._has_terminal:
            self.resume_application_mode()

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal again; one that was stopped by force left it as it was."""
        if not self._auto_restart:
            return
        if not self._is_in_foreground():
            os.kill(os.getpid(), signal.SIGSTOP)
            return
        if self._has_terminal:
            self.suspend_application_mode()
        self.resume_application_mode()

    def _is_in_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:  # not the terminal of this session: nobody else can have it
            return True


def _continue_the_others() -> None:
    """Wake the whole job: whoever wakes the lab alone would leave it without its engine."""
    before = signal.signal(signal.SIGCONT, signal.SIG_IGN)
    os.killpg(os.getpgrp(), signal.SIGCONT)
    signal.signal(signal.SIGCONT, before)


@lru_cache(maxsize=4096)
def _applied(style: Style, codes: str) -> Style:
    """``style`` after an SGR sequence with ``codes``."""
    attributes, foreground, background = set(style.attributes), style.foreground, style.background
    for code in CODE.findall(codes) or ["0"]:
        if code == "0":
            attributes, foreground, background = set(), "", ""
        elif FOREGROUND.fullmatch(code):
            foreground = "" if code == "39" else code
        elif BACKGROUND.fullmatch(code):
            background = "" if code == "49" else code
        else:
            attributes.add(code)
    return Style(frozenset(attributes), foreground, background)


@lru_cache(maxsize=4096)
def _enough_for_blanks(has: Style, wanted: Style) -> Style:
    """A style in which blanks look as in ``wanted``, as near as can be to what there is."""
    if wanted.attributes == {REVERSE} and wanted.foreground.startswith("38"):
        wanted = Style(frozenset(), "", f"4{wanted.foreground[1:]}")
    if (has.attributes | wanted.attributes) & SEEN_ON_BLANKS:
        return wanted
    return Style(has.attributes, has.foreground, wanted.background)


@lru_cache(maxsize=4096)
def _change(has: Style | None, wanted: Style) -> str:
    """A short sequence that leads from one style to the other."""
    codes = ["0"]
    if has is not None and has.attributes <= wanted.attributes and wanted != PLAIN:
        codes = []
    else:
        has = PLAIN
    codes += sorted(wanted.attributes - has.attributes)
    if wanted.foreground != has.foreground:
        codes.append(wanted.foreground or "39")
    if wanted.background != has.background:
        codes.append(wanted.background or "49")
    return f"\x1b[{';'.join(codes)}m"
