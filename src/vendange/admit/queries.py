"""Reads about colleagues, teams and keys."""

import hmac

from django.db.models import Count, Q, QuerySet

from vendange.admit.actions import KEY_PREFIX, digest_of
from vendange.models import ApiKey, Team, User


def key_of(secret: str) -> ApiKey | None:
    """The key that this secret opens; None when unknown or revoked. Compares in constant time."""
    if not secret.startswith(KEY_PREFIX):
        return None
    prefix = secret[len(KEY_PREFIX) :].split("_", 1)[0]
    key = ApiKey.objects.filter(prefix=prefix, revoked_at=None).first()
    return key if key and hmac.compare_digest(key.digest, digest_of(secret)) else None


def users() -> QuerySet[User]:
    return User.objects.select_related("team").order_by("-is_active", "last_name", "first_name", "username")


def teams() -> QuerySet[Team]:
    return Team.objects.annotate(people=Count("members", filter=Q(members__is_active=True))).order_by("side", "name")


def keys() -> QuerySet[ApiKey]:
    """Those in use first, newest first."""
    return ApiKey.objects.order_by("revoked_at", "-created_at")
