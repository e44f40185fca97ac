"""The judge's side of a submission: what hidden tests call, with deadlines of its own.

``LoadedSubmission`` stands for the learner's module, ``RemoteObject`` for whatever
the learner's functions return that is no plain value. Whatever goes wrong on
the other side becomes a SubmissionError with a sentence for the learner.
"""

import hashlib
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from signal import Signals
from typing import Any

import numpy
from torch import Tensor

from cnn_tui.errors import LabFault
from cnn_tui.grading.isolation import notebooks, wire
from cnn_tui.grading.isolation.calls import CheckedCall
from cnn_tui.grading.isolation.deadlines import Spent, SubmissionClock
from cnn_tui.grading.isolation.host import (
    ORDER_BYTES,
    OVERFULL,
    START,
    STOP,
    late_imports_of,
)
from cnn_tui.grading.isolation.source import source_line
from cnn_tui.grading.isolation.usage import UsageReader, meter_of, pid_behind
from cnn_tui.grading.isolation.wire import Callback, Handle, Record, WireError
from cnn_tui.grading.sandbox.folders import MAX_BYTES, MAX_FILES
from cnn_tui.grading.stand_ins.notebooks import is_joined, place_of
from cnn_tui.grading.stand_ins.remarks import REMARKS
from cnn_tui.grading.text import one_line, shortened

HOST_SECONDS = 120
"""How long the host may take to import torch from a cold disk, or to end a child."""
HOST_GONE = "The process that runs submissions has ended, or does not answer."
WALLS = (
    "In a check, code starts no processes, reaches no network, writes to its current folder only, "
    "and removes or renames no file"
)
ALONE = "A check sees only this file and installed packages: put your other code into the file."
MAY_BE_ALLOWED = "A teacher can allow helper files beside it."
IS_RELATIVE = "attempted relative import"
READ_ONLY = "Read-only file system"
OFFLINE = re.compile(
    "name resolution|urlopen error|getaddrinfo|Network is unreachable|internet connection"
)
ELSEWHERE = (
    "A check sees only this file and reaches no network: read other files and download "
    'below if __name__ == "__main__" only.'
)
ON_CPU = "A check runs on the CPU."
ON_GPU_KINDS = ("AssertionError", "RuntimeError")
ON_GPU = re.compile("CUDA|NVIDIA", re.IGNORECASE)
PROCESS = "The process that runs your code"
SALT = b"what a submission is told"
SEED_ROUNDS = 50_000
MAX_NUMBERS = 4_000_000
"""Of a network; the largest of the exercises has some 220,000."""
MAX_MESSAGE = 300
MAX_NAME = 60
MAX_LINES = 20


class SubmissionError(Exception):
    """What a submission did wrong, as one sentence for the learner."""


class RaisedError(SubmissionError):
    """The learner's code raised, or would have to, at ``lines`` of the file, the innermost last.

    ``kinds`` names the exception's type and those that it is derived from, as the host says.
    """

    def __init__(
        self, sentence: str, lines: tuple[int, ...] = (), kinds: tuple[str, ...] = ()
    ) -> None:
        super().__init__(sentence)
        self.lines, self.kinds = lines, kinds


class MissingAttributeError(SubmissionError, AttributeError):
    """What the learner's code returned lacks an attribute."""


class MistakenTestError(Exception):
    """The hidden test itself asks for something that cannot be done."""


class UnsendableError(MistakenTestError):
    """A value that the hidden test gives a submission cannot be sent."""


class TimedOutError(SubmissionError):
    """The learner's code did not finish in time."""


class EndedError(SubmissionError):
    """The learner's code ended its own process."""


class BusyError(LabFault):
    """The machine had too much else to do for the learner's code to finish: nobody's fault."""


@dataclass(frozen=True)
class Answer:
    """What a submission was asked for, such as ``f()``, and the value that came back."""

    asked: str = ""
    value: Any = None


