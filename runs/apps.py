from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "runs"

    def ready(self) -> None:
        from runs.dialects import registry
        from runs.serving import housekeeping

        housekeeping.connect()
        registry.connect()
