"""Django's doors. Webhooks and the live stream are in front of Django (config/asgi.py)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