@dataclass(frozen=True)
class StartedProcess:
    """A process of a submission: its channel, and what measures it where anything can."""

    channel: socket.socket
    meter: UsageReader | None


@dataclass(frozen=True)
class HostControl:
    """The control socket of the host: starts and stops submissions.

    Each may use ``cpu_seconds``: this only ends what escapes from the deadlines.
    """

    control: socket.socket
    cpu_seconds: int = 300

    def start(self, late_imports: int = 0) -> StartedProcess:
        """A fresh child of the host, with that group of LATE_IMPORTS; raises LabFault."""
        ours, theirs = socket.socketpair()
        with theirs:
            order = b"%s %d %d" % (START, late_imports, self.cpu_seconds)
            number, descriptors = self._order(order, [theirs.fileno()])
        pid: int | None = number
        if descriptors:  # the number is one of the host's own name space
            pid = pid_behind(descriptors[0])
            os.close(descriptors[0])
        elif sys.platform == "linux":
            pid = None
        return StartedProcess(ours, None if pid is None else meter_of(pid))

    def stop(self) -> int:
        """End the child; returns its exit code, negative for a signal."""
        return self._order(STOP, [])[0]

    def _order(self, order: bytes, descriptors: list[int]) -> tuple[int, list[int]]:
        self.control.settimeout(HOST_SECONDS)
        try:
            socket.send_fds(self.control, [order], descriptors)
            answer, received, _, _ = socket.recv_fds(
                self.control, ORDER_BYTES, 1, socket.MSG_WAITALL
            )
        except OSError as error:
            raise LabFault(HOST_GONE) from error
        if not answer:
            raise LabFault(HOST_GONE)
        return int(answer), received


