"""The one way out: every HTTP call that the server makes on someone's behalf goes through here.

The name is resolved once, every address is checked, and the connection goes to the checked address; what
the name resolves to a moment later no longer matters. Each redirect is a new call with the same checks.
"""

from wire.addresses import Allow
from wire.outbound.client import OutboundClient, OutboundResponse
from wire.outbound.errors import (
    BadAnswer,
    ConnectFailed,
    InvalidRequest,
    OutboundError,
    Refused,
    TimedOut,
    TooLarge,
)

__all__ = [
    "Allow",
    "BadAnswer",
    "ConnectFailed",
    "InvalidRequest",
    "OutboundClient",
    "OutboundError",
    "OutboundResponse",
    "Refused",
    "TimedOut",
    "TooLarge",
]
