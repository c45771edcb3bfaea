"""The carriers of mainland China, and whose network a mobile number was issued on.

A number that was carried over to another network keeps its prefix: what is read here is where it was issued
携号转网, and a prefix of resellers or of none that is listed is nobody's.
"""

import re
from collections.abc import Mapping

from zhizhi.core.kernel.text import Text

MOBILE, UNICOM, TELECOM, BROADNET = "mobile", "unicom", "telecom", "broadnet"
CARRIERS: Mapping[str, Text] = {
    MOBILE: Text("中国移动", "China Mobile"),
    UNICOM: Text("中国联通", "China Unicom"),
    TELECOM: Text("中国电信", "China Telecom"),
    BROADNET: Text("中国广电", "China Broadnet"),
}
_PREFIXES = {
    MOBILE: "134 135 136 137 138 139 147 148 150 151 152 157 158 159 172 178 182 183 184 187 188 195 197 198",
    UNICOM: "130 131 132 145 146 155 156 166 175 176 185 186 196",
    TELECOM: "133 149 153 173 177 180 181 189 190 191 193 199",
    BROADNET: "192",
}
_BY_PREFIX = {prefix: carrier for carrier, prefixes in _PREFIXES.items() for prefix in prefixes.split()}
_SATELLITE = "1349"
_NUMBER = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})", re.ASCII)


def carrier_of(number: str) -> str | None:
    """The carrier on whose network a mobile number was issued; None where the number does not tell: resellers (162,
    165, 167, 170, 171), satellites, other countries, anything that is no mobile number."""
    found = _NUMBER.fullmatch(number)
    if found is None or found[1].startswith(_SATELLITE):
        return None
    return _BY_PREFIX.get(found[1][:3])
