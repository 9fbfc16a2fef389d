"""Every name that an expression may use besides node ids and its own variables."""

import keyword


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ROOTS = _words("trigger input nodes run workflow vars item index")
LOOP_ROOTS = _words("item index")

FUNCTIONS = _words(
    "abs all any bool bytes chr dict divmod enumerate filter float format frozenset int isinstance len list map"
    " max min next ord pow range repr reversed round set sorted str sum tuple type zip"
)

IMPORTS = {
    "base64": "import base64",
    "hashlib": "import hashlib",
    "json": "import json",
    "math": "import math",
    "re": "import re",
    "date": "from datetime import date",
    "datetime": "from datetime import datetime",
    "timedelta": "from datetime import timedelta",
    "timezone": "from datetime import timezone",
}
"""Modules and classes, with the line that brings them into the sandbox."""

DEFAULT = "default"
NOW = "now"
HELPERS = frozenset({DEFAULT, NOW})

CHANGING_METHODS = _words("add append clear discard extend insert pop popitem remove reverse setdefault sort update")
"""Methods that change a value in place. Data is read-only in an expression, so none of them is offered."""

RESERVED_PREFIX = "__"
"""Names of the sandbox program around the expressions begin so; an author's own may not."""

KEYWORDS = frozenset(keyword.kwlist)

OTHER_SPELLINGS = {
    "true": "True",
    "false": "False",
    "null": "None",
    "undefined": "None",
    "none": "None",
}
