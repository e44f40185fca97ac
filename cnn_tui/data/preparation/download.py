"""Files fetched over HTTP, which go on where a cut connection left them.

What has come is kept in a file that ends in ``.part``; it gets its name once its
checksum is right. So a name that is there stands for a whole file.
"""

import hashlib
import http.client
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cnn_tui.data.records import PreparationStep, ProgressCallback, silent

TIMEOUT_SECONDS = 20.0
"""A server that sends nothing for so long is taken for gone."""

CHUNK_BYTES = 2**18
LARGEST_BYTES = 2 * 2**30
"""No file of the catalogue comes near; a server that sends more would fill the disk."""

ATTEMPTS = 4
"""Connections in a row that may bring nothing new, once a server has sent something."""

PAUSE_SECONDS = 1.0
"""Before the first of them; it doubles with each."""


class DownloadError(Exception):
    """Why a file could not be had, in a few words that fit into brackets."""


def fetch(urls: Sequence[str], target: Path, md5: str, progress: ProgressCallback = silent) -> None:
    """Make ``target`` from the first of ``urls`` that sends the file of this checksum.

    Raises DownloadError where none does, and OSError where the disk refuses;
    what has come so far stays for the next time.
    """
    part = target.with_name(f"{target.name}.part")
    reasons = []
    for url in urls:
        try:
            _fetch_verified(url, part, md5, progress)
        except DownloadError as error:
            reasons.append(f"{_host(url)}: {error}")
            continue
        part.replace(target)
        return
    raise DownloadError("; ".join(reasons))


def refuse_unreachable(urls: Sequence[str]) -> None:
    """Raise DownloadError where no server offers the file, without fetching it."""
    reasons = []
    for url in urls:
        try:
            with _open(url, 0):
                return
        except DownloadError as error:
            reasons.append(f"{_host(url)}: {error}")
    raise DownloadError("; ".join(reasons))


def checksum(path: Path) -> str:
    """The md5 of a file, by which its authors and torchvision tell it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _fetch_verified(url: str, part: Path, md5: str, progress: ProgressCallback) -> None:
    began_elsewhere = _size(part) > 0
    _fetch_whole(url, part, progress)
    if checksum(part) == md5:
        return
    part.unlink()
    if began_elsewhere:  # perhaps by another server, or before the file was replaced there
        _fetch_verified(url, part, md5, progress)
        return
    raise DownloadError("what it sent has the wrong checksum")


def _fetch_whole(url: str, part: Path, progress: ProgressCallback) -> None:
    """Connect as often as it takes, while every few connections bring something new."""
    reached = _size(part)
    fruitless = ATTEMPTS - 1  # of a server that never sent anything, one failure is enough
    while True:
        try:
            _transfer(url, part, progress)
            return
        except DownloadError:
            fruitless = 0 if _size(part) > reached else fruitless + 1
            reached = max(reached, _size(part))
            if fruitless == ATTEMPTS:
                raise
            time.sleep(PAUSE_SECONDS * 2**fruitless)


def _transfer(url: str, part: Path, progress: ProgressCallback) -> None:
    """Append to ``part`` what it lacks, over one connection."""
    done = _size(part)
    with _open(url, done) as response:
        if response is None:
            return
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:
            done = 0
        elif not response.getheader("Content-Range", "").startswith(f"bytes {done}-"):
            raise DownloadError("it sent another part of the file than it was asked for")
        total = None if response.length is None else done + response.length
        doing = f"downloading {part.name.removesuffix('.part')}"
        with part.open("ab" if done else "wb") as file:
            progress(PreparationStep(doing, done, total, "bytes"))
            while chunk := _read(response):
                file.write(chunk)
                done += len(chunk)
                progress(PreparationStep(doing, done, total, "bytes"))
                if done > LARGEST_BYTES:
                    part.unlink()
                    raise DownloadError("it sends far more than the file")
    if total is not None and done < total:
        raise DownloadError("the connection was cut")


@contextmanager
def _open(url: str, start: int) -> Iterator[http.client.HTTPResponse | None]:
    """The answer to a request for the file from byte ``start`` on; None where nothing is left."""
    headers = {"User-Agent": "cnn-lab"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        request = urllib.request.Request(url, headers=headers)
        response = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        with error:
            if start and error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                yield None
                return
            raise DownloadError(f"it answered {error.code} {error.reason}".rstrip()) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DownloadError(_reason(error)) from error
    with response:
        yield response


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read1(CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise DownloadError(_reason(error)) from error


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc or url


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, socket.gaierror):
        return "name lookup failed"
    if isinstance(cause, TimeoutError):
        return "it does not answer"
    if isinstance(cause, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return "the connection was cut"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(cause).__name__
