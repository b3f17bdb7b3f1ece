"""What is waited for, and does not come, is named."""

import pytest

from hil.errors import NotReady
from hil.until import until


async def test_what_does_not_come_is_named() -> None:
    with pytest.raises(NotReady, match="not within 0 s: the moon"):
        await until("the moon", lambda: False, within_s=0.1)
