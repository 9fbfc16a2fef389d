"""A worker as Conductor's users write it: `python -m … URL KEY_ID KEY_SECRET MODE`. It does tasks of the type `double`,
and says of each that it began; with MODE `hang` it never comes to an end of one. Annotations must be no text here: the
client converts by them."""

import sys
import time

from conductor.client.automator.task_handler import TaskHandler
from conductor.client.configuration.configuration import Configuration
from conductor.client.configuration.settings.authentication_settings import AuthenticationSettings
from conductor.client.worker.worker_task import worker_task

MODE = sys.argv[4] if len(sys.argv) > 4 else ""


@worker_task(task_definition_name="double", poll_interval_millis=50)
def double(n: int) -> dict[str, int]:
    print("began", flush=True)  # noqa: T201 - what the test waits for
    if MODE == "hang":
        time.sleep(600)
    return {"doubled": 2 * n}


def main(url: str, key_id: str, key_secret: str, mode: str) -> None:
    keys = AuthenticationSettings(key_id=key_id, key_secret=key_secret)
    configuration = Configuration(base_url=url, authentication_settings=keys)
    with TaskHandler(configuration=configuration, scan_for_annotated_workers=True) as handler:
        handler.start_processes()
        handler.join_processes()


if __name__ == "__main__":
    main(*sys.argv[1:])