class LoadedSubmission:
    """The learner's module, in a process that can be stopped and started again.

    ``total_seconds`` are for all checks together; ``last_call`` is what the check
    that runs has called last, ``last_answer`` what it was answered, ``remarks`` what a report
    says of the stand-ins that the code met. ``helpers`` are the helper files that it may
    import, by module; None where none are allowed. Where it is no ``is_check``, nothing is
    said of what holds in checks alone.
    """

    def __init__(
        self,
        hosts: HostControl,
        name: str,
        source: bytes,
        seed: int,
        *,
        total_seconds: float,
        is_check: bool = True,
        helpers: Mapping[str, bytes] | None = None,
    ) -> None:
        self.name = name
        self.clock = SubmissionClock(total_seconds)
        self.last_call: CheckedCall | None = None
        self.last_answer = Answer()
        self.remarks: list[str] = []
        self._is_check = is_check
        self._hosts = hosts
        self._source = source
        self._helpers = helpers
        self._file_name = f"{name}{notebooks.SUFFIX if is_joined(source) else '.py'}"
        # Slow on purpose, and one way: there are few seeds, and whoever is told what follows from
        # one must not find it, and with it the inputs, by trying them all.
        self._secret = hashlib.pbkdf2_hmac("sha256", str(seed).encode(), SALT, SEED_ROUNDS)
        self._channel: socket.socket | None = None
        self._requests = 0
        self._callbacks: list[Callable[..., object]] = []
        self._is_calling_back = False

    def open(self) -> None:
        """Have a fresh process ready, in which nothing of the learner has run yet."""
        own = b"\n".join([self._source, *(self._helpers or {}).values()])
        process = self._hosts.start(late_imports_of(own))
        self._channel = process.channel
        self.clock.measure(process.meter)

    def load(self, seconds: float) -> None:
        """Run the learner's file in it; raises SubmissionError."""
        self.clock.begin(seconds)
        try:
            self._seed_for("load")
        except SubmissionError as error:
            # Nothing of the learner has run yet.
            sentence = f"The process for submissions could not be confined ({error})"
            raise LabFault(sentence) from error
        doing = f"{self._file_name}, while it is loaded,"
        helpers = dict(self._helpers or {})
        self._request(doing, op="load", name=self.name, source=self._source, helpers=helpers)

    def begin(self, check: str, seconds: float, load_seconds: float) -> None:
        """Give the next check its deadline and its seed, and a process where there is none."""
        if self._channel is None:
            self.open()
            self.load(load_seconds)
        self.clock.begin(seconds)
        self.last_call, self.last_answer = None, Answer()
        self._request(PROCESS, op="release")
        self._seed_for(check)

    def call(self, function: str, /, *args: object, **kwargs: object) -> Any:
        """Call a function of the learner's module; raises SubmissionError."""
        sent = self._sent({"args": args, "kwargs": kwargs})
        request = {"function": function, **sent}
        self.last_call = CheckedCall(function, request["args"], request["kwargs"])
        shown = self.last_call.shown()
        value = self._received(self._request(function, shown, op="call", **request))
        self.last_answer = Answer(f"{function}()", value)
        return value

    def call_again(self) -> Any:
        """Repeat the last call with the very objects that it was given."""
        assert self.last_call is not None
        function, shown = self.last_call.function, self.last_call.shown()
        return self._received(self._request(function, shown, op="call_again", function=function))

    def attribute(self, name: str) -> Any:
        """A value of the learner's module, such as a constant."""
        value = self._received(self._request(name, op="constant", name=name))
        self.last_answer = Answer(name, value)
        return value

    def output(self) -> str:
        """What the last call of a function has printed, up to 65,536 characters of it."""
        printed = self._request(PROCESS, op="output")
        return printed if isinstance(printed, str) else ""

    def arguments(self) -> Any:
        """The tensors that the last call was given, as the learner's process has them now."""
        return self._received(self._request(PROCESS, op="arguments"))

    def operate(self, doing: str, op: str, **fields: object) -> Any:
        """One operation on a remote object."""
        sent = self._sent(fields)
        is_call = "args" in sent
        self.last_call = (
            CheckedCall(doing, sent["args"], sent.get("kwargs", {})) if is_call else None
        )
        shown = self.last_call.shown() if self.last_call else ""
        return self._received(self._request(doing, shown, op=op, **sent))

    def close(self) -> None:
        """End the learner's process, if there is one."""
        if self._channel is not None:
            self._stop()

    def _seed_for(self, what: str) -> None:
        digest = hashlib.sha256(self._secret + what.encode()).digest()
        self._request(PROCESS, op="seed", seed=int.from_bytes(digest[:4], "big"))

    def _request(self, doing: str, call: str = "", **fields: object) -> Any:
        """What comes back; a sentence on what goes wrong tells the ``call``, if it was one."""
        if self._channel is None:
            raise EndedError("The process that runs your code has ended.")
        if self._is_calling_back:
            raise MistakenTestError(
                f"{doing} is asked for by a function that a submission is calling: "
                "give back plain values there"
            )
        self._requests += 1
        try:
            frame = wire.pack({"id": self._requests, **fields})
        except WireError as refusal:
            raise UnsendableError(f"{refusal} to {doing}") from refusal
        try:
            reply = self._exchanged(self._channel, frame)
            return self._answer(doing, call, reply)
        except (MistakenTestError, AssertionError):
            self._stop()  # It still waits for what the function of the test returns.
            raise
        except TimeoutError:
            error = self._out_of_time(doing, call)
            self._stop()
            raise error from None
        except EOFError:
            raise EndedError(f"{doing} {self._stop()}{_of_call(call)}.") from None
        except wire.WireError as error:
            self._stop()
            raise EndedError(f"{doing} sent back what cannot be read ({error}).") from None

    def _exchanged(self, channel: socket.socket, frame: bytes) -> Any:
        """What comes back for a frame, on the submission's own time."""
        self.clock.start()
        try:
            wire.send(channel, frame, self.clock.left)
            while True:
                match wire.receive(channel, self.clock.left):
                    case {"callback": int(number), "args": list(args), "kwargs": dict(kwargs)}:
                        answer = self._called_back(number, args, kwargs)
                        wire.send(channel, answer, self.clock.left)
                    case reply:
                        return reply
        finally:
            self.clock.stop()

    def _called_back(self, number: int, args: list[Any], kwargs: dict[Any, Any]) -> bytes:
        """What a function of the hidden test answers to a submission that calls it."""
        if not 0 <= number < len(self._callbacks):
            raise WireError("it calls a function that it was not given")
        self._is_calling_back = True
        try:
            given, named = self._received(args), self._received(kwargs)
            value = self._callbacks[number](*given, **named)
            return wire.pack({"value": _sendable(value)})
        except AssertionError:
            raise  # A check may fail in there, whatever the submission would make of it.
        except (WireError, MistakenTestError) as error:
            raise MistakenTestError(f"a function that was passed in: {error}") from None
        except Exception as error:
            kind = type(error).__name__ if type(error).__module__ == "builtins" else "RuntimeError"
            return wire.pack({"raised": [kind, one_line(str(error), MAX_MESSAGE)]})
        finally:
            self._is_calling_back = False

    def _out_of_time(self, doing: str, call: str) -> BusyError | TimedOutError:
        spent = self.clock.spent
        if self.clock.is_total_busy:
            return BusyError(f"All checks together {_too_busy(self.clock.total_spent)}")
        if self.clock.is_busy:
            return BusyError(f"{doing} {_too_busy(spent)}")
        return TimedOutError(
            f"{doing} did not finish within {self.clock.seconds:.3g} s and was "
            f"stopped{_of_call(call)}.{_untold(spent)}"
        )

    def _answer(self, doing: str, call: str, reply: Any) -> Any:
        match reply:
            case {"id": int(number), **rest} if number == self._requests:
                self._take_remarks(rest.get("remarks"))
                return self._value(doing, call, rest)
        raise wire.WireError("no answer to what was asked")

    def _take_remarks(self, names: object) -> None:
        """Keep the sentences of those remarks that there are; a name alone has crossed."""
        told = names if isinstance(names, list) else []
        known = [REMARKS[name] for name in told if isinstance(name, str) and name in REMARKS]
        self.remarks = list(dict.fromkeys((*self.remarks, *known)))

    def _value(self, doing: str, call: str, reply: dict[object, object]) -> Any:
        match reply:
            case {"value": value}:
                return value
            case {"missing": _} if doing.isidentifier() and not call:
                raise RaisedError(f"{self._file_name} defines no {doing}.")
            case {"missing": _} if doing.isidentifier():
                raise RaisedError(f"{self._file_name} defines no function named {doing}.")
            case {"refused": str(reason)}:
                raise RaisedError(f"{doing} returned what cannot be sent: {one_line(reason, 200)}.")
            case {"raised": [str(kind), str(message), list(lines), list(bases)]}:
                sentence = self._raised(
                    doing, kind, message, self._shown_line(lines, reply.get("helper")), call
                )
                kinds = tuple(each for each in bases if isinstance(each, str))
                advice = self._advice(kind, message)
                raise RaisedError(sentence + advice, self._known(lines), kinds)
        raise wire.WireError("an answer of no known kind")

    def _raised(self, doing: str, kind: str, message: str, line: str, call: str) -> str:
        if kind == "NotImplementedError" and not message:
            return f"{doing} is not written yet: it raises NotImplementedError."
        said = one_line(message, MAX_MESSAGE)
        return (
            f"{doing} raised {one_line(kind, MAX_NAME)}"
            + (f": {said}" if said else "")
            + (f" ({line})" if line else "")
            + _of_call(call)
        )

    def _shown_line(self, lines: list[Any], helper: object) -> str:
        """The line that raised it, of the learner's file or of a helper file; "" if not known."""
        match helper:
            case [str(name), int(line)] if name.removesuffix(".py") in (self._helpers or {}):
                shown = source_line((self._helpers or {})[name.removesuffix(".py")], line)
                return f"{name}, line {line}: {shown}" if shown else name
        number = lines[-1] if lines and type(lines[-1]) is int else None
        shown = source_line(self._source, number)
        return f"{place_of(self._source, number)}: {shown}" if shown and number else ""

    def _known(self, lines: list[Any]) -> tuple[int, ...]:
        """Those of ``lines`` that the learner's file has."""
        numbers = (each for each in lines[-MAX_LINES:] if type(each) is int)
        return tuple(each for each in numbers if source_line(self._source, each))

    def _advice(self, kind: str, message: str) -> str:
        """What the learner may not know of checks, where that may have been the reason."""
        if kind == "PermissionError" or READ_ONLY in message:
            return f". {WALLS}"
        is_relative = kind == "ImportError" and message.startswith(IS_RELATIVE)
        if self._is_check and (kind == "ModuleNotFoundError" or is_relative):
            return f". {self._alone()}"
        if self._is_check and (kind == "FileNotFoundError" or OFFLINE.search(message)):
            return f". {ELSEWHERE}"
        if self._is_check and kind in ON_GPU_KINDS and ON_GPU.search(message):
            return f". {ON_CPU}"
        return ""

    def _alone(self) -> str:
        """Which files a check sees."""
        if self._helpers is None:
            return f"{ALONE} {MAY_BE_ALLOWED}"
        if not self._helpers:
            return ALONE
        taken = shortened(", ".join(f"{name}.py" for name in self._helpers), MAX_MESSAGE)
        return f"A check sees only this file, its helper files ({taken}) and installed packages."

    def _sent(self, fields: dict[str, Any]) -> dict[str, Any]:
        """What a request can carry of these fields; it may call the functions among them."""
        self._callbacks = []
        return {name: _sendable(each, self._callbacks) for name, each in fields.items()}

    def _received(self, value: Any) -> Any:
        match value:
            case Handle():
                return RemoteObject(self, value)
            case Record(type_name=type_name, fields=fields):
                return ReturnedRecord(
                    type_name, tuple((name, self._received(each)) for name, each in fields)
                )
            case list():
                return [self._received(each) for each in value]
            case tuple():
                return tuple(self._received(each) for each in value)
            case dict():
                return {key: self._received(each) for key, each in value.items()}
        return value

    def _stop(self) -> str:
        """End the learner's process; says how it had ended."""
        assert self._channel is not None
        self.clock.measure(None)
        self._channel.close()
        self._channel = None
        try:
            return _ending(self._hosts.stop())
        except LabFault:
            return "ended the process that it was started by"


