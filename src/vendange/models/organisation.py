"""Written by belong, and by reveal for one that a colleague adds: the companies that people work for."""

from collections.abc import Collection
from typing import Final

from django.db import connection, models
from django.db.models.functions import Lower

from vendange.models.fields import code, public_id, text
from vendange.models.merge import Alike, Union
from vendange.models.user import User


class Organisation(models.Model):
    """A company, or a site of one: a site has a `parent`, a SIRET of its own and no SIREN."""

    public_id = public_id()
    name = models.CharField(max_length=200)
    domain = code(190, null=True, unique=True)  # verified domain of its mails; never a free-mail provider
    registry_number = text(30)  # as it was written; a French one that is wrong never stands here
    siren = code(9, null=True)  # its number, checked
    siret = code(14, null=True)  # number of its seat, or of this site, checked
    external_id = code(190, null=True, unique=True)
    country = text(2)
    postal_code = text(12)
    city = text(120)
    region = text(10)  # French department, or the first-level code of another country
    industry = text(20)
    employees = models.IntegerField(null=True)
    tier = text(20)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="sites")
    created_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="aliases")

    class Meta:
        indexes = (
            models.Index(fields=("name",), name="organisation_by_name"),
            models.Index(Lower("name"), name="organisation_by_small_name"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("siren",), condition=models.Q(siren__isnull=False), name="organisation_siren_once"
            ),
            models.UniqueConstraint(
                fields=("siret",), condition=models.Q(siret__isnull=False), name="organisation_siret_once"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def number(self) -> str:
        """The SIREN; a site has that of its SIRET."""
        return self.siren or (self.siret or "")[:9]

    @property
    def is_site(self) -> bool:
        """A site of the company above it: it has a SIRET, and no number of its own."""
        return bool(self.siret and not self.siren and (self.parent_id or self.parent))


CLAIMED: Final = "declared"
PLACING: Final = 5_317_204_889  # lock of PostgreSQL


def one_at_a_time() -> None:
    """Whoever says what stands above what waits here for the others, or two at once could make a circle.

    Until the end of the transaction. SQLite lets one write at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PLACING])


class OrganisationFact(models.Model):
    """What a colleague said of a company itself; what its people declared stands with them (`Fact`).

    One of the origin CLAIMED says that the company is known from claims alone (docs/rules/organisations.md).
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="facts")
    field = code(60)
    value = text(500)  # "" when it was emptied
    origin = code(20)  # as of a fact of a person
    source = text(120)
    reason = text(300)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = (models.Index(fields=("organisation", "field", "-at"), name="organisation_fact_latest"),)


def claim(one: Organisation) -> OrganisationFact:
    """Nobody believed has named this one."""
    return OrganisationFact(organisation=one, field="name", value=one.name, origin=CLAIMED, at=one.created_at)


def vouch_for(organisations: Collection[int | None]) -> None:
    """Somebody believed has named these, or judged them: from here on no claim changes them."""
    OrganisationFact.objects.filter(organisation__in=organisations, origin=CLAIMED).update(origin="verified")


class OrganisationMerge(Union):
    """One organisation has taken another in."""

    kept = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="merges")
    absorbed = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="absorptions")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("absorbed",), condition=models.Q(undone_at=None), name="organisation_absorbed_once"
            ),
        )


class OrganisationTwins(Alike):
    """Two organisations that may be one; `first` has the smaller id."""

    first = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("first", "second"), name="organisation_twins_once"),)
        indexes = (
            models.Index(fields=("-score", "id"), condition=models.Q(state="open"), name="organisation_twins_to_judge"),
        )
