"""Characters that nobody can see: two texts that look alike must be alike."""

import re
from typing import Final

_UNSEEN: Final = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls
    "\u2028\u2029\ud800-\udfff"  # separators, surrogates
    "\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
#: A character that no text of a request may hold.
UNSEEN: Final = re.compile(f"[{_UNSEEN}]")


def unseen_fault(text: str, unseen: re.Pattern[str] = UNSEEN) -> str | None:
    """Say which character of `text` cannot be seen and where, or None where there is none."""
    found = unseen.search(text)
    if found is None:
        return None
    return f"holds U+{ord(found[0]):04X}, a character that cannot be seen, at place {found.start() + 1}; remove it"