@dataclass(frozen=True)
class RemoteObject:
    """An object that lives in the submission's process, such as a network."""

    submission: LoadedSubmission
    handle: Handle

    @property
    def is_module(self) -> bool:
        """Whether the host says that it is an ``nn.Module``."""
        return self.handle.is_module

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Its forward pass, without gradients."""
        return self._operate("forward", "forward", args=args, kwargs=kwargs)

    def __iter__(self) -> Iterator[Any]:
        """Its items, such as those of a generator; each is asked for when it is needed."""
        items = self._operate("iteration", "iterator")
        if not isinstance(items, RemoteObject):
            raise RaisedError("More objects are in use than a check takes.")
        room = wire.MAX_BODY
        while found := items._operate("iteration", "next"):
            if not isinstance(found, list):
                raise RaisedError("An iteration returned no items.")
            # Whoever collects the items must not run out of memory.
            room -= len(wire.pack(_sendable(found)))
            if room < 0:
                raise RaisedError("An iteration returned more than 256 MiB.")
            yield found[0]

    def __getattr__(self, name: str) -> Any:
        """What it has as an attribute, where that has no name of this class."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self.attribute(name)

    def attribute(self, name: str) -> Any:
        """A value that it has as an attribute."""
        return self._operate(name, "attribute", name=name)

    def method(self, name: str, /, *args: object, **kwargs: object) -> Any:
        """Any method of it."""
        return self._operate(name, "method", name=name, args=args, kwargs=kwargs)

    def state_dict(self) -> dict[str, Tensor]:
        """Its parameters and buffers, as the host tells them: a hint, never proof."""
        state = self._fields("state_dict", "state_dict")
        tensors = {name: each for name, each in state.items() if isinstance(each, Tensor)}
        numbers = sum(tensor.numel() for tensor in tensors.values())
        if numbers > MAX_NUMBERS:
            raise RaisedError(
                f"{one_line(self.handle.type_name, MAX_NAME)} has {numbers:,} parameters and "
                f"buffers, more than the {MAX_NUMBERS:,} that a check takes."
            )
        return tensors

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Give it these parameters and buffers."""
        self._operate("load_state_dict", "load_state_dict", state=dict(state))

    def train(self, mode: bool = True) -> None:
        """Switch it to training or to evaluation."""
        self._operate("train", "train", mode=mode)

    def grads(self, inputs: Tensor, cotangent: Tensor) -> dict[str, Any]:
        """Gradients of ``(output * cotangent).sum()``: ``output``, ``inputs``, ``parameters``."""
        return self._fields("backward", "grads", inputs=inputs, cotangent=cotangent)

    def layers(self, inputs: Tensor) -> Any:
        """Of each call of a layer with a weight: its shape, the layer's input and its output."""
        return self._operate("forward", "layers", inputs=inputs)

    def _fields(self, doing: str, op: str, **fields: object) -> dict[str, Any]:
        value = self._operate(doing, op, **fields)
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            raise RaisedError(f"{doing} returned no dict of names.")
        return value

    def _operate(self, doing: str, op: str, **fields: object) -> Any:
        name = one_line(self.handle.type_name, MAX_NAME)
        return self.submission.operate(f"{name}.{doing}", op, object=self, **fields)


