"""The judge's side of a submission: what hidden tests call, with deadlines of its own.

``LoadedSubmission`` stands for the learner's module. Whatever goes wrong on the
other side becomes a SubmissionError with a sentence for the learner.
"""

import hashlib
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cnn_tui.errors import LabFault
from cnn_tui.grading.isolation import wire
from cnn_tui.grading.isolation.calls import CheckedCall
from cnn_tui.grading.isolation.deadlines import SubmissionClock
from cnn_tui.grading.isolation.explanations import Explanations, ending, of_call, out_of_time
from cnn_tui.grading.isolation.host import late_imports_of
from cnn_tui.grading.isolation.host_control import HOST_SECONDS, HostControl
from cnn_tui.grading.isolation.remote_objects import received, sendable
from cnn_tui.grading.isolation.submission_errors import (
    EndedError,
    MistakenTestError,
    RaisedError,
    SubmissionError,
    UnsendableError,
)
from cnn_tui.grading.isolation.wire_values import WireError
from cnn_tui.grading.stand_ins.remarks import REMARKS
from cnn_tui.grading.text import one_line

PROCESS = "The process that runs your code"
SALT = b"what a submission is told"
SEED_ROUNDS = 50_000
MAX_MESSAGE = 300


@dataclass(frozen=True)
class Answer:
    """What a submission was asked for, such as ``f()``, and the value that came back."""

    asked: str = ""
    value: Any = None


class LoadedSubmission:
    """The learner's module, in a process that can be stopped and started again.

    ``total_seconds`` are for all checks together; ``last_call`` is what the check
    that runs has called last, ``last_answer`` what it was answered, ``remarks`` what a report
    says of the stand-ins that the code met. ``helpers`` are the helper files that it may
    import, by place; None where none are allowed. Where it is no ``is_check``, nothing is
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
        self._explain = Explanations(name, source, helpers, is_check)
        self._hosts = hosts
        self._source = source
        self._helpers = helpers
        # Slow on purpose, and one way: there are few seeds, and whoever is told what follows from
        # one must not find it, and with it the inputs, by trying them all.
        self._secret = hashlib.pbkdf2_hmac("sha256", str(seed).encode(), SALT, SEED_ROUNDS)
        self._channel: socket.socket | None = None
        self._requests = 0
        self._callbacks: list[Callable[..., object]] = []
        self._is_calling_back = False

    def open(self, seconds: float = HOST_SECONDS) -> None:
        """Have a fresh process ready, in which nothing of the learner has run yet.

        It may take ``seconds``, which a host that has to start itself needs more of.
        """
        own = b"\n".join([self._source, *(self._helpers or {}).values()])
        process = self._hosts.start(late_imports_of(own), seconds)
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
        doing = f"{self._explain.file_name}, while it is loaded,"
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
            error = out_of_time(self.clock, doing, call)
            self._stop()
            raise error from None
        except EOFError:
            raise EndedError(f"{doing} {self._stop()}{of_call(call)}.") from None
        except WireError as error:
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
            return wire.pack({"value": sendable(value)})
        except AssertionError:
            raise  # A check may fail in there, whatever the submission would make of it.
        except (WireError, MistakenTestError) as error:
            raise MistakenTestError(f"a function that was passed in: {error}") from None
        except Exception as error:
            kind = type(error).__name__ if type(error).__module__ == "builtins" else "RuntimeError"
            return wire.pack({"raised": [kind, one_line(str(error), MAX_MESSAGE)]})
        finally:
            self._is_calling_back = False

    def _answer(self, doing: str, call: str, reply: Any) -> Any:
        match reply:
            case {"id": int(number), **rest} if number == self._requests:
                self._take_remarks(rest.get("remarks"))
                return self._value(doing, call, rest)
        raise WireError("no answer to what was asked")

    def _take_remarks(self, names: object) -> None:
        """Keep the sentences of those remarks that there are; a name alone has crossed."""
        told = names if isinstance(names, list) else []
        known = [REMARKS[name] for name in told if isinstance(name, str) and name in REMARKS]
        self.remarks = list(dict.fromkeys((*self.remarks, *known)))

    def _value(self, doing: str, call: str, reply: dict[object, object]) -> Any:
        match reply:
            case {"value": value}:
                return value
            case {"missing": _} if doing.isidentifier():
                raise self._explain.missing(doing, is_called=bool(call))
            case {"refused": str(reason)}:
                raise RaisedError(f"{doing} returned what cannot be sent: {one_line(reason, 200)}.")
            case {"raised": [str(kind), str(message), list(lines), list(bases)]}:
                raised = (kind, message, lines, bases)
                raise self._explain.raised(doing, call, raised, reply.get("helper"))
        raise WireError("an answer of no known kind")

    def _sent(self, fields: dict[str, Any]) -> dict[str, Any]:
        """What a request can carry of these fields; it may call the functions among them."""
        self._callbacks = []
        return {name: sendable(each, self._callbacks) for name, each in fields.items()}

    def _received(self, value: Any) -> Any:
        return received(value, self)

    def _stop(self) -> str:
        """End the learner's process; says how it had ended."""
        assert self._channel is not None
        self.clock.measure(None)
        self._channel.close()
        self._channel = None
        try:
            return ending(self._hosts.stop())
        except LabFault:
            return "ended the process that it was started by"
