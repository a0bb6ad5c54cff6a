"""Written by find, its marks and facets by triggers of the database: what is looked through when somebody searches.

Beside these two stand two tables that Django does not know, because each database has its own kind of them:
`vendange_found_person` and `vendange_found_organisation`, with the words of each (see migration 0015).
"""

from django.db import models

from vendange.models.fields import code


class FoundMark(models.Model):
    """Somebody, or a company, whose words have changed since they were last written down. As often as they changed."""

    kind = code(12)  # person | organisation
    ref = models.BigIntegerField()


class FoundWord(models.Model):
    """A word of names, companies or job titles, folded, with how many people and companies bear it."""

    word = models.CharField(max_length=40, unique=True)
    backwards = models.CharField(max_length=40, db_index=True)
    bearers = models.BigIntegerField()


class FoundFacet(models.Model):
    """What lists count people by, in one narrow row for each who was not merged away: kept true by triggers."""

    ref = models.BigIntegerField(primary_key=True)  # the person
    relationship = code(20)
    temperature = code(10)
    tier = code(20)
    source = code(80)

    class Meta:
        indexes = (models.Index(fields=("relationship", "temperature", "tier", "source"), name="facet_counts"),)
