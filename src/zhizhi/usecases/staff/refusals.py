"""Why a change of staff is not made; the words are those of screens and commands alike."""

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.refused import UseCaseRefused

TEXTS = {
    "nobody": Text("没有这个人", "there is no such member"),
    "oneself": Text("涉及本人的变动须由他人办理", "what concerns oneself is for others to do"),
    "same_person": Text("申请人不能审批自己的申请", "whoever asked does not approve"),
    "no_ground": Text("请写明依据（至少四个字）", "say on what ground, in four characters at least"),
    "bad_login": Text(
        "登录名须为 2 至 50 个字母、数字或 . _ - @，通常为工号",
        "a sign-in name has 2 to 50 letters, digits or . _ - @; usually the employee number",
    ),
    "taken": Text("这个登录名已有人使用", "this sign-in name is taken"),
    "no_name": Text("请填写姓名", "write the name"),
    "unknown_role": Text("没有这个角色", "there is no such role"),
    "unknown_place": Text("没有这个机构，或不归您管", "there is no such lender or agency, or it is not yours to say"),
    "needs_agency": Text("这个角色须属于一家委外机构", "this role belongs to an agency"),
    "not_of_agency": Text("委外机构的人员不能担任这个角色", "nobody of an agency has this role"),
    "needs_lender": Text("这个角色须属于一家金融机构或不限机构，不能属于委外机构", "this role is not an agency's"),
    "waits": Text("此人已有一项变动待批", "another change of this member waits for its approval"),
    "nothing_new": Text("与现状相同，无需变动", "this is how it is already"),
    "has_left": Text("此人已离岗；请申请返岗", "this member has left; help: ask for a return"),
    "is_here": Text("此人在岗；请申请变动", "this member is here; help: ask for a move"),
    "is_admitted": Text("此人已开通登录", "this member may sign in already"),
    "not_admitted": Text("此人尚未开通登录；请先申请开通", "nobody admitted this member yet; help: ask for it first"),
    "has_password": Text(
        "此人已有密码；遗失的请先申请重设密码", "this member has a password; help: ask for a new one where it is lost"
    ),
    "by_provider": Text(
        "这个角色只经统一认证登录，没有密码", "this role signs in through the provider alone and has no password"
    ),
    "not_waiting": Text("这项变动已办结或已撤回", "this change has ended"),
    "not_yours": Text("只有申请人可以撤回", "only whoever asked takes it back"),
    "begun": Text("本系统已有人可以审批，请由他们办理", "somebody here may approve already; help: let them"),
    "last": Text(
        "此人是最后一位可以{zh}的人；请先让另一人具备这项权限",
        "this is the last member who may {en}; help: give the right to somebody else first",
    ),
}


class StaffRefused(UseCaseRefused):
    """A change of staff that is not made; `code` is one of `TEXTS`."""

    def __init__(self, code: str, field: str | None = None) -> None:
        super().__init__(code, TEXTS[code], field)


class LastRefused(UseCaseRefused):
    """Nobody would be left who may."""

    def __init__(self, right: Right) -> None:
        said, text = right.text, TEXTS["last"]
        super().__init__("last", Text(text.zh.format(zh=said.zh), text.en.format(en=said.en)))
