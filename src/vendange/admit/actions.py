"""Who may come in: colleagues, their teams, and the keys of programs. The only place that writes these tables."""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from vendange.admit.rules import USERNAME, NotAdmitted, username_from
from vendange.agreement.sentence import sentence
from vendange.models import ApiKey, Team, User
from vendange.models.trail import record
from vendange.models.user import ROLES

KEY_PREFIX = "vnd_"
SIDES = ("marketing", "sales")


@transaction.atomic
def add_user(
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: str,
    by: User | None,
    now: datetime,
    username: str = "",
    password: str | None = None,
    hashed: str = "",
    team: Team | None = None,
    signs_for: str = "",
    language: str = "",
) -> User:
    """A colleague who may sign in. Without a password they choose one through the link of the invitation.

    `hashed`: a password in the form in which it is stored, instead.
    """
    address = email.strip().lower()
    refuse_unless_known(role=role, signs_for=signs_for)
    if User.objects.filter(email__iexact=address).exists():
        raise NotAdmitted(
            "email",
            sentence("A colleague already has the e-mail address {address}. Give another one.", address=address),
        )
    user = User(
        username=free_username(username, address),
        email=address,
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        role=role,
        team=team,
        signs_for=signs_for,
        language=language,
        date_joined=now,
    )
    if hashed:
        user.password = hashed
    else:
        user.set_password(password)
    user.save(force_insert=True)
    record("user.added", user, at=now, by=by, detail={"name": user.name, "role": role, "signs_for": signs_for})
    return user


def free_username(wanted: str, address: str) -> str:
    """`wanted` if it is free (refused if not), else one made from the address, numbered when taken."""
    if wanted:
        if not USERNAME.fullmatch(wanted):
            raise NotAdmitted(
                "username",
                sentence(
                    "{name} cannot be a sign-in name: use 2 to 40 small letters, digits, dots, dashes or underscores.",
                    name=wanted,
                ),
            )
        if User.objects.filter(username=wanted).exists():
            raise NotAdmitted(
                "username",
                sentence("A colleague already has the sign-in name {name}. Choose another one.", name=wanted),
            )
        return wanted
    stem = username_from(address)
    taken = set(User.objects.filter(username__startswith=stem).values_list("username", flat=True))
    return next(name for name in (stem, *(f"{stem}{n}" for n in range(2, len(taken) + 3))) if name not in taken)


def refuse_unless_known(*, role: str, signs_for: str) -> None:
    if role not in ROLES:
        raise NotAdmitted(
            "role", sentence("There is no role {role}. Choose one of: {roles}.", role=role, roles=", ".join(ROLES))
        )
    if signs_for not in ("", *SIDES):
        raise NotAdmitted(
            "signs_for",
            sentence("A colleague signs for marketing, for sales or for nobody, not for {side}.", side=signs_for),
        )


@transaction.atomic
def change_user(
    *, user: User, by: User, now: datetime, role: str, team: Team | None, signs_for: str, is_active: bool
) -> None:
    """New role, team or signature; or the door closed. The last administrator stays one, or nobody could undo it."""
    refuse_unless_known(role=role, signs_for=signs_for)
    admins = User.objects.select_for_update().filter(role="admin", is_active=True)
    if not admins.exclude(pk=user.pk).exists() and user.role == "admin" and (role != "admin" or not is_active):
        raise NotAdmitted(
            "role", sentence("{name} is the last administrator. Make somebody else one first.", name=user.name)
        )
    before = {"role": user.role, "team": user.team_id, "signs_for": user.signs_for, "is_active": user.is_active}
    after = {"role": role, "team": team.pk if team else None, "signs_for": signs_for, "is_active": is_active}
    if before == after:
        return
    user.role, user.team, user.signs_for, user.is_active = role, team, signs_for, is_active
    user.save(update_fields=["role", "team", "signs_for", "is_active"])
    record("user.changed", user, at=now, by=by, detail={"name": user.name, "before": before, "after": after})


@transaction.atomic
def change_profile(*, user: User, first_name: str, last_name: str, language: str, theme: str, now: datetime) -> None:
    user.first_name, user.last_name = first_name.strip(), last_name.strip()
    user.language, user.theme = language, theme
    user.save(update_fields=["first_name", "last_name", "language", "theme"])
    record("user.profile_changed", user, at=now, by=user, detail={"name": user.name})


def choose_language(*, user: User, language: str) -> None:
    """A taste, not a decision: it leaves no line in the trail."""
    user.language = language
    user.save(update_fields=["language"])


def choose_theme(*, user: User, theme: str) -> None:
    user.theme = theme
    user.save(update_fields=["theme"])


@transaction.atomic
def add_team(*, name: str, side: str, by: User | None, now: datetime) -> Team:
    if side not in SIDES:
        raise NotAdmitted("side", sentence("A team belongs to marketing or to sales, not to {side}.", side=side))
    if Team.objects.filter(name__iexact=name.strip()).exists():
        raise NotAdmitted(
            "name", sentence("There is already a team named {name}. Choose another name.", name=name.strip())
        )
    team = Team.objects.create(name=name.strip(), side=side)
    record("team.added", team, at=now, by=by, detail={"name": team.name, "side": side})
    return team


@transaction.atomic
def add_key(*, name: str, role: str, by: User | None, now: datetime) -> tuple[ApiKey, str]:
    """A new key for a program, and its secret: shown now, never again. NotAdmitted when a live key has this name."""
    refuse_unless_known(role=role, signs_for="")
    if ApiKey.objects.filter(name__iexact=name.strip(), revoked_at=None).exists():
        raise NotAdmitted(
            "name",
            sentence("A key named {name} is in use. Choose another name, or revoke that key first.", name=name.strip()),
        )
    prefix = secrets.token_hex(4)
    secret = f"{KEY_PREFIX}{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(name=name.strip(), role=role, prefix=prefix, digest=digest_of(secret), created_at=now)
    record("api_key.added", key, at=now, by=by, detail={"name": key.name, "role": role, "prefix": prefix})
    return key, secret


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def revoke_key(*, key: ApiKey, by: User, now: datetime) -> None:
    """From now on this key opens nothing. Revoking twice changes nothing."""
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        return
    key.revoked_at = now
    record("api_key.revoked", key, at=now, by=by, detail={"name": key.name, "prefix": key.prefix})


def mark_used(*, key: ApiKey, now: datetime) -> None:
    """Noted once a minute at most, so that reading through the API stays reading."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now.replace(second=0, microsecond=0))
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def former_colleague(*, external_id: str, role: str, now: datetime) -> User:
    """Somebody known only from a file of the past: a name under past leads, who can never sign in."""
    user, made = User.objects.get_or_create(
        username=f"former-{role}-{external_id}"[:150],
        defaults={
            "email": f"{role}-{external_id}@former.invalid"[:254],
            "first_name": external_id[:12],
            "role": role,
            "is_active": False,
            "date_joined": now,
        },
    )
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
