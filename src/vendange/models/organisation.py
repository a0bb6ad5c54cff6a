"""Written by identify, and by reveal for one that a colleague adds: the companies that people work for."""

from django.db import models

from vendange.models.fields import code, public_id, text


class Organisation(models.Model):
    public_id = public_id()
    name = models.CharField(max_length=200)
    domain = code(190, null=True, unique=True)  # verified domain of its mails; never a free-mail provider
    registry_number = text(30)
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

    class Meta:
        indexes = (models.Index(fields=("name",), name="organisation_by_name"),)

    def __str__(self) -> str:
        return self.name
