"""Written by agree: every version of the agreement, as signed, for ever."""

from functools import lru_cache

from django.db import models
from django.db.models import Q

from vendange.agreement.language import load_kept
from vendange.agreement.terms import Agreement
from vendange.models.fields import code, text
from vendange.models.user import User


class AgreementVersion(models.Model):
    """`number` is what people say ("v7"), `sha` what it is. In force from `in_force_from` once signed twice."""

    number = models.IntegerField(unique=True)
    sha = code(64)
    name = text(120)
    text = models.TextField()
    status = code(20, default="draft")  # draft | signed | withdrawn | refused | superseded
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    in_force_from = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="signed") | Q(in_force_from__isnull=False), name="signed_has_a_date"
            ),
        )

    def __str__(self) -> str:
        return f"v{self.number}"

    @property
    def standing(self) -> list["Signature"]:
        """The signatures of the text as it is; those of former texts are void."""
        return [one for one in self.signatures.all() if one.void_at is None]

    @property
    def terms(self) -> Agreement:
        """What this version says, read once per process and text."""
        return _read(self.sha, self.pk)


@lru_cache(maxsize=64)
def _read(sha: str, pk: int) -> Agreement:
    """A draft may have another text since this row was read: then it is found among its former ones."""
    texts = AgreementVersion.objects.filter(pk=pk, sha=sha).values_list("text", flat=True)
    former = Wording.objects.filter(agreement=pk, sha=sha).values_list("text", flat=True)
    return load_kept(texts.first() or former.latest("at"))


class Signature(models.Model):
    """One head's signature of one text: `sha` is what was signed. When the text changes, it is void and kept."""

    agreement = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="signatures")
    side = code(20)  # marketing | sales
    sha = code(64)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signatures")
    at = models.DateTimeField()
    void_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("agreement", "side"), condition=Q(void_at__isnull=True), name="one_signature_per_side"
            ),
        )


class Wording(models.Model):
    """A text that a draft had before it was changed."""

    agreement = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="wordings")
    sha = code(64)
    text = models.TextField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")  # who wrote it
    at = models.DateTimeField()  # when it was replaced
