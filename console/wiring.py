"""What the console plugs in: its pages, in the order in which the menu shows them."""

from __future__ import annotations

from console.canteen.api.orders import orders
from console.canteen.api.shop import shop
from console.public.api.entrance import public
from console.widgets.shell import shell
from kernel.package import Package

CONSOLE = Package(name="console", pages=(shell, public, shop, orders))
