"""What a submission's own process does: answer the judge's requests, one by one.

Everything here runs beside the learner's code, which may change any of it. So
nothing here decides anything: it hands over plain data and the judge compares.
"""

import socket
import sys

from cnn_tui.grading.isolation import wire
from cnn_tui.grading.isolation.hosted_submission import HostedSubmission, PrintedText, Request
from cnn_tui.grading.isolation.module_operations import MODULE_OPERATIONS, MissingError
from cnn_tui.grading.isolation.object_operations import OBJECT_OPERATIONS
from cnn_tui.grading.isolation.raised_errors import described_error, place_in_helpers
from cnn_tui.grading.isolation.wire_values import WireError
from cnn_tui.grading.stand_ins.eager import run_eagerly
from cnn_tui.grading.stand_ins.modules import serve_modules
from cnn_tui.grading.stand_ins.remarks import noted

OPERATIONS = {**MODULE_OPERATIONS, **OBJECT_OPERATIONS}


def serve(channel: socket.socket) -> None:
    """Answer requests until the judge hangs up."""
    serve_modules()
    run_eagerly()
    # What the learner's code puts in its place is not looked at.
    printed = sys.stdout if isinstance(sys.stdout, PrintedText) else None
    session = HostedSubmission(channel=channel, printed=printed)
    while True:
        try:
            request = wire.receive(channel)
            reply = _reply(session, request)
            wire.send(channel, reply)
        except EOFError:
            return


def _reply(session: HostedSubmission, request: Request) -> bytes:
    number = request["id"]
    try:
        value = OPERATIONS[request["op"]](session, request)
        return wire.pack({"id": number, "value": value, "remarks": noted()}, session.plain)
    except MissingError:
        return wire.pack({"id": number, "missing": True})
    except WireError as error:
        return wire.pack({"id": number, "refused": str(error)})
    except BaseException as error:
        module, helper_files = session.module.__name__, session.helper_files
        raised = described_error(error, module, helper_files)
        place = place_in_helpers(error, module, helper_files)
        described = {"id": number, "raised": raised, "remarks": noted(), "helper": place}
        return wire.pack(described)
    finally:
        _flush()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue
