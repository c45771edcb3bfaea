"""The one refusal of every key service."""

from zhizhi.core.kernel.errors import KeyUnavailable
from zhizhi.core.kernel.text import Text


class KeyServiceError(KeyUnavailable):
    """The key service cannot serve; nothing was wrapped or opened."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(text.en)
        self.code = code
        self.text = text


BAD_RING = Text(
    zh="一次封装的数据密钥为 1 至 16 个，每个 32 字节", en="a ring has one to sixteen data keys of 32 octets each"
)
NO_PURPOSE = Text(zh="派生密钥必须说明用途", en="a derived key needs a purpose")
OTHER_VERSION = Text(
    zh="密钥服务的最新版本是 {newest}，不能直接变为 {to}；请核对是否有人另行轮换",
    en="the newest version of the key service is {newest} and cannot become {to}; has somebody rotated it by hand?",
)
KEY_OCTETS = 32
RING_KEYS_MAX = 16


def refuse_unless_ring(ring: bytes) -> None:
    """Refuses: anything but one to sixteen keys of 32 octets."""
    if len(ring) % KEY_OCTETS or not 0 < len(ring) <= RING_KEYS_MAX * KEY_OCTETS:
        raise KeyServiceError("bad_data_key", BAD_RING)


def refuse_unless_next(newest: int, to: int) -> bool:
    """Whether a version is still to be made; False where it is there. Refuses: a gap between the versions."""
    if newest + 1 < to:
        raise KeyServiceError("other_version", OTHER_VERSION.fill(newest=newest, to=to))
    return newest < to
