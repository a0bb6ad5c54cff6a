"""Written by no step: `filter(key__among=values)` asks for rows of which a column holds one of many values.

As `__in`, in one parameter: Django prepares each value of `__in` by itself, which costs more than the answer.
"""

import json
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    Lookup = models.Lookup[Any]
else:
    Lookup = models.Lookup


class Among(Lookup):
    """Texts or whole numbers only."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, given = self.process_lhs(compiler, connection)
        values = list(self.rhs)
        if connection.vendor == "postgresql":
            return f"{left} = ANY(%s)", (*given, values)
        return f"{left} IN (SELECT value FROM json_each(%s))", (*given, json.dumps(values))  # noqa: S608 (ours)


models.Field.register_lookup(Among)
models.ForeignKey.register_lookup(Among)
