"""A prepared question answers as its queryset does, each time from the database."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.db.models import Count, QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, Project, User
from tests.people import person
from wire.prepared import Prepared
from workflows.models import Version

pytestmark = pytest.mark.django_db


def memberships(user_id: str, project_id: str) -> QuerySet[Membership]:
    return Membership.objects.select_related("user", "project").filter(user_id=user_id, project_id=project_id)


def counted(user_id: str) -> QuerySet[User]:
    return User.objects.only("pk").filter(pk=user_id).annotate(projects=Count("memberships"))


def test_it_gives_what_the_queryset_gives_with_what_lies_beside() -> None:
    prepared = Prepared(memberships, 2)
    for name in ("Alice", "Bob"):
        membership = person(name).membership
        [expected] = memberships(membership.user_id, membership.project_id)
        found = prepared.one(membership.user_id, membership.project_id)
        for mine, theirs in ((found, expected), (found.user, expected.user), (found.project, expected.project)):
            assert {**vars(mine), "_state": None} == {**vars(theirs), "_state": None}
        assert not found._state.adding
        assert found._state.db == "default"
    assert prepared.first("usr_none", "prj_none") is None


@pytest.mark.parametrize("has_author", [True, False])
def test_what_lies_beside_may_be_missing(has_author: bool) -> None:
    prepared = Prepared(lambda pk: Version.objects.select_related("created_by", "workflow__draft").filter(pk=pk), 1)
    author = person("Alice").user if has_author else None
    version = Version.objects.create(state="draft", created_by=author, note="ä")
    found, expected = prepared.one(version.pk), Version.objects.get(pk=version.pk)
    assert {**vars(found), "_state": None} == {**vars(expected), "_state": None}
    with CaptureQueriesContext(connection) as asked:
        assert (found.created_by, found.workflow) == (author, None)
    assert not asked.captured_queries


def test_only_the_statement_is_kept() -> None:
    prepared, bob = Prepared(memberships, 2), person("Bob")
    place = (bob.membership.user_id, bob.membership.project_id)
    assert prepared.first(*place) is not None
    User.objects.filter(pk=bob.user.pk).update(name="Robert")
    assert prepared.one(*place).user.name == "Robert"
    Membership.objects.all().delete()
    assert prepared.all(*place) == []


def test_postgresql_keeps_the_plan() -> None:
    prepared, bob = Prepared(memberships, 2), person("Bob")
    for _ in range(2):
        assert prepared.one(bob.membership.user_id, bob.membership.project_id).user == bob.user
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements WHERE generic_plans + custom_plans > 1")
            assert any("accounts_membership" in statement for (statement,) in cursor.fetchall())


def test_annotations_come_along() -> None:
    prepared, bob = Prepared(counted, 1), person("Bob")
    Membership.objects.create(user=bob.user, project=Project.objects.create(name="Other"))
    assert vars(prepared.one(bob.user.pk))["projects"] == 2


def test_what_a_caller_sends_is_a_value_and_no_statement() -> None:
    prepared = Prepared(counted, 1)
    person("Bob")
    for hostile in ("' OR 1=1 --", "%s", "\uffff0"):
        assert prepared.all(hostile) == []


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_share_a_connection_by_it() -> None:
    prepared, bob = Prepared(counted, 1), person("Bob")
    found: list[str] = []

    def ask() -> None:
        found.extend(user.pk for user in prepared.all(bob.user.pk))
        connection.close()

    for _ in range(2):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    ask()
    assert found == [bob.user.pk] * 3
