"""Codes of notes, and what a lender has already."""

from typing import Any

from django.db import transaction

from zhizhi.store.cases.models import Code
from zhizhi.store.strategy.models import Strategy
from zhizhi.store.templates.models import Template

LISTS = ("action", "outcome", "overdue_reason", "next_step")


def add_codes(table: dict[str, Any]) -> int:
    """Add a version of the lists where it is not there yet; answers how many codes."""
    with transaction.atomic(using="gate", durable=True):
        if Code.objects.using("gate").filter(version=table["version"]).exists():
            return 0
        rows = [
            Code(list=name, version=table["version"], code=row["code"], zh=row["zh"], en=row["en"], position=position)
            for name in LISTS
            for position, row in enumerate(table[name])
        ]
        return len(Code.objects.using("gate").bulk_create(rows))


def known_templates(lender_id: int) -> set[str]:
    """Codes of the templates that a lender has."""
    return set(Template.objects.using("gate").filter(lender_id=lender_id).values_list("code", flat=True))


def known_strategies(lender_id: int) -> set[str]:
    """Codes of the strategies that a lender has."""
    return set(Strategy.objects.using("gate").filter(lender_id=lender_id).values_list("code", flat=True))
