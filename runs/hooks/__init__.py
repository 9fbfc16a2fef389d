"""Inbound webhooks: `/hooks/{token}/…` in front of Django, and what other doors share with it."""
