"""Settings: my own for everybody; colleagues, teams and keys for administrators."""

import re

import pytest
from django.test import Client

from tests.web.test_shell import NOW, browser, user
from vendange.admit import actions, queries
from vendange.admit.rules import NotAdmitted
from vendange.models import ApiKey, Team, Trail, User

pytestmark = pytest.mark.django_db

PLACE = {"role": "sales", "team": "", "signs_for": "", "language": ""}
HUGO = {"first_name": "Hugo", "last_name": "Lemaire", "email": "Hugo.Lemaire@rochebrune.example", **PLACE}


@pytest.fixture
def admin() -> Client:
    return browser(user("admin", "ada"))


def test_profile_is_changed_and_told() -> None:
    nadia = user()
    sent = {"first_name": "Nadia", "last_name": "Ben", "language": "fr", "theme": "dark"}
    answer = browser(nadia).post("/settings/", sent, follow=True)
    assert "Votre profil est enregistré." in answer.content.decode()
    nadia.refresh_from_db()
    assert (nadia.last_name, nadia.theme) == ("Ben", "dark")
    assert Trail.objects.filter(verb="user.profile_changed").count() == 1


def test_profile_without_a_name_is_refused_with_its_words() -> None:
    answer = browser(user()).post("/settings/", {"first_name": "", "last_name": "Ben"})
    assert answer.status_code == 422 and "required" in answer.content.decode()


def test_invited_colleague_chooses_a_password_and_comes_in(admin: Client) -> None:
    page = admin.post("/settings/colleagues/invite", HUGO)
    link = re.search(r'value="http://127\.0\.0\.1(/accounts/password/reset/key/[^"]+)"', page.content.decode())
    assert link and page["Cache-Control"] == "no-store"
    hugo = browser()
    form = hugo.get(link[1], follow=True)
    chosen = {"password1": "vigne et pressoir", "password2": "vigne et pressoir"}
    hugo.post(form.redirect_chain[-1][0], chosen)
    answer = browser().post("/accounts/login/", {"login": "hugo.lemaire", "password": "vigne et pressoir"})
    assert answer.status_code == 302
    assert User.objects.get(username="hugo.lemaire").email == "hugo.lemaire@rochebrune.example"
    again = browser().get(link[1], follow=True)
    assert "This link no longer works" in again.content.decode()


def test_same_address_is_not_invited_twice(admin: Client) -> None:
    admin.post("/settings/colleagues/invite", HUGO)
    answer = admin.post("/settings/colleagues/invite", {**HUGO, "email": "HUGO.lemaire@rochebrune.example"})
    assert answer.status_code == 422
    assert "already has the e-mail address hugo.lemaire@rochebrune.example" in answer.content.decode()
    assert User.objects.filter(email__icontains="hugo").count() == 1


def test_sign_in_name_is_numbered_when_taken() -> None:
    common = {"first_name": "A", "last_name": "B", "role": "sales", "by": None, "now": NOW}
    first = actions.add_user(email="jean@one.example", **common)  # type: ignore[arg-type]
    second = actions.add_user(email="jean@two.example", **common)  # type: ignore[arg-type]
    assert (first.username, second.username) == ("jean", "jean2")
    assert not first.has_usable_password()


def test_colleague_is_changed_with_a_line_in_the_trail(admin: Client) -> None:
    hugo, team = user("sales", "hugo"), Team.objects.create(name="North", side="sales")
    sent = {"role": "manager", "team": team.pk, "signs_for": "sales", "is_active": "on"}
    answer = admin.post(f"/settings/colleagues/{hugo.public_id}", sent)
    assert answer.status_code == 303
    hugo.refresh_from_db()
    assert (hugo.role, hugo.team, hugo.signs_for) == ("manager", team, "sales")
    told = Trail.objects.get(verb="user.changed")
    assert told.detail["before"]["role"] == "sales" and told.actor == "Ada Belkacem"


