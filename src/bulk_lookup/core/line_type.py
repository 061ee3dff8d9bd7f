"""Line types: Twilio's words, the groups people filter by, and whether a text message can arrive."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

# Twilio's twelve. A word that is none of them passes through every layer unchanged.
LINE_TYPES = (
    "mobile",
    "landline",
    "fixedVoip",
    "nonFixedVoip",
    "personal",
    "tollFree",
    "premium",
    "sharedCost",
    "uan",
    "voicemail",
    "pager",
    "unknown",
)

# What a filter may say for several at once.
ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType({"voip": ("fixedVoip", "nonFixedVoip")})


class CanReceiveSms(StrEnum):
    """Whether a text message has a chance to arrive, as far as the answers tell."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


# Mobile phones and internet numbers made for apps (Google Voice, Twilio) take messages. A fixed internet line, a
# toll-free or a personal number takes them only where its owner had that switched on, which nobody outside can see.
_BY_LINE_TYPE = {
    "mobile": CanReceiveSms.YES,
    "nonFixedVoip": CanReceiveSms.YES,
    "landline": CanReceiveSms.NO,
    "premium": CanReceiveSms.NO,
    "sharedCost": CanReceiveSms.NO,
    "uan": CanReceiveSms.NO,
    "voicemail": CanReceiveSms.NO,
    "pager": CanReceiveSms.NO,
}


def can_receive_sms(
    line_type: str | None, *, valid: bool | None = None, line_status: str | None = None
) -> CanReceiveSms:
    """Whether a text message can arrive at a number: yes, no or unknown.

    A number that is not valid or whose line is inactive gets none. A phone that is merely unreachable at present may
    get it later, so its line type decides. Unknown words are unknown.
    """
    if valid is False or line_status == "inactive":
        return CanReceiveSms.NO
    return _BY_LINE_TYPE.get(line_type or "", CanReceiveSms.UNKNOWN)


def line_types_named(word: str) -> tuple[str, ...]:
    """The line types that a filter's word means: `voip` is two of them, every other word itself."""
    return ALIASES.get(word, (word,))