@dataclass(frozen=True)
class ReturnedRecord(Record):
    """A dataclass instance of the learner's; its fields are attributes here, too."""

    def __getattr__(self, name: str) -> Any:
        """One of its fields."""
        if name.startswith("__"):
            raise AttributeError(name)
        for field, value in self.fields:
            if field == name:
                return value
        kind = one_line(self.type_name, MAX_NAME)
        raise MissingAttributeError(f"An object of type {kind} has no attribute {name}.")


def _sendable(value: Any, callbacks: list[Callable[..., object]] | None = None) -> Any:
    """``value`` as it can be sent; ``callbacks`` takes the functions in it, if they may be."""
    match value:
        case RemoteObject():
            return value.handle
        case ReturnedRecord():
            return Record(value.type_name, _sendable(value.fields, callbacks))
        case numpy.generic():
            return value.item()
        case Tensor() if type(value) is not Tensor:
            return value.detach().as_subclass(Tensor)
        case list():
            return [_sendable(each, callbacks) for each in value]
        case tuple():
            return tuple(_sendable(each, callbacks) for each in value)
        case dict():
            return {key: _sendable(each, callbacks) for key, each in value.items()}
    if callbacks is not None and callable(value):
        callbacks.append(value)
        return Callback(len(callbacks) - 1)
    return value


def _of_call(call: str) -> str:
    return f"; the call was {call}" if call else ""


def _too_busy(spent: Spent) -> str:
    return (
        f"waited {spent.waited:.3g} of {spent.clock:.3g} s for a processor: the machine was too "
        "busy for this check. Run it again when less is running."
    )


def _untold(spent: Spent) -> str:
    """What to say where waiting and sleeping cannot be told apart."""
    if not spent.untold:
        return ""
    return (
        f" It computed for {spent.own:.0f} of {spent.clock:.0f} s. If the machine was busy "
        "meanwhile, which this system does not tell, run the check again."
    )


def _ending(code: int) -> str:
    if code == OVERFULL:
        most = f"{MAX_BYTES >> 20} MiB or {MAX_FILES} files"
        return f"was ended: it wrote more than {most}"
    if code < 0:
        with suppress(ValueError):
            return f"was ended by {Signals(-code).name}"
        return f"was ended by signal {-code}"
    return f"ended its own process (exit code {code})"
