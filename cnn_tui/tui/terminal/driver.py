"""The terminal: Textual's driver with fewer bytes, and with manners towards the shell."""

import contextlib
import os
import signal
import sys
from codecs import IncrementalDecoder, getincrementaldecoder
from functools import partial
from threading import RLock
from types import FrameType
from typing import Any, Protocol, TextIO, runtime_checkable

from textual.app import App
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.message import Message

from cnn_tui.tui.terminal.terse import Terse


@runtime_checkable
class Resumable(Protocol):
    """An app that another program may take the terminal from for a while."""

    def come_back(self) -> None:
        """The terminal is the app's again."""


def screen_stream() -> TextIO | None:
    """Where the app draws: on stderr, as Textual does, or on stdout where that leads elsewhere."""
    streams = [each for each in (sys.__stderr__, sys.__stdout__) if each is not None]
    return next((each for each in streams if each.isatty()), sys.__stderr__)


class TerseDriver(LinuxDriver):
    """Textual's driver, with a shorter way to say the same, and manners towards the shell."""

    def __init__(self, app: App[Any], **settings: Any) -> None:
        super().__init__(app, **settings)
        self._file = screen_stream()  # type: ignore[assignment]
        self._has_terminal = False
        self._is_unknown = False
        self._writing = RLock()  # Textual writes from the thread that reads keys, too

    @property
    def has_job_control(self) -> bool:
        """Whether a shell would take over from the suspended lab, and could bring it back.

        A program that a terminal, ssh or a script has started shares the group of
        the session's leader: stopped, it would never go on.
        """
        return os.getpgrp() != os.getsid(0)

    def start_application_mode(self) -> None:
        """Take the terminal over, at the start and after an editor or a shell had it."""
        self._terse = Terse(*self._size_now())
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._has_terminal = True
        self._watch_size()

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
        """Send what of ``data`` the terminal does not show already."""
        with self._writing:
            size = self._size_now()
            if self._is_unknown or size != self._terse.size:
                self._is_unknown = False
                self._terse.forget(*size)
            if shorter := self._terse.shorten(data):
                super().write(shorter)

    def forget(self) -> None:
        """Draw every cell again, as soon as it is written: the terminal may show anything."""
        self._is_unknown = True

    def process_message(self, message: Message) -> None:
        """A terminal that has another size has moved its lines."""
        if isinstance(message, Resize):
            self.forget()
        super().process_message(message)

    def _size_now(self) -> tuple[int, int]:
        """Columns and lines; some terminals say that they have none."""
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                size = os.get_terminal_size(self._file.fileno())
                if all(size):
                    return size.columns, size.lines
        return self._get_terminal_size()

    def _watch_size(self) -> None:
        """Know of every change of the size, also of one that is taken back at once."""
        before = signal.getsignal(signal.SIGWINCH)

        def resized(number: int, frame: FrameType | None) -> None:
            self.forget()
            if callable(before):
                before(number, frame)

        signal.signal(signal.SIGWINCH, resized)

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


def _decoder(encoding: str) -> "partial[IncrementalDecoder]":
    """Read keys in the terminal's encoding; a byte that means nothing in it is one odd key.

    Textual reads UTF-8 only, and any other byte, typed or pasted, would end the app.
    """
    keyboard = sys.__stdin__.encoding if sys.__stdin__ is not None else encoding
    return partial(getincrementaldecoder(keyboard or encoding), errors="replace")


vars(linux_driver)["getincrementaldecoder"] = _decoder


def _continue_the_others() -> None:
    """Wake the whole job: whoever wakes the lab alone would leave it without its engine."""
    before = signal.signal(signal.SIGCONT, signal.SIG_IGN)
    os.killpg(os.getpgrp(), signal.SIGCONT)
    signal.signal(signal.SIGCONT, before)
