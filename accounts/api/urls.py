from __future__ import annotations

from django.urls import path

from accounts.api import api_keys, session

urlpatterns = [
    path("session", session.SessionView.as_view()),
    path("session/password", session.PasswordView.as_view()),
    path("sign-in/<str:token>", session.use_sign_in_link),
    path("token", session.TokenView.as_view()),
    path("token/refresh", session.TokenRefreshView.as_view()),
    path("projects", session.ProjectListView.as_view()),
    path("api-keys", api_keys.ApiKeyListView.as_view()),
    path("api-keys/<id:key_id>", api_keys.ApiKeyView.as_view()),
]
