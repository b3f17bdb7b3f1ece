"""The rows of the route table for orders to gateways."""

from controller.api import order_schemas as schemas
from controller.api import orders
from controller.api.once import ONCE
from controller.api.replaced import REPLACED
from controller.api.route import Route
from controller.security.permissions import Permission

_READ, _MANAGE = Permission.READ_GATEWAYS, Permission.MANAGE_GATEWAYS
_GATEWAY = "/api/provisioning/{gateway}"

# fmt: off
ORDER_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/orders", "orders-offered", orders.choices, _READ,
          "What can be asked of gateways: commands and settings, and what they may be",
          answer=schemas.Offered),
    Route("GET", _GATEWAY + "/orders", "provisioning-orders", orders.orders, _READ,
          "The last commands of a gateway and its configuration, and what became of them",
          answer=schemas.GatewayOrders, refusals=(404, 503)),
    Route("POST", _GATEWAY + "/commands", "provisioning-command", orders.command, _MANAGE,
          "Ask a gateway to do something, once; it is sent until it is answered or expires",
          body=schemas.CommandBody, answer=schemas.IssuedCommand, headers=(ONCE,),
          refusals=(400, 404, 409, 503)),
    Route("GET", _GATEWAY + "/configuration", "provisioning-configuration", orders.configuration, _READ,
          "The newest configuration that was sent to a gateway; its ETag is the revision",
          answer=schemas.GatewayConfiguration, refusals=(404, 503)),
    Route("PUT", _GATEWAY + "/configuration", "provisioning-configure", orders.configure, _MANAGE,
          "Set a gateway up from here: the whole of it, in place of the revision in If-Match",
          body=schemas.ConfigurationBody, answer=schemas.GatewayConfiguration, headers=(REPLACED,),
          refusals=(400, 404, 409, 412, 428, 503)),
    Route("POST", _GATEWAY + "/configuration/comparison", "provisioning-comparison", orders.compare, _MANAGE,
          "Check a configuration and tell what it would change; nothing is sent",
          body=schemas.SettingsBody, answer=schemas.Comparison, refusals=(400, 404, 503)),
)
# fmt: on
