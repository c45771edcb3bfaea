"""The page that says which role has which right, what each role sees, and which address wants what."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import RIGHTS, Right
from zhizhi.store.lenders.scopes import SCOPE_OF_ROLE, SCOPE_TEXTS

HEAD = """# 角色与权限 · Roles and rights

由 `make docs` 从 `src/zhizhi/store/lenders/rights.py` 与地址表生成；`tests/web/test_rights_matrix.py` 逐格核对。
Written by `make docs` from `src/zhizhi/store/lenders/rights.py` and the addresses; `tests/web/test_rights_matrix.py`
tries every cell. 为什么如此 · why it is so: [0041](../decisions/0041-roles-and-rights.md).

## 看得到哪些案件 · Which cases

| 角色 · role | 代码 · code | 范围 · scope |
| --- | --- | --- |
"""
RIGHTS_HEAD = """
## 能做什么 · Which rights

“●”有此权限。起草与审批、说明与裁定分属不同角色；审计员只读；系统管理员不看客户与案件。
`●`: has it. Who drafts does not approve, who explains does not rule; an auditor reads; an administrator sees no person.

"""
ADDRESSES_HEAD = """
## 地址 · Addresses

提交（POST）另需的权限写在加号之后，有其一即可。 What a POST wants besides stands behind the plus: one of these.

| 地址 · address | 方法 · methods | 权限 · right |
| --- | --- | --- |
"""
OPEN_HEAD = """
无需权限的地址 · Addresses that want none:

"""
Opened = tuple[str, tuple[str, ...], Right, tuple[Right, ...]]


def rights_page(words: Mapping[str, Text], opened: Iterable[Opened], bare: Mapping[str, Text]) -> str:
    """The page. `words`: of roles; `opened`: route, methods, right and what a POST wants besides; `bare`: the rest."""
    parts = (_scopes(words), [RIGHTS_HEAD], _rights(words), [ADDRESSES_HEAD], _addresses(opened), [OPEN_HEAD])
    return HEAD + "".join(
        chain(*parts, (f"* `/{route}`：{why.zh} · {why.en}\n" for route, why in sorted(bare.items())))
    )


def _scopes(words: Mapping[str, Text]) -> Iterator[str]:
    for role, scope in SCOPE_OF_ROLE.items():
        told = SCOPE_TEXTS[scope]
        yield f"| {words[role].zh} · {words[role].en} | `{role}` | {told.zh} · {told.en} |\n"


def _rights(words: Mapping[str, Text]) -> Iterator[str]:
    roles = [role for role, rights in RIGHTS.items() if rights]
    yield "| 权限 · right | " + " | ".join(words[role].zh for role in roles) + " |\n"
    yield "| --- |" + " :-: |" * len(roles) + "\n"
    for right in Right:
        cells = " | ".join("●" if right in RIGHTS[role] else "" for role in roles)
        yield f"| {right.text.zh} · {right.text.en} | {cells} |\n"


def _addresses(opened: Iterable[Opened]) -> Iterator[str]:
    for route, methods, right, posting in sorted(opened):
        besides = " + " + "／".join(one.text.zh for one in posting) if posting else ""
        shown = ", ".join(method for method in methods if method != "HEAD")
        yield f"| `/{route}` | {shown} | {right.text.zh}{besides} |\n"
