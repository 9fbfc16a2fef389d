"""Dapr's gRPC services on a port of their own, as a part of the server process with an event loop in its own thread."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import grpc
from django.conf import settings

from runs.dialects.dapr import runtime_service, taskhub
from runs.dialects.dapr.rpc import handlers
from runs.serving.web import AddressTakenError

STOP_SECONDS = 1.0


class GrpcServer:
    name = "grpc"

    def __init__(self, host: str, port: int) -> None:
        self._address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._port = port
        self._listening: Future[None] = Future()
        self._loop = asyncio.new_event_loop()
        self._told_to_stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="grpc", daemon=True)

    def start(self) -> None:
        """Returns when calls are taken; AddressTakenError when they cannot be."""
        self._thread.start()
        self._listening.result()

    def works(self) -> bool:
        return self._thread.is_alive()

    def stop(self, grace_seconds: float) -> None:
        """What still waits is cut off after a moment, however long the grace is; clients call again."""
        self._loop.call_soon_threadsafe(self._told_to_stop.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        # If it was not said, a second process would share the port, and take half of the calls.
        options = [
            ("grpc.so_reuseport", int(settings.SHARE_PORT)),
            ("grpc.max_receive_message_length", settings.MAX_BODY_BYTES),
        ]
        server = grpc.aio.server(options=options)
        for service in (taskhub, runtime_service):
            server.add_generic_rpc_handlers((handlers(service.SERVICE, service.METHODS),))
        try:
            server.add_insecure_port(self._address)
        except RuntimeError:
            text = f"port {self._port} is taken; set PENSTOCK_DAPR_GRPC_PORT to another one"
            self._listening.set_exception(AddressTakenError(text))
            return
        await server.start()
        self._listening.set_result(None)
        await self._told_to_stop.wait()
        await server.stop(STOP_SECONDS)
