"""A relay on loopback between a server and its database, which can fall silent: as a network that swallows packets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

CHUNK_BYTES = 65_536


class Relay:
    """Lets in whoever calls, and hands on what is said in both directions to the socket at `path`. What is said while
    it is silent is lost, and a conversation of which something was lost stays silent for ever."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._is_silent = False
        self._door = socket.create_server(("127.0.0.1", 0), backlog=500)
        self.port: int = self._door.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._let_in, name="relay", daemon=True)]

    @contextmanager
    def silent(self) -> Iterator[None]:
        self._is_silent = True
        try:
            yield
        finally:
            self._is_silent = False

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._door:
            _hang_up(self._door)
            self._threads[0].join(30)
        for each in self._sockets:
            _hang_up(each)
        for thread in self._threads:
            thread.join(30)

    def _let_in(self) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                caller, _ = self._door.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._path)
                lost = threading.Event()
                for hears, says in ((caller, server), (server, caller)):
                    thread = threading.Thread(target=self._hand_on, args=(hears, says, lost), daemon=True)
                    self._threads.append(thread)
                    self._sockets.append(hears)
                    thread.start()

    def _hand_on(self, hears: socket.socket, says: socket.socket, lost: threading.Event) -> None:
        with hears, suppress(OSError):
            while said := hears.recv(CHUNK_BYTES):
                if self._is_silent:
                    lost.set()
                if not lost.is_set():
                    says.sendall(said)
        _hang_up(says)


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
