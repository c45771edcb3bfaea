"""The page of masks: what each view sees of each kind of value, and who may see what in the clear on which ground."""

from collections.abc import Iterator, Mapping

from zhizhi.core.kernel.masks import TABLE, Form, MaskKind, View
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.views import VIEW_OF_ROLE
from zhizhi.store.unmasking.grounds import GROUNDS, SHOWN_SECONDS, Ground, Terms, grounds_of, wants_proof

HEAD = """# 掩码与理由 · Masks and grounds

由 `make docs` 依代码中的两张表生成：掩码表与理由表。怎么用，见 [unmasking.md](../unmasking.md)；为何如此，见
[0047](../decisions/0047-masks-and-unmasking.md)。

Written by `make docs` from two tables of the code. How to use it: [unmasking.md](../unmasking.md); why it is so:
[0047](../decisions/0047-masks-and-unmasking.md).

## 谁看到多少 · How much each view sees

"""
ROLES_HEAD = """
不在表内的角色（系统管理员、接口令牌等）什么也看不到。 A role that is not here sees nothing.

| 视角 · view | 角色 · roles |
| --- | --- |
"""
GROUNDS_HEAD = f"""
## 凭什么理由看明文 · On which ground in the clear

每次 {SHOWN_SECONDS} 秒。“再次验证”：此前十分钟内没有验证过第二因素的，须先验证。
For {SHOWN_SECONDS} seconds each. “Proof”: the second factor again, where the last proof is older than ten minutes.

| 理由 · ground | 可看的内容 · values | 第三人 · third persons | 角色 · roles |
| --- | --- | :-: | --- |
"""
PROOF_HEAD = """
须再次验证的：第三人的一切，以及本人的 · What wants the proof: everything of third persons, and of who owes: """


def masks_page(roles: Mapping[str, Text]) -> str:
    """The page. `roles`: their words."""
    return "".join((HEAD, *_masks(), ROLES_HEAD, *_views(roles), GROUNDS_HEAD, *_grounds(roles), PROOF_HEAD, _proofs()))


def _masks() -> Iterator[str]:
    views = [view for view in View if view is not View.NOBODY]
    yield "| | " + " | ".join(f"{view.text.zh} · {view.text.en}" for view in views) + " |\n"
    yield "| --- |" + " --- |" * len(views) + "\n"
    for kind, row in TABLE.items():
        yield f"| {_both(kind.text)} | " + " | ".join(_form(row[view]) for view in views) + " |\n"


def _form(form: Form) -> str:
    return _both(form.text)


def _views(roles: Mapping[str, Text]) -> Iterator[str]:
    for view in View:
        named = [_both(roles[role]) for role, own in VIEW_OF_ROLE.items() if own is view and role in roles]
        if named:
            yield f"| {_both(view.text)} | {'；'.join(named)} |\n"


def _grounds(roles: Mapping[str, Text]) -> Iterator[str]:
    for ground, terms in GROUNDS.items():
        cells = (_both(terms.text), _kinds(terms), "●" if terms.third else "", "；".join(_named(roles, ground, terms)))
        yield "| " + " | ".join(cells) + " |\n"


def _kinds(terms: Terms) -> str:
    named = [_both(kind.text) for kind in MaskKind if kind in terms.kinds]
    return "全部 · all" if len(named) == len(MaskKind) else "；".join(named)


def _named(roles: Mapping[str, Text], ground: Ground, terms: Terms) -> Iterator[str]:
    for role in sorted(terms.roles):
        fewer = [
            kind for kind in MaskKind if kind in terms.kinds and ground not in grounds_of(role, kind, is_third=False)
        ]
        without = f"（不含{'、'.join(kind.text.zh for kind in fewer)}）" if fewer else ""
        yield _both(roles[role]) + without


def _proofs() -> str:
    return "；".join(_both(kind.text) for kind in MaskKind if wants_proof(kind, is_third=False)) + "\n"


def _both(text: Text) -> str:
    return f"{text.zh} · {text.en}"
