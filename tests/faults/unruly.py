"""Node kinds that no worker should have to bear, as a third party's plug-in would bring them."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from pathlib import Path
from typing import Literal

from workflows.nodes.base import Context, Node, Output, Params, setting

_DEAF_SECONDS = 120


class NoSettings(Params):
    pass


class Greeter(Node):
    """The one that is no trouble, where it is installed."""

    kind = "greeter"
    title = "Greeter"
    category = "action"
    description = "Says hello."
    icon = "hand"
    params = NoSettings
    repeat = "safe"

    async def run(self, params: NoSettings, ctx: Context) -> Output:
        return Output("hello")


class Killer(Node):
    kind = "killer"
    title = "Killer"
    category = "action"
    description = "Takes its process with it."
    icon = "skull"
    params = NoSettings
    repeat = "safe"

    async def run(self, params: NoSettings, ctx: Context) -> Output:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("this process is dead")


class DeafSettings(Params):
    way: Literal["coroutine", "thread"] = setting("coroutine", title="Way", description="Where it hangs.")


class Deaf(Node):
    kind = "deaf"
    title = "Deaf"
    category = "action"
    description = "Does not come back, whatever it is told."
    icon = "ear-off"
    params = DeafSettings
    repeat = "safe"

    async def run(self, params: DeafSettings, ctx: Context) -> Output:
        if params.way == "thread":
            await asyncio.to_thread(threading.Event().wait, _DEAF_SECONDS)
        end = asyncio.get_running_loop().time() + _DEAF_SECONDS
        while asyncio.get_running_loop().time() < end:
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                continue
        return Output(None)


def installed(folder: Path) -> str:
    """What PYTHONPATH must say so that this module is an installed plug-in: a package's record in `folder`."""
    record = folder / "unruly_nodes-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: unruly-nodes\nVersion: 1.0\n")
    kinds = "".join(f"{kind.kind} = {__name__}:{kind.__name__}\n" for kind in (Greeter, Killer, Deaf))
    (record / "entry_points.txt").write_text(f"[penstock.nodes]\n{kinds}")
    return str(folder)
