"""Columns and checks that many tables share, so that an amount or a person's key is declared one way."""

from collections.abc import Iterable

from django.db import models

from zhizhi.store.personal import declare


class PersonRow(models.Model):
    """A row that belongs to one person; (person, id) is the key, so that the product shards by person.

    PII: none by itself. Retention: as the table that inherits it says.
    """

    pk = models.CompositePrimaryKey("person_id", "id")
    person_id = models.BigIntegerField()
    id = models.BigIntegerField()

    personal = declare("person_id id")

    class Meta:
        abstract = True


def minor_units(**options: object) -> models.BigIntegerField:
    """An amount: an integer number of minor units, never negative (see `not_negative`)."""
    return models.BigIntegerField(**options)  # type: ignore[arg-type]  # options of a field are untyped in Django


def not_negative(table: str, *columns: str) -> list[models.CheckConstraint]:
    """Checks that none of the amounts of a table is negative."""
    return [
        models.CheckConstraint(condition=models.Q(**{f"{column}__gte": 0}), name=f"{table}_{column}_not_negative")
        for column in columns
    ]


def one_of(table: str, column: str, values: Iterable[str]) -> models.CheckConstraint:
    """A check that a text is in its closed list."""
    return models.CheckConstraint(condition=models.Q(**{f"{column}__in": list(values)}), name=f"{table}_{column}_known")
