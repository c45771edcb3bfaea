"""A new campaign: whom it speaks of, by a filter of cases or by a list that somebody brought."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from zhizhi.store.campaigns.models import Campaign, CampaignReject, CampaignStep
from zhizhi.store.campaigns.window import Window
from zhizhi.store.canaries.models import Canary
from zhizhi.store.cases.models import Case
from zhizhi.store.cases.reads import CaseFilter, conditions_of
from zhizhi.store.ids import ids
from zhizhi.store.imports.keys import BulkSearchKeys

AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What a campaign will send, when and how fast; `source` says in words of the product whom it was made of."""

    lender_id: int
    name: str
    channel: str
    template_code: str
    template_version_id: int
    purpose: str
    form: str
    window: Window
    per_second: int | None
    source: dict[str, Any]
    by: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line of a list that names nobody, or somebody twice."""

    line: int
    code: str


def cases_of(lender_id: int, narrowed: CaseFilter) -> Iterator[tuple[int, int]]:
    """(person, case) of the open cases of a lender that a filter leaves."""
    wanted = conditions_of(narrowed) | {"lender_id": lender_id}
    nobody = Canary.objects.using("gate").values("person_id")
    found = Case.objects.using("gate").filter(**wanted).exclude(person_id__in=nobody).order_by("person_id")
    yield from found.values_list("person_id", "id").iterator(chunk_size=AT_ONCE)


def cases_named(lender_id: int, named: Sequence[str]) -> dict[str, tuple[int, int] | None]:
    """(person, open case) by case number or account number; None where the person has no open case, absent where nobody
    is known by it."""
    cases = Case.objects.using("gate").filter(lender_id=lender_id, number__in=named)
    found: dict[str, tuple[int, int] | None] = {
        number: None if closed_on is not None else (person_id, case_id)
        for number, person_id, case_id, closed_on in cases.values_list("number", "person_id", "id", "closed_on")
    }
    rest = [number for number in named if number not in found]
    keys = BulkSearchKeys(lender_id)
    by_key = {keys.identity("account", number): number for number in rest}
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "SELECT d.account_key, d.person_id, c.id FROM debt d"
            " LEFT JOIN collection_case c ON c.person_id = d.person_id AND c.closed_on IS NULL"
            " WHERE d.lender_id = %s AND d.account_key = ANY (%s)",
            [lender_id, list(by_key)],
        )
        for key, person_id, case_id in cursor.fetchall():
            found[by_key[key]] = None if case_id is None else (person_id, case_id)
    return found


_ADD = """
INSERT INTO campaign_target (person_id, id, campaign_id, case_id, state, reason, asked)
SELECT n.person_id, n.id, %s, n.case_id, 'waiting', '', 0
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n (person_id, id, case_id)
ON CONFLICT (campaign_id, person_id) DO NOTHING
"""


def create_campaign(
    new: NewCampaign, cases: Iterable[Sequence[tuple[int, int]]], rejected: Iterable[Rejected], at: datetime
) -> int:
    """Write a campaign as a draft with its persons, each once, and the lines that were rejected; answers its id.

    `cases`: (person, case), some at a time. Persons of `rejected` are known once `cases` has been read.
    """
    with transaction.atomic(using="gate", durable=True):
        campaign = Campaign.objects.using("gate").create(
            lender_id=new.lender_id,
            name=new.name,
            channel=new.channel,
            template_code=new.template_code,
            template_version_id=new.template_version_id,
            purpose=new.purpose,
            form=new.form,
            from_on=new.window.from_on,
            until_on=new.window.until_on,
            opens_minute=new.window.opens,
            closes_minute=new.window.closes,
            per_second=new.per_second,
            source=new.source,
            total=0,
            created_by_id=new.by,
            created_at=at,
        )
        total = sum(_add(campaign.pk, some) for some in cases if some)
        lines = [CampaignReject(campaign_id=campaign.pk, line=one.line, code=one.code) for one in rejected]
        CampaignReject.objects.using("gate").bulk_create(lines, batch_size=AT_ONCE)
        Campaign.objects.using("gate").filter(pk=campaign.pk).update(total=total)
        CampaignStep.objects.using("gate").create(campaign_id=campaign.pk, at=at, by_id=new.by, what="created")
    return int(campaign.pk)


def _add(campaign_id: int, cases: Sequence[tuple[int, int]]) -> int:
    persons, case_ids = [person for person, _ in cases], [case for _, case in cases]
    with connections["gate"].cursor() as cursor:
        cursor.execute(_ADD, [campaign_id, persons, list(ids.take_many(len(cases))), case_ids])
        return int(cursor.rowcount)
