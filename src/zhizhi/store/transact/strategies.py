"""Versions of a strategy: kept as drafts, activated by a second person; one is active at a time for a lender."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.models import Lender
from zhizhi.store.strategy.models import Strategy, StrategyVersion
from zhizhi.store.transact.leaves import NewLeaf, add_leaves


def add_strategy_version(lender_id: int, code: str, name: str, body: str, *, at: datetime, by: int) -> int:
    """Keep a draft; answers the version's id."""
    with transaction.atomic(using="gate", durable=True):
        strategy, _ = Strategy.objects.using("gate").get_or_create(
            lender_id=lender_id, code=code, defaults={"name": name}
        )
        latest = StrategyVersion.objects.using("gate").filter(strategy=strategy).order_by("-n").first()
        version = StrategyVersion.objects.using("gate").create(
            strategy=strategy, n=latest.n + 1 if latest else 1, body=body, created_by_id=by, created_at=at
        )
        return int(version.pk)


def activate_version(version_id: int, *, at: datetime, by: int) -> None:
    """Activate a draft and retire the lender's active one. Refuses: the author, a version that is no draft."""
    with transaction.atomic(using="gate", durable=True):
        version = StrategyVersion.objects.using("gate").select_for_update().filter(pk=version_id).first()
        if version is None or version.state != "draft":
            raise Refused("no_draft", Text("该版本不是草稿", "this version is no draft"))
        if version.created_by_id == by:
            raise Refused(
                "same_person", Text("须由第二人启用，不能启用自己的版本", "a second person activates; not the author")
            )
        lender_id = version.strategy.lender_id
        Lender.objects.using("gate").select_for_update().get(pk=lender_id)  # one activation of a lender at a time
        StrategyVersion.objects.using("gate").filter(strategy__lender_id=lender_id, state="active").update(
            state="retired"
        )
        version.state, version.activated_by_id, version.activated_at = "active", by, at
        version.save(using="gate", update_fields=["state", "activated_by", "activated_at"])
        values = {"strategy": version.strategy.code, "n": version.n, "body": version.body, "by": by}
        leaf = NewLeaf(LeafKind.SETTING, at, uuid4(), values, None, version_id, source_table="strategy_version")
        add_leaves([leaf])
