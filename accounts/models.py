"""Who: users, projects (the tenant), memberships, and the keys that programs use."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from wire.ids import new_id


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, name: str = "") -> User:
        """A user who signs in with `email`; without a password only a sign-in link lets them in."""
        user = self.model(email=email.strip().lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "usr"), editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.email


class Project(models.Model):
    """The tenant: every workflow, run, credential and key belongs to exactly one."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "prj"), editable=False)
    name = models.CharField(max_length=200)
    timezone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user in a project. As `authorization` (`auth_…`) it is under whose name a workflow acts."""

    class Role(models.TextChoices):
        OWNER = "owner"

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "auth"), editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.OWNER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "project"], name="one_membership_per_project")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.project_id}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def for_project(self, project: Project) -> ApiKeyQuerySet:
        """The keys of one tenant that are not revoked. Every look-up by id starts here."""
        return self.filter(membership__project=project, revoked_at=None)


class ApiKey(models.Model):
    """A key for programs. The secret is sealed, because request signatures need it; looked up by its SHA-256."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "key"), editable=False)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=200)
    sealed_secret = models.BinaryField()
    secret_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class SignInLink(models.Model):
    """A one-time way in, kept as a hash; used once, within its hour."""

    token_sha256 = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link for {self.user_id}"


class FailedSignIn(models.Model):
    """A wrong password, kept for a quarter of an hour to throttle guessing (accounts/throttle.py)."""

    account_sha256 = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    failed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account_sha256", "failed_at"], name="failed_sign_in_account"),
            models.Index(fields=["address", "failed_at"], name="failed_sign_in_address"),
        ]

    def __str__(self) -> str:
        return f"from {self.address} at {self.failed_at}"


class SealingKey(models.Model):
    """The fingerprint of a key that sealed something here, to tell a wrong key at start (accounts/sealing.py)."""

    fingerprint = models.CharField(primary_key=True, max_length=64)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.fingerprint
