"""Why a call failed.

OutboundError          code
 ├── InvalidRequest    invalid_url, invalid_header, invalid_method          nothing was sent
 ├── Refused           address_refused                                      nothing was sent
 ├── ConnectFailed     name_not_found, connect_failed, tls_failed           nothing was sent
 ├── TimedOut          timeout
 ├── TooLarge          too_large
 └── BadAnswer         connection_lost, bad_answer, too_many_redirects

"Nothing was sent" holds for the hop that failed; hops before it that redirected were.
"""

# ruff: noqa: N818 - named for what happened

from typing import ClassVar


class OutboundError(Exception):
    """`code` is stable, `message` names the host but no path, query or header; these may hold secrets.

    `permanent` says that trying again changes nothing.
    """

    permanent: ClassVar[bool] = False

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class InvalidRequest(OutboundError):
    permanent = True


class Refused(OutboundError):
    permanent = True


class ConnectFailed(OutboundError):
    pass


class TimedOut(OutboundError):
    pass


class TooLarge(OutboundError):
    permanent = True

    @classmethod
    def over(cls, max_bytes: int) -> "TooLarge":
        return cls("too_large", f"The answer is larger than {max_bytes:,} bytes.")


class BadAnswer(OutboundError):
    pass
