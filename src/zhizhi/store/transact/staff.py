"""Staff: found by login; and those of the demonstration, clearly marked."""

from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from zhizhi.store.lenders.models import Staff

TRAINED_BEFORE = timedelta(days=40)
CERTIFIED_FOR = timedelta(days=300)
# login, name, role, capacity; all lenders of the demonstration are theirs
DEMONSTRATION_STAFF = (
    ("admin", "演示·系统管理员 administrator", "administrator", 0),
    ("head", "演示·催收负责人 head of collections", "head", 0),
    ("compliance", "演示·合规负责人 compliance head", "compliance", 0),
    ("strategy", "演示·策略岗 supervisor, drafts strategies", "supervisor", 0),
    ("leader", "演示·组长 team leader", "team_leader", 0),
    ("limin", "演示·催收员李敏 collector", "collector", 400),
    ("wangtao", "演示·催收员王涛 collector", "collector", 400),
    ("zhaoyun", "演示·催收员赵云 collector", "collector", 400),
    ("auditor", "演示·审计 auditor", "auditor", 0),
)


def find_staff(login: str) -> int | None:
    """The id of somebody who may sign in."""
    return Staff.objects.using("gate").filter(login=login, is_active=True).values_list("pk", flat=True).first()


def ensure_demonstration_staff(password: str, today: date) -> None:
    """Make the staff of the demonstration, or give those who are there this password."""
    encoded = make_password(password)
    with transaction.atomic(using="gate", durable=True):
        for login, name, role, capacity in DEMONSTRATION_STAFF:
            Staff.objects.using("gate").update_or_create(
                login=login,
                defaults={"password": encoded, "is_synthetic": True},
                create_defaults={
                    "password": encoded,
                    "is_synthetic": True,
                    "is_admitted": True,
                    "name": name,
                    "role": role,
                    "capacity": capacity,
                    "team": "演示组",
                    "trained_on": today - TRAINED_BEFORE,
                    "certified_until": today + CERTIFIED_FOR,
                },
            )
        Staff.objects.using("gate").filter(is_synthetic=True).exclude(password=encoded).update(password=encoded)
