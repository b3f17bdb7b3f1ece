"""`[metrics]` of the configuration file: where this box's own agent finds the gateway's metrics."""

from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from devices.errors import DevicesError
from gateway.links.network import Endpoint, endpoint

_PORT = 9465


def _own_address(text: str) -> str:
    wanted = "expected a loopback address of this box: 127.0.0.1:9465; others read the controller's metrics"
    try:
        if not ip_address(endpoint(text, _PORT).host).is_loopback:
            raise ValueError(wanted)
    except (ValueError, DevicesError):
        raise ValueError(wanted) from None
    return text


class MetricsConfig(BaseModel):
    """`[metrics]`. `address`: of this box alone, for whoever listens there needs no password."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    address: Annotated[str, AfterValidator(_own_address)] = f"127.0.0.1:{_PORT}"

    @property
    def where(self) -> Endpoint:
        """Address and port."""
        return endpoint(self.address, _PORT)
