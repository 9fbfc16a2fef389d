"""Parts of a process: started in turn, watched, stopped together, whatever one of them does."""

from __future__ import annotations

import signal
import socket
import time
from dataclasses import dataclass, field

import pytest

from runs import probes
from runs.serving.process import started
from runs.serving.web import AddressTakenError, listen

SAID: list[str] = []


@dataclass
class Part:
    name: str
    fails_at: str = ""
    takes: float = 0
    said: list[str] = field(default_factory=lambda: SAID)

    def start(self) -> None:
        self._do("start")

    def works(self) -> bool:
        return True

    def stop(self, grace_seconds: float) -> None:
        time.sleep(self.takes)
        self._do("stop")

    def _do(self, what: str) -> None:
        self.said.append(f"{what} {self.name}")
        if self.fails_at == what:
            raise RuntimeError(f"{self.name} cannot {what}")


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "parts", {})
    SAID.clear()


def test_parts_are_started_in_turn_and_stopped_once() -> None:
    with started([Part("a"), Part("b")]) as stop:
        assert SAID == ["start a", "start b"]
        assert set(probes.parts) == {"a", "b"}
        stop(signal.SIGINT)
    assert sorted(SAID[2:]) == ["stop a", "stop b"]


def test_when_one_cannot_start_those_before_it_are_stopped() -> None:
    with pytest.raises(RuntimeError, match="b cannot start"), started([Part("a"), Part("b", "start"), Part("c")]):
        pass
    assert SAID == ["start a", "start b", "stop a"]


def test_the_slowest_alone_decides_how_long_a_stop_takes() -> None:
    with started([Part("a", takes=0.2), Part("b", takes=0.2), Part("c", takes=0.2)]) as stop:
        began = time.monotonic()
        stop(signal.SIGTERM)
        assert time.monotonic() - began < 0.5


def test_one_that_cannot_stop_is_told_of_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    with started([Part("a", "stop"), Part("b")]) as stop:
        stop(signal.SIGINT)
    assert "stop b" in SAID
    assert "stopping the a: a cannot stop" in caplog.text


def test_an_address_that_is_taken_or_not_ours_is_told_in_one_line() -> None:
    with listen("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(AddressTakenError, match=f"port {port} on 127.0.0.1 is taken"):
            listen("127.0.0.1", port)
    with pytest.raises(AddressTakenError, match=r"cannot listen on 192\.0\.2\.1"):
        listen("192.0.2.1", port)


def test_a_port_is_shared_only_among_those_that_say_so() -> None:
    with listen("127.0.0.1", 0, shared=True) as first:
        first.listen()
        port = first.getsockname()[1]
        listen("127.0.0.1", port, shared=True).close()
        with pytest.raises(AddressTakenError, match=f"port {port} on 127.0.0.1 is taken"):
            listen("127.0.0.1", port)


def test_ipv6_is_listened_to_as_well() -> None:
    with listen("::1", 0) as bound:
        assert bound.family == socket.AF_INET6
