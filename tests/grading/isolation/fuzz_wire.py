"""A fuzz target for the wire: ``python -m tests.grading.isolation.fuzz_wire -max_total_time=600``.

Arbitrary bytes, and bytes that begin as a frame, must be read or refused, and
what was read must cross again unchanged.
"""

import sys

import atheris

with atheris.instrument_imports(include=["cnn_tui.grading.isolation"]):
    from cnn_tui.grading.isolation import wire
    from cnn_tui.grading.isolation.wire_values import WireError

import torch


def read_or_refuse(data: bytes) -> None:
    """Both halves of the input are tried: as a whole frame, and as header and body of one."""
    provider = atheris.FuzzedDataProvider(data)
    header = provider.ConsumeBytes(provider.ConsumeIntInRange(0, 4096))
    body = provider.ConsumeBytes(4096)
    framed = wire.PREFIX.pack(wire.MAGIC, len(header), len(body)) + header + body
    for frame in (data, framed):
        try:
            value = wire.unpack(frame)
        except WireError:
            continue
        again = wire.unpack(wire.pack(value))
        assert repr(again) == repr(value)


def main() -> None:
    """Fuzz until the time or the runs on the command line are up."""
    torch.set_num_threads(1)
    atheris.Setup(sys.argv, read_or_refuse)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