def test_last_administrator_stays(admin: Client) -> None:
    ada = User.objects.get(username="ada")
    answer = admin.post(f"/settings/colleagues/{ada.public_id}", {**PLACE, "is_active": "on"})
    assert answer.status_code == 422 and "last administrator" in answer.content.decode()
    ada.refresh_from_db()
    assert ada.role == "admin"


def test_refusals_are_told_in_french(admin: Client) -> None:
    ada = User.objects.get(username="ada")
    ada.language = "fr"
    ada.save()
    answer = admin.post(f"/settings/colleagues/{ada.public_id}", {**PLACE, "is_active": "on"}).content.decode()
    assert "Ada Belkacem est le dernier administrateur. Nommez-en d’abord un autre." in answer
    for _ in range(2):
        answer = admin.post("/settings/teams", {"name": "Nord", "side": "sales"}).content.decode()
    assert "Une équipe s’appelle déjà Nord." in answer


def test_teams_are_added_once(admin: Client) -> None:
    assert admin.post("/settings/teams", {"name": "North", "side": "sales"}).status_code == 303
    assert admin.post("/settings/teams", {"name": "north", "side": "marketing"}).status_code == 422
    assert Team.objects.count() == 1


def test_key_is_shown_once_and_opens_until_revoked(admin: Client) -> None:
    page = admin.post("/settings/keys", {"name": "CRM", "role": "marketing"})
    found = re.search(r'value="(vnd_[^"]+)"', page.content.decode())
    assert found and page["Cache-Control"] == "no-store"
    key = queries.key_of(found[1])
    assert key and key.role == "marketing"
    assert found[1] not in admin.get("/settings/keys").content.decode()
    assert found[1] not in str(ApiKey.objects.values())
    assert admin.post(f"/settings/keys/{key.pk}/revoke").status_code == 303
    assert queries.key_of(found[1]) is None


def test_reloading_after_adding_a_key_makes_no_second_one(admin: Client) -> None:
    sent = {"name": "CRM", "role": "marketing"}
    assert admin.post("/settings/keys", sent).status_code == 200
    again = admin.post("/settings/keys", {**sent, "name": "crm"})
    assert again.status_code == 422 and "A key named crm is in use." in again.content.decode()
    assert ApiKey.objects.count() == 1
    admin.post(f"/settings/keys/{ApiKey.objects.get().pk}/revoke")
    assert admin.post("/settings/keys", sent).status_code == 200


@pytest.mark.parametrize("secret", ["", "vnd_", "vnd_00000000_x", "Bearer x", "vnd__"])
def test_odd_secrets_open_nothing(secret: str) -> None:
    assert queries.key_of(secret) is None


def test_revoking_twice_leaves_one_line() -> None:
    ada = user("admin", "ada")
    key, _secret = actions.add_key(name="CRM", role="marketing", by=ada, now=NOW)
    actions.revoke_key(key=key, by=ada, now=NOW)
    actions.revoke_key(key=key, by=ada, now=NOW)
    assert Trail.objects.filter(verb="api_key.revoked").count() == 1


@pytest.mark.parametrize(("role", "side"), [("boss", ""), ("sales", "legal")])
def test_unknown_role_or_side_is_refused(role: str, side: str) -> None:
    with pytest.raises(NotAdmitted):
        user(role, "x1", signs_for=side)


@pytest.mark.parametrize("address", ["colleagues", "colleagues/invite", "teams", "keys"])
@pytest.mark.parametrize("role", ["marketing", "ldr", "sales", "manager"])
def test_only_administrators_see_the_house(role: str, address: str) -> None:
    assert browser(user(role, "somebody")).get(f"/settings/{address}").status_code == 404


def test_admin_only_acts_are_closed_to_others() -> None:
    key, _secret = actions.add_key(name="CRM", role="marketing", by=None, now=NOW)
    hugo = user("sales", "hugo")
    client = browser(hugo)
    assert client.post(f"/settings/keys/{key.pk}/revoke").status_code == 404
    assert client.post(f"/settings/colleagues/{hugo.public_id}/link").status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None
