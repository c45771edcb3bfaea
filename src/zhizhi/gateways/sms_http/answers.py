"""What each documented answer of the template provider means for a permit."""

from collections.abc import Mapping
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import Failed, FailureKind, SendOutcome, Sent, Unknown
from zhizhi.gateways.sms_http.wire import Code

_PERMANENT, _TEMPORARY = FailureKind.PERMANENT, FailureKind.TEMPORARY

REFUSALS: dict[Code, tuple[FailureKind, Text]] = {
    Code.SIGNATURE_NOT_FILED: (
        _PERMANENT,
        Text(zh="短信签名未在服务商备案,请先备案", en="the signature is not filed with the provider; file it first"),
    ),
    Code.TEMPLATE_NOT_APPROVED: (
        _PERMANENT,
        Text(
            zh="短信模板未经服务商审核通过",
            en="the template is not approved by the provider; file it and wait for approval",
        ),
    ),
    Code.VARIABLES_MISMATCH: (
        _PERMANENT,
        Text(
            zh="变量与备案模板不一致,请核对模板变量",
            en="the variables differ from those of the filed template; compare them",
        ),
    ),
    Code.BAD_NUMBER: (
        _PERMANENT,
        Text(
            zh="服务商不认可该号码,请更正联系方式",
            en="the provider does not accept the number; correct the contact point",
        ),
    ),
    Code.MOBILE_BLACK_LIST: (
        _PERMANENT,
        Text(zh="该号码在服务商的退订名单中", en="the number is on the provider's list of those who unsubscribed"),
    ),
    Code.OUT_ID_CONFLICT: (
        _PERMANENT,
        Text(zh="同一幂等键已用于另一条短信", en="the idempotency key was used for a different message before"),
    ),
    Code.RATE_LIMITED: (_TEMPORARY, Text(zh="服务商限流,稍后再试", en="the provider limits the rate; try later")),
    Code.UNKNOWN_KEY: (
        _TEMPORARY,
        Text(zh="服务商不认识访问密钥,请检查设置", en="the provider does not know the access key; check the settings"),
    ),
    Code.BAD_REQUEST_SIGNATURE: (
        _TEMPORARY,
        Text(
            zh="服务商验签失败,请检查密钥设置",
            en="the provider refused the request signature; check the secret in the settings",
        ),
    ),
    Code.CLOCK_SKEW: (
        _TEMPORARY,
        Text(zh="本机时钟与服务商相差超过 5 分钟,请校时", en="this machine's clock is more than 5 minutes off; set it"),
    ),
    Code.NONCE_REUSED: (
        _TEMPORARY,
        Text(zh="请求随机数重复,未受理", en="the request's nonce was used before; not taken"),
    ),
    Code.MALFORMED: (_PERMANENT, Text(zh="服务商不能读取请求", en="the provider cannot read the request")),
    Code.TOO_MANY_MESSAGES: (
        _TEMPORARY,
        Text(zh="一次请求的短信过多,请减小批量", en="too many messages in one request; lower the batch size"),
    ),
    Code.SYSTEM_BUSY: (
        _TEMPORARY,
        Text(zh="服务商繁忙,未受理,稍后再试", en="the provider is busy and took nothing; try later"),
    ),
}

NOT_CONNECTED = Failed(
    _TEMPORARY,
    "not_connected",
    Text(zh="未能连上服务商,可确认未发出", en="the provider could not be reached; nothing left"),
)
NO_ANSWER = Unknown(
    "no_answer",
    Text(
        zh="请求已写出,但服务商没有答复;是否送出未知",
        en="the request was written but never answered; whether it left is unknown",
    ),
)
UNREADABLE_ANSWER = Unknown(
    "unreadable_answer",
    Text(
        zh="服务商的答复不在其文档之列;是否送出未知",
        en="the answer is none that the provider documents; whether it left is unknown",
    ),
)
BATCH_TOO_LARGE = Failed(
    _PERMANENT,
    "batch_too_large",
    Text(zh="一次最多提交 200 条短信", en="at most 200 messages go into one request"),
)
KEY_TWICE = Failed(
    _PERMANENT,
    "key_twice",
    Text(
        zh="同一批次中幂等键重复,未发出",
        en="the idempotency key stands twice in one batch; nothing left for the second",
    ),
)


def refusal_of(code: object, retry_after: object = None) -> Failed | None:
    """The documented refusal behind a code, or None where the provider documents no such refusal."""
    try:
        known = Code(str(code))
        kind, message = REFUSALS[known]
    except (ValueError, KeyError):
        return None
    seconds = retry_after if isinstance(retry_after, int) and 0 < retry_after <= 86_400 else None
    return Failed(kind, known.value, message, seconds)


def outcome_of(result: Mapping[str, Any]) -> SendOutcome:
    """What the answer for one message means. An identity used before for the same message is a message already sent."""
    code, message_id = result.get("code"), result.get("message_id")
    if code in (Code.ACCEPTED, Code.DUPLICATE_OUT_ID) and isinstance(message_id, str) and message_id:
        return Sent(message_id, already=code == Code.DUPLICATE_OUT_ID)
    return refusal_of(code, result.get("retry_after_seconds")) or UNREADABLE_ANSWER
