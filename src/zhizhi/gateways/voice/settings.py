"""How this installation reaches telephones, and what an engine is told of it."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.voice.recorder import RECORDINGS_FOLDER

PROGRAM = "baresip"
MODULE_FOLDERS = (
    Path("/usr/lib/baresip/modules"),
    Path("/usr/local/lib/baresip/modules"),
    Path("/usr/lib64/baresip/modules"),
)
MODULES = ("g711.so", "aubridge.so", "sndfile.so", "account.so", "contact.so", "menu.so", "ctrl_tcp.so")
_AT_START = ("g711.so", "aubridge.so", "sndfile.so")
TRANSPORTS = ("udp", "tcp", "tls")
MEDIA = {"plain": (), "srtp": ("srtp.so",), "dtls_srtp": ("dtls_srtp.so",)}
"""How the sound travels, and the modules for it: in the clear, under keys of the signalling (RFC 4568), or under keys
of its own handshake (RFC 5764). Whichever is set is insisted on: a line that does not speak it is not talked to."""
_ENCRYPTED = {"plain": "", "srtp": ";mediaenc=srtp-mand", "dtls_srtp": ";mediaenc=dtls_srtp"}
RTP_PORTS = range(10_000, 20_000)
_WORD = re.compile(r'[^\s;"<>,\\]+')  # what may stand in a line of `accounts` without ending it
_ADDRESS = re.compile(r'[^\s"<>,\\]+')  # stands in quotation marks there
_LOGIN = re.compile(r"[0-9A-Za-z._-]{1,64}")


class VoiceRefused(Exception):
    """The telephone system cannot be used as it is set up; `text` says why and what helps."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """`{number}` in `line` becomes the permitted number, `{login}` in `desk` the sign-in of the collector.

    `seconds_min`: a call that could not last so long before its limit is not placed. `unheard_seconds`: how long a line
    that has said nothing yet is waited for, since it cannot be called back before its first word.
    `recorder_seconds`: how long a recorder may take to be seen at work, and may be seen idle. `spool` holds
    recordings in the clear while a call lasts: a folder in memory or on an encrypted disk. `shows`: the number that the
    line shows to whoever is called, as it stands in the register of outbound numbers.
    """

    line: str
    desk: str
    account: str
    desk_account: str
    spool: Path
    transport: str = "udp"
    media: str = "plain"
    outbound: str = ""
    login: str = ""
    password: str = field(default="", repr=False)
    listen: str = "0.0.0.0:0"
    shows: str = ""
    ring_seconds: float = 45.0
    desk_seconds: float = 25.0
    seconds_min: float = 5.0
    unheard_seconds: float = 12.0
    recorder_seconds: float = 3.0

    def __post_init__(self) -> None:
        for name in ("line", "desk", "account", "desk_account", "login", "password"):
            if not _fits(getattr(self, name), _WORD):
                raise _refused(f"`{name}` 含有不可用的字符", f"`{name}` holds a character that cannot be used")
        if not _fits(self.outbound, _ADDRESS):
            raise _refused("`outbound` 含有不可用的字符", "`outbound` holds a character that cannot be used")
        if "{number}" not in self.line:
            raise _refused("`line` 须含 {number}", "`line` needs {number}")
        if "{login}" not in self.desk:
            raise _refused("`desk` 须含 {login}", "`desk` needs {login}")
        if self.transport not in TRANSPORTS:
            raise _refused(f"`transport` 可用：{', '.join(TRANSPORTS)}", f"`transport` is {' or '.join(TRANSPORTS)}")
        if self.media not in MEDIA:
            raise _refused(f"`media` 可用：{', '.join(MEDIA)}", f"`media` is {' or '.join(MEDIA)}")
        if self.media == "srtp" and self.transport != "tls":
            raise _refused(
                "`media` 为 srtp 时密钥在信令里，`transport` 须为 tls",
                "`media` srtp puts its keys into the signalling: `transport` has to be tls",
            )
        if self.account == self.desk_account:
            raise _refused("两个账号须不同", "the two accounts must differ: they tell the legs apart")

    def line_of(self, number: str) -> str:
        """Where a number is called; the number was checked to be one."""
        return self.line.replace("{number}", number)

    def desk_of(self, login: str) -> str:
        """The telephone of a collector. Refuses: a sign-in that is no name of an extension."""
        if not _LOGIN.fullmatch(login):
            raise VoiceRefused("该登录名不能作为分机名", "this sign-in cannot name an extension")
        return self.desk.replace("{login}", login)


def _fits(value: str, form: re.Pattern[str]) -> bool:
    return not value or form.fullmatch(value) is not None


def _refused(zh: str, en: str) -> VoiceRefused:
    return VoiceRefused(f"[voice] 的{zh}", f"[voice]: {en}")


def modules_folder(media: str = "plain") -> Path:
    """Where the engine's modules are. Refuses: the engine, or one of the modules, is not installed."""
    if shutil.which(PROGRAM) is None:
        raise VoiceRefused(
            "没有安装 baresip（Debian：baresip-core）", "baresip is not installed (Debian: baresip-core)"
        )
    needed = (*MODULES, *MEDIA[media])
    for folder in MODULE_FOLDERS:
        if all((folder / module).is_file() for module in needed):
            return folder
    raise VoiceRefused("找不到 baresip 的模块", f"the modules of baresip are not found: {', '.join(needed)}")


def config_of(settings: VoiceSettings, modules: Path, control_port: int) -> str:
    """The file `config`: two legs, one codec family that never falls silent, both directions of each into files."""
    lines = [
        "poll_method epoll",
        f"sip_listen {settings.listen}",
        "call_max_calls 2",
        f"rtp_ports {RTP_PORTS[0]}-{RTP_PORTS[-1]}",
        f"call_local_timeout {int(settings.ring_seconds) + 60}",  # the keeper ends ringing; this is behind it
        "audio_srate 8000-8000",
        *(f"{device}_format s16" for device in ("ausrc", "auplay", "auenc", "audec")),
        "audio_buffer 20-160",
        f"module_path {modules}",
        *(f"module {module}" for module in (*_AT_START, *MEDIA[settings.media])),
        *(f"module_app {module}" for module in ("account.so", "contact.so", "menu.so")),
        "module ctrl_tcp.so",
        f"ctrl_tcp_listen 127.0.0.1:{control_port}",
        # Within the engine's own folder: the engine cuts the names of recordings off after some 200 octets.
        f"snd_path {RECORDINGS_FOLDER}",
    ]
    return "\n".join(lines) + "\n"


def accounts_of(settings: VoiceSettings) -> str:
    """The file `accounts`: what one leg plays is what the other sends."""
    common = f";transport={settings.transport}>;regint=0;audio_codecs=PCMA,PCMU"
    common += _ENCRYPTED[settings.media]
    if settings.outbound:
        common += f';outbound="{settings.outbound}"'
    if settings.login:
        common += f";auth_user={settings.login};auth_pass={settings.password}"
    return (
        f"<{settings.account}{common};audio_source=aubridge,line;audio_player=aubridge,desk\n"
        f"<{settings.desk_account}{common};audio_source=aubridge,desk;audio_player=aubridge,line\n"
    )
