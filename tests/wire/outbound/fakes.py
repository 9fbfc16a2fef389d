"""A resolver and a network that never leave the process."""

from collections.abc import Iterable, Mapping, Sequence

from wire.outbound import Allow, OutboundClient
from wire.outbound.network import Stream

PUBLIC = "93.184.215.14"
CHUNK = 65_536
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answer(body: bytes, *headers: str) -> bytes:
    lines = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers])
    return lines.encode() + b"\r\n\r\n" + body


def redirect(to: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


class FakeStream:
    """Plays an answer; keeps what was written and under which name TLS was asked for."""

    is_quiet = False  # so that every call makes a connection of its own

    def __init__(self, answer: bytes, tls_name: str | None) -> None:
        self._answer = answer
        self.written = b""
        self.tls_name = tls_name

    async def read(self) -> bytes:
        chunk, self._answer = self._answer[:CHUNK], self._answer[CHUNK:]
        return chunk

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        pass


class FakeNetwork:
    """Answers each connection with the next of `answers`; keeps where it was asked to connect."""

    def __init__(self, answers: Iterable[bytes], unreachable: Iterable[str] = ()) -> None:
        self._answers = iter(answers)
        self._unreachable = set(unreachable)
        self.connected: list[tuple[str, int]] = []
        self.streams: list[FakeStream] = []

    async def connect(self, address: str, port: int, tls_name: str | None) -> Stream:
        self.connected.append((address, port))
        if address in self._unreachable:
            raise OSError("no route")
        self.streams.append(FakeStream(next(self._answers), tls_name))
        return self.streams[-1]

    @property
    def requests(self) -> list[str]:
        return [stream.written.decode() for stream in self.streams]


class Names:
    """A resolver with a fixed book; each look-up of a name takes its next entry, the last one again and again."""

    def __init__(self, **book: Sequence[str]) -> None:
        self._book: Mapping[str, list[str]] = {name: list(entries) for name, entries in book.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        entries = self._book.get(host.split(".")[0], [PUBLIC])
        entry = entries.pop(0) if len(entries) > 1 else entries[0]
        if not entry:
            raise OSError("unknown name")
        return entry.split()


def client(
    *answers: bytes, allow: str = "", unreachable: Iterable[str] = (), **book: Sequence[str]
) -> tuple[OutboundClient, FakeNetwork, Names]:
    network, names = FakeNetwork(answers, unreachable), Names(**book)
    return OutboundClient(Allow.parse(allow), resolver=names, network=network), network, names
