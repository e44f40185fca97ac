"""A file server on loopback that fails in chosen ways."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STALL_SECONDS = 5.0
"""Longer than any test's time limit for an answer."""


class FileServer(ThreadingHTTPServer):
    """Offers ``files`` (path → content), and behaves as it is told.

    ``cut_after`` bytes of a body the connection is closed (once, or every time);
    ``stall_after`` bytes nothing more comes; ``status`` is answered to everything.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str | None]] = []
        self.cut_after: int | None = None
        self.always_cut = False
        self.stall_after: int | None = None
        self.status: int | None = None
        self.ranges = True
        self.tell_length = True
        self.on_request: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:
        server, asked = self.server, self.headers.get("Range")
        server.requests.append((self.path, asked))
        server.on_request()
        whole = server.files.get(self.path)
        if server.status is not None or whole is None:
            self.send_error(server.status or 404)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and server.ranges else 0
        if start and start >= len(whole):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(whole)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        if server.tell_length:
            self.send_header("Content-Length", str(len(whole) - start))
        self.end_headers()
        self._send(whole[start:])

    def _send(self, body: bytes) -> None:
        server = self.server
        if server.cut_after is not None:
            body = body[: server.cut_after]
            server.cut_after = server.cut_after if server.always_cut else None
        if server.stall_after is not None:
            self.wfile.write(body[: server.stall_after])
            self.wfile.flush()
            server.stall_after = None
            time.sleep(STALL_SECONDS)
            return
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def file_server() -> Iterator[FileServer]:
    """A FileServer that answers on a thread of its own."""
    with FileServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
